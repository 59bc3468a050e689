/* SPDX-License-Identifier: ISC */
/*
 * evidence_store.c - evidence into the stream, in chunks that are each appended once.
 *
 * A chunk has a number, and beside the stream lies a mark: the number of the last one that is in. A chunk that is sent for the first time
 * needs no look at the mark: it goes as a transaction of plain commands, which costs Redis half of what a script does. One that may be in
 * already goes as a script, which looks. So does every chunk to a cluster, whose servers are found by a command's key, and for a user
 * who may not begin a transaction (with the rules of an earlier release); an empty one after the first chunk finds that out.
 */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <string.h>

enum {
	CHUNK_ENTRIES = 200,
	MARK_S = 86400,
};

static void
queue_fields(struct sts_store_redis *s, const struct sts_stream_entry *entry)
{
	for (size_t i = 0; i < entry->field_count; i++) {
		sts_redis_text(s->redis, entry->fields[i].name);
		sts_redis_text(s->redis, entry->fields[i].value);
	}
}

/* ---- as a script ---- */

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

/* STS_EINVAL: what is under a key is not ours. */
static enum sts_status
append_by_script(struct sts_store_redis *s, const struct sts_stream_entry *entries, size_t count)
{
	bool unknown_script = false;
	char key[STS_KEY_CAP];
	int64_t result = 0;
	enum sts_status status;

	queue_script(s, entries, count, false);
	status = sts_script_result(s, &unknown_script, &result);
	if (status == STS_OK && unknown_script) {
		queue_script(s, entries, count, true);
		status = sts_script_result(s, NULL, &result);
	}
	if (status != STS_OK)
		return status;
	sts_exchange_good(s, result == 1);
	if (result >= 0)
		return STS_OK;
	sts_store_redis_tell_foreign(s, sts_key_evidence(s->prefix, key));
	return STS_EINVAL;
}

/* ---- as a transaction ---- */

enum { MARK_COMMANDS = 2, OTHER_COMMANDS = 3 };	/* those before the entries, and these with the stream's */

static void
queue_word(struct sts_store_redis *s, const char *command)
{
	sts_redis_command(s->redis, 1);
	sts_redis_text(s->redis, command);
}

static void
queue_expire(struct sts_store_redis *s, const char *key, int64_t ttl_s)
{
	sts_redis_command(s->redis, 3);
	sts_redis_text(s->redis, "EXPIRE");
	sts_redis_text(s->redis, key);
	sts_redis_number(s->redis, ttl_s);
}

static void
queue_mark(struct sts_store_redis *s)
{
	char mark[STS_KEY_CAP];

	sts_key_applied_evidence(s->prefix, s->incarnation, mark);
	sts_redis_command(s->redis, 4);
	sts_redis_text(s->redis, "HSET");
	sts_redis_text(s->redis, mark);
	sts_redis_text(s->redis, "entries");
	sts_redis_number(s->redis, (int64_t)s->stream_sequence);
	queue_expire(s, mark, MARK_S);
}

/* The stream is trimmed by the last one alone. */
static void
queue_entry(struct sts_store_redis *s, const char *stream, const struct sts_stream_entry *entry, bool is_last)
{
	sts_redis_command(s->redis, (is_last ? 6 : 3) + 2 * entry->field_count);
	sts_redis_text(s->redis, "XADD");
	sts_redis_text(s->redis, stream);
	if (is_last) {
		sts_redis_text(s->redis, "MAXLEN");
		sts_redis_text(s->redis, "~");
		sts_redis_number(s->redis, s->stream_maxlen);
	}
	sts_redis_text(s->redis, "*");
	queue_fields(s, entry);
}

static void
queue_transaction(struct sts_store_redis *s, const struct sts_stream_entry *entries, size_t count)
{
	char stream[STS_KEY_CAP];

	sts_key_evidence(s->prefix, stream);
	queue_word(s, "MULTI");
	queue_mark(s);
	for (size_t i = 0; i < count; i++)
		queue_entry(s, stream, &entries[i], i == count - 1);
	queue_expire(s, stream, s->stats_ttl_s);
	queue_word(s, "EXEC");
}

/* Reads count replies. *refusal is the first that is an error, else nil; the caller gives it back. */
static enum sts_status
read_queued(struct sts_store_redis *s, size_t count, struct sts_reply *refusal)
{
	struct sts_reply reply;
	enum sts_status status = STS_OK;

	memset(refusal, 0, sizeof(*refusal));
	for (; count > 0 && status == STS_OK; count--) {
		status = sts_redis_read(s->redis, &reply);
		if (status == STS_OK && reply.kind == STS_REPLY_REFUSED && refusal->kind != STS_REPLY_REFUSED)
			*refusal = reply;
		else if (status == STS_OK)
			sts_reply_free(&reply);
	}
	return status == STS_OK ? STS_OK : sts_exchange_broken(s, status);
}

