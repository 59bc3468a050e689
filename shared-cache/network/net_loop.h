/* SPDX-License-Identifier: ISC */
/*
 * net_loop.h - one event loop for one c-ares channel and HTTPS (curl, or another https_backend.h): the real struct sts_net.
 *
 * Belongs to one thread (the resolver's), except for sts_net_loop_wakeup, which any thread may call.
 * Without memory, a request ends as a local failure (overload), later and once like any other. If more than STS_NET_DEFERRED of
 * them are outstanding, the process exits, because a caller could not be called back.
 * The process must ignore SIGPIPE: neither library protects a multi-threaded program from it.
 */
#ifndef STS_NETWORK_NET_LOOP_H
#define STS_NETWORK_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/network/https_backend.h"
#include "shared-cache/policy/net.h"

struct sts_net_loop;

enum { STS_NET_DEFERRED = 512 };

struct sts_net_loop_params {
	const char *dns_servers;	/* "ADDR[:PORT],..." or "" for resolv.conf; copied */
	const char *ca_file;		/* "" for the system's; copied */
	const char *contact;		/* in the User-Agent; NULL or "" for none; copied */
	int64_t dns_timeout_ms;		/* limit for one TXT lookup, whatever its deadline; also for the policy host's addresses */
	int64_t fetch_timeout_ms;	/* limit for one fetch: connect, TLS, transfer */
	uint16_t policy_port;		/* 443, except in test labs */
	bool allow_private_addresses;
	size_t per_host;		/* as in https.h */
	/* Does HTTPS instead of this process; then ca_file, contact, policy_port and per_host are not used here. Outlives the
	 * loop; or NULL. */
	const struct sts_https_backend *backend;
};

/* STS_EINVAL: dns_servers is malformed or names no server, or ca_file cannot be read. */
enum sts_status sts_net_loop_new(const struct sts_net_loop_params *params, struct sts_net_loop **out);
/* Calls back everything outstanding (as timed out) before it returns. */
void sts_net_loop_free(struct sts_net_loop **loop);

/* The interface for the resolver; lives as long as the loop. */
const struct sts_net *sts_net_loop_net(struct sts_net_loop *loop);

/* Both steps of a fetch, addresses and HTTPS, in one call: for programs that fetch for one domain and need no admission control
 * in between. The addresses may take half of the time until deadline_ms. The callback comes later, exactly once; but without
 * memory from inside the call, with the reason overload. */
void sts_net_loop_fetch(struct sts_net_loop *loop, const char *domain, int64_t deadline_ms, sts_fetch_fn *fn, void *arg);

/* Waits up to max_wait_ms for activity and handles it. Callbacks run in here. */
void sts_net_loop_run_once(struct sts_net_loop *loop, int64_t max_wait_ms);

/* Makes the current or the next sts_net_loop_run_once return at once. Any thread. */
void sts_net_loop_wakeup(struct sts_net_loop *loop);

#endif
