/* SPDX-License-Identifier: ISC */
/* admission.c - lines and groups: who waits where, and for what. Knows neither flights nor domains nor what the places are for. */
#include "config.h"

#include "shared-cache/admission/admission.h"

#include <assert.h>
#include <stdlib.h>

#include "shared-cache/admission/admission_private.h"

static size_t
at_least_one(size_t n)
{
	return n == 0 ? 1 : n;
}

static void
init_line(struct sts_admission_line *line, uint32_t client)
{
	line->client = client;
	TAILQ_INIT(&line->ready);
	TAILQ_INIT(&line->all);
	TAILQ_INIT(&line->inside);
}

enum sts_status
sts_admission_new(const struct sts_admission_params *params, int64_t now_ms, struct sts_admission **out)
{
	struct sts_admission *a = calloc(1, sizeof(*a));

	*out = a;
	if (a == NULL)
		return STS_ENOMEM;
	a->params = *params;
	a->params.places = at_least_one(params->places);
	a->params.per_group = at_least_one(params->per_group);
	a->params.per_client = at_least_one(params->per_client);
	sts_rate_init(&a->rate, params->rate, now_ms);
	for (size_t i = 0; i < ADMISSION_LEVELS; i++)
		TAILQ_INIT(&a->levels[i]);
	a->round_ms = now_ms;
	TAILQ_INIT(&a->inside);
	TAILQ_INIT(&a->unwanted);
	init_line(&a->unknown_client, 0);
	return STS_OK;
}

void
sts_admission_free(struct sts_admission **admission)
{
	struct sts_admission *a = *admission;

	*admission = NULL;
	if (a == NULL)
		return;
	assert(a->lines == NULL && a->groups == NULL && a->waiting == 0 && a->placed == 0 && a->displaced == 0);
	free(a);
}

/* ---- lines and groups come and go with their tickets ---- */

static struct sts_admission_line *
line_of(struct sts_admission *a, uint32_t client)
{
	struct sts_admission_line *line;

	if (client == 0)
		return &a->unknown_client;
	HASH_FIND(hh, a->lines, &client, (unsigned)sizeof(client), line);
	if (line != NULL || (line = calloc(1, sizeof(*line))) == NULL)
		return line != NULL ? line : &a->unknown_client;
	init_line(line, client);
	HASH_ADD(hh, a->lines, client, (unsigned)sizeof(line->client), line);
	if (line->hh.tbl != NULL)
		return line;
	free(line);
	return &a->unknown_client;
}

static struct sts_admission_group *
group_of(struct sts_admission *a, uint32_t key)
{
	struct sts_admission_group *group;

	if (key == 0)
		return NULL;
	HASH_FIND(hh, a->groups, &key, (unsigned)sizeof(key), group);
	if (group != NULL || (group = calloc(1, sizeof(*group))) == NULL)
		return group;
	group->group = key;
	TAILQ_INIT(&group->blocked);
	TAILQ_INIT(&group->blocked_unwanted);
	HASH_ADD(hh, a->groups, group, (unsigned)sizeof(group->group), group);
	if (group->hh.tbl != NULL)
		return group;
	free(group);
	return NULL;
}

static void
forget_line_if_unused(struct sts_admission *a, struct sts_admission_line *line)
{
	if (line->client == 0 || line->waiting > 0 || line->placed > 0)
		return;
	HASH_DEL(a->lines, line);
	free(line);
}

bool
admission_is_group_full(const struct sts_admission *a, const struct sts_admission_group *group)
{
	return group != NULL && group->placed >= a->params.per_group;
}

/* ---- from state to state ---- */

/* Into its line, as the newest. */
static void
enter_line(struct sts_admission *a, struct sts_ticket *t)
{
	t->state = STS_TICKET_WAITING;
	TAILQ_INSERT_TAIL(&t->line->ready, t, link);
	admission_note_newest(a, t->line);
}

void
admission_take_out(struct sts_admission *a, struct sts_ticket *t)
{
	switch (t->state) {
	case STS_TICKET_WAITING:
		TAILQ_REMOVE(&t->line->ready, t, link);
		admission_update_turn(a, t->line);
		break;
	case STS_TICKET_BLOCKED:
		TAILQ_REMOVE(&t->group->blocked, t, link);
		break;
	case STS_TICKET_BLOCKED_UNWANTED:
		TAILQ_REMOVE(&t->group->blocked_unwanted, t, link);
		break;
	case STS_TICKET_UNWANTED:
		TAILQ_REMOVE(&a->unwanted, t, link);
		break;
	case STS_TICKET_PLACED:
		TAILQ_REMOVE(&a->inside, t, link);
		break;
	case STS_TICKET_OUT:
	case STS_TICKET_DISPLACED:
		break;
	}
}

void
admission_leave_line(struct sts_admission *a, struct sts_ticket *t)
{
	struct sts_admission_line *line = t->line;

	if (line == NULL)
		return;
	if (t->state == STS_TICKET_PLACED) {
		TAILQ_REMOVE(&line->inside, t, of_line);
		line->placed--;
	} else {
		TAILQ_REMOVE(&line->all, t, of_line);
		line->waiting--;
	}
	t->line = NULL;
	admission_update_turn(a, line);
	forget_line_if_unused(a, line);
}

