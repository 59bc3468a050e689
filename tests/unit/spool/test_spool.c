/* SPDX-License-Identifier: ISC */
/* test_spool.c - the directory of the spool: its lock, its contents, its error messages. */
#include "config.h"

#include "shared-cache/spool/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/log.h"

enum { LIMIT = 4096 };

static char directory[] = "/tmp/sts-spool-XXXXXX";
static char why[STS_SPOOL_WHY_CAP];
static char line[512];	/* the last one logged */

/* Replaces the system's fdatasync: records what is requested of the disk. */
static off_t synced = -1;	/* size of the file at the last sync */

int
fdatasync(int fd)
{
	struct stat st;

	synced = fstat(fd, &st) == 0 ? st.st_size : -1;
	return 0;
}

static void
sink(enum sts_log_level level, const char *text)
{
	(void)level;
	snprintf(line, sizeof(line), "%s", text);
}

static const char *
path(const char *name)
{
	static char out[96];

	snprintf(out, sizeof(out), "%s/%s", directory, name);
	return out;
}

static void
clear_directory(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	}
	if (dir != NULL)
		closedir(dir);
}

static int
setup(void **state)
{
	(void)state;
	clear_directory();
	line[0] = '\0';
	return 0;
}

static int
setup_group(void **state)
{
	(void)state;
	sts_log_open(sink, STS_LOG_DEBUG);
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int
teardown_group(void **state)
{
	(void)state;
	clear_directory();
	return rmdir(directory);
}

static struct sts_spool *
open_spool(size_t messages)
{
	struct sts_spool_state pending;
	struct sts_spool *spool;

	if (sts_spool_open(directory, LIMIT, &spool, &pending, why) != STS_OK)
		fail_msg("%s", why);
	assert_int_equal(pending.message_count, messages);
	sts_spool_state_fini(&pending);
	return spool;
}

static struct sts_spool_bytes
records_of(unsigned first, unsigned count)
{
	static const char *const fields[] = { "messages", NULL };
	const struct sts_mail_record record = { .message = { .domain = "a.example", .total_fields = fields, .domain_fields = fields } };
	struct sts_spool_bytes bytes = { .data = NULL };

	if (first == 1)
		sts_spool_put_version(&bytes);
	for (unsigned i = 0; i < count; i++)
		sts_spool_put_message(&bytes, first + i, &record);
	return bytes;
}

static enum sts_status
append(struct sts_spool *spool, unsigned first, unsigned count)
{
	struct sts_spool_bytes bytes = records_of(first, count);
	enum sts_status status = sts_spool_append(spool, &bytes, true);

	sts_spool_bytes_fini(&bytes);
	return status;
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(path(name), &st) == 0 ? st.st_size : -1;
}

static void
test_there_again(void **state)
{
	struct sts_spool *spool = open_spool(0);
	struct stat st;

	(void)state;
	assert_int_equal(append(spool, 1, 3), STS_OK);
	assert_int_equal(append(spool, 4, 2), STS_OK);
	assert_int_equal(sts_spool_sync(spool), STS_OK);
	assert_int_equal(sts_spool_size(spool), size_of("pending"));
	sts_spool_close(&spool);
	assert_int_equal(stat(path("pending"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(stat(path("lock"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	spool = open_spool(5);
	assert_int_equal(sts_spool_empty(spool), STS_OK);
	sts_spool_close(&spool);
	spool = open_spool(0);
	sts_spool_close(&spool);
	assert_string_equal(line, "");
}

static void
test_replaced(void **state)
{
	struct sts_spool *spool = open_spool(0);
	struct sts_spool_bytes bytes = records_of(1, 1);

	(void)state;
	assert_int_equal(append(spool, 1, 7), STS_OK);
	assert_true(sts_spool_has_room(spool));
	assert_int_equal(sts_spool_replace(spool, &bytes), STS_OK);
	assert_int_equal(sts_spool_size(spool), bytes.len);
	assert_int_equal(append(spool, 2, 1), STS_OK);	/* into the new file */
	assert_int_equal(size_of("pending.new"), -1);
	sts_spool_bytes_fini(&bytes);
	sts_spool_close(&spool);
	spool = open_spool(2);
	sts_spool_close(&spool);
}

/* What may soon be in the store must not stay in the file, even if the machine crashes. */
static void
test_emptied_on_the_disk(void **state)
{
	struct sts_spool *spool = open_spool(0);

	(void)state;
	assert_int_equal(append(spool, 1, 7), STS_OK);
	assert_int_equal(sts_spool_sync(spool), STS_OK);
	assert_int_equal(synced, size_of("pending"));
	assert_int_equal(sts_spool_empty(spool), STS_OK);
	assert_int_equal(synced, 0);
	sts_spool_close(&spool);
}

static void
test_has_a_limit(void **state)
{
	struct sts_spool *spool = open_spool(0);
	struct sts_spool_bytes bytes = records_of(50, 100);
	unsigned count = 1;

	(void)state;
	while (append(spool, count, 1) == STS_OK)
		count++;
	assert_true(sts_spool_size(spool) <= LIMIT && sts_spool_size(spool) > LIMIT - 200);
	assert_int_equal(append(spool, count, 1), STS_EFULL);
	assert_int_equal(sts_spool_append(spool, &bytes, false), STS_OK);
	sts_spool_bytes_fini(&bytes);
	sts_spool_close(&spool);
	spool = open_spool(count - 1 + 100);
	sts_spool_close(&spool);
}

/* A partial record is cut off again. */
static void
test_disk_full(void **state)
{
	const struct rlimit small = { 1000, RLIM_INFINITY }, large = { RLIM_INFINITY, RLIM_INFINITY };
	struct sts_spool *spool = open_spool(0);
	struct sts_spool_bytes bytes = records_of(1, 30);
	off_t size;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(append(spool, 1, 3), STS_OK);
	size = size_of("pending");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(append(spool, 4, 30), STS_ESYS);
	assert_int_equal(errno, EFBIG);
	assert_int_equal(size_of("pending"), size);
	assert_false(sts_spool_has_room(spool));
	assert_int_equal(sts_spool_replace(spool, &bytes), STS_ESYS);
	assert_int_equal(size_of("pending.new"), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &large), 0);
	assert_int_equal(append(spool, 4, 30), STS_OK);
	sts_spool_bytes_fini(&bytes);
	sts_spool_close(&spool);
	spool = open_spool(33);
	sts_spool_close(&spool);
	assert_string_equal(line, "");
}

static void
test_for_one_alone(void **state)
{
	struct sts_spool *spool = open_spool(0), *second;
	struct sts_spool_state pending;
	char expected[STS_SPOOL_WHY_CAP];

	(void)state;
	assert_int_equal(sts_spool_open(directory, LIMIT, &second, &pending, why), STS_EUNAVAILABLE);
	assert_null(second);
	snprintf(expected, sizeof(expected), "spool_dir: another process uses %s: each mta-sts-milter needs a directory of its own", directory);
	assert_string_equal(why, expected);
	sts_spool_close(&spool);
}

static void
test_cut_off(void **state)
{
	struct sts_spool *spool = open_spool(0);

	(void)state;
	assert_int_equal(append(spool, 1, 3), STS_OK);
	sts_spool_close(&spool);
	assert_int_equal(truncate(path("pending"), size_of("pending") - 5), 0);
	spool = open_spool(2);
	assert_non_null(strstr(line, "the last record of"));
	assert_non_null(strstr(line, "bytes were cut off"));
	assert_int_equal(size_of("damaged"), -1);
	sts_spool_close(&spool);
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = fopen(path(name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
test_garbage_is_put_aside(void **state)
{
	struct sts_spool *spool;

	(void)state;
	write_file("pending", "root:x:0:0:root:/root:/bin/bash\nthis is no spool, and it is longer than a frame\n");
	write_file("damaged", "from before");
	spool = open_spool(0);
	assert_non_null(strstr(line, "is damaged in"));
	assert_non_null(strstr(line, path("damaged")));
	assert_int_equal(size_of("damaged"), size_of("pending"));
	sts_spool_close(&spool);
}

/* name: of something that is in the way. */
static void
check_refused(const char *where, const char *words)
{
	struct sts_spool *spool;
	struct sts_spool_state pending;

	assert_int_equal(sts_spool_open(where, LIMIT, &spool, &pending, why), STS_ESYS);
	assert_null(spool);
	if (strstr(why, words) == NULL)
		fail_msg("%s", why);
}

static void
test_refused(void **state)
{
	(void)state;
	check_refused("/nonexistent/spool", "spool_dir: cannot open /nonexistent/spool: No such file or directory");
	check_refused("/etc/passwd", "spool_dir: cannot open /etc/passwd: Not a directory");
	assert_int_equal(mkdir(path("pending"), 0700), 0);
	check_refused(directory, "/pending: Is a directory");
	clear_directory();
	assert_int_equal(symlink("/dev/null", path("pending")), 0);
	check_refused(directory, "/pending: Too many levels of symbolic links");
	clear_directory();
	assert_int_equal(mkfifo(path("pending"), 0600), 0);
	check_refused(directory, "/pending: Invalid argument");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_there_again, setup),
		cmocka_unit_test_setup(test_replaced, setup),
		cmocka_unit_test_setup(test_emptied_on_the_disk, setup),
		cmocka_unit_test_setup(test_has_a_limit, setup),
		cmocka_unit_test_setup(test_disk_full, setup),
		cmocka_unit_test_setup(test_for_one_alone, setup),
		cmocka_unit_test_setup(test_cut_off, setup),
		cmocka_unit_test_setup(test_garbage_is_put_aside, setup),
		cmocka_unit_test_setup(test_refused, setup),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
