/* SPDX-License-Identifier: ISC */
/*
 * test_writer_memory.c - memory that an outage of the store took goes back to the system once the backlog is written.
 *
 * Fakes replace store.c, and malloc_trim, so that the test sees what goes back without it.
 */
#include "config.h"

#include "shared-cache/writer/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/malloc_tuning.h"

enum {
	NOON = 1754740800,
	WAITING = 20000,
	ENTRY = 1000,		/* bytes */
	LASTS = 100,
	MUCH = 4 << 20,			/* taken and given back by an outage */
	NAMES_STAY = 8 << 20,		/* of known domains, and LASTS for each */
	RING_STAYS = WAITING * sizeof(struct sts_stream_entry) + (1 << 20),
	WAIT_MS = 20000,
};

/* Resident memory tells something about glibc's malloc only; with a sanitizer's, everything else is tested. */
#if defined(HAVE_MALLOPT) && defined(HAVE_MALLOC_TRIM) && !defined(STS_SANITIZED)
enum { IS_OUR_MALLOC = 1 };
#else
enum { IS_OUR_MALLOC = 0 };
#endif

/* ---- the fake ---- */

static struct {
	atomic_bool down;
	atomic_uint failed, entries;
	atomic_bool disorder;
	atomic_uint trims;
} fake;

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
	(void)store;
	return !atomic_load(&fake.down);
}

void
sts_store_try_now(struct sts_store *store)
{
	(void)store;
}

static enum sts_status
answer(void)
{
	if (!atomic_load(&fake.down))
		return STS_OK;
	atomic_fetch_add(&fake.failed, 1);
	return STS_EUNAVAILABLE;
}

enum sts_status
sts_store_apply(struct sts_store *store, const struct sts_counts_batch *batch)
{
	(void)store, (void)batch;
	return answer();
}

enum sts_status
sts_store_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat)
{
	(void)store, (void)heartbeat;
	return answer();
}

enum sts_status
sts_store_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count, size_t *written)
{
	enum sts_status status = answer();

	(void)store;
	*written = status == STS_OK ? count : 0;
	for (size_t i = 0; i < *written; i++)
		if (strtoul(entries[i].fields[0].value, NULL, 10) != atomic_fetch_add(&fake.entries, 1) ||
		    strlen(entries[i].fields[0].value) != ENTRY - 1)
			atomic_store(&fake.disorder, true);
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

/* As in glibc. */
int malloc_trim(size_t pad);

int
malloc_trim(size_t pad)
{
	(void)pad;
	atomic_fetch_add(&fake.trims, 1);
	return 0;
}

/* ---- helpers ---- */

static size_t
resident(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
	assert_int_equal(fclose(file), 0);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Counts a message in a domain's row. */
static void
count(struct sts_writer *w, unsigned number)
{
	static const char *const fields[] = { "messages", "result:pass", NULL };
	char domain[32];
	const struct sts_counts_message m = { .domain = domain, .now = NOON, .total_fields = fields, .domain_fields = fields };

	snprintf(domain, sizeof(domain), "d%u.example", number);
	sts_writer_record(w, &m, NULL);
}

/* Adds only evidence, besides the row of the totals. */
static void
add_evidence(struct sts_writer *w, unsigned number)
{
	static const char *const fields[] = { "messages", NULL };
	const struct sts_counts_message m = { .domain = NULL, .now = NOON, .total_fields = fields };
	char *value = malloc(ENTRY);
	struct sts_stream_entry entry = { .field_count = 1, .fields = { { "text", value } }, .block = value };

	assert_non_null(value);
	memset(value, 'x', ENTRY - 1);
	value[ENTRY - 1] = '\0';
	snprintf(value, ENTRY, "%u", number);
	value[strlen(value)] = 'x';
	sts_writer_record(w, &m, &entry);
}

/* Fails the test when it takes too long. */
static void
wait_until(bool (*is_so)(size_t figure), size_t figure)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	int64_t until_ms = sts_clock_mono_ms() + WAIT_MS;

	while (!is_so(figure)) {
		if (sts_clock_mono_ms() > until_ms)
			fail_msg("it does not come: %zu bytes are resident", resident());
		nanosleep(&pause, NULL);
	}
}

static bool
has_failed_since(size_t turns)
{
	return atomic_load(&fake.failed) > turns;
}

static bool
has_written(size_t entries)
{
	return atomic_load(&fake.entries) >= entries;
}

static bool
has_trimmed(size_t times)
{
	return !IS_OUR_MALLOC || atomic_load(&fake.trims) >= times;
}

static bool
is_resident_at_most(size_t bytes)
{
	return !IS_OUR_MALLOC || resident() <= bytes;
}

/* ---- tests ---- */

/* Lasting memory is allocated meanwhile, once per lasting_each messages, like policies and histories. stays: bytes that may be left. */
static void
outage(void (*add)(struct sts_writer *w, unsigned number), unsigned lasting_each, size_t stays)
{
	const struct sts_writer_params params = { .flush_interval_ms = 1, .max_domains = 2 * WAITING, .max_stream = WAITING };
	static void *lasting[WAITING];
	struct sts_writer *w;
	size_t before, full;

	atomic_store(&fake.down, true);
	atomic_store(&fake.entries, 0);
	atomic_store(&fake.trims, 0);
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	before = resident();
	for (unsigned i = 0; i < WAITING; i++) {
		add(w, i);
		if (i % lasting_each == 0)
			assert_non_null(lasting[i] = malloc(LASTS));
	}
	/* a turn that has seen all of them */
	wait_until(has_failed_since, atomic_load(&fake.failed) + 1);
	full = resident();
	assert_true(!IS_OUR_MALLOC || full >= before + stays + MUCH);
	atomic_store(&fake.down, false);
	wait_until(has_written, add == add_evidence ? WAITING : 0);
	wait_until(is_resident_at_most, before + stays);
	wait_until(has_trimmed, 1);
	assert_int_equal(atomic_load(&fake.entries), add == add_evidence ? WAITING : 0);
	assert_false(atomic_load(&fake.disorder));
	sts_writer_stop(&w, 5000);
	for (size_t i = 0; i < WAITING; i++) {
		free(lasting[i]);
		lasting[i] = NULL;
	}
}

/* Twice, because malloc, left alone, learns from the first time to keep more. */
static void
test_counters_are_given_back(void **state)
{
	(void)state;
	outage(count, 1, NAMES_STAY);
	outage(count, 1, NAMES_STAY);
}

static void
test_evidence_is_given_back(void **state)
{
	(void)state;
	outage(add_evidence, 3, RING_STAYS);
	outage(add_evidence, 3, RING_STAYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters_are_given_back),
		cmocka_unit_test(test_evidence_is_given_back),
	};

	sts_malloc_tune();
	return cmocka_run_group_tests_name("writer's memory", tests, NULL, NULL);
}
