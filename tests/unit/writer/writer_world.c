/* SPDX-License-Identifier: ISC */
/* writer_world.c - the store that the test breaks, and the messages for its writer. */
#include "config.h"

#include "tests/unit/writer/writer_world.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"

struct fake fake = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* ---- the store ---- */

struct sts_store {
	int unused;
};

enum sts_status
sts_store_open(const struct sts_store_params *params, struct sts_store **out)
{
	(void)params;
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? STS_OK : STS_ENOMEM;
}

void
sts_store_close(struct sts_store **store)
{
	free(*store);
	*store = NULL;
}

bool
sts_store_is_refused(const struct sts_store *store)
{
	(void)store;
	return false;
}

bool
sts_store_is_up(const struct sts_store *store)
{
	bool up;

	(void)store;
	pthread_mutex_lock(&fake.mutex);
	up = fake.trouble != DOWN;
	pthread_mutex_unlock(&fake.mutex);
	return up;
}

void
sts_store_try_now(struct sts_store *store)
{
	(void)store;
	pthread_mutex_lock(&fake.mutex);
	fake.tries_now++;
	pthread_mutex_unlock(&fake.mutex);
}

static int64_t
messages_of(const struct sts_counts_row *row)
{
	for (size_t i = 0; i < row->field_count; i++)
		if (strcmp(row->fields[i].field, "messages") == 0)
			return row->fields[i].n;
	return 0;
}

static void
apply_row(const struct sts_counts_row *row, uint64_t sequence)
{
	size_t i = row->domain[0] == '\0' ? DOMAINS : (size_t)strtoul(row->domain + 1, NULL, 10);

	if (fake.marks[i] >= sequence)
		return;
	fake.marks[i] = sequence;
	*(i == DOMAINS ? &fake.total : &fake.domains[i]) += messages_of(row);
}

static bool
is_lost(void)
{
	return fake.trouble == DOWN || (fake.trouble == LOSSY && fake.calls % 2 == 0);
}

enum sts_status
sts_store_apply(struct sts_store *store, const struct sts_counts_batch *batch)
{
	bool lost;

	(void)store;
	pthread_mutex_lock(&fake.mutex);
	fake.calls++;
	assert(fake.incarnation[0] == '\0' || strcmp(fake.incarnation, batch->incarnation) == 0);
	strcpy(fake.incarnation, batch->incarnation);
	if (batch->row_count > fake.largest_slice)
		fake.largest_slice = batch->row_count;
	for (size_t i = 0; i < batch->row_count && fake.trouble != DOWN; i++)
		apply_row(&batch->rows[i], batch->sequence);
	lost = is_lost();
	pthread_mutex_unlock(&fake.mutex);
	return lost ? STS_EUNAVAILABLE : STS_OK;
}

enum sts_status
sts_store_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat)
{
	(void)store;
	pthread_mutex_lock(&fake.mutex);
	fake.heartbeats++;
	fake.heartbeat = *heartbeat;
	pthread_mutex_unlock(&fake.mutex);
	return STS_OK;
}

enum sts_status
sts_store_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count, size_t *written)
{
	enum sts_status status = STS_OK;
	struct sts_writer *busy;
	int64_t last;

	(void)store;
	*written = 0;
	pthread_mutex_lock(&fake.mutex);
	fake.calls++;
	if (fake.trouble == FOREIGN)
		status = STS_EINVAL;
	else if (fake.trouble == DOWN)
		status = STS_EUNAVAILABLE;
	/* A part is written, then the connection breaks. */
	for (size_t i = 0; i < count && status == STS_OK; i++) {
		int64_t value = strtoll(entries[i].fields[0].value, NULL, 10);

		fake.disorder = fake.disorder || value <= fake.last_entry;
		fake.last_entry = value;
		fake.entries++;
		*written = i + 1;
		if (fake.trouble == LOSSY && i % 70 == 69)
			status = STS_EUNAVAILABLE;
	}
	busy = fake.busy;
	last = fake.last_entry;
	pthread_mutex_unlock(&fake.mutex);
	for (size_t i = 1; i <= *written && busy != NULL; i++)
		record(busy, 0, last + (int64_t)i);
	return status;
}

