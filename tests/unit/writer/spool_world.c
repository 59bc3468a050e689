/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "tests/unit/writer/spool_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct shared *shared;

/* ---- the store ---- */

struct sts_store {
	char incarnation[33];
	uint64_t sequence;
	size_t unsure;
};

enum sts_status
sts_store_open(const struct sts_store_params *params, struct sts_store **out)
{
	struct timespec ts;

	(void)params;
	*out = calloc(1, sizeof(**out));
	clock_gettime(CLOCK_MONOTONIC, &ts);
	snprintf((*out)->incarnation, sizeof((*out)->incarnation), "%016llx%016llx", (unsigned long long)getpid(),
	    (unsigned long long)ts.tv_nsec);
	return STS_OK;
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
	return shared->trouble != 1;
}

void
sts_store_try_now(struct sts_store *store)
{
	(void)store;
}

enum sts_status
sts_store_heartbeat(struct sts_store *store, const struct sts_store_heartbeat *heartbeat)
{
	(void)store, (void)heartbeat;
	return STS_OK;
}

/* With equal probability: nothing is done, half is done, all is done but the reply is lost. */
static unsigned
draw_trouble(void)
{
	unsigned call = atomic_fetch_add(&shared->calls, 1), trouble = shared->trouble;

	if (trouble == 0 || call % trouble != 0)
		return 0;
	return trouble == 1 ? 1 : 1 + call / trouble % 3;
}

static bool
is_counted(const struct sts_counts_batch *batch, const struct sts_counts_row *row)
{
	for (size_t i = atomic_load(&shared->row_count); i > 0; i--) {
		const struct row *in = &shared->rows[i - 1];

		if (in->sequence >= batch->sequence && strcmp(in->incarnation, batch->incarnation) == 0 &&
		    strcmp(in->domain, row->domain) == 0)
			return true;
	}
	return false;
}

static void
count_row(const struct sts_counts_batch *batch, const struct sts_counts_row *row)
{
	size_t at = atomic_load(&shared->row_count);
	struct row *in = &shared->rows[at];

	if (at >= ROWS || is_counted(batch, row))
		return;
	memset(in, 0, sizeof(*in));
	strcpy(in->incarnation, batch->incarnation);
	snprintf(in->domain, sizeof(in->domain), "%.20s", row->domain);
	in->sequence = batch->sequence;
	for (size_t i = 0; i < row->field_count; i++)
		in->messages += strcmp(row->fields[i].field, "messages") == 0 ? row->fields[i].n : 0;
	atomic_store(&shared->row_count, at + 1);
	for (size_t i = 0; i < row->field_count && row->domain[0] == '\0'; i++)
		if (strncmp(row->fields[i].field, "n:", 2) == 0)
			atomic_fetch_add(&shared->counted[strtoul(row->fields[i].field + 2, NULL, 10)], (unsigned)row->fields[i].n);
}

enum sts_status
sts_store_apply(struct sts_store *store, const struct sts_counts_batch *batch)
{
	unsigned trouble = draw_trouble();
	size_t count = trouble == 1 ? 0 : trouble == 2 ? batch->row_count / 2 : batch->row_count;

	(void)store;
	for (size_t i = 0; i < count; i++)
		count_row(batch, &batch->rows[i]);
	return trouble == 0 ? STS_OK : STS_EUNAVAILABLE;
}

static void
add_chunk(const struct sts_store *store, const struct sts_stream_entry *entries, size_t count)
{
	size_t at = atomic_load(&shared->chunk_count);
	struct chunk *in = &shared->chunks[at];

	for (size_t i = at; i > 0; i--)
		if (shared->chunks[i - 1].sequence >= store->sequence && strcmp(shared->chunks[i - 1].incarnation, store->incarnation) == 0)
			return;
	if (at >= CHUNKS)
		return;
	strcpy(in->incarnation, store->incarnation);
	in->sequence = store->sequence;
	in->count = count;
	for (size_t i = 0; i < count; i++)
		in->numbers[i] = (uint32_t)strtoul(entries[i].fields[0].value, NULL, 10);
	atomic_store(&shared->chunk_count, at + 1);
}

enum sts_status
sts_store_append(struct sts_store *store, const struct sts_stream_entry *entries, size_t count, size_t *written)
{
	unsigned trouble = draw_trouble();

	if (store->unsure == 0)
		store->sequence++;
	if (count > CHUNK || (store->unsure > 0 && store->unsure != count))
		abort();	/* a chunk must be repeated unchanged */
	store->unsure = count;
	*written = 0;
	if (trouble != 1 && trouble != 2)
		add_chunk(store, entries, count);
	if (trouble != 0)
		return STS_EUNAVAILABLE;
	store->unsure = 0;
	*written = count;
	return STS_OK;
}

void
sts_store_stream_number(const struct sts_store *store, char incarnation[33], uint64_t *sequence)
{
	strcpy(incarnation, store->incarnation);
	*sequence = store->unsure > 0 ? store->sequence : store->sequence + 1;
}

