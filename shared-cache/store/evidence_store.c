/* SPDX-License-Identifier: ISC */
/*
 * evidence_store.c - appends evidence to the stream in chunks, every chunk exactly once.
 *
 * A chunk has a number, and beside the stream there is a mark: the number of the last chunk appended. A script checks it and appends. So
 * a message's evidence takes a two hundredth of a command. (A transaction of plain commands would take Redis half the time, but it needs
 * a command per message, and cannot check the mark.)
 */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <string.h>

enum {
	CHUNK_ENTRIES = 200,
	MARK_S = 86400,
	MARK_IS_FOREIGN = -1,		/* the script's result */
};

static void
queue_fields(struct sts_store_redis *s, const struct sts_stream_entry *entry)
{
	for (size_t i = 0; i < entry->field_count; i++) {
		sts_redis_text(s->redis, entry->fields[i].name);
		sts_redis_text(s->redis, entry->fields[i].value);
	}
}

static void
queue_script(struct sts_store_redis *s, const struct sts_stream_entry *entries, size_t count, bool with_text)
{
	char key[STS_KEY_CAP];
	size_t args = 5;

	for (size_t i = 0; i < count; i++)
		args += 1 + 2 * entries[i].field_count;
	sts_script_begin(s, &(struct sts_script_call){ STS_SCRIPT_APPEND, with_text, 2, args });
	sts_redis_text(s->redis, sts_key_applied_evidence(s->prefix, s->incarnation, key));
	sts_redis_text(s->redis, sts_key_evidence(s->prefix, key));
	sts_redis_number(s->redis, (int64_t)s->stream_sequence);
	sts_redis_text(s->redis, "entries");
	sts_redis_number(s->redis, MARK_S);
	sts_redis_number(s->redis, s->stats_ttl_s);
	sts_redis_number(s->redis, s->stream_maxlen);
	for (size_t i = 0; i < count; i++) {
		sts_redis_number(s->redis, (int64_t)entries[i].field_count);
		queue_fields(s, &entries[i]);
	}
}

/* STS_EINVAL: the key holds something that is not ours. */
static enum sts_status
append_chunk(struct sts_store_redis *s, const struct sts_stream_entry *entries, size_t count)
{
	bool unknown_script = false;
	char key[STS_KEY_CAP];
	int64_t result = 0;
	enum sts_status status = sts_exchange_begin(s);

	if (status != STS_OK)
		return status;
	queue_script(s, entries, count, false);
	status = sts_script_result(s, "evidence", &unknown_script, &result);
	if (status == STS_OK && unknown_script) {
		queue_script(s, entries, count, true);
		status = sts_script_result(s, "evidence", NULL, &result);
	}
	if (status != STS_OK)
		return status;
	sts_exchange_good(s, result == 1);
	if (result >= 0)
		return STS_OK;
	sts_store_redis_log_foreign(s, result == MARK_IS_FOREIGN ? sts_key_applied_evidence(s->prefix, s->incarnation, key) :
	    sts_key_evidence(s->prefix, key));
	return STS_EINVAL;
}

/* ---- chunks ---- */

enum sts_status
sts_store_redis_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count, size_t *written)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	enum sts_status status = STS_OK;

	while (status == STS_OK && *written < count) {
		size_t left = count - *written;
		bool unsure = s->stream_unsure > 0;
		size_t n = unsure ? s->stream_unsure : CHUNK_ENTRIES;

		if (n > left)
			n = left;
		/* A chunk without an answer is sent again unchanged, under its old number. */
		if (!unsure)
			s->stream_sequence++;
		s->stream_unsure = n;
		status = append_chunk(s, entries + *written, n);
		if (status == STS_OK)
			*written += n;
		if (status == STS_OK || status == STS_EINVAL)
			s->stream_unsure = 0;
	}
	return status;
}
