/* SPDX-License-Identifier: ISC */
/*
 * test_writer.c - the writer over a store that the test breaks: everything is counted once, evidence is bounded, an end is
 * bounded and says what is lost.
 *
 * The fake is linked in place of store.c. It keeps marks as Redis does, so that a batch may come again.
 */
#include "config.h"

#include "shared-cache/writer/writer.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"

enum { NOON = 1754740800, DOMAINS = 500, WAIT_MS = 20000, LINES = 32 };

enum trouble {
	NONE,
	DOWN,		/* nothing is done */
	LOSSY,		/* every second call is done, but its reply is lost */
	FOREIGN,	/* the stream's key is not ours */
};

/* ---- the fake ---- */

static struct {
	pthread_mutex_t mutex;
	enum trouble trouble;
	unsigned calls, tries_now;
	int64_t total;			/* messages of the rows without a domain */
	int64_t domains[DOMAINS];
	uint64_t marks[DOMAINS + 1];	/* the last sequence; the totals' last */
	char incarnation[33];
	size_t largest_slice;
	unsigned signs;
	struct sts_store_sign sign;	/* the last */
	int64_t last_entry, entries;	/* of the stream: the values must come in order, each once */
	bool disorder;
	struct sts_writer *busy;	/* as much mail comes in here as evidence is written */
	char lines[LINES][256];
	size_t line_count;
} fake = { .mutex = PTHREAD_MUTEX_INITIALIZER };

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
sts_store_sign(struct sts_store *store, const struct sts_store_sign *sign)
{
	(void)store;
	pthread_mutex_lock(&fake.mutex);
	fake.signs++;
	fake.sign = *sign;
	pthread_mutex_unlock(&fake.mutex);
	return STS_OK;
}

static void record(struct sts_writer *w, unsigned domain, int64_t entry_number);

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
	/* A part goes in, then the connection breaks. */
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

static void
sink(enum sts_log_level level, const char *line)
{
	(void)level;
	pthread_mutex_lock(&fake.mutex);
	if (fake.line_count < LINES)
		snprintf(fake.lines[fake.line_count++], sizeof(fake.lines[0]), "%s", line);
	pthread_mutex_unlock(&fake.mutex);
}

static void
set_trouble(enum trouble trouble)
{
	pthread_mutex_lock(&fake.mutex);
	fake.trouble = trouble;
	pthread_mutex_unlock(&fake.mutex);
}

static bool
is_logged(const char *words)
{
	for (size_t i = 0; i < fake.line_count; i++)
		if (strstr(fake.lines[i], words) != NULL)
			return true;
	return false;
}

/* ---- fixture ---- */

static int
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
	fake.signs = 0;
	pthread_mutex_unlock(&fake.mutex);
	return 0;
}

static struct sts_writer *
new_writer(int64_t flush_ms, size_t max_stream)
{
	const struct sts_writer_params params = {
		.flush_interval_ms = flush_ms, .max_domains = 10000, .max_stream = max_stream,
	};
	struct sts_writer *w;

	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	return w;
}

static void
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

static bool
is_idle(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.pending_rows == 0;
}

static void
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

static void
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

/* ---- tests ---- */

static void
test_written_in_the_background(void **state)
{
	struct sts_writer *w = new_writer(1, 100);

	(void)state;
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 20; i++)
		record(w, (unsigned)i % 2, i);
	wait_for(is_idle, w);
	sts_writer_stop(&w, 5000);
	assert_null(w);
	check_sums(20, 2);
	assert_int_equal(fake.entries, 20);
	assert_int_equal(fake.line_count, 0);
}

static void
test_end_writes_all(void **state)
{
	struct sts_writer *w = new_writer(3600000, 2000);

	(void)state;
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 1500; i++)
		record(w, (unsigned)i % DOMAINS, i);
	sts_writer_stop(&w, 5000);
	check_sums(1500, DOMAINS);
	assert_int_equal(fake.entries, 1500);
	assert_false(fake.disorder);
	assert_true(fake.largest_slice <= 200);
	assert_int_equal(fake.line_count, 0);
}

static void
test_end_without_a_thread(void **state)
{
	struct sts_writer *w = new_writer(1000, 10);

	(void)state;
	record(w, 1, 1);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.total, 1);
	w = NULL;
	sts_writer_stop(&w, 5000);
}

enum { THREADS = 4, EACH = 5000 };

static void *
record_many(void *arg)
{
	for (unsigned i = 0; i < EACH; i++)
		record(arg, i % DOMAINS, 0);
	return NULL;
}

