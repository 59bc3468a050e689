/* SPDX-License-Identifier: ISC */
/*
 * test_admission.c - thousands of random steps with all limits checked after each, and no ticket left at the end; jams; displacing.
 * Which ticket is next is also the subject of the stories in test_resolver.c.
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

enum { TICKETS = 60, STEPS = 20000, CLIENTS = 4, GROUPS = 5, SLOTS = 9, PER_GROUP = 3, PER_CLIENT = 4, DISPLACED = 5 };

struct request {
	struct sts_ticket ticket;
	uint32_t client, group;
	bool wanted;
};

struct fixture {
	struct sts_admission *admission;
	struct request requests[TICKETS];
	int64_t now_ms;
	uint32_t seed;
};

static uint32_t
roll(struct fixture *f, uint32_t n)
{
	f->seed = f->seed * 1664525u + 1013904223u;
	return (f->seed >> 8) % n;
}

static bool
is_wanted(const struct sts_ticket *ticket)
{
	return ((const struct request *)(const void *)ticket)->wanted;
}

static void
check_bounds(const struct fixture *f)
{
	size_t running = 0, displaced = 0, waiting = 0, of_group[GROUPS] = { 0 }, of_client[CLIENTS] = { 0 };

	for (size_t i = 0; i < TICKETS; i++) {
		const struct request *r = &f->requests[i];

		waiting += r->ticket.state != STS_TICKET_OUT && r->ticket.state != STS_TICKET_RUNNING &&
		    r->ticket.state != STS_TICKET_DISPLACED;
		displaced += r->ticket.state == STS_TICKET_DISPLACED;
		of_group[r->group] += r->ticket.state == STS_TICKET_DISPLACED;
		if (r->ticket.state != STS_TICKET_RUNNING)
			continue;
		running++;
		of_group[r->group]++;
		/* an unwanted ticket belongs to no client */
		of_client[r->client] += r->ticket.queue != NULL;
	}
	assert_true(running <= SLOTS);
	assert_true(displaced <= DISPLACED);
	assert_int_equal(sts_admission_waiting(f->admission), waiting);
	for (size_t i = 1; i < GROUPS; i++)
		assert_true(of_group[i] <= PER_GROUP);
	for (size_t i = 1; i < CLIENTS; i++)
		assert_true(of_client[i] <= PER_CLIENT);
}

static void
join(struct fixture *f, struct request *r)
{
	if (r->ticket.state != STS_TICKET_OUT)
		return;
	r->client = roll(f, CLIENTS);
	r->group = roll(f, GROUPS);
	r->wanted = roll(f, 4) > 0;
	sts_admission_join(f->admission, &r->ticket, r->client, r->group, f->now_ms);
}

static void
want(struct fixture *f, struct request *r)
{
	if (r->ticket.state != STS_TICKET_UNWANTED && r->ticket.state != STS_TICKET_BLOCKED_UNWANTED)
		return;
	r->wanted = true;
	r->client = roll(f, CLIENTS);
	sts_admission_wanted(f->admission, &r->ticket, r->client, f->now_ms);
	if (r->ticket.queue == NULL)
		fail_msg("wanted, but in no queue");
}

static void
drop(struct fixture *f)
{
	struct sts_ticket *ticket = sts_admission_victim(f->admission, roll(f, CLIENTS));

	assert_true((ticket == NULL) == (sts_admission_waiting(f->admission) == 0));
	if (ticket != NULL)
		sts_admission_leave(f->admission, ticket);
}

static void
step(struct fixture *f)
{
	struct request *r = &f->requests[roll(f, TICKETS)];

	switch (roll(f, 8)) {
	case 0:
	case 1:
	case 2:
		join(f, r);
		break;
	case 3:
		sts_admission_leave(f->admission, &r->ticket);
		break;
	case 4:
		sts_admission_leave_unused(f->admission, &r->ticket);
		break;
	case 5:
		r->wanted = false;
		break;
	case 6:
		want(f, r);
		break;
	default:
		if (roll(f, 10) == 0)
			drop(f);
		f->now_ms += roll(f, 20);
		while (sts_admission_next(f->admission, f->now_ms) != NULL)
			check_bounds(f);
		break;
	}
}

/* Lets whatever runs leave, until all have run. */
static void
drain(struct fixture *f)
{
	for (int round = 0; round < TICKETS * 2; round++) {
		f->now_ms += 1000;
		while (sts_admission_next(f->admission, f->now_ms) != NULL)
			check_bounds(f);
		for (size_t i = 0; i < TICKETS; i++) {
			if (f->requests[i].ticket.state == STS_TICKET_RUNNING || f->requests[i].ticket.state == STS_TICKET_DISPLACED)
				sts_admission_leave(f->admission, &f->requests[i].ticket);
		}
	}
	assert_int_equal(sts_admission_waiting(f->admission), 0);
	assert_int_equal(sts_admission_wait_ms(f->admission, f->now_ms), -1);
}

static void
test_random(void **state)
{
	static const struct sts_admission_params params = { SLOTS, 100, PER_GROUP, PER_CLIENT, DISPLACED };

	(void)state;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct fixture *f = calloc(1, sizeof(*f));

		assert_non_null(f);
		f->seed = seed;
		f->now_ms = 1000;
		for (size_t i = 0; i < TICKETS; i++)
			f->requests[i].ticket.is_wanted = is_wanted;
		assert_int_equal(sts_admission_new(&params, f->now_ms, &f->admission), STS_OK);
		for (int i = 0; i < STEPS; i++) {
			step(f);
			check_bounds(f);
		}
		drain(f);
		sts_admission_free(&f->admission);
		free(f);
	}
}

