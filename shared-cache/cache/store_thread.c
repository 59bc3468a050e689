/* SPDX-License-Identifier: ISC */
/*
 * store_thread.c - turns blocking store calls into asynchronous ones. Knows neither flights nor Redis.
 *
 * All calls that wait when the thread gets to them go into one exchange: a store milliseconds away costs its round trip once for
 * all.
 */
#include "config.h"

#include "shared-cache/cache/store_thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/runtime/thread.h"

struct sts_store_thread {
	struct sts_resolver_store calls;
	struct sts_queue *queue;
	struct sts_store *store;	/* used by the thread alone, once it runs */
	struct sts_reply_to reply_to;
	struct sts_histories *histories;	/* to read for, or NULL */
	int64_t timeout_ms;
	int64_t write_until_ms;		/* set before the queue is closed, read afterwards */
	pthread_t pthread;
	bool running;
	atomic_bool up;			/* whether the last call succeeded */
};

/* One call: first a task of this thread; then, if its result is wanted, a task of the caller's. */
struct call {
	struct sts_task task;
	struct sts_store_thread *thread;
	char domain[STS_DOMAIN_CAP];
	struct sts_store_call call;	/* its entry is a reference: put's argument or get's result */
	uint64_t ticket;		/* for a history */
	sts_stored_fn *fn;		/* NULL: the result is not wanted */
	void *arg;
};

static struct call *
call_of(struct sts_task *task)
{
	return (struct call *)(void *)((char *)task - offsetof(struct call, task));
}

static void
call_free(struct call *call)
{
	sts_entry_unref(&call->call.entry);
	free(call);
}

/* Runs on the caller's thread. */
static void
deliver(struct sts_task *task)
{
	struct call *call = call_of(task);

	call->fn(call->arg, call->call.status, call->call.entry);
	call_free(call);
}

static void
reply(struct call *call)
{
	const struct sts_reply_to *to = &call->thread->reply_to;

	if (call->fn == NULL) {
		call_free(call);
		return;
	}
	call->task.run = deliver;
	sts_queue_post(to->queue, &call->task);
	to->wakeup(to->arg);
}

/* While the thread is ending, nobody waits for the result of a read. */
static bool
is_worth_doing(const struct call *call)
{
	const struct sts_store_thread *t = call->thread;

	if (!sts_queue_is_closed(t->queue))
		return true;
	return call->fn == NULL && sts_store_is_up(t->store) && sts_clock_mono_ms() < t->write_until_ms;
}

/* Runs on the store thread: executes this call and those of its kind that wait right behind it. */
static void
make_calls(struct sts_task *task)
{
	struct sts_store_thread *t = call_of(task)->thread;
	struct call *batch[STS_STORE_CALLS];
	struct sts_store_call *calls[STS_STORE_CALLS];
	size_t count = 0, worth = 0;

	while (task != NULL) {
		struct call *call = call_of(task);

		batch[count++] = call;
		call->call.status = STS_EUNAVAILABLE;
		if (is_worth_doing(call))
			calls[worth++] = &call->call;
		task = count < STS_STORE_CALLS ? sts_queue_take_if(t->queue, make_calls) : NULL;
	}
	if (worth > 0)
		sts_store_calls(t->store, calls, worth, sts_clock_now());
	for (size_t i = 0; i < count; i++)
		reply(batch[i]);
}

/* Runs on the store thread. */
static void
publish(struct sts_task *task)
{
	struct call *call = call_of(task);

	if (is_worth_doing(call))
		(void)sts_store_publish(call->thread->store, call->domain);
	call_free(call);
}

/* Takes over call. STS_EFULL: too many calls wait. */
static enum sts_status
enqueue(struct call *call, struct sts_store_thread *t)
{
	enum sts_status status;

	call->thread = t;
	status = sts_queue_offer(t->queue, &call->task);
	if (status != STS_OK)
		call_free(call);
	return status;
}

static struct call *
call_about(const char *domain)
{
	struct call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return NULL;
	memcpy(call->domain, domain, strlen(domain) + 1);
	call->call.domain = call->domain;
	return call;
}

static struct call *
call_new(enum sts_store_call_kind kind, const char *domain)
{
	struct call *call = call_about(domain);

	if (call == NULL)
		return NULL;
	call->task.run = make_calls;
	call->call.kind = kind;
	return call;
}

static enum sts_status
async_get(void *self, const char *domain, sts_stored_fn *fn, void *arg)
{
	struct call *call = call_new(STS_STORE_GET, domain);

	if (call == NULL)
		return STS_ENOMEM;
	call->fn = fn;
	call->arg = arg;
	return enqueue(call, self);
}

