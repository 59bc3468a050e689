/* SPDX-License-Identifier: ISC */
/*
 * memory_store.c - no store: policies are only in the cache of the process; of the counters, the totals are kept, and
 * logged once when the process ends.
 */
#include "config.h"

#include "shared-cache/store/store_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/base/log.h"
#include "shared-cache/base/text.h"
#include "shared-cache/ledger/counts.h"

enum { LINE_CAP = 1024 };

struct total {
	UT_hash_handle hh;
	int64_t n;
	char field[];
};

struct none {
	struct sts_store base;
	struct total *totals;
};

static struct none *
none_of(struct sts_store *store)
{
	return (struct none *)(void *)store;
}

/* ---- totals ---- */

static struct total *
find_or_add(struct none *s, const char *field)
{
	size_t len = strlen(field);
	struct total *total;

	HASH_FIND(hh, s->totals, field, len, total);
	if (total != NULL || (total = calloc(1, sizeof(*total) + len + 1)) == NULL)
		return total;
	memcpy(total->field, field, len);
	HASH_ADD_KEYPTR(hh, s->totals, total->field, len, total);
	if (total->hh.tbl != NULL)
		return total;
	free(total);
	return NULL;
}

/* Never asks for a retry: what does not fit in memory is missing from that log line. */
static enum sts_status
none_apply(struct sts_store *store, const struct sts_counts_batch *batch)
{
	struct none *s = none_of(store);

	for (size_t i = 0; i < batch->row_count; i++) {
		const struct sts_counts_row *row = &batch->rows[i];

		for (size_t k = 0; row->domain[0] == '\0' && k < row->field_count; k++) {
			struct total *total = find_or_add(s, row->fields[k].field);

			if (total != NULL)
				total->n += row->fields[k].n;
		}
	}
	return STS_OK;
}

static int
by_field(const struct total *a, const struct total *b)
{
	return strcmp(a->field, b->field);
}

static bool
is_told(const char *field)
{
	return strcmp(field, "messages") == 0 || strncmp(field, "result:", 7) == 0 || strncmp(field, "tls:", 4) == 0;
}

static void
tell_totals(struct none *s)
{
	char line[LINE_CAP];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	HASH_SORT(s->totals, by_field);
	for (const struct total *total = s->totals; total != NULL; total = total->hh.next) {
		if (!is_told(total->field))
			continue;
		sts_text_add(&text, " ");
		sts_text_add_escaped(&text, total->field, strlen(total->field), STS_COUNT_FIELD_CAP);
		sts_text_addf(&text, "=%" PRId64, total->n);
	}
	if (text.len > 0)
		sts_info("counters since the start, not kept because redis = none:%s", text.buf);
}

static void
none_close(struct sts_store *store)
{
	struct none *s = none_of(store);
	struct total *total, *next;

	tell_totals(s);
	HASH_ITER(hh, s->totals, total, next) {
		HASH_DEL(s->totals, total);
		free(total);
	}
	free(s);
}

/* ---- everything else does nothing ---- */

static enum sts_status
none_get(struct sts_store *store, const char *domain, int64_t now, struct sts_entry **out)
{
	(void)store, (void)domain, (void)now, (void)out;
	return STS_ENOTFOUND;
}

static enum sts_status
none_put(struct sts_store *store, const struct sts_entry *entry, int64_t now)
{
	(void)store, (void)entry, (void)now;
	return STS_OK;
}

static enum sts_status
none_lock(struct sts_store *store, const char *domain, int64_t ttl_ms)
{
	(void)store, (void)domain, (void)ttl_ms;
	return STS_OK;
}

static enum sts_status
none_unlock(struct sts_store *store, const char *domain)
{
	(void)store, (void)domain;
	return STS_OK;
}

static enum sts_status
none_history(struct sts_store *store, const char *domain, int64_t now, struct sts_history_days *out)
{
	(void)store, (void)domain, (void)now, (void)out;
	return STS_ENOTFOUND;
}

static enum sts_status
none_clear_history(struct sts_store *store, const char *domain)
{
	(void)store, (void)domain;
	return STS_ENOTFOUND;
}

static enum sts_status
none_publish(struct sts_store *store, const char *domain)
{
	(void)store, (void)domain;
	return STS_OK;
}

static enum sts_status
none_purge(struct sts_store *store, const char *domain)
{
	(void)store, (void)domain;
	return STS_ENOTFOUND;
}

static enum sts_status
none_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat)
{
	(void)store, (void)heartbeat;
	return STS_OK;
}

static enum sts_status
none_scan(struct sts_store *store, uint64_t *cursor, sts_store_each_fn *each, void *arg)
{
	(void)store, (void)each, (void)arg;
	*cursor = 0;
	return STS_OK;
}

static enum sts_status
none_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count, size_t *written)
{
	(void)store, (void)entries;
	*written = count;
	return STS_OK;
}

static bool
none_is_up(const struct sts_store *store)
{
	(void)store;
	return true;
}

static bool
none_is_refused(const struct sts_store *store)
{
	(void)store;
	return false;
}

static void
none_try_now(struct sts_store *store)
{
	(void)store;
}

static const struct sts_store_ops none_ops = {
	.close = none_close,
	.get = none_get,
	.put = none_put,
	.lock = none_lock,
	.unlock = none_unlock,
	.history = none_history,
	.clear_history = none_clear_history,
	.publish = none_publish,
	.purge = none_purge,
	.heartbeat = none_heartbeat,
	.scan = none_scan,
	.apply = none_apply,
	.append = none_append,
	.is_up = none_is_up,
	.is_refused = none_is_refused,
	.try_now = none_try_now,
};

enum sts_status
sts_store_none_open(const struct sts_store_params *params, struct sts_store **out)
{
	struct none *s = calloc(1, sizeof(*s));

	(void)params;
	*out = NULL;
	if (s == NULL)
		return STS_ENOMEM;
	s->base.ops = &none_ops;
	*out = &s->base;
	return STS_OK;
}
