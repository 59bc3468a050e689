/* SPDX-License-Identifier: ISC */
/* https_backend.c - HTTPS in this process, behind the interface of https_backend.h. */
#include "config.h"

#include "shared-cache/network/https_backend.h"

static enum sts_status
web_get(void *self, const struct sts_https_request *request, sts_https_fn *fn, void *arg)
{
	return sts_https_get(self, request, fn, arg);
}

static void
web_wait(void *self, const struct pollfd *sockets, size_t count, int64_t wait_ms)
{
	sts_https_wait(self, sockets, count, wait_ms);
}

static void
web_wakeup(void *self)
{
	sts_https_wakeup(self);
}

static bool
web_is_ready(void *self)
{
	return sts_https_is_ready(self);
}

static void
web_process(void *self)
{
	sts_https_process(self);
}

static void
web_stop(void *self)
{
	sts_https_stop(self);
}

static bool
web_is_idle(void *self)
{
	return sts_https_is_idle(self);
}

struct sts_https_backend
sts_https_backend_local(struct sts_https *https)
{
	return (struct sts_https_backend){ .self = https, .get = web_get, .wait = web_wait, .wakeup = web_wakeup, .is_ready = web_is_ready,
		.process = web_process, .stop = web_stop, .is_idle = web_is_idle };
}