void
sts_store_stream_resume(struct sts_store *store, const char *incarnation, uint64_t sequence, size_t count)
{
	snprintf(store->incarnation, sizeof(store->incarnation), "%s", incarnation);
	store->sequence = sequence;
	store->unsure = count;
}

/* ---- the writer, and its messages ---- */

char directory[] = "/tmp/sts-spool-XXXXXX";

enum sts_status
world_writer(struct sts_writer **out)
{
	const struct sts_writer_params params = {
		.flush_interval_ms = 2, .max_domains = 1000, .max_stream = MESSAGES, .spool_dir = directory, .spool_max = 1 << 30,
		.spool_wait_ms = FOREVER_MS,
	};

	return sts_writer_new(&params, out);
}

/* As long as possible: a message takes more than a KiB of the file. */
#define LONG_NAME "cipher:0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
bool lengthy;

struct sts_mail_record *
world_record(unsigned number)
{
	static const char *const fields[] = { "messages", "result:pass", NULL }, *const long_fields[] = { "messages",
		LONG_NAME "1", LONG_NAME "2", LONG_NAME "3", LONG_NAME "4", LONG_NAME "5", LONG_NAME "6", NULL };
	struct sts_mail_record *record = calloc(1, sizeof(*record) + 64 + LENGTHY + 1);
	char *domain = (char *)(record + 1), *value = domain + 40;

	snprintf(domain, 40, number % 4 == 0 ? "s%u.example" : "d%u.example", number % 4 == 0 ? number % 1000 : number % DOMAINS);
	snprintf(value, 20, "%u", number);
	record->message = (struct sts_counts_message){
		.domain = domain, .now = NOON, .stranger = number % 4 == 0, .total_fields = fields, .domain_fields = fields,
	};
	record->entry.field_count = 1;
	record->entry.fields[0].name = "ts";
	record->entry.fields[0].value = value;
	if (shared->cramped) {
		const char **own = (const char **)(void *)(domain + 64);

		own[0] = "messages";
		own[1] = value - 2;
		memcpy(domain + 38, "n:", 2);
		record->message.total_fields = own;
	}
	if (lengthy) {
		record->entry.field_count = 2;
		record->entry.fields[1].name = "sni";
		record->entry.fields[1].value = memset(domain + 64, 'x', LENGTHY);
		record->message.total_fields = record->message.domain_fields = long_fields;
	}
	record->entry.block = record;
	return record;
}

void
world_bring(struct sts_writer *w, unsigned number)
{
	sts_writer_take(w, world_record(number));
	atomic_store(&shared->given, number);
	atomic_store(&shared->answered[number], true);
}

/* ---- what the store has ---- */

void
world_finish(void)
{
	struct sts_writer *w;

	shared->trouble = 0;
	assert_int_equal(world_writer(&w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	sts_writer_stop(&w, 60000);
}

static unsigned char seen[MESSAGES + 1];	/* how often each message's entry is there */

void
world_check_none_twice(void)
{
	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < atomic_load(&shared->chunk_count); i++)
		for (size_t k = 0; k < shared->chunks[i].count; k++)
			seen[shared->chunks[i].numbers[k]]++;
	for (unsigned i = 1; i <= MESSAGES; i++)
		if (seen[i] > 1)
			fail_msg("message %u is there %d times", i, seen[i]);
}

void
world_check_exact(unsigned unanswered)
{
	int64_t totals = 0, domains = 0, entries = 0;
	unsigned given = atomic_load(&shared->given), answered = 0;

	world_check_none_twice();
	for (size_t i = 0; i < atomic_load(&shared->row_count); i++)
		*(shared->rows[i].domain[0] == '\0' ? &totals : &domains) += shared->rows[i].messages;
	for (size_t i = 0; i < atomic_load(&shared->chunk_count); i++)
		entries += (int64_t)shared->chunks[i].count;
	for (unsigned i = 1; i <= given && i <= MESSAGES; i++) {
		if (atomic_load(&shared->answered[i]) && seen[i] != 1)
			fail_msg("message %u was answered, and is there %d times", i, seen[i]);
		answered += atomic_load(&shared->answered[i]);
	}
	print_message("%u messages, %u answered, %lld counted\n", given, answered, (long long)totals);
	assert_int_equal(totals, entries);
	assert_int_equal(domains, totals);
	assert_true(totals >= answered && totals <= answered + unanswered);
	assert_true(atomic_load(&shared->row_count) < ROWS && atomic_load(&shared->chunk_count) < CHUNKS);
}

/* ---- fixture ---- */

static void
clear_directory(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
}

int
world_begin(void **state)
{
	(void)state;
	clear_directory();
	memset(shared, 0, sizeof(*shared));
	lengthy = false;
	return 0;
}

int
world_begin_group(void **state)
{
	(void)state;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared != MAP_FAILED && mkdtemp(directory) != NULL ? 0 : -1;
}

int
world_end_group(void **state)
{
	(void)state;
	clear_directory();
	return rmdir(directory);
}
