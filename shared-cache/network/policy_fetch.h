/* SPDX-License-Identifier: ISC */
/*
 * policy_fetch.h - fetches a policy from a host whose addresses are known: HTTPS, with a second try elsewhere.
 *
 * Same rule as policy/net.h: the callback comes later, exactly once, also after errors. Knows neither DNS nor curl, and nothing of
 * the policy's contents. Belongs to one thread.
 */
#ifndef STS_NETWORK_POLICY_FETCH_H
#define STS_NETWORK_POLICY_FETCH_H

#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/network/https_backend.h"
#include "shared-cache/policy/net.h"

/* What fetches need. Must outlive them. */
struct sts_policy_fetch_env {
	const struct sts_https_backend *backend;
	int64_t timeout_ms;		/* limit for one fetch: connect, TLS, transfer */
};

/* Ends no later than the request's deadline. STS_ENOMEM: not started, and no callback will come. */
enum sts_status sts_policy_fetch_start(const struct sts_policy_fetch_env *env, const struct sts_fetch_request *request, sts_fetch_fn *fn,
    void *arg);

#endif
