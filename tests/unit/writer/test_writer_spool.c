/* SPDX-License-Identifier: ISC */
/*
 * test_writer_spool.c - a writer with a spool is killed again and again, at any moment, while its store answers, does not answer, and
 * loses replies: what was brought to it is counted, each once.
 *
 * The writer lives in a child process. Its store is a stand-in in memory that parent and child share: like Redis, it does a row
 * or a chunk whole or not at all, whatever becomes of the child, and does none twice that comes with the same number.
 */
#include "config.h"

#include "shared-cache/writer/writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/writer/writer_private.h"
#include "shared-cache/writer/writer_spool.h"

enum {
	NOON = 1754740800,
	MESSAGES = 100000,	/* numbers that there are, at most */
	ROWS = 200000,
	CHUNKS = 20000,
	CHUNK = 200,
	ROUNDS = 150,
	THREADS = 3,
	DOMAINS = 5,
	FOREVER_MS = 600000,
	LENGTHY = 400,		/* bytes that an entry may have besides */
};

/* ---- the store, in shared memory ---- */

struct row {
	char incarnation[33], domain[24];
	uint64_t sequence;
	int64_t messages;
};
struct chunk {
	char incarnation[33];
	uint64_t sequence;
	size_t count;
	uint32_t numbers[CHUNK];
};

static struct shared {
	atomic_uint given;			/* the number of the last message */
	atomic_bool answered[MESSAGES + 1];	/* sts_writer_take has returned */
	atomic_uint calls, late;
	atomic_uint trouble;			/* one call in so many fails; 0: none does, 1: all do */
	/* What is in is what is below these numbers: setting one is the whole of a write. */
	atomic_size_t row_count, chunk_count;
	struct row rows[ROWS];
	struct chunk chunks[CHUNKS];
} *shared;

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
sts_store_sign(struct sts_store *store, const struct sts_store_sign *sign)
{
	(void)store, (void)sign;
	return STS_OK;
}

/* In shares that are equal: nothing is done, half is done, all is done but nobody hears of it. */
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
		abort();	/* a chunk is to come again as it was */
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

/* ---- the child ---- */

static char directory[] = "/tmp/sts-spool-XXXXXX";

static enum sts_status
new_writer(struct sts_writer **out)
{
	const struct sts_writer_params params = {
		.flush_interval_ms = 2, .max_domains = 1000, .max_stream = MESSAGES, .spool_dir = directory, .spool_max = 1 << 30,
		.spool_wait_ms = FOREVER_MS,
	};

	return sts_writer_new(&params, out);
}

/* As long as they get: a message takes more than a KiB of the file. */
#define LONG_NAME "cipher:0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
static bool lengthy;

/* A record as the journal makes it: in one piece. Every fourth message is a stranger's, of a domain that may never come again. */
static struct sts_mail_record *
new_record(unsigned number)
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
	if (lengthy) {
		record->entry.field_count = 2;
		record->entry.fields[1].name = "sni";
		record->entry.fields[1].value = memset(domain + 64, 'x', LENGTHY);
		record->message.total_fields = record->message.domain_fields = long_fields;
	}
	record->entry.block = record;
	return record;
}

static void *
bring(void *arg)
{
	unsigned number;

	while ((number = atomic_fetch_add(&shared->given, 1) + 1) <= MESSAGES) {
		sts_writer_take(arg, new_record(number));
		atomic_store(&shared->answered[number], true);
	}
	return NULL;
}

static void
child_main(int ready)
{
	struct sts_writer_state state;
	struct sts_writer *w;
	pthread_t thread;

	if (new_writer(&w) != STS_OK || sts_writer_start(w) != STS_OK)
		_exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, bring, w);
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;) {
		sts_writer_state(w, &state);
		atomic_store(&shared->late, (unsigned)(state.spool_late + state.spool_missed));
		usleep(1000);
	}
}

