/* SPDX-License-Identifier: ISC */
/* store.c - chooses the implementation and calls it. */
#include "config.h"

#include "shared-cache/store/store_private.h"

#include <string.h>

enum sts_status
sts_store_open(const struct sts_store_params *params, struct sts_store **out)
{
	*out = NULL;
	if (params->endpoint.kind == STS_ENDPOINT_NONE)
		return sts_store_none_open(params, out);
	return sts_store_redis_open(params, out);
}

void
sts_store_close(struct sts_store **store)
{
	if (*store == NULL)
		return;
	(*store)->ops->close(*store);
	*store = NULL;
}

enum sts_status
sts_store_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out)
{
	*out = NULL;
	return store->ops->get(store, domain, now, out);
}

enum sts_status
sts_store_put(struct sts_store *store, const struct sts_entry *entry, int64_t now)
{
	return store->ops->put(store, entry, now);
}

enum sts_status
sts_store_lock(struct sts_store *store, const char *domain, int64_t ttl_ms)
{
	return store->ops->lock(store, domain, ttl_ms);
}

enum sts_status
sts_store_unlock(struct sts_store *store, const char *domain)
{
	return store->ops->unlock(store, domain);
}

static enum sts_status
make_call(struct sts_store *store, struct sts_store_call *call, int64_t now)
{
	switch (call->kind) {
	case STS_STORE_GET:
		return sts_store_get(store, call->domain, now, &call->entry);
	case STS_STORE_PUT:
		return sts_store_put(store, call->entry, now);
	case STS_STORE_LOCK:
		return sts_store_lock(store, call->domain, call->ttl_ms);
	case STS_STORE_UNLOCK:
		break;
	}
	return sts_store_unlock(store, call->domain);
}

void
sts_store_calls(struct sts_store *store, struct sts_store_call *const *calls, size_t count, int64_t now)
{
	if (store->ops->calls != NULL) {
		store->ops->calls(store, calls, count, now);
		return;
	}
	for (size_t i = 0; i < count; i++)
		calls[i]->status = make_call(store, calls[i], now);
}

enum sts_status
sts_store_history(struct sts_store *store, const char *domain, int64_t now, struct sts_history_days *out)
{
	memset(out, 0, sizeof(*out));
	return store->ops->history(store, domain, now, out);
}

enum sts_status
sts_store_clear_history(struct sts_store *store, const char *domain)
{
	return store->ops->clear_history(store, domain);
}

enum sts_status
sts_store_publish(struct sts_store *store, const char *domain)
{
	return store->ops->publish(store, domain);
}

enum sts_status
sts_store_purge(struct sts_store *store, const char *domain)
{
	return store->ops->purge(store, domain);
}

enum sts_status
sts_store_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat)
{
	return store->ops->heartbeat(store, heartbeat);
}

enum sts_status
sts_store_scan(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg)
{
	return store->ops->scan(store, cursor, each, arg);
}

enum sts_status
sts_store_apply(struct sts_store *store, const struct sts_counts_batch *batch)
{
	return store->ops->apply(store, batch);
}

enum sts_status
sts_store_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count, size_t *written)
{
	*written = 0;
	return store->ops->append(store, entries, count, written);
}

void
sts_store_stream_number(const struct sts_store *store, char incarnation[33], uint64_t *sequence)
{
	incarnation[0] = '\0';
	*sequence = 0;
	if (store->ops->stream_number != NULL)
		store->ops->stream_number(store, incarnation, sequence);
}

void
sts_store_stream_resume(struct sts_store *store, const char *incarnation, uint64_t sequence, size_t count)
{
	if (store->ops->stream_resume != NULL)
		store->ops->stream_resume(store, incarnation, sequence, count);
}

bool
sts_store_is_up(const struct sts_store *store)
{
	return store->ops->is_up(store);
}

bool
sts_store_is_refused(const struct sts_store *store)
{
	return store->ops->is_refused(store);
}

const char *
sts_store_why(const struct sts_store *store)
{
	return store->ops->why != NULL ? store->ops->why(store) : "";
}

void
sts_store_try_now(struct sts_store *store)
{
	store->ops->try_now(store);
}
