/* SPDX-License-Identifier: ISC */
/*
 * counts_store.c - applies batches of counters as pipelines of scripts, every row exactly once.
 *
 * Beside the keys of each row there is a mark: the sequence of the last batch applied to them, per incarnation and day. The
 * script that counts sets the mark, and does nothing if it is set already. So a batch may be sent any number of times, by
 * anybody; the rows that have been applied are recognised.
 * A mark only has to outlive the time between a row that was applied, and whose reply was lost, and the attempt that finds out. A
 * batch is tried every minute or two until it is applied; a row can only be counted twice by a node that is cut off, for longer than
 * the mark lives, from a Redis that keeps running: the messages of one flush interval. Marks of domains are many and live for a day,
 * those of the totals are few and live for a month.
 */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/ledger/counts.h"

enum {
	CHUNK_ROWS = 200,
	CHUNK_BYTES = 256 * 1024,
	PACK = 20,		/* COUNT's rows per call */
	DAY_S = 86400,
	DOMAIN_MARK_S = DAY_S,
	TOTALS_MARK_S = 30 * DAY_S,
	TRIM_S = 60,
};

/* The rows from..to of a batch. */
struct chunk {
	const struct sts_counts_batch *batch;
	size_t from, to;
	bool with_text;		/* send the scripts, too: Redis has lost them */
	bool unknown_script;	/* Redis says so */
	bool wrote;
};

/* ---- sending a chunk ---- */

/* The keys and the mark for one row of STS_SCRIPT_COUNT. */
struct target {
	char keys[4][STS_KEY_CAP];	/* the mark first, a history last */
	size_t key_count;
	int64_t mark_ttl_s, ttl_s;	/* ttl_s 0: kept for ever */
};

/* A row without a domain goes to two keys in two slots: it takes two calls. */
static size_t
call_count(const struct sts_counts_row *row)
{
	return row->domain[0] == '\0' ? 2 : 1;
}

static bool
has_history(const struct sts_counts_row *row)
{
	return row->domain[0] != '\0' && row->own_tls + row->own_plaintext > 0;
}

static void
make_target(const struct sts_store_redis *s, const struct sts_counts_batch *batch, const struct sts_counts_row *row,
    size_t call, struct target *out)
{
	const char *day = call == 0 ? NULL : row->day;

	if (row->domain[0] == '\0') {
		sts_key_applied_stats(s->prefix, day, batch->incarnation, out->keys[0]);
		sts_key_stats(s->prefix, day, out->keys[1]);
		out->key_count = 2;
		out->mark_ttl_s = TOTALS_MARK_S;
		out->ttl_s = day == NULL ? 0 : s->stats_ttl_s;
	} else {
		sts_key_applied_domain(s->prefix, row->domain, batch->incarnation, out->keys[0]);
		sts_key_domain(s->prefix, row->domain, NULL, out->keys[1]);
		sts_key_domain(s->prefix, row->domain, row->day, out->keys[2]);
		sts_key_history(s->prefix, row->domain, out->keys[3]);
		out->key_count = has_history(row) ? 4 : 3;
		out->mark_ttl_s = DOMAIN_MARK_S;
		out->ttl_s = s->stats_ttl_s;
	}
}

/* Adds five arguments. The days are those that sts_history_take accepts. */
static void
queue_history(struct sts_store_redis *s, const struct sts_counts_row *row)
{
	int64_t latest = sts_history_day(sts_clock_now()) + 1;
	char day[STS_HISTORY_DATE_CAP];

	sts_redis_number(s->redis, has_history(row) ? STS_HISTORY_DAYS : 0);
	sts_redis_text(s->redis, sts_history_date(latest - STS_HISTORY_DAYS + 1, day));
	sts_redis_text(s->redis, sts_history_date(latest, day));
	sts_redis_number(s->redis, (int64_t)row->own_tls);
	sts_redis_number(s->redis, (int64_t)row->own_plaintext);
}

/* A row of the batch, or half of one: the keys and arguments of one row of COUNT. */
struct unit {
	const struct sts_counts_row *row;
	size_t call;
};

enum { ROW_ARGS = 12 };

