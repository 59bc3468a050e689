/* SPDX-License-Identifier: ISC */
/*
 * policy_host.h - finds the addresses of a policy host: A and AAAA, without those that we must not connect to.
 *
 * Same rule as policy/net.h: the callback comes later, exactly once, also after errors. Knows neither c-ares nor HTTPS. Belongs to
 * one thread.
 */
#ifndef STS_NETWORK_POLICY_HOST_H
#define STS_NETWORK_POLICY_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns.h"
#include "shared-cache/policy/net.h"

/* Where to ask, and whether special addresses are allowed. Outlives the lookups. */
struct sts_policy_host_env {
	struct sts_dns *dns;
	bool allow_special;
};

#define STS_POLICY_HOST "mta-sts."

/* Resolves mta-sts.DOMAIN before deadline_ms. STS_ENOMEM: not asked, and no callback will come. */
enum sts_status sts_policy_host_start(const struct sts_policy_host_env *env, const char *domain, int64_t deadline_ms, sts_host_fn *fn,
    void *arg);

#endif
