/* SPDX-License-Identifier: ISC */
/*
 * test_admission.c - thousands of random steps, with the bounds held against each, and nobody left behind at the end. Whose turn it
 * is, is told as stories in test_resolver.c.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/admission/admission.h"

enum { TICKETS = 60, STEPS = 20000, CLIENTS = 4, GROUPS = 5, PLACES = 9, PER_GROUP = 3, PER_CLIENT = 4, DISPLACED = 5 };

struct guest {
	struct sts_ticket ticket;
	uint32_t client, group;
	bool wanted;
};

struct hall {
	struct sts_admission *admission;
	struct guest guests[TICKETS];
	int64_t now_ms;
	uint32_t seed;
};

static uint32_t
roll(struct hall *h, uint32_t n)
{
	h->seed = h->seed * 1664525u + 1013904223u;
	return (h->seed >> 8) % n;
}

static bool
is_wanted(const struct sts_ticket *ticket)
{
	return ((const struct guest *)(const void *)ticket)->wanted;
}

static void
check_bounds(const struct hall *h)
{
	size_t placed = 0, displaced = 0, waiting = 0, of_group[GROUPS] = { 0 }, of_client[CLIENTS] = { 0 };

	for (size_t i = 0; i < TICKETS; i++) {
		const struct guest *g = &h->guests[i];

		waiting += g->ticket.state != STS_TICKET_OUT && g->ticket.state != STS_TICKET_PLACED &&
		    g->ticket.state != STS_TICKET_DISPLACED;
		displaced += g->ticket.state == STS_TICKET_DISPLACED;
		of_group[g->group] += g->ticket.state == STS_TICKET_DISPLACED;
		if (g->ticket.state != STS_TICKET_PLACED)
			continue;
		placed++;
		of_group[g->group]++;
		/* what nobody waited for is nobody's */
		of_client[g->client] += g->ticket.line != NULL;
	}
	assert_true(placed <= PLACES);
	assert_true(displaced <= DISPLACED);
	assert_int_equal(sts_admission_waiting(h->admission), waiting);
	for (size_t i = 1; i < GROUPS; i++)
		assert_true(of_group[i] <= PER_GROUP);
	for (size_t i = 1; i < CLIENTS; i++)
		assert_true(of_client[i] <= PER_CLIENT);
}

static void
join(struct hall *h, struct guest *g)
{
	if (g->ticket.state != STS_TICKET_OUT)
		return;
	g->client = roll(h, CLIENTS);
	g->group = roll(h, GROUPS);
	g->wanted = roll(h, 4) > 0;
	sts_admission_join(h->admission, &g->ticket, g->client, g->group, h->now_ms);
}

static void
want(struct hall *h, struct guest *g)
{
	if (g->ticket.state != STS_TICKET_UNWANTED && g->ticket.state != STS_TICKET_BLOCKED_UNWANTED)
		return;
	g->wanted = true;
	g->client = roll(h, CLIENTS);
	sts_admission_wanted(h->admission, &g->ticket, g->client, h->now_ms);
	if (g->ticket.line == NULL)
		fail_msg("wanted, but in no line");
}

static void
drop(struct hall *h)
{
	struct sts_ticket *ticket = sts_admission_victim(h->admission, roll(h, CLIENTS));

	assert_true((ticket == NULL) == (sts_admission_waiting(h->admission) == 0));
	if (ticket != NULL)
		sts_admission_leave(h->admission, ticket);
}

static void
step(struct hall *h)
{
	struct guest *g = &h->guests[roll(h, TICKETS)];

	switch (roll(h, 8)) {
	case 0:
	case 1:
	case 2:
		join(h, g);
		break;
	case 3:
		sts_admission_leave(h->admission, &g->ticket);
		break;
	case 4:
		sts_admission_leave_unused(h->admission, &g->ticket);
		break;
	case 5:
		g->wanted = false;
		break;
	case 6:
		want(h, g);
		break;
	default:
		if (roll(h, 10) == 0)
			drop(h);
		h->now_ms += roll(h, 20);
		while (sts_admission_next(h->admission, h->now_ms) != NULL)
			check_bounds(h);
		break;
	}
}

