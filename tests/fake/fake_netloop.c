/* SPDX-License-Identifier: ISC */
/* fake_netloop.c - waits on a condition variable instead of sockets. */
#include "config.h"

#include "tests/fake/fake_netloop.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "shared-cache/network/net_loop.h"

struct sts_net_loop {
	struct fake_net net;		/* owned by the loop's thread */
	pthread_mutex_t mutex;		/* guards the rest */
	pthread_cond_t changed;
	bool open, fail, awake, hold, freeze;
	unsigned wakeups;
};

static struct sts_net_loop world = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

void
fake_netloop_reset(void)
{
	assert(!world.open);
	fake_net_init(&world.net);
	world.wakeups = 0;
	world.fail = world.awake = world.hold = world.freeze = false;
}

struct fake_net *
fake_netloop_world(void)
{
	return &world.net;
}

static void
set(bool *what, bool value)
{
	pthread_mutex_lock(&world.mutex);
	*what = value;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.mutex);
}

void
fake_netloop_hold(bool hold)
{
	set(&world.hold, hold);
}

void
fake_netloop_freeze(bool freeze)
{
	set(&world.freeze, freeze);
}

unsigned
fake_netloop_wakeups(void)
{
	unsigned n;

	pthread_mutex_lock(&world.mutex);
	n = world.wakeups;
	pthread_mutex_unlock(&world.mutex);
	return n;
}

void
fake_netloop_fail(void)
{
	set(&world.fail, true);
}

enum sts_status
sts_net_loop_new(const struct sts_net_loop_params *params, struct sts_net_loop **out)
{
	(void)params;
	*out = NULL;
	assert(!world.open);
	if (world.fail)
		return STS_ENOMEM;
	world.open = true;
	*out = &world;
	return STS_OK;
}

void
sts_net_loop_free(struct sts_net_loop **loop)
{
	if (*loop == NULL)
		return;
	fake_net_end(&(*loop)->net);
	(*loop)->open = false;
	*loop = NULL;
}

const struct sts_net *
sts_net_loop_net(struct sts_net_loop *loop)
{
	return &loop->net.net;
}

static struct timespec
real_time_in(int64_t ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += (time_t)(ms / 1000);
	ts.tv_nsec += (long)(ms % 1000) * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return ts;
}

void
sts_net_loop_run_once(struct sts_net_loop *loop, int64_t max_wait_ms)
{
	struct timespec until = real_time_in(max_wait_ms);
	bool deliver;
	int rc = 0;

	pthread_mutex_lock(&loop->mutex);
	while (loop->freeze || (!loop->awake && rc == 0 && (loop->hold || loop->net.first == NULL))) {
		if (loop->freeze)
			pthread_cond_wait(&loop->changed, &loop->mutex);
		else
			rc = pthread_cond_timedwait(&loop->changed, &loop->mutex, &until);
	}
	loop->awake = false;
	deliver = !loop->hold;
	pthread_mutex_unlock(&loop->mutex);
	if (deliver)
		fake_net_deliver(&loop->net);
}

void
sts_net_loop_wakeup(struct sts_net_loop *loop)
{
	assert(loop->open);
	pthread_mutex_lock(&loop->mutex);
	loop->awake = true;
	loop->wakeups++;
	pthread_cond_broadcast(&loop->changed);
	pthread_mutex_unlock(&loop->mutex);
}
