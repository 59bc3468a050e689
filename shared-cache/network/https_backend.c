/* SPDX-License-Identifier: ISC */
/* https_backend.c - HTTPS in this process, behind the interface of https_backend.h. */
#include "config.h"

#include "shared-cache/network/https_backend.h"

static enum sts_status
local_get(void *self, const struct sts_https_request *request, sts_https_fn *fn, void *arg)
{
	return sts_https_get(self, request, fn, arg);
}

static void
local_wait(void *self, const struct pollfd *sockets, size_t count, int64_t wait_ms)
{
	sts_https_wait(self, sockets, count, wait_ms);
}

static void
local_wakeup(void *self)
{
	sts_https_wakeup(self);
}

static bool
local_is_ready(void *self)
{
	return sts_https_is_ready(self);
}

static void
local_process(void *self)
{
	sts_https_process(self);
}

static void
local_stop(void *self)
{
	sts_https_stop(self);
}

static bool
local_is_idle(void *self)
{
	return sts_https_is_idle(self);
}

struct sts_https_backend
sts_https_backend_local(struct sts_https *https)
{
	return (struct sts_https_backend){ .self = https, .get = local_get, .wait = local_wait, .wakeup = local_wakeup,
		.is_ready = local_is_ready, .process = local_process, .stop = local_stop, .is_idle = local_is_idle };
}