static enum sts_status
async_lock(void *self, const char *domain, int64_t ttl_ms, sts_stored_fn *fn, void *arg)
{
	struct call *call = call_new(STS_STORE_LOCK, domain);

	if (call == NULL)
		return STS_ENOMEM;
	call->call.ttl_ms = ttl_ms;
	call->fn = fn;
	call->arg = arg;
	return enqueue(call, self);
}

/* A lost put or unlock costs another node a fetch or a wait, no more. */
static void
async_put(void *self, struct sts_entry *entry)
{
	struct call *call = call_new(STS_STORE_PUT, entry->domain);

	if (call == NULL)
		return;
	call->call.entry = sts_entry_ref(entry);
	(void)enqueue(call, self);
}

static void
async_unlock(void *self, const char *domain)
{
	struct call *call = call_new(STS_STORE_UNLOCK, domain);

	if (call != NULL)
		(void)enqueue(call, self);
}

/* If one is lost, other nodes notice later, when they look by themselves. */
static void
async_publish(void *self, const char *domain)
{
	struct call *call = call_about(domain);

	if (call == NULL)
		return;
	call->task.run = publish;
	(void)enqueue(call, self);
}

/* ---- histories: results go to the histories, not to the caller ---- */

/* Runs on the store thread. */
static void
read_history(struct sts_task *task)
{
	struct call *call = call_of(task);
	struct sts_store_thread *t = call->thread;
	enum sts_status status = STS_EUNAVAILABLE;
	struct sts_history_days found;

	if (!sts_queue_is_closed(t->queue))
		status = sts_store_history(t->store, call->domain, sts_clock_now(), &found);
	sts_histories_read(t->histories, call->domain, call->ticket,
	    status == STS_OK || status == STS_ENOTFOUND ? &found : NULL);
	call_free(call);
}

static bool
load_history(void *arg, const char *domain, uint64_t ticket)
{
	struct call *call = call_about(domain);

	if (call == NULL)
		return false;
	call->task.run = read_history;
	call->ticket = ticket;
	return enqueue(call, arg) == STS_OK;
}

void
sts_store_thread_serve(struct sts_store_thread *thread, struct sts_histories *histories)
{
	thread->histories = histories;
	sts_histories_attach(histories, load_history, thread);
}

static void
leave_histories(struct sts_store_thread *t)
{
	if (t->histories != NULL)
		sts_histories_attach(t->histories, NULL, NULL);
}

/* ---- life cycle ---- */

enum sts_status
sts_store_thread_new(const struct sts_store_params *params, const struct sts_reply_to *reply_to, size_t max,
    struct sts_store_thread **out)
{
	struct sts_store_thread *t = calloc(1, sizeof(*t));
	enum sts_status status;

	*out = NULL;
	if (t == NULL)
		return STS_ENOMEM;
	t->calls = (struct sts_resolver_store){ t, async_get, async_lock, async_put, async_unlock, async_publish };
	t->reply_to = *reply_to;
	t->timeout_ms = params->timeout_ms;
	atomic_init(&t->up, true);
	status = sts_queue_new(max, &t->queue);
	if (status == STS_OK)
		status = sts_store_open(params, &t->store);
	if (status == STS_OK)
		*out = t;
	else
		sts_store_thread_free(&t);
	return status;
}

static void *
thread_main(void *arg)
{
	struct sts_store_thread *t = arg;
	struct sts_task *task;

	while ((task = sts_queue_wait(t->queue)) != NULL) {
		task->run(task);
		atomic_store(&t->up, sts_store_is_up(t->store));
	}
	return NULL;
}

enum sts_status
sts_store_thread_start(struct sts_store_thread *thread)
{
	enum sts_status status = sts_thread_start("sts-store", thread_main, thread, &thread->pthread);

	thread->running = status == STS_OK;
	return status;
}

void
sts_store_thread_stop(struct sts_store_thread *thread)
{
	leave_histories(thread);
	if (!thread->running)
		return;
	thread->write_until_ms = sts_clock_mono_ms() + thread->timeout_ms;
	sts_queue_close(thread->queue);
	pthread_join(thread->pthread, NULL);
	thread->running = false;
}

void
sts_store_thread_free(struct sts_store_thread **thread)
{
	if (*thread == NULL)
		return;
	leave_histories(*thread);
	if ((*thread)->store != NULL)
		sts_store_close(&(*thread)->store);
	sts_queue_free(&(*thread)->queue);
	free(*thread);
	*thread = NULL;
}

bool
sts_store_thread_is_up(const struct sts_store_thread *thread)
{
	return atomic_load(&thread->up);
}

const struct sts_resolver_store *
sts_store_thread_store(const struct sts_store_thread *thread)
{
	return &thread->calls;
}