static void
stand_in_line(struct sts_admission *a, struct sts_ticket *t, uint32_t client)
{
	t->line = line_of(a, client);
	TAILQ_INSERT_TAIL(&t->line->all, t, of_line);
	t->line->waiting++;
}

static void unblock(struct sts_admission *a, struct sts_admission_group *group);

/* It stands in no line any more, and the place that its group may have is for another. */
void
admission_make_unwanted(struct sts_admission *a, struct sts_ticket *t)
{
	bool was_ready = t->state == STS_TICKET_WAITING;

	admission_take_out(a, t);
	admission_leave_line(a, t);
	if (admission_is_group_full(a, t->group)) {
		t->state = STS_TICKET_BLOCKED_UNWANTED;
		TAILQ_INSERT_TAIL(&t->group->blocked_unwanted, t, link);
		return;
	}
	t->state = STS_TICKET_UNWANTED;
	TAILQ_INSERT_TAIL(&a->unwanted, t, link);
	if (was_ready && t->group != NULL)
		unblock(a, t->group);
}

void
admission_block(struct sts_admission *a, struct sts_ticket *t)
{
	admission_take_out(a, t);
	if (t->state == STS_TICKET_WAITING) {
		t->state = STS_TICKET_BLOCKED;
		TAILQ_INSERT_TAIL(&t->group->blocked, t, link);
	} else {
		t->state = STS_TICKET_BLOCKED_UNWANTED;
		TAILQ_INSERT_TAIL(&t->group->blocked_unwanted, t, link);
	}
}

/* The group has a free place: one of those that wait for it may try again, the newest first, as in a jam. */
static void
unblock(struct sts_admission *a, struct sts_admission_group *group)
{
	struct sts_ticket *t;

	while ((t = TAILQ_LAST(&group->blocked, ticket_list)) != NULL && !t->is_wanted(t))
		admission_make_unwanted(a, t);
	if (t != NULL) {
		admission_take_out(a, t);
		enter_line(a, t);
	} else if ((t = TAILQ_FIRST(&group->blocked_unwanted)) != NULL) {
		admission_take_out(a, t);
		t->state = STS_TICKET_UNWANTED;
		TAILQ_INSERT_TAIL(&a->unwanted, t, link);
	}
}

static void
leave_group(struct sts_admission *a, struct sts_ticket *t)
{
	struct sts_admission_group *group = t->group;

	if (group == NULL)
		return;
	t->group = NULL;
	group->tickets--;
	if (t->state == STS_TICKET_PLACED || t->state == STS_TICKET_DISPLACED)
		group->placed--;
	if (!admission_is_group_full(a, group))
		unblock(a, group);
	if (group->tickets > 0)
		return;
	HASH_DEL(a->groups, group);
	free(group);
}

/* ---- the caller's side ---- */

void
sts_admission_join(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, uint32_t group, int64_t now_ms)
{
	assert(ticket->state == STS_TICKET_OUT);
	ticket->joined_ms = now_ms;
	admission->waiting++;
	if ((ticket->group = group_of(admission, group)) != NULL)
		ticket->group->tickets++;
	stand_in_line(admission, ticket, client);
	enter_line(admission, ticket);
}

void
sts_admission_wanted(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, int64_t now_ms)
{
	size_t length, other;

	if (ticket->state == STS_TICKET_OUT || ticket->state == STS_TICKET_PLACED || ticket->state == STS_TICKET_DISPLACED)
		return;
	if (ticket->line != NULL) {
		/* Who joins the question of a flooder must not wait with him; a flooder who joins does not take it along, also where the
		 * question is the first of his flood. */
		length = ticket->line->waiting - 1;
		other = line_of(admission, client)->waiting;
		forget_line_if_unused(admission, line_of(admission, client));
		if (ticket->line->client == client || other >= length)
			return;
	}
	admission_take_out(admission, ticket);
	admission_leave_line(admission, ticket);
	ticket->joined_ms = now_ms;
	stand_in_line(admission, ticket, client);
	enter_line(admission, ticket);
}

void
sts_admission_leave(struct sts_admission *admission, struct sts_ticket *ticket)
{
	if (ticket->state == STS_TICKET_OUT)
		return;
	if (ticket->state == STS_TICKET_PLACED)
		admission->placed--;
	else if (ticket->state == STS_TICKET_DISPLACED)
		admission->displaced--;
	else
		admission->waiting--;
	admission_take_out(admission, ticket);
	admission_leave_line(admission, ticket);
	leave_group(admission, ticket);
	ticket->state = STS_TICKET_OUT;
}

void
sts_admission_leave_unused(struct sts_admission *admission, struct sts_ticket *ticket)
{
	if (ticket->state == STS_TICKET_PLACED)
		sts_rate_give_back(&admission->rate);
	sts_admission_leave(admission, ticket);
}

size_t
sts_admission_waiting(const struct sts_admission *admission)
{
	return admission->waiting;
}