/* Replies get lost and the store goes away and comes back while several threads count. */
static void
test_exact_in_trouble(void **state)
{
	struct sts_writer *w = new_writer(1, 0);
	pthread_t threads[THREADS];
	struct sts_writer_state s;

	(void)state;
	assert_int_equal(sts_writer_start(w), STS_OK);
	set_trouble(LOSSY);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, record_many, w), 0);
	set_trouble(DOWN);
	set_trouble(LOSSY);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	wait_for(is_idle, w);
	sts_writer_state(w, &s);
	assert_true(s.retried > 0);
	assert_true(s.batches > 0);
	assert_int_equal(s.pending_messages, 0);
	sts_writer_stop(&w, 5000);
	check_sums(THREADS * EACH, DOMAINS);
}

static void
test_stream_in_trouble(void **state)
{
	struct sts_writer *w = new_writer(1, 5000);

	(void)state;
	set_trouble(LOSSY);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 500; i++)
		record(w, 0, i);
	sts_writer_stop(&w, WAIT_MS);
	assert_int_equal(fake.entries, 500);
	assert_false(fake.disorder);
	check_sums(500, 1);
}

static bool
has_tried(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.retried > 0;
}

static void
test_stream_is_bounded(void **state)
{
	struct sts_writer *w = new_writer(1, 10);
	struct sts_writer_state s;

	(void)state;
	set_trouble(DOWN);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 100; i++)
		record(w, 0, i);
	wait_for(has_tried, w);
	sts_writer_state(w, &s);
	assert_int_equal(s.dropped_stream, 90);
	assert_int_equal(s.uncounted, 0);
	assert_int_equal(s.pending_messages, 100);
	set_trouble(NONE);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.entries, 10);
	assert_int_equal(fake.last_entry, 10);
	check_sums(100, 1);
	assert_true(is_logged("90 evidence entries dropped"));
	assert_int_equal(fake.line_count, 1);
}

/* Detail that is lost while the store is away is told until something is written again. */
static void
test_folding(void **state)
{
	const struct sts_writer_params params = { .flush_interval_ms = 1, .max_domains = 5 };
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	set_trouble(DOWN);
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	sts_writer_state(w, &s);
	assert_int_equal(s.room, 5);
	for (unsigned i = 0; i < 5; i++)
		record(w, i, 0);
	sts_writer_state(w, &s);
	assert_int_equal(s.room, 0);
	assert_false(s.folding);
	for (unsigned i = 5; i < 20; i++)
		record(w, i, 0);
	assert_int_equal(sts_writer_start(w), STS_OK);
	wait_for(has_tried, w);
	sts_writer_state(w, &s);
	assert_true(s.folding);
	assert_true(s.folded_messages > 0);
	set_trouble(NONE);
	wait_for(is_idle, w);
	sts_writer_state(w, &s);
	assert_false(s.folding);
	sts_writer_stop(&w, 5000);
}

static void
test_foreign_stream(void **state)
{
	struct sts_writer *w = new_writer(3600000, 10);

	(void)state;
	set_trouble(FOREIGN);
	for (int i = 1; i <= 5; i++)
		record(w, 0, i);
	sts_writer_stop(&w, 5000);
	check_sums(5, 1);
	assert_true(is_logged("5 evidence entries dropped"));
}

static bool
has_told(struct sts_writer *w)
{
	bool has;

	(void)w;
	pthread_mutex_lock(&fake.mutex);
	has = fake.line_count > 0;
	pthread_mutex_unlock(&fake.mutex);
	return has;
}

static uint64_t wanted;

static bool
has_dropped(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.dropped_stream >= wanted;
}

static bool
has_written(struct sts_writer *w)
{
	struct sts_writer_state s;

	sts_writer_state(w, &s);
	return s.batches > wanted;
}

/* Until what there is has been written, twice: a turn lies between. */
static void
pass_a_turn(struct sts_writer *w)
{
	for (int batch = 0; batch < 2; batch++) {
		struct sts_writer_state s;

		sts_writer_state(w, &s);
		wanted = s.batches;
		record(w, 0, 0);
		wait_for(has_written, w);
	}
}

/* Losses that go on are told at once, then once a minute, and what is left at the end: a line each turn would flood the log. */
static void
test_losses_that_go_on(void **state)
{
	struct sts_writer *w = new_writer(1, 10);

	(void)state;
	set_trouble(FOREIGN);
	assert_int_equal(sts_writer_start(w), STS_OK);
	record(w, 0, 1);
	wait_for(has_told, w);
	assert_true(is_logged("1 evidence entries dropped"));
	for (int i = 2; i <= 10; i++) {
		record(w, 0, i);
		wanted = (uint64_t)i;
		wait_for(has_dropped, w);
		pass_a_turn(w);
	}
	assert_int_equal(fake.line_count, 1);
	sts_writer_stop(&w, 5000);
	assert_true(is_logged("9 evidence entries dropped"));
	assert_int_equal(fake.line_count, 2);
}

