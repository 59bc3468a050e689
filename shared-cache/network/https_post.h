/* SPDX-License-Identifier: ISC */
/*
 * https_post.h - POST of one TLS report (RFC 8460 section 5.4) to a URL that a stranger has published.
 *
 * HTTPS only, verified, TLS 1.2 or better; no redirects, no proxy; it connects to the addresses that it is given and to no others,
 * and to none that is special (ipaddr.h) unless allowed. What the server says besides its status is read up to a bound and thrown
 * away.
 * RFC 8460 section 3 lets submitters go without verification, so that a report can tell of a broken certificate; but that is about
 * mail exchangers: what a web server cannot prove to be is not told who sends mail to whom.
 * Blocks. Any thread.
 */
#ifndef STS_NETWORK_HTTPS_POST_H
#define STS_NETWORK_HTTPS_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/ipaddr.h"

enum { STS_HTTPS_POST_WHY_CAP = 256 };

struct sts_https_post {
	const char *url, *host;		/* host and port: those of the URL */
	uint16_t port;
	const struct sts_ipaddr *addrs;
	size_t addr_count;
	const char *ca_file;		/* "" for the system's */
	const char *contact;		/* of the User-Agent (https.h) */
	bool allow_special;
	const char *type;		/* Content-Type */
	const void *body;
	size_t len;
	int64_t timeout_ms;
};

/* STS_OK: the server has taken it (2xx). STS_EUNAVAILABLE: why says why not, printable. STS_ENOMEM. */
enum sts_status sts_https_post(const struct sts_https_post *post, char why[STS_HTTPS_POST_WHY_CAP]);

#endif
