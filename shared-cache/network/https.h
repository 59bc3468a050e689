/* SPDX-License-Identifier: ISC */
/*
 * https.h - GET of one policy file under the rules of RFC 8461 section 3.3, over one curl multi.
 *
 * HTTPS only, TLS 1.2 or better, chain and host verified against subjectAltName alone (a name in the CN is no name), SNI, no
 * redirects, no proxy, no cookies, no cache; status 200, text/plain, no Content-Encoding, at most 64 KiB counted while they
 * come in. Connects to the addresses it is given and to no others; each is looked at once more when its socket is made.
 * Same rule as net.h: the callback comes later, exactly once, also for errors; only from sts_https_process().
 * Knows no DNS, no TXT records, nothing of the policy's syntax. Belongs to one thread, sts_https_wakeup apart.
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
	bool allow_special;		/* addresses that sts_ipaddr_is_special(): laboratories */
	size_t per_host;		/* connections at a time to one address, or to a /64 of IPv6, but for a request's first one; 0: no bound */
	bool is_confined;		/* no file can be opened later: certificates are read now, and once */
};

/* STS_EINVAL: ca_file cannot be read. */
enum sts_status sts_https_new(const struct sts_https_params *params, struct sts_https **out);
void sts_https_free(struct sts_https **https);

struct sts_https_request {
	const char *host;		/* a `domain` (domain.h): in the URL, in SNI and in the certificate */
	const struct sts_ipaddr *addrs;	/* at most STS_HTTPS_ADDRS are used, in this order */
	size_t addr_count;
	int64_t deadline_ms;		/* for everything */
	int64_t connect_timeout_ms;	/* for TCP and TLS together, of all addresses that are tried */
	const char *agent;		/* User-Agent; NULL for the milter's own */
	bool is_connected;		/* fd is a socket that is connected to the one address, taken over whatever the status: nothing is dialled */
	int fd;
};

/* Valid during the callback only. */
struct sts_https_response {
	enum sts_reason reason;		/* STS_REASON_NONE: body is the file */
	long status;			/* of HTTP; 0 when there was none */
	const char *body;
	size_t len;
	const char *detail;		/* one line for people, printable; "" when there is nothing to add */
	struct sts_ipaddr mute;		/* timed out after this address took the connection and before TLS was up; family 0: else */
};
typedef void sts_https_fn(void *arg, const struct sts_https_response *answer);

/* Copies the request. STS_ENOMEM: not started, no callback will come. */
enum sts_status sts_https_get(struct sts_https *https, const struct sts_https_request *request, sts_https_fn *fn, void *arg);

/* Waits for at most wait_ms until something happens to a transfer or to one of the sockets, or until a wakeup. */
void sts_https_wait(struct sts_https *https, const struct pollfd *sockets, size_t count, int64_t wait_ms);
/* Any thread. */
void sts_https_wakeup(struct sts_https *https);
/* Whether sts_https_process() has something to do at once. */
bool sts_https_is_ready(const struct sts_https *https);

void sts_https_process(struct sts_https *https);

/* Ends all transfers as timed out, and each later one at once; the callbacks still come from sts_https_process(). */
void sts_https_stop(struct sts_https *https);
/* Whether nobody waits for a callback. */
bool sts_https_is_idle(const struct sts_https *https);

#endif
