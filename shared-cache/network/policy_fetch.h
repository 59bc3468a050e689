/* SPDX-License-Identifier: ISC */
/*
 * policy_fetch.h - a policy from a host whose addresses are known: HTTPS, and a second try elsewhere.
 *
 * Same rule as policy/net.h: the callback comes later, exactly once, also for errors. Knows neither DNS nor curl, and
 * nothing of what the policy says. Belongs to one thread.
 */
#ifndef STS_NETWORK_POLICY_FETCH_H
#define STS_NETWORK_POLICY_FETCH_H

#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/network/https_backend.h"
#include "shared-cache/policy/net.h"

/* Where fetches go, and for how long. Must outlive them. */
struct sts_policy_fetch_env {
	const struct sts_https_backend *backend;
	int64_t timeout_ms;		/* longest for one fetch: connect, TLS, transfer */
};

/* No later than the request's deadline. STS_ENOMEM: not started, no callback will come. */
enum sts_status sts_policy_fetch_start(const struct sts_policy_fetch_env *env, const struct sts_fetch_request *request, sts_fetch_fn *fn,
    void *arg);

#endif
