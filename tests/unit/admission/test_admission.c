/* SPDX-License-Identifier: ISC */
/*
 * test_admission.c - thousands of random steps with all limits checked after each, and no ticket left at the end. Which ticket is
 * next is the subject of the stories in test_resolver.c.
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

enum { TICKETS = 60, STEPS = 20000, CLIENTS = 4, GROUPS = 5, SLOTS = 9, PER_GROUP = 3, PER_CLIENT = 4 };

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
	size_t running = 0, waiting = 0, of_group[GROUPS] = { 0 }, of_client[CLIENTS] = { 0 };

	for (size_t i = 0; i < TICKETS; i++) {
		const struct request *r = &f->requests[i];

		waiting += r->ticket.state != STS_TICKET_OUT && r->ticket.state != STS_TICKET_RUNNING;
		if (r->ticket.state != STS_TICKET_RUNNING)
			continue;
		running++;
		of_group[r->group]++;
		/* an unwanted ticket belongs to no client */
		of_client[r->client] += r->ticket.queue != NULL;
	}
	assert_true(running <= SLOTS);
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
			if (f->requests[i].ticket.state == STS_TICKET_RUNNING)
				sts_admission_leave(f->admission, &f->requests[i].ticket);
		}
	}
	assert_int_equal(sts_admission_waiting(f->admission), 0);
	assert_int_equal(sts_admission_wait_ms(f->admission, f->now_ms), -1);
}

static void
test_random(void **state)
{
	static const struct sts_admission_params params = { SLOTS, 100, PER_GROUP, PER_CLIENT };

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

/* The ticket that frees a slot and the one that waits for it may belong to different groups. */
static void
test_a_free_place_of_a_group_is_taken(void **state)
{
	static const struct sts_admission_params params = { 4, 1000, 1, 4 };
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
		cmocka_unit_test(test_a_free_place_of_a_group_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
