/* SPDX-License-Identifier: ISC */
/*
 * net_loop.h - one c-ares channel and one curl multi, or who stands for it (https_backend.h), in one event loop: the real struct sts_net.
 *
 * Belongs to one thread (the resolver's), apart from sts_net_loop_wakeup, which any thread may call.
 * A question for which there is no memory is answered with local trouble (overload), like any other later and once; beyond
 * STS_NET_DEFERRED of them at a time the process ends, because somebody could not be called back.
 * The process must ignore SIGPIPE: neither library keeps it away from a program with threads.
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
	int64_t dns_timeout_ms;		/* longest for one TXT lookup, whatever the deadline says; also for the policy host's addresses */
	int64_t fetch_timeout_ms;	/* longest for one fetch: connect, TLS, transfer */
	uint16_t policy_port;		/* 443 but in laboratories */
	bool allow_private_addresses;
	size_t per_host;		/* as in https.h */
	/* Who does the HTTPS, instead of this process; then ca_file, contact, policy_port and per_host are his. Outlives the loop. NULL: nobody. */
	const struct sts_https_backend *backend;
};

/* STS_EINVAL: dns_servers is not empty and does not parse or names no server, or ca_file cannot be read. */
enum sts_status sts_net_loop_new(const struct sts_net_loop_params *params, struct sts_net_loop **out);
/* Everything under way gets its callback (as timeout) before this returns. */
void sts_net_loop_free(struct sts_net_loop **loop);

/* The net to hand to the resolver; lives as long as the loop. */
const struct sts_net *sts_net_loop_net(struct sts_net_loop *loop);

/* Both steps of a fetch, addresses and HTTPS, one after the other: for programs that ask about one domain and need nobody to wait for
 * his turn in between. The addresses may take half of the time until deadline_ms. The callback comes later, exactly once; without
 * memory from inside the call, with the reason overload. */
void sts_net_loop_fetch(struct sts_net_loop *loop, const char *domain, int64_t deadline_ms, sts_fetch_fn *fn, void *arg);

/* Waits for at most max_wait_ms for something to happen, and lets it happen (callbacks run in here). */
void sts_net_loop_run_once(struct sts_net_loop *loop, int64_t max_wait_ms);

/* Makes a waiting or the next sts_net_loop_run_once return at once. Any thread. */
void sts_net_loop_wakeup(struct sts_net_loop *loop);

#endif
