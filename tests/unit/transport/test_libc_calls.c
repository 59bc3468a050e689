/* SPDX-License-Identifier: ISC */
/* test_libc_calls.c - read, poll, accept and close as libraries see them: with what an accepted connection has sent, and without. */
#include "config.h"

#include "milter/transport/libc_calls.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct server {
	int listening, mta, accepted;
};

static int
begin(void **state)
{
	static struct server server;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };	/* bind(2) makes an abstract name of it */
	socklen_t len = sizeof(addr);

	server.listening = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(server.listening, (struct sockaddr *)&addr, sizeof(sa_family_t)) != 0 || listen(server.listening, 4) != 0 ||
	    getsockname(server.listening, (struct sockaddr *)&addr, &len) != 0)
		return -1;
	server.mta = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(server.mta, (struct sockaddr *)&addr, len) != 0)
		return -1;
	server.accepted = -1;
	*state = &server;
	return 0;
}

static int
end(void **state)
{
	struct server *server = *state;

	libc_calls_read_ahead(false);
	close(server->accepted);
	close(server->mta);
	close(server->listening);
	return 0;
}

static int
unread(int fd)
{
	int bytes = -1;

	assert_int_equal(ioctl(fd, FIONREAD, &bytes), 0);
	return bytes;
}

/* A connection that has sent ten bytes, of which three have been read. The others are buffered if wanted. */
static void
accept_client(struct server *server, bool wanted)
{
	char out[3];

	libc_calls_read_ahead(wanted);
	server->accepted = accept(server->listening, NULL, NULL);
	assert_true(server->accepted >= 0);
	assert_int_equal(write(server->mta, "0123456789", 10), 10);
	assert_int_equal(read(server->accepted, out, sizeof(out)), sizeof(out));
	assert_memory_equal(out, "012", 3);
	assert_int_equal(unread(server->accepted), wanted ? 0 : 7);
}

static void
test_all_is_read(void **state)
{
	struct server *server = *state;
	struct pollfd ready = { .fd = server->accepted, .events = POLLIN };
	char out[16];

	accept_client(server, true);
	ready.fd = server->accepted;
	assert_int_equal(poll(&ready, 1, 0), 1);
	assert_int_equal(ready.revents, POLLIN);
	assert_int_equal(read(server->accepted, out, sizeof(out)), 7);
	assert_memory_equal(out, "3456789", 7);
	assert_int_equal(poll(&ready, 1, 0), 0);
	assert_int_equal(ready.revents, 0);
	close(server->mta);
	server->mta = -1;
	assert_int_equal(poll(&ready, 1, 0), 1);
	assert_int_equal(read(server->accepted, out, sizeof(out)), 0);
}

static void
test_off(void **state)
{
	accept_client(*state, false);
}

struct refusals {
	int count, fd;
};

static void
refused(void *self, int fd)
{
	struct refusals *r = self;

	r->count++;
	r->fd = fd;
}

/* libmilter sees neither the end of a packet that would crash it, nor anything after it, nor, with read-ahead, what came in one piece with
 * it; the callback is called once. */
static void
test_refused(void **state)
{
	static const char bytes[] = "\0\0\0\x01N" "\0\0\0\x04" "DEi\0" "\0\0\0\x01Q";
	struct server *server = *state;
	struct refusals seen = { 0, -1 };
	char out[32];

	for (int ahead = 0; ahead < 2; ahead++) {
		libc_calls_on_refusal(refused, &seen);
		libc_calls_read_ahead(ahead == 1);
		server->accepted = accept(server->listening, NULL, NULL);
		assert_true(server->accepted >= 0);
		assert_int_equal(write(server->mta, bytes, sizeof(bytes) - 1), sizeof(bytes) - 1);
		for (int i = 0; i < 2 && ahead == 0; i++)
			assert_int_equal(read(server->accepted, out, 5), 5);
		assert_int_equal(seen.count, ahead);
		for (int i = 0; i < 3; i++)
			assert_int_equal(read(server->accepted, out, 3), 0);
		assert_int_equal(seen.count, ahead + 1);
		assert_int_equal(seen.fd, server->accepted);
		if (ahead == 0) {
			(void)end(state);
			assert_int_equal(begin(state), 0);
			server = *state;
		}
	}
	libc_calls_on_refusal(NULL, NULL);
}

/* Who wants to write is not told of what may be read; among several, those are told of that the system does not know of. */
static void
test_poll(void **state)
{
	struct server *server = *state;
	struct pollfd several[3] = { { .fd = -1, .events = POLLIN } };
	struct pollfd writing;

	accept_client(server, true);
	writing = (struct pollfd){ .fd = server->accepted, .events = POLLOUT };
	assert_int_equal(poll(&writing, 1, 0), 1);
	assert_int_equal(writing.revents, POLLOUT);
	several[1] = (struct pollfd){ .fd = server->accepted, .events = POLLIN };
	several[2] = (struct pollfd){ .fd = server->listening, .events = POLLIN };
	assert_int_equal(poll(several, 3, 0), 1);
	assert_int_equal(several[0].revents, 0);
	assert_int_equal(several[1].revents, POLLIN);
	assert_int_equal(several[2].revents, 0);
	several[1].events = POLLIN | POLLOUT;
	assert_int_equal(poll(several, 3, 0), 1);
	assert_int_equal(several[1].revents, POLLIN | POLLOUT);
}

/* What a connection left behind is not what the next one of the same number has sent. */
static void
test_next_of_the_same_number(void **state)
{
	struct server *server = *state;
	int number, pair[2];
	char out[16];

	accept_client(server, true);
	number = server->accepted;
	close(number);
	server->accepted = -1;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(pair[0], number);
	assert_int_equal(write(pair[1], "another", 7), 7);
	assert_int_equal(read(pair[0], out, 3), 3);
	assert_memory_equal(out, "ano", 3);
	assert_int_equal(unread(pair[0]), 4);	/* it was not accepted: nobody reads ahead */
	close(pair[0]);
	close(pair[1]);
}

static void
test_errors(void **state)
{
	struct server *server = *state;
	char out[1];

	assert_int_equal(read(-1, out, 1), -1);
	assert_int_equal(close(-1), -1);
	assert_int_equal(accept(-1, NULL, NULL), -1);
	assert_int_equal(read(65536 + 5, out, 1), -1);
	assert_int_equal(read(server->listening, out, 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_is_read, begin, end),
		cmocka_unit_test_setup_teardown(test_off, begin, end),
		cmocka_unit_test_setup_teardown(test_refused, begin, end),
		cmocka_unit_test_setup_teardown(test_poll, begin, end),
		cmocka_unit_test_setup_teardown(test_next_of_the_same_number, begin, end),
		cmocka_unit_test_setup_teardown(test_errors, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