/* Whoever has a place leaves it, until all have had one. */
static void
drain(struct hall *h)
{
	for (int round = 0; round < TICKETS * 2; round++) {
		h->now_ms += 1000;
		while (sts_admission_next(h->admission, h->now_ms) != NULL)
			check_bounds(h);
		for (size_t i = 0; i < TICKETS; i++) {
			if (h->guests[i].ticket.state == STS_TICKET_PLACED || h->guests[i].ticket.state == STS_TICKET_DISPLACED)
				sts_admission_leave(h->admission, &h->guests[i].ticket);
		}
	}
	assert_int_equal(sts_admission_waiting(h->admission), 0);
	assert_int_equal(sts_admission_wait_ms(h->admission, h->now_ms), -1);
}

static void
test_random(void **state)
{
	static const struct sts_admission_params params = { PLACES, 100, PER_GROUP, PER_CLIENT, DISPLACED };

	(void)state;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct hall *h = calloc(1, sizeof(*h));

		assert_non_null(h);
		h->seed = seed;
		h->now_ms = 1000;
		for (size_t i = 0; i < TICKETS; i++)
			h->guests[i].ticket.is_wanted = is_wanted;
		assert_int_equal(sts_admission_new(&params, h->now_ms, &h->admission), STS_OK);
		for (int i = 0; i < STEPS; i++) {
			step(h);
			check_bounds(h);
		}
		drain(h);
		sts_admission_free(&h->admission);
		free(h);
	}
}

/* ---- a jam ---- */

enum { CROWD = 100, SERVED_MS = 1000, PATIENCE_MS = 2000, SECONDS = 20, PER_SECOND = 16, JAM_PLACES = 8 };

struct customer {
	struct guest guest;
	int64_t came_ms, placed_ms;	/* 0: not yet */
};

static void
serve(struct sts_admission *admission, struct customer *customers, int64_t now_ms, int *answered)
{
	for (int i = 0; i < SECONDS * PER_SECOND; i++) {
		struct customer *c = &customers[i];

		if (c->came_ms == 0)
			continue;
		if (now_ms - c->came_ms >= PATIENCE_MS)
			c->guest.wanted = false;
		if (c->guest.ticket.state != STS_TICKET_PLACED || now_ms - c->placed_ms < SERVED_MS)
			continue;
		*answered += c->guest.wanted;
		sts_admission_leave(admission, &c->guest.ticket);
	}
}

/* Each is served for a second, there are 8 places, and twice as many come; who has not been served after two seconds goes away. The
 * networks that they come from take turns: how many are answered in a second, while the jam lasts. */
static int
answered_in_jam(uint32_t networks)
{
	static const struct sts_admission_params params = { JAM_PLACES, 1000, JAM_PLACES, JAM_PLACES, 0 };
	struct customer *customers = calloc(SECONDS * PER_SECOND, sizeof(*customers));
	struct sts_admission *admission;
	int come = 0, answered = 0;

	assert_non_null(customers);
	assert_int_equal(sts_admission_new(&params, 0, &admission), STS_OK);
	for (int64_t now_ms = 1; now_ms < SECONDS * 1000 + 3 * PATIENCE_MS; now_ms++) {
		struct sts_ticket *ticket;

		while (come < SECONDS * PER_SECOND && now_ms >= (int64_t)come * 1000 / PER_SECOND) {
			struct customer *c = &customers[come++];

			c->came_ms = now_ms;
			c->guest.wanted = true;
			c->guest.ticket.is_wanted = is_wanted;
			sts_admission_join(admission, &c->guest.ticket, 1 + (uint32_t)come % networks, 0, now_ms);
		}
		serve(admission, customers, now_ms, &answered);
		while ((ticket = sts_admission_next(admission, now_ms)) != NULL)
			((struct customer *)(void *)ticket)->placed_ms = now_ms;
	}
	for (int i = 0; i < SECONDS * PER_SECOND; i++)
		sts_admission_leave(admission, &customers[i].guest.ticket);
	sts_admission_free(&admission);
	free(customers);
	return answered / SECONDS;
}