static void
queue_arguments(struct sts_store_redis *s, const struct sts_counts_batch *batch, const struct sts_counts_row *row,
    const struct target *target)
{
	bool is_domain = row->domain[0] != '\0';

	sts_redis_number(s->redis, (int64_t)target->key_count);
	sts_redis_number(s->redis, (int64_t)(ROW_ARGS + 2 * row->field_count));
	sts_redis_number(s->redis, (int64_t)batch->sequence);
	sts_redis_text(s->redis, row->day);
	sts_redis_number(s->redis, target->mark_ttl_s);
	sts_redis_number(s->redis, target->ttl_s);
	sts_redis_number(s->redis, is_domain ? row->first_seen : 0);
	sts_redis_number(s->redis, is_domain ? row->last_seen : 0);
	sts_redis_number(s->redis, is_domain ? row->last_plaintext : 0);
	queue_history(s, row);
	for (size_t i = 0; i < row->field_count; i++)
		sts_redis_text(s->redis, row->fields[i].field);
	for (size_t i = 0; i < row->field_count; i++)
		sts_redis_number(s->redis, row->fields[i].n);
}

/* Queues one call for all units. */
static void
queue_pack(struct sts_store_redis *s, const struct chunk *chunk, const struct unit *units, size_t count, bool with_text)
{
	size_t keys = 0, args = 1;
	struct target target;

	for (size_t i = 0; i < count; i++) {
		make_target(s, chunk->batch, units[i].row, units[i].call, &target);
		keys += target.key_count;
		args += 2 + ROW_ARGS + 2 * units[i].row->field_count;
	}
	sts_script_begin(s, &(struct sts_script_call){ STS_SCRIPT_COUNT, with_text, keys, args });
	for (size_t i = 0; i < count; i++) {
		make_target(s, chunk->batch, units[i].row, units[i].call, &target);
		for (size_t k = 0; k < target.key_count; k++)
			sts_redis_text(s->redis, target.keys[k]);
	}
	sts_redis_number(s->redis, (int64_t)count);
	for (size_t i = 0; i < count; i++) {
		make_target(s, chunk->batch, units[i].row, units[i].call, &target);
		queue_arguments(s, chunk->batch, units[i].row, &target);
	}
}

/* Takes the next units of the chunk, from *row and *call on, as many as fit one call. In a cluster each script uses only one slot. */
static size_t
next_pack(const struct sts_store_redis *s, const struct chunk *chunk, size_t *row, size_t *call, struct unit units[PACK])
{
	size_t max = sts_redis_is_cluster(s->redis) ? 1 : PACK, count = 0;

	while (count < max && *row < chunk->to) {
		units[count++] = (struct unit){ &chunk->batch->rows[*row], *call };
		if (++*call == call_count(&chunk->batch->rows[*row])) {
			*call = 0;
			++*row;
		}
	}
	return count;
}

/* Queues rows until the chunk is full, and sets its end. */
static void
queue_rows(struct sts_store_redis *s, struct chunk *chunk)
{
	size_t row = chunk->from, call = 0, count;
	struct unit units[PACK];
	bool with_text = chunk->with_text;

	chunk->to = chunk->batch->row_count - chunk->from < CHUNK_ROWS ? chunk->batch->row_count : chunk->from + CHUNK_ROWS;
	while ((count = next_pack(s, chunk, &row, &call, units)) > 0) {
		queue_pack(s, chunk, units, count, with_text);
		with_text = with_text && sts_redis_is_cluster(s->redis);	/* one server needs the text once */
		/* A chunk never ends in the middle of a row. */
		if (call == 0 && sts_redis_queued(s->redis) >= CHUNK_BYTES)
			chunk->to = row;
	}
}

static size_t
count_domains(const struct chunk *chunk)
{
	size_t count = 0;

	for (size_t i = chunk->from; i < chunk->to; i++)
		count += chunk->batch->rows[i].domain[0] != '\0';
	return count;
}

/* Queues the names of the domains, and when they were seen. Repeating this does no harm. */
static void
queue_domains(struct sts_store_redis *s, const struct chunk *chunk)
{
	size_t count = count_domains(chunk);
	char key[STS_KEY_CAP];

	if (count == 0)
		return;
	sts_script_begin(s, &(struct sts_script_call){ STS_SCRIPT_DOMAINS, chunk->with_text, 1, 1 + 2 * count });
	sts_redis_text(s->redis, sts_key_domains(s->prefix, key));
	sts_redis_number(s->redis, s->stats_ttl_s);
	for (size_t i = chunk->from; i < chunk->to; i++) {
		const struct sts_counts_row *row = &chunk->batch->rows[i];

		if (row->domain[0] == '\0')
			continue;
		sts_redis_number(s->redis, row->last_seen);
		sts_redis_text(s->redis, row->domain);
	}
}

