/* SPDX-License-Identifier: ISC */
/* test_syslog_socket.c - the format of a line; a server that is missing, appears, and restarts; one that wants a stream. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "milter/log/syslog_socket.h"

static struct {
	char directory[32];
	char path[64];
	struct syslog_socket client;
} world;

static int
begin(void **state)
{
	(void)state;
	strcpy(world.directory, "/tmp/sts-syslog-XXXXXX");
	if (mkdtemp(world.directory) == NULL)
		return -1;
	snprintf(world.path, sizeof(world.path), "%s/log", world.directory);
	world.client = (struct syslog_socket){ .path = world.path, .ident = "prog", .fd = -1 };
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	syslog_socket_close(&world.client);
	unlink(world.path);
	return rmdir(world.directory);
}

static int
serve(int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	unlink(world.path);
	strcpy(addr.sun_path, world.path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static bool
say(const char *text)
{
	return syslog_socket_send(&world.client, LOG_WARNING, 1700000000, text);
}

static void
heard(int fd, const char *text)
{
	char got[200], want[200];
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_true(n > 0);
	got[n] = '\0';
	snprintf(want, sizeof(want), "<20>Nov 14 22:13:20 prog[%ld]: %s", (long)getpid(), text);
	assert_string_equal(got, want);
}

static void
test_restarts(void **state)
{
	int fd;

	(void)state;
	assert_false(say("nobody is there"));
	fd = serve(SOCK_DGRAM);
	assert_true(say("one"));
	heard(fd, "one");
	close(fd);
	assert_false(say("gone"));
	fd = serve(SOCK_DGRAM);
	assert_true(say("two"));
	heard(fd, "two");
	close(fd);
	fd = serve(SOCK_DGRAM);
	assert_true(say("another one already"));
	heard(fd, "another one already");
	close(fd);
}

static void
test_stream(void **state)
{
	int fd = serve(SOCK_STREAM), client;
	char got[200];

	(void)state;
	assert_true(say("one"));
	client = accept(fd, NULL, NULL);
	assert_true(recv(client, got, sizeof(got), 0) > 0);
	assert_non_null(strstr(got, "]: one"));
	assert_int_equal(got[strlen(got)], '\0');
	close(client);
	close(fd);
	assert_false(say("gone"));
}

/* A server that does not read: a sender with a limit does not wait for long. */
static void
test_impatient(void **state)
{
	int fd = serve(SOCK_DGRAM), lines = 0;
	char got[200];

	(void)state;
	world.client.wait_ms = 20;
	while (lines < 100000 && say("one"))
		lines++;
	assert_true(lines > 0 && lines < 100000);
	assert_true(recv(fd, got, sizeof(got), 0) > 0);
	assert_true(say("room again"));
	close(fd);
}

static void
test_long_path(void **state)
{
	char path[300];
	struct syslog_socket client = { .path = path, .ident = "prog", .fd = -1 };

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_false(syslog_socket_send(&client, LOG_INFO, 0, "text"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_restarts, begin, end),
		cmocka_unit_test_setup_teardown(test_stream, begin, end),
		cmocka_unit_test_setup_teardown(test_impatient, begin, end),
		cmocka_unit_test(test_long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