static void
test_end_is_bounded(void **state)
{
	struct sts_writer *w = new_writer(1, 10);
	int64_t begin_ms;

	(void)state;
	set_trouble(DOWN);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (int i = 1; i <= 7; i++)
		record(w, (unsigned)i % 2, i <= 3 ? i : 0);
	wait_for(has_tried, w);
	record(w, 1, 0);		/* into the table after the frozen one */
	begin_ms = sts_clock_mono_ms();
	sts_writer_stop(&w, 300);
	assert_true(sts_clock_mono_ms() - begin_ms < 5000);
	assert_true(fake.tries_now >= 1);
	assert_true(is_logged("8 messages uncounted"));
	assert_true(is_logged("3 evidence entries lost"));
	assert_int_equal(fake.line_count, 1);
}

static bool
has_signed(struct sts_writer *w)
{
	bool has;

	(void)w;
	pthread_mutex_lock(&fake.mutex);
	has = fake.signs >= 2;
	pthread_mutex_unlock(&fake.mutex);
	return has;
}

/* Also while there is no mail at all. */
static void
test_signs_of_life(void **state)
{
	const struct sts_writer_params params = {
		.flush_interval_ms = 1, .sign_interval_ms = 1, .max_domains = 10, .max_stream = 10,
	};
	struct sts_writer *w;

	(void)state;
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	wait_for(has_signed, w);
	sts_writer_stop(&w, 5000);
	assert_true(fake.sign.started > 0 && fake.sign.started <= fake.sign.seen);
	assert_int_equal(fake.sign.pending_messages, 0);
}

/* Too many domains cost their names, not their messages, and it is said. */
static void
test_folding_is_told(void **state)
{
	const struct sts_writer_params params = { .flush_interval_ms = 3600000, .max_domains = 10, .max_stream = 10 };
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	for (unsigned i = 0; i < 100; i++)
		record(w, i, 0);
	sts_writer_state(w, &s);
	assert_true(s.folded_messages >= 90);
	assert_true(s.pending_rows <= 12);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.total, 100);
	assert_true(is_logged("of the rarest are counted under `other'"));
	assert_int_equal(fake.line_count, 1);
}

static void
set_busy(struct sts_writer *w)
{
	pthread_mutex_lock(&fake.mutex);
	fake.busy = w;
	pthread_mutex_unlock(&fake.mutex);
}

static bool
is_much_counted(struct sts_writer *w)
{
	bool much;

	(void)w;
	pthread_mutex_lock(&fake.mutex);
	much = fake.total >= 1000;
	pthread_mutex_unlock(&fake.mutex);
	return much;
}

/* Where mail comes in as fast as a store takes evidence, a turn ends all the same, and counters have theirs. */
static void
test_evidence_without_an_end(void **state)
{
	struct sts_writer *w = new_writer(1, 1000);

	(void)state;
	set_busy(w);
	for (int i = 1; i <= 100; i++)
		record(w, 0, i);
	assert_int_equal(sts_writer_start(w), STS_OK);
	wait_for(is_much_counted, w);
	set_busy(NULL);
	sts_writer_stop(&w, 5000);
	assert_int_equal(fake.total, fake.entries);
	assert_false(fake.disorder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_written_in_the_background, setup),
		cmocka_unit_test_setup(test_end_writes_all, setup),
		cmocka_unit_test_setup(test_end_without_a_thread, setup),
		cmocka_unit_test_setup(test_exact_in_trouble, setup),
		cmocka_unit_test_setup(test_stream_in_trouble, setup),
		cmocka_unit_test_setup(test_stream_is_bounded, setup),
		cmocka_unit_test_setup(test_folding, setup),
		cmocka_unit_test_setup(test_foreign_stream, setup),
		cmocka_unit_test_setup(test_losses_that_go_on, setup),
		cmocka_unit_test_setup(test_end_is_bounded, setup),
		cmocka_unit_test_setup(test_signs_of_life, setup),
		cmocka_unit_test_setup(test_folding_is_told, setup),
		cmocka_unit_test_setup(test_evidence_without_an_end, setup),
	};

	sts_log_open(sink, STS_LOG_INFO);
	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
