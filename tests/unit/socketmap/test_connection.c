/* SPDX-License-Identifier: ISC */
/*
 * test_connection.c - which connection is closed when there is no room for more. The test has the other ends, and calls what epoll
 * would call.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "milter/service/service.h"
#include "milter/socketmap/socketmap_private.h"

enum { PEERS = 8 };

struct world {
	struct service service;
	struct socketmap s;
	int peers[PEERS];	/* the other ends, oldest first */
	size_t count;
};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->s.service = &w->service;
	w->s.epoll = epoll_create1(EPOLL_CLOEXEC);
	assert_true(w->s.epoll >= 0);
	TAILQ_INIT(&w->s.connections);
	TAILQ_INIT(&w->s.stalled);
	TAILQ_INIT(&w->s.silent);
	TAILQ_INIT(&w->s.pending);
	assert_true(repeat_new(&w->s));
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	struct connection *c;

	while ((c = TAILQ_FIRST(&w->s.connections)) != NULL)
		connection_close(c);
	for (size_t i = 0; i < w->count; i++)
		close(w->peers[i]);
	answer_memo_free(&w->s.memo);
	close(w->s.epoll);
	free(w);
	return 0;
}

static void
open_one(struct world *w)
{
	int pair[2];

	assert_true(w->count < PEERS);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	connection_open(&w->s, pair[0], false);
	w->peers[w->count++] = pair[1];
}

/* Pretends that there are as many as allowed; only a few are real. */
static void
pretend_full(struct world *w, size_t but_for)
{
	w->s.connection_count = CONNECTIONS_MAX - but_for;
}

static bool
is_over(const struct world *w, size_t peer)
{
	char byte;

	return recv(w->peers[peer], &byte, 1, MSG_PEEK) == 0;
}

static uint64_t
refused(const struct world *w)
{
	return atomic_load(&w->service.metrics.values[METRICS_SOCKETMAP_REFUSED][0]);
}

/* A complete question, though not about a domain. */
static void
ask(struct world *w, size_t peer, struct connection *c)
{
	char answer[64];

	assert_int_equal(send(w->peers[peer], "0:,", 3, 0), 3);
	c->watched.ready(&c->watched, EPOLLIN);
	assert_true(recv(w->peers[peer], answer, sizeof(answer), 0) > 0);
}

/* Connections that have never asked anything do not lock Postfix out. */
static void
the_oldest_that_is_silent_goes(void **state)
{
	struct world *w = *state;

	pretend_full(w, 2);
	for (int i = 0; i < 4; i++)
		open_one(w);
	assert_true(is_over(w, 0));
	assert_true(is_over(w, 1));
	assert_false(is_over(w, 2));
	assert_false(is_over(w, 3));
	assert_int_equal(refused(w), 2);
}

/* smtp(8) keeps connections, and may take a close for an error: one that has asked is never closed. */
static void
who_has_asked_stays(void **state)
{
	struct world *w = *state;

	pretend_full(w, 2);
	open_one(w);
	ask(w, 0, TAILQ_FIRST(&w->s.connections));
	open_one(w);
	open_one(w);
	assert_false(is_over(w, 0));
	assert_true(is_over(w, 1));
	assert_false(is_over(w, 2));
	ask(w, 2, TAILQ_LAST(&w->s.connections, connection_list));
	open_one(w);
	assert_false(is_over(w, 0));
	assert_false(is_over(w, 2));
	assert_true(is_over(w, 3));
	assert_int_equal(refused(w), 2);
}

/* With descriptors short: a client that has just connected may be about to ask. */
static void
who_has_just_come_stays(void **state)
{
	struct world *w = *state;

	open_one(w);
	w->s.now_ms = 900;
	open_one(w);
	w->s.now_ms = 1000;
	assert_true(connection_make_room(&w->s, 1000));
	assert_false(connection_make_room(&w->s, 1000));
	assert_true(is_over(w, 0));
	assert_false(is_over(w, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_oldest_that_is_silent_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_has_asked_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_has_just_come_stays, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
