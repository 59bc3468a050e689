/* SPDX-License-Identifier: ISC */
/*
 * https_post.h - POST of one TLS report (RFC 8460 section 5.4) to a URL that a stranger has published.
 *
 * HTTPS only, verified, TLS 1.2 or later; no redirects, no proxy. Connects only to the addresses it is given, and to special ones
 * (ipaddr.h) only if allowed. The body of the response is read up to a limit, and discarded.
 * RFC 8460 section 3 lets submitters skip verification, so that a report can tell of a broken certificate. But that is about mail
 * exchangers: a web server that cannot prove its identity must not learn who sends mail to whom.
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
	const char *url, *host;		/* the host in the URL; port: likewise */
	uint16_t port;
	const struct sts_ipaddr *addrs;
	size_t addr_count;
	const char *ca_file;		/* "" for the system's */
	const char *contact;		/* for the User-Agent (https.h) */
	bool allow_special;
	const char *type;		/* Content-Type */
	const void *body;
	size_t len;
	int64_t timeout_ms;
};

/* STS_OK: the server took it (2xx). STS_EUNAVAILABLE: see why, which is printable. STS_ENOMEM. */
enum sts_status sts_https_post(const struct sts_https_post *post, char why[STS_HTTPS_POST_WHY_CAP]);

#endif