/* ---- its replies ---- */

static enum sts_status
read_chunk_result(struct sts_store_redis *s, struct chunk *chunk, int64_t *result)
{
	enum sts_status status = sts_script_result(s, "counters", chunk->with_text ? NULL : &chunk->unknown_script, result);

	chunk->wrote = chunk->wrote || *result > 0;
	return status;
}

static void
take_result(struct sts_store_redis *s, struct chunk *chunk, const struct unit *unit, int64_t result)
{
	struct target target;

	chunk->wrote = chunk->wrote || result > 0;
	if (result >= 0 && result != 2)
		return;
	make_target(s, chunk->batch, unit->row, unit->call, &target);
	sts_store_redis_log_foreign(s, target.keys[result < 0 && (size_t)-result <= target.key_count ? -result - 1 : 1]);
}

static bool
are_results(const struct sts_reply *reply, size_t count)
{
	if (reply->kind != STS_REPLY_ARRAY || reply->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (sts_reply_element(reply, i).kind != STS_REPLY_INTEGER)
			return false;
	return true;
}

static enum sts_status
read_pack(struct sts_store_redis *s, struct chunk *chunk, const struct unit *units, size_t count)
{
	struct sts_reply reply;
	enum sts_status status = sts_redis_read(s->redis, &reply);

	if (status != STS_OK)
		return sts_exchange_broken(s, status);
	if (!chunk->with_text && sts_script_is_unknown(&reply))
		chunk->unknown_script = true;
	else if (!are_results(&reply, count))
		status = sts_exchange_refused(s, "counters", &reply);
	else
		for (size_t i = 0; i < count; i++)
			take_result(s, chunk, &units[i], sts_reply_element(&reply, i).integer);
	sts_reply_free(&reply);
	return status;
}

static enum sts_status
read_chunk(struct sts_store_redis *s, struct chunk *chunk)
{
	enum sts_status status = STS_OK;
	size_t row = chunk->from, call = 0, count;
	struct unit units[PACK];
	char key[STS_KEY_CAP];
	int64_t result;

	while (status == STS_OK && (count = next_pack(s, chunk, &row, &call, units)) > 0)
		status = read_pack(s, chunk, units, count);
	if (status != STS_OK || count_domains(chunk) == 0)
		return status;
	status = read_chunk_result(s, chunk, &result);
	/* The counters themselves are in; a list that may not be kept must not keep all that come later from it. */
	if (status != STS_OK && s->refused)
		return STS_OK;
	if (status == STS_OK && result < 0)
		sts_store_redis_log_foreign(s, sts_key_domains(s->prefix, key));
	return status;
}

static enum sts_status
send_chunk(struct sts_store_redis *s, struct chunk *chunk, bool with_text)
{
	chunk->with_text = with_text;
	chunk->unknown_script = false;
	queue_rows(s, chunk);
	queue_domains(s, chunk);
	return read_chunk(s, chunk);
}

static enum sts_status
apply_chunk(struct sts_store_redis *s, struct chunk *chunk)
{
	enum sts_status status = sts_exchange_begin(s);

	if (status == STS_OK)
		status = send_chunk(s, chunk, false);
	if (status == STS_OK && chunk->unknown_script)
		status = send_chunk(s, chunk, true);
	if (status == STS_OK)
		sts_exchange_good(s, chunk->wrote);
	return status;
}

/* ---- a whole batch ---- */

static int64_t
latest_of(const struct sts_counts_batch *batch)
{
	int64_t latest = 0;

	for (size_t i = 0; i < batch->row_count; i++)
		if (batch->rows[i].last_seen > latest)
			latest = batch->rows[i].last_seen;
	return latest;
}

enum sts_status
sts_store_redis_apply(struct sts_store *store, const struct sts_counts_batch *batch)
{
	struct sts_store_redis *s = sts_store_redis_of(store);
	struct chunk chunk = { .batch = batch };
	enum sts_status status = STS_OK;
	int64_t latest = latest_of(batch);

	while (status == STS_OK && chunk.from < batch->row_count) {
		status = apply_chunk(s, &chunk);
		chunk.from = chunk.to;
	}
	if (status == STS_OK && (latest < s->trimmed || latest - s->trimmed >= TRIM_S))
		sts_store_redis_trim(s, latest);
	return status;
}