void
sts_store_stream_number(const struct sts_store *store, char incarnation[33], uint64_t *sequence)
{
	(void)store, (void)incarnation, (void)sequence;
	abort();	/* there is no spool */
}

void
sts_store_stream_resume(struct sts_store *store, const char *incarnation, uint64_t sequence, size_t count)
{
	(void)store, (void)incarnation, (void)sequence, (void)count;
	abort();
}

void
sink(enum sts_log_level level, const char *line)
{
	(void)level;
	pthread_mutex_lock(&fake.mutex);
	if (fake.line_count < LINES)
		snprintf(fake.lines[fake.line_count++], sizeof(fake.lines[0]), "%s", line);
	pthread_mutex_unlock(&fake.mutex);
}

void
set_trouble(enum trouble trouble)
{
	pthread_mutex_lock(&fake.mutex);
	fake.trouble = trouble;
	pthread_mutex_unlock(&fake.mutex);
}

bool
is_logged(const char *words)
{
	for (size_t i = 0; i < fake.line_count; i++)
		if (strstr(fake.lines[i], words) != NULL)
			return true;
	return false;
}

/* ---- messages ---- */

int
setup(void **state)
{
	(void)state;
	pthread_mutex_lock(&fake.mutex);
	fake.trouble = NONE;
	fake.calls = fake.tries_now = 0;
	fake.total = fake.last_entry = fake.entries = 0;
	memset(fake.domains, 0, sizeof(fake.domains));
	memset(fake.marks, 0, sizeof(fake.marks));
	fake.incarnation[0] = '\0';
	fake.largest_slice = fake.line_count = 0;
	fake.disorder = false;
	fake.busy = NULL;
	fake.heartbeats = 0;
	pthread_mutex_unlock(&fake.mutex);
	return 0;
}

struct sts_writer *
new_writer(int64_t flush_ms, size_t max_stream)
{
	const struct sts_writer_params params = {
		.flush_interval_ms = flush_ms, .max_domains = 10000, .max_stream = max_stream,
	};
	struct sts_writer *w;

	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	return w;
}

void
record(struct sts_writer *w, unsigned domain, int64_t entry_number)
{
	static const char *const fields[] = { "messages", "result:pass", "tls:none", NULL };
	char name[16];
	const struct sts_counts_message m = {
		.domain = name, .now = NOON, .total_fields = fields, .domain_fields = fields,
	};
	struct sts_stream_entry entry = { .field_count = 1 };
	char *value;

	snprintf(name, sizeof(name), "d%u.example", domain);
	entry.fields[0].name = "ts";
	if (asprintf(&value, "%lld", (long long)entry_number) < 0)
		abort();
	entry.fields[0].value = value;
	entry.block = value;
	sts_writer_record(w, &m, entry_number > 0 ? &entry : NULL);
	if (entry_number == 0)
		free(value);
}

bool
has_tried(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.retried > 0;
}

void
wait_for(bool (*is_so)(struct sts_writer *w), struct sts_writer *w)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int64_t until_ms = sts_clock_mono_ms() + WAIT_MS;

	while (!is_so(w)) {
		if (sts_clock_mono_ms() > until_ms)
			fail_msg("it does not come");
		nanosleep(&pause, NULL);
	}
}

void
check_sums(int64_t messages, unsigned domains)
{
	int64_t sum = 0;

	assert_int_equal(fake.total, messages);
	for (unsigned i = 0; i < DOMAINS; i++)
		sum += fake.domains[i];
	assert_int_equal(sum, messages);
	for (unsigned i = 0; i < domains; i++)
		assert_int_equal(fake.domains[i], messages / domains);
}
