/* SPDX-License-Identifier: ISC */
/* store_private.h - the interface of an implementation of store.h: a table of functions, and a struct that begins with
 * struct sts_store. For store*.c only. */
#ifndef STS_STORE_STORE_PRIVATE_H
#define STS_STORE_STORE_PRIVATE_H

#include "shared-cache/store/store.h"

struct sts_store_ops {
	void (*close)(struct sts_store *store);	/* frees it */
	enum sts_status (*get)(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out);
	enum sts_status (*put)(struct sts_store *store, const struct sts_entry *entry, int64_t now);
	enum sts_status (*lock)(struct sts_store *store, const char *domain, int64_t ttl_ms);
	enum sts_status (*unlock)(struct sts_store *store, const char *domain);
	void (*calls)(struct sts_store *store, struct sts_store_call *const *calls, size_t count, int64_t now);	/* NULL: one by one */
	enum sts_status (*history)(struct sts_store *store, const char *domain, int64_t now, struct sts_history_days *out);
	enum sts_status (*clear_history)(struct sts_store *store, const char *domain);
	enum sts_status (*publish)(struct sts_store *store, const char *domain);
	enum sts_status (*purge)(struct sts_store *store, const char *domain);
	enum sts_status (*heartbeat)(struct sts_store *store, const struct sts_store_heartbeat *heartbeat);
	enum sts_status (*scan)(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg);
	enum sts_status (*apply)(struct sts_store *store, const struct sts_counts_batch *batch);
	enum sts_status (*append)(struct sts_store *store, const struct sts_stream_entry *entries, size_t count,
	    size_t *written);
	void (*stream_number)(const struct sts_store *store, char incarnation[33], uint64_t *sequence);	/* NULL: no stream */
	void (*stream_resume)(struct sts_store *store, const char *incarnation, uint64_t sequence, size_t count);
	bool (*is_up)(const struct sts_store *store);
	bool (*is_refused)(const struct sts_store *store);
	const char *(*why)(const struct sts_store *store);	/* NULL: never unavailable */
	void (*try_now)(struct sts_store *store);
};

struct sts_store {
	const struct sts_store_ops *ops;
};

enum sts_status sts_store_none_open(const struct sts_store_params *params, struct sts_store **out);
enum sts_status sts_store_redis_open(const struct sts_store_params *params, struct sts_store **out);

#endif