/* Whoever they are: nine tenths of what can be served. */
static void
test_twice_the_capacity(void **state)
{
	static const uint32_t networks[] = { 1, 2, 5, 10, 30, CROWD };

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		int answered = answered_in_jam(networks[i]);

		if (answered < JAM_PLACES * 9 / 10)
			fail_msg("%u networks: %d a second", (unsigned)networks[i], answered);
	}
}

/* ---- those whose place another gets ---- */

/* Nobody waits for what has the places: they are for those who wait, of the same network and of others. */
static void
test_displaced(void **state)
{
	static const struct sts_admission_params params = { 4, 1000, 4, 2, 3 };
	static const uint32_t clients[] = { 1, 1, 2, 3, 1, 1, 1 };
	struct guest g[7] = { 0 };
	struct sts_admission *admission;

	(void)state;
	assert_int_equal(sts_admission_new(&params, 0, &admission), STS_OK);
	for (size_t i = 0; i < 7; i++)
		g[i] = (struct guest){ .ticket.is_wanted = is_wanted, .wanted = true };
	for (size_t i = 0; i < 4; i++) {
		sts_admission_join(admission, &g[i].ticket, clients[i], 0, 0);
		assert_ptr_equal(sts_admission_next(admission, 0), &g[i].ticket);
	}
	for (size_t i = 4; i < 7; i++)
		sts_admission_join(admission, &g[i].ticket, clients[i], 0, 0);
	assert_null(sts_admission_next(admission, 0));
	assert_int_equal(sts_admission_wait_ms(admission, 0), STS_ADMISSION_JAM_MS);
	g[0].wanted = g[2].wanted = false;
	assert_ptr_equal(sts_admission_next(admission, 0), &g[4].ticket);
	assert_int_equal(g[0].ticket.state, STS_TICKET_DISPLACED);
	/* its network has all the places that it may have */
	assert_null(sts_admission_next(admission, 0));
	g[1].wanted = false;
	assert_ptr_equal(sts_admission_next(admission, 0), &g[5].ticket);
	assert_int_equal(g[1].ticket.state, STS_TICKET_DISPLACED);
	g[4].wanted = false;
	assert_ptr_equal(sts_admission_next(admission, 0), &g[6].ticket);
	/* so many, and no more */
	g[6].wanted = g[5].wanted = false;
	sts_admission_leave(admission, &g[0].ticket);
	sts_admission_join(admission, &g[0].ticket, 2, 0, 0);
	g[0].wanted = true;
	assert_ptr_equal(sts_admission_next(admission, 0), &g[0].ticket);
	g[0].wanted = false;
	for (size_t i = 0; i < 7; i++)
		sts_admission_leave(admission, &g[i].ticket);
	sts_admission_free(&admission);
}

/* A place that comes free, and whoever waits for it alone, may belong to different groups. */
static void
test_a_free_place_of_a_group_is_taken(void **state)
{
	static const struct sts_admission_params params = { 4, 1000, 1, 4, 0 };
	struct guest a = { .wanted = true }, b = { .wanted = true }, c = { .wanted = true };
	struct sts_admission *admission;

	(void)state;
	a.ticket.is_wanted = b.ticket.is_wanted = c.ticket.is_wanted = is_wanted;
	assert_int_equal(sts_admission_new(&params, 0, &admission), STS_OK);
	sts_admission_join(admission, &a.ticket, 1, 7, 0);
	sts_admission_join(admission, &b.ticket, 1, 7, 0);
	sts_admission_join(admission, &c.ticket, 1, 7, 0);
	assert_ptr_equal(sts_admission_next(admission, 0), &a.ticket);
	assert_null(sts_admission_next(admission, 0));
	assert_int_equal(b.ticket.state, STS_TICKET_BLOCKED);
	sts_admission_leave(admission, &a.ticket);
	/* c was called up; it gives up before its turn */
	assert_int_equal(c.ticket.state, STS_TICKET_WAITING);
	sts_admission_leave(admission, &c.ticket);
	assert_ptr_equal(sts_admission_next(admission, 0), &b.ticket);
	sts_admission_leave(admission, &b.ticket);
	sts_admission_free(&admission);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_twice_the_capacity),
		cmocka_unit_test(test_displaced),
		cmocka_unit_test(test_a_free_place_of_a_group_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
