/* SPDX-License-Identifier: ISC */
/*
 * https.h - GET of a policy file under the rules of RFC 8461 section 3.3, over one curl multi handle.
 *
 * HTTPS only, TLS 1.2 or later, chain and host verified, by subjectAltName only (a CN does not count), SNI, no redirects, no proxy,
 * no cookies, no cache; status 200, text/plain, no Content-Encoding, at most 64 KiB, counted as they come in. Connects only to the
 * addresses it is given; each is checked once more when its socket is made.
 * Same rule as net.h: the callback comes later, exactly once, also after errors; and only from sts_https_process().
 * Knows no DNS, no TXT records, nothing of the policy's syntax. Belongs to one thread, except for sts_https_wakeup.
 */
#ifndef STS_NETWORK_HTTPS_H
#define STS_NETWORK_HTTPS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/reason.h"

struct sts_https;

enum { STS_HTTPS_ADDRS = 16 };

struct sts_https_params {
	const char *ca_file;		/* "" for the system's; copied */
	const char *contact;		/* a URL for the User-Agent: where to complain; NULL or "" for none; copied */
	uint16_t port;
	bool allow_special;		/* allows addresses that sts_ipaddr_is_special(): for test labs */
	size_t per_host;		/* concurrent connections to one address or IPv6 /64, a request's first address apart; 0: any */
	bool is_confined;		/* the process is sandboxed and can open no file later: CA certificates are read now, once */
};

/* STS_EINVAL: ca_file cannot be read. */
enum sts_status sts_https_new(const struct sts_https_params *params, struct sts_https **out);
void sts_https_free(struct sts_https **https);

struct sts_https_request {
	const char *host;		/* a `domain` (domain.h): for the URL, SNI and the certificate */
	const struct sts_ipaddr *addrs;	/* the first STS_HTTPS_ADDRS are used, in this order */
	size_t addr_count;
	int64_t deadline_ms;		/* for the whole transfer */
	int64_t connect_timeout_ms;	/* for TCP and TLS together, over all addresses */
	const char *agent;		/* User-Agent; NULL for the milter's own */
	bool is_connected;		/* fd is connected to the only address; nothing is dialled. fd is taken over whatever the result */
	int fd;
};

/* Valid during the callback only. */
struct sts_https_response {
	enum sts_reason reason;		/* STS_REASON_NONE: body is the file */
	long status;			/* of HTTP; 0: there was no response */
	const char *body;
	size_t len;
	const char *detail;		/* one printable line for people; "" for none */
	struct sts_ipaddr mute;		/* accepted the connection, then timed out before TLS was up; else of family 0 */
};
typedef void sts_https_fn(void *arg, const struct sts_https_response *answer);

/* Copies the request. STS_ENOMEM: not started, and no callback will come. */
enum sts_status sts_https_get(struct sts_https *https, const struct sts_https_request *request, sts_https_fn *fn, void *arg);

/* Waits up to wait_ms for activity of a transfer or on one of the sockets, or for a wakeup. */
void sts_https_wait(struct sts_https *https, const struct pollfd *sockets, size_t count, int64_t wait_ms);
/* Any thread. */
void sts_https_wakeup(struct sts_https *https);
/* Whether sts_https_process() has something to do now. */
bool sts_https_is_ready(const struct sts_https *https);

void sts_https_process(struct sts_https *https);

/* Ends all transfers as timed out, and every later one at once. Their callbacks still come from sts_https_process(). */
void sts_https_stop(struct sts_https *https);
/* Whether no callback is outstanding. */
bool sts_https_is_idle(const struct sts_https *https);

#endif
