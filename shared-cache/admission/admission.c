/* SPDX-License-Identifier: ISC */
/* admission.c - queues, groups, and the states of tickets. Does not know what the slots are for. */
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
init_queue(struct sts_admission_queue *queue, uint32_t client)
{
	queue->client = client;
	TAILQ_INIT(&queue->ready);
	TAILQ_INIT(&queue->all);
	TAILQ_INIT(&queue->with_slot);
}

enum sts_status
sts_admission_new(const struct sts_admission_params *params, int64_t now_ms, struct sts_admission **out)
{
	struct sts_admission *a = calloc(1, sizeof(*a));

	*out = a;
	if (a == NULL)
		return STS_ENOMEM;
	a->params = *params;
	a->params.slots = at_least_one(params->slots);
	a->params.per_group = at_least_one(params->per_group);
	a->params.per_client = at_least_one(params->per_client);
	sts_rate_init(&a->rate, params->rate, now_ms);
	for (size_t i = 0; i < ADMISSION_LEVELS; i++)
		TAILQ_INIT(&a->levels[i]);
	a->round_ms = now_ms;
	TAILQ_INIT(&a->with_slot);
	TAILQ_INIT(&a->unwanted);
	init_queue(&a->unknown_client, 0);
	return STS_OK;
}

void
sts_admission_free(struct sts_admission **admission)
{
	struct sts_admission *a = *admission;

	*admission = NULL;
	if (a == NULL)
		return;
	assert(a->queues == NULL && a->groups == NULL && a->waiting == 0 && a->running == 0 && a->displaced == 0);
	free(a);
}

/* ---- queues and groups exist as long as they have tickets ---- */

static struct sts_admission_queue *
queue_of(struct sts_admission *a, uint32_t client)
{
	struct sts_admission_queue *queue;

	if (client == 0)
		return &a->unknown_client;
	HASH_FIND(hh, a->queues, &client, (unsigned)sizeof(client), queue);
	if (queue != NULL || (queue = calloc(1, sizeof(*queue))) == NULL)
		return queue != NULL ? queue : &a->unknown_client;
	init_queue(queue, client);
	HASH_ADD(hh, a->queues, client, (unsigned)sizeof(queue->client), queue);
	if (queue->hh.tbl != NULL)
		return queue;
	free(queue);
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
free_queue_if_unused(struct sts_admission *a, struct sts_admission_queue *queue)
{
	if (queue->client == 0 || queue->waiting > 0 || queue->running > 0)
		return;
	HASH_DEL(a->queues, queue);
	free(queue);
}

bool
admission_is_group_full(const struct sts_admission *a, const struct sts_admission_group *group)
{
	return group != NULL && group->running >= a->params.per_group;
}

/* ---- changes of state ---- */

/* Makes the ticket the newest one in its queue. */
static void
enqueue(struct sts_admission *a, struct sts_ticket *t)
{
	t->state = STS_TICKET_WAITING;
	TAILQ_INSERT_TAIL(&t->queue->ready, t, link);
	admission_note_newest(a, t->queue);
}

void
admission_take_out(struct sts_admission *a, struct sts_ticket *t)
{
	switch (t->state) {
	case STS_TICKET_WAITING:
		TAILQ_REMOVE(&t->queue->ready, t, link);
		admission_update_turn(a, t->queue);
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
	case STS_TICKET_RUNNING:
		TAILQ_REMOVE(&a->with_slot, t, link);
		break;
	case STS_TICKET_OUT:
	case STS_TICKET_DISPLACED:
		break;
	}
}

void
admission_leave_queue(struct sts_admission *a, struct sts_ticket *t)
{
	struct sts_admission_queue *queue = t->queue;

	if (queue == NULL)
		return;
	if (t->state == STS_TICKET_RUNNING) {
		TAILQ_REMOVE(&queue->with_slot, t, of_queue);
		queue->running--;
	} else {
		TAILQ_REMOVE(&queue->all, t, of_queue);
		queue->waiting--;
	}
	t->queue = NULL;
	admission_update_turn(a, queue);
	free_queue_if_unused(a, queue);
}

static void
join_queue(struct sts_admission *a, struct sts_ticket *t, uint32_t client)
{
	t->queue = queue_of(a, client);
	TAILQ_INSERT_TAIL(&t->queue->all, t, of_queue);
	t->queue->waiting++;
}

static void unblock(struct sts_admission *a, struct sts_admission_group *group);

/* The ticket leaves its queue, and another one may have its group's slot. */
void
admission_make_unwanted(struct sts_admission *a, struct sts_ticket *t)
{
	bool was_ready = t->state == STS_TICKET_WAITING;

	admission_take_out(a, t);
	admission_leave_queue(a, t);
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

/* The group has a free slot: lets one blocked ticket try again, the newest first, as in a jam. */
static void
unblock(struct sts_admission *a, struct sts_admission_group *group)
{
	struct sts_ticket *t;

	while ((t = TAILQ_LAST(&group->blocked, ticket_list)) != NULL && !t->is_wanted(t))
		admission_make_unwanted(a, t);
	if (t != NULL) {
		admission_take_out(a, t);
		enqueue(a, t);
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
	if (t->state == STS_TICKET_RUNNING || t->state == STS_TICKET_DISPLACED)
		group->running--;
	if (!admission_is_group_full(a, group))
		unblock(a, group);
	if (group->tickets > 0)
		return;
	HASH_DEL(a->groups, group);
	free(group);
}

/* ---- called from outside ---- */

void
sts_admission_join(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, uint32_t group, int64_t now_ms)
{
	assert(ticket->state == STS_TICKET_OUT);
	ticket->joined_ms = now_ms;
	admission->waiting++;
	if ((ticket->group = group_of(admission, group)) != NULL)
		ticket->group->tickets++;
	join_queue(admission, ticket, client);
	enqueue(admission, ticket);
}

void
sts_admission_wanted(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, int64_t now_ms)
{
	size_t length, other;

	if (ticket->state == STS_TICKET_OUT || ticket->state == STS_TICKET_RUNNING || ticket->state == STS_TICKET_DISPLACED)
		return;
	if (ticket->queue != NULL) {
		/* Whoever joins a flooder's request must not wait behind the flood; but a flooder who joins a request does not move it into
		 * his queue, even if it would be the first one there. */
		length = ticket->queue->waiting - 1;
		other = queue_of(admission, client)->waiting;
		free_queue_if_unused(admission, queue_of(admission, client));
		if (ticket->queue->client == client || other >= length)
			return;
	}
	admission_take_out(admission, ticket);
	admission_leave_queue(admission, ticket);
	ticket->joined_ms = now_ms;
	join_queue(admission, ticket, client);
	enqueue(admission, ticket);
}

void
sts_admission_leave(struct sts_admission *admission, struct sts_ticket *ticket)
{
	if (ticket->state == STS_TICKET_OUT)
		return;
	if (ticket->state == STS_TICKET_RUNNING)
		admission->running--;
	else if (ticket->state == STS_TICKET_DISPLACED)
		admission->displaced--;
	else
		admission->waiting--;
	admission_take_out(admission, ticket);
	admission_leave_queue(admission, ticket);
	leave_group(admission, ticket);
	ticket->state = STS_TICKET_OUT;
}

void
sts_admission_leave_unused(struct sts_admission *admission, struct sts_ticket *ticket)
{
	if (ticket->state == STS_TICKET_RUNNING)
		sts_rate_give_back(&admission->rate);
	sts_admission_leave(admission, ticket);
}

size_t
sts_admission_waiting(const struct sts_admission *admission)
{
	return admission->waiting;
}