/* Until it has begun, then for so long. */
static void
run_child(unsigned lives_us)
{
	int ready[2], status;
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_main(ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fail_msg("the writer does not start");
	close(ready[0]);
	usleep(lives_us);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(atomic_load(&shared->late), 0);
}

/* TSan's runtime does not survive a fork after which there are threads. */
static void
skip_under_tsan(void)
{
#if defined(__SANITIZE_THREAD__)
	skip();
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
	skip();
#endif
#endif
}

/* ---- what is in ---- */

/* All is written, by a process that comes to its end. */
static void
finish(void)
{
	struct sts_writer *w;

	shared->trouble = 0;
	assert_int_equal(new_writer(&w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	sts_writer_stop(&w, 60000);
}

static void
check_exact(void)
{
	static unsigned char seen[MESSAGES + 1];
	int64_t totals = 0, domains = 0, entries = 0;
	unsigned given = atomic_load(&shared->given), answered = 0;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < atomic_load(&shared->row_count); i++)
		*(shared->rows[i].domain[0] == '\0' ? &totals : &domains) += shared->rows[i].messages;
	for (size_t i = 0; i < atomic_load(&shared->chunk_count); i++)
		for (size_t k = 0; k < shared->chunks[i].count; k++) {
			seen[shared->chunks[i].numbers[k]]++;
			entries++;
		}
	for (unsigned i = 1; i <= given && i <= MESSAGES; i++) {
		if (seen[i] > 1 || (atomic_load(&shared->answered[i]) && seen[i] != 1))
			fail_msg("message %u is there %d times; it was answered: %d", i, seen[i], atomic_load(&shared->answered[i]));
		answered += atomic_load(&shared->answered[i]);
	}
	print_message("%u messages, %u answered, %lld counted\n", given, answered, (long long)totals);
	assert_int_equal(totals, entries);
	assert_int_equal(domains, totals);
	assert_true(totals >= answered && totals <= answered + ROUNDS * THREADS);
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

static int
setup(void **state)
{
	(void)state;
	clear_directory();
	memset(shared, 0, sizeof(*shared));
	lengthy = false;
	return 0;
}

static int
setup_group(void **state)
{
	(void)state;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return shared != MAP_FAILED && mkdtemp(directory) != NULL ? 0 : -1;
}

static int
teardown_group(void **state)
{
	(void)state;
	clear_directory();
	return rmdir(directory);
}

/* ---- tests ---- */

static void
test_killed_at_any_moment(void **state)
{
	(void)state;
	skip_under_tsan();
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		shared->trouble = (unsigned)(i / 10 % 4 == 3 ? 1 : 5 * (i / 10 % 4));
		run_child((unsigned)(rand() % 12000));
	}
	finish();
	check_exact();
}

/* The store stays away through many lives: all wait in the file, and the file stays in its bounds. */
static void
test_killed_while_the_store_is_away(void **state)
{
	(void)state;
	skip_under_tsan();
	shared->trouble = 1;
	for (int i = 0; i < 20; i++)
		run_child(3000);
	assert_int_equal(atomic_load(&shared->row_count), 0);
	finish();
	check_exact();
}

/* An end in good order, with the store away. */
static void
test_end_leaves_the_rest(void **state)
{
	struct sts_writer *w;
	struct stat st;
	char path[64];

	(void)state;
	shared->trouble = 1;
	assert_int_equal(new_writer(&w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	for (unsigned i = 1; i <= 300; i++) {
		sts_writer_take(w, new_record(i));
		atomic_store(&shared->given, i);
		atomic_store(&shared->answered[i], true);
	}
	sts_writer_stop(&w, 50);
	snprintf(path, sizeof(path), "%s/pending", directory);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	finish();
	check_exact();
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 1000);
}

static void
test_one_process_alone(void **state)
{
	struct sts_writer *first, *second;

	(void)state;
	assert_int_equal(new_writer(&first), STS_OK);
	assert_int_equal(new_writer(&second), STS_EUNAVAILABLE);
	sts_writer_stop(&first, 1000);
	assert_int_equal(new_writer(&second), STS_OK);
	sts_writer_stop(&second, 1000);
}

/* The disk takes no more: nobody waits, all are counted, and nothing twice. */
static void
test_no_room_on_the_disk(void **state)
{
	const struct rlimit small = { 300000, RLIM_INFINITY }, large = { RLIM_INFINITY, RLIM_INFINITY };
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	shared->trouble = 1;
	assert_int_equal(new_writer(&w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (unsigned i = 1; i <= 9000; i++) {
		sts_writer_take(w, new_record(i));
		atomic_store(&shared->given, i);
		atomic_store(&shared->answered[i], true);
	}
	sts_writer_state(w, &s);
	assert_true(s.spool_missed > 0 && s.spool_missed < 9000);
	assert_int_equal(s.pending_messages, 9000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &large), 0);
	shared->trouble = 0;
	sts_writer_stop(&w, 60000);
	check_exact();
}

static void
bring_one(struct sts_writer *w, unsigned number)
{
	sts_writer_take(w, new_record(number));
	atomic_store(&shared->given, number);
	atomic_store(&shared->answered[number], true);
}

/* With the least spool_max that there is, a third of it in entries that wait for a store that is away. */
static struct sts_writer *
new_laden_writer(unsigned *number)
{
	enum { LIMIT = 16 << 20, ENTRIES = 14000 };
	const struct sts_writer_params params = {
		.flush_interval_ms = FOREVER_MS, .max_domains = 1000, .max_stream = ENTRIES, .spool_dir = directory, .spool_max = LIMIT,
		.spool_wait_ms = FOREVER_MS,
	};
	struct sts_writer_state s;
	struct sts_writer *w;

	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	assert_int_equal(sts_writer_spool_start(w), STS_OK);
	shared->trouble = 1;
	lengthy = true;
	while (*number < ENTRIES) {
		bring_one(w, ++*number);
		if (*number % 2000 == 0)
			sts_writer_spool_tidy(w, true);
	}
	assert_int_equal(sts_writer_flush(w), STS_EUNAVAILABLE);
	sts_writer_spool_tidy(w, true);
	sts_writer_state(w, &s);
	assert_int_equal(s.spool_missed, 0);
	assert_true(s.spool_bytes > LIMIT / 3);
	return w;
}

/* More than fits into the file, a turn of the writer's thread every now and then: it is replaced before it is full. */
static void
check_file_gets_small(struct sts_writer *w, unsigned *number, enum sts_status flushed)
{
	enum { MORE = 14000, AT_A_TIME = 1000 };
	struct sts_writer_state s;

	for (int i = 1; i <= MORE; i++) {
		bring_one(w, ++*number);
		if (i % AT_A_TIME != 0)
			continue;
		assert_int_equal(sts_writer_flush(w), flushed);
		sts_writer_spool_tidy(w, false);
		sts_writer_state(w, &s);
		if (s.spool_missed > 0)
			fail_msg("%u messages, %llu bytes", *number, (unsigned long long)s.spool_bytes);
	}
}

/* While the store is away, what the messages add to the sums takes less than they do; when it is back, next to nothing is left. */
static void
test_file_gets_small_again(void **state)
{
	unsigned number = 0;
	struct sts_writer *w = new_laden_writer(&number);

	(void)state;
	check_file_gets_small(w, &number, STS_EUNAVAILABLE);
	shared->trouble = 0;
	check_file_gets_small(w, &number, STS_OK);
	sts_writer_stop(&w, 60000);
	assert_int_equal(shared->row_count > 0, true);
}

/* Whoever has the file's lock is in the disk's hands: to the thread that writes, the disk hangs. One message waits for it, those
 * behind it do not; when it is back, all are written, and messages are waited for again. */
static void
test_disk_hangs(void **state)
{
	struct sts_writer_params params = {
		.flush_interval_ms = FOREVER_MS, .max_domains = 1000, .max_stream = 1000, .spool_dir = directory, .spool_max = 1 << 30,
		.spool_wait_ms = 20,
	};
	struct sts_writer_state s;
	struct sts_writer *w;

	(void)state;
	assert_int_equal(sts_writer_new(&params, &w), STS_OK);
	assert_int_equal(sts_writer_start(w), STS_OK);
	pthread_mutex_lock(&w->spool->file_mutex);
	for (unsigned i = 1; i <= 100; i++)
		bring_one(w, i);
	sts_writer_state(w, &s);
	assert_int_equal(s.spool_late, 100);
	assert_int_equal(s.spool_messages, 0);
	assert_true(w->spool->slow);
	pthread_mutex_unlock(&w->spool->file_mutex);
	do {
		usleep(1000);
		sts_writer_state(w, &s);
	} while (s.spool_messages < 100);
	w->spool->wait_ms = FOREVER_MS;
	bring_one(w, 101);
	sts_writer_state(w, &s);
	assert_int_equal(s.spool_late, 100);
	assert_int_equal(s.spool_messages, 101);
	sts_writer_stop(&w, 60000);
	check_exact();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_process_alone, setup),
		cmocka_unit_test_setup(test_end_leaves_the_rest, setup),
		cmocka_unit_test_setup(test_no_room_on_the_disk, setup),
		cmocka_unit_test_setup(test_file_gets_small_again, setup),
		cmocka_unit_test_setup(test_disk_hangs, setup),
		cmocka_unit_test_setup(test_killed_while_the_store_is_away, setup),
		cmocka_unit_test_setup(test_killed_at_any_moment, setup),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