/* What a transaction that was carried out has done. */
static enum sts_status
judge_results(struct sts_store_redis *s, const struct sts_reply *results)
{
	struct sts_reply mark = sts_reply_element(results, 0), entry = sts_reply_element(results, MARK_COMMANDS);
	char key[STS_KEY_CAP];

	if (entry.kind == STS_REPLY_REFUSED && !sts_reply_is_refusal(&entry, "WRONGTYPE"))
		return sts_exchange_refused(s, "evidence", &entry);
	if (mark.kind == STS_REPLY_REFUSED)
		sts_store_redis_tell_foreign(s, sts_key_applied_evidence(s->prefix, s->incarnation, key));
	sts_exchange_good(s, entry.kind != STS_REPLY_REFUSED);
	if (entry.kind != STS_REPLY_REFUSED)
		return STS_OK;
	sts_store_redis_tell_foreign(s, sts_key_evidence(s->prefix, key));
	return STS_EINVAL;
}

/* The reply to EXEC. refusal: what was said to a command before it. Where MULTI was refused, each was carried out by itself. */
static enum sts_status
read_results(struct sts_store_redis *s, const struct sts_reply *refusal, size_t count)
{
	struct sts_reply results;
	enum sts_status status = sts_redis_read(s->redis, &results);

	if (status != STS_OK)
		return sts_exchange_broken(s, status);
	if (refusal->kind == STS_REPLY_REFUSED)
		status = sts_exchange_refused(s, "evidence", refusal);
	else if (s->transactions == STS_TRANSACTIONS_REFUSED)
		sts_exchange_good(s, true);
	else if (results.kind != STS_REPLY_ARRAY || results.count != count)
		status = sts_exchange_refused(s, "evidence", &results);
	else
		status = judge_results(s, &results);
	sts_reply_free(&results);
	return status;
}

/* As append_by_script, for a chunk that cannot be in. */
static enum sts_status
append_as_transaction(struct sts_store_redis *s, const struct sts_stream_entry *entries, size_t count)
{
	struct sts_reply refusal;
	enum sts_status status;

	queue_transaction(s, entries, count);
	status = read_queued(s, 1, &refusal);
	if (refusal.kind == STS_REPLY_REFUSED)
		s->transactions = STS_TRANSACTIONS_REFUSED;
	sts_reply_free(&refusal);
	if (status == STS_OK)
		status = read_queued(s, count + OTHER_COMMANDS, &refusal);
	if (status == STS_OK)
		status = read_results(s, &refusal, count + OTHER_COMMANDS);
	sts_reply_free(&refusal);
	return status;
}

/* Tries it with nothing at stake, and once: what stands between may hang up on such a command, each time. */
static void
try_transaction(struct sts_store_redis *s)
{
	struct sts_reply refusal;

	if (s->transactions != STS_TRANSACTIONS_UNTRIED || sts_redis_is_cluster(s->redis) || sts_exchange_begin(s) != STS_OK)
		return;
	s->transactions = STS_TRANSACTIONS_REFUSED;
	queue_word(s, "MULTI");
	queue_word(s, "EXEC");
	if (read_queued(s, 2, &refusal) == STS_OK) {
		if (refusal.kind != STS_REPLY_REFUSED)
			s->transactions = STS_TRANSACTIONS_TAKEN;
		sts_exchange_good(s, false);
	}
	sts_reply_free(&refusal);
}

/* ---- chunks ---- */

/* may_be_in: it has been sent before. */
static enum sts_status
append_chunk(struct sts_store_redis *s, const struct sts_stream_entry *entries, size_t count, bool may_be_in)
{
	enum sts_status status = sts_exchange_begin(s);

	if (status != STS_OK)
		return status;
	if (s->transactions == STS_TRANSACTIONS_TAKEN && !may_be_in)
		return append_as_transaction(s, entries, count);
	status = append_by_script(s, entries, count);
	if (status == STS_OK)
		try_transaction(s);
	return status;
}

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
		/* A chunk that nobody has heard of is sent again just as it was, under its old number. */
		if (!unsure)
			s->stream_sequence++;
		s->stream_unsure = n;
		status = append_chunk(s, entries + *written, n, unsure);
		if (status == STS_OK)
			*written += n;
		if (status == STS_OK || status == STS_EINVAL)
			s->stream_unsure = 0;
	}
	return status;
}