/* ---- a jam ---- */

enum { CROWD = 100, SERVED_MS = 1000, PATIENCE_MS = 2000, SECONDS = 20, PER_SECOND = 16, JAM_SLOTS = 8 };

struct customer {
	struct request request;
	int64_t came_ms, began_ms;	/* 0: not yet */
};

static void
serve(struct sts_admission *admission, struct customer *customers, int64_t now_ms, int *answered)
{
	for (int i = 0; i < SECONDS * PER_SECOND; i++) {
		struct customer *c = &customers[i];

		if (c->came_ms == 0)
			continue;
		if (now_ms - c->came_ms >= PATIENCE_MS)
			c->request.wanted = false;
		if (c->request.ticket.state != STS_TICKET_RUNNING || now_ms - c->began_ms < SERVED_MS)
			continue;
		*answered += c->request.wanted;
		sts_admission_leave(admission, &c->request.ticket);
	}
}

/* Each request runs for a second, there are 8 slots, and twice as many requests arrive; after two seconds a client gives up. The
 * client networks take turns. Returns how many requests are answered per second during the jam. */
static int
answered_in_jam(uint32_t networks)
{
	static const struct sts_admission_params params = { JAM_SLOTS, 1000, JAM_SLOTS, JAM_SLOTS, 0 };
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
			c->request.wanted = true;
			c->request.ticket.is_wanted = is_wanted;
			sts_admission_join(admission, &c->request.ticket, 1 + (uint32_t)come % networks, 0, now_ms);
		}
		serve(admission, customers, now_ms, &answered);
		while ((ticket = sts_admission_next(admission, now_ms)) != NULL)
			((struct customer *)(void *)ticket)->began_ms = now_ms;
	}
	for (int i = 0; i < SECONDS * PER_SECOND; i++)
		sts_admission_leave(admission, &customers[i].request.ticket);
	sts_admission_free(&admission);
	free(customers);
	return answered / SECONDS;
}

/* However many networks there are: nine tenths of the capacity. */
static void
test_twice_the_capacity(void **state)
{
	static const uint32_t networks[] = { 1, 2, 5, 10, 30, CROWD };

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		int answered = answered_in_jam(networks[i]);

		if (answered < JAM_SLOTS * 9 / 10)
			fail_msg("%u networks: %d a second", (unsigned)networks[i], answered);
	}
}

/* ---- displacing ---- */

/* Nobody waits for the running requests: their slots go to wanted ones, of the same network and of others. */
static void
test_displaced(void **state)
{
	static const struct sts_admission_params params = { 4, 1000, 4, 2, 3 };
	static const uint32_t clients[] = { 1, 1, 2, 3, 1, 1, 1 };
	struct request r[7] = { 0 };
	struct sts_admission *admission;

	(void)state;
	assert_int_equal(sts_admission_new(&params, 0, &admission), STS_OK);
	for (size_t i = 0; i < 7; i++)
		r[i] = (struct request){ .ticket.is_wanted = is_wanted, .wanted = true };
	for (size_t i = 0; i < 4; i++) {
		sts_admission_join(admission, &r[i].ticket, clients[i], 0, 0);
		assert_ptr_equal(sts_admission_next(admission, 0), &r[i].ticket);
	}
	for (size_t i = 4; i < 7; i++)
		sts_admission_join(admission, &r[i].ticket, clients[i], 0, 0);
	assert_null(sts_admission_next(admission, 0));
	assert_int_equal(sts_admission_wait_ms(admission, 0), STS_ADMISSION_JAM_MS);
	r[0].wanted = r[2].wanted = false;
	assert_ptr_equal(sts_admission_next(admission, 0), &r[4].ticket);
	assert_int_equal(r[0].ticket.state, STS_TICKET_DISPLACED);
	/* its network uses all the slots that it may have */
	assert_null(sts_admission_next(admission, 0));
	r[1].wanted = false;
	assert_ptr_equal(sts_admission_next(admission, 0), &r[5].ticket);
	assert_int_equal(r[1].ticket.state, STS_TICKET_DISPLACED);
	r[4].wanted = false;
	assert_ptr_equal(sts_admission_next(admission, 0), &r[6].ticket);
	/* the limit of displaced ones */
	r[6].wanted = r[5].wanted = false;
	sts_admission_leave(admission, &r[0].ticket);
	sts_admission_join(admission, &r[0].ticket, 2, 0, 0);
	r[0].wanted = true;
	assert_ptr_equal(sts_admission_next(admission, 0), &r[0].ticket);
	r[0].wanted = false;
	for (size_t i = 0; i < 7; i++)
		sts_admission_leave(admission, &r[i].ticket);
	sts_admission_free(&admission);
}

/* The ticket that frees a slot and the one that waits for it may belong to different groups. */
static void
test_a_free_slot_of_a_group_is_taken(void **state)
{
	static const struct sts_admission_params params = { 4, 1000, 1, 4, 0 };
	struct request a = { .wanted = true }, b = { .wanted = true }, c = { .wanted = true };
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
	/* c was unblocked; it leaves before its turn */
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
		cmocka_unit_test(test_a_free_slot_of_a_group_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
