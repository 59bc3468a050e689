/* SPDX-License-Identifier: ISC */
/*
 * https_backend.h - the interface to whatever does HTTPS: this process (https.h), or the fetch process (fetcher.h).
 *
 * Rules and types are those of https.h. All functions belong to the loop's thread, except wakeup, which any thread may call.
 */
#ifndef STS_NETWORK_HTTPS_BACKEND_H
#define STS_NETWORK_HTTPS_BACKEND_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/network/https.h"

struct sts_https_backend {
	void *self;
	enum sts_status (*get)(void *self, const struct sts_https_request *request, sts_https_fn *fn, void *arg);
	void (*wait)(void *self, const struct pollfd *sockets, size_t count, int64_t wait_ms);
	void (*wakeup)(void *self);
	bool (*is_ready)(void *self);
	void (*process)(void *self);
	void (*stop)(void *self);
	bool (*is_idle)(void *self);
};

/* HTTPS in this process; valid as long as https. */
struct sts_https_backend sts_https_backend_local(struct sts_https *https);

#endif
