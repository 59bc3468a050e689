/* SPDX-License-Identifier: ISC */
/* admission.c - queues, groups, turns. Does not know what the slots are for. */
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
	TAILQ_INIT(&a->ring);
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
	assert(a->queues == NULL && a->groups == NULL && a->waiting == 0 && a->running == 0);
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

static bool
may_have_slot(const struct sts_admission *a, const struct sts_admission_queue *queue)
{
	return queue->client == 0 || queue->running < a->params.per_client;
}

/* A queue is in the ring exactly when one of its tickets may run. */
static void
update_turn(struct sts_admission *a, struct sts_admission_queue *queue)
{
	bool has_turn = !TAILQ_EMPTY(&queue->ready) && may_have_slot(a, queue);

	if (has_turn && !queue->has_turn)
		TAILQ_INSERT_TAIL(&a->ring, queue, ring);
	else if (!has_turn && queue->has_turn)
		TAILQ_REMOVE(&a->ring, queue, ring);
	queue->has_turn = has_turn;
}

static void
free_queue_if_unused(struct sts_admission *a, struct sts_admission_queue *queue)
{
	if (queue->client == 0 || queue->waiting > 0 || queue->running > 0)
		return;
	HASH_DEL(a->queues, queue);
	free(queue);
}

static bool
is_group_full(const struct sts_admission *a, const struct sts_admission_group *group)
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
	update_turn(a, t->queue);
}

/* Removes the ticket from the list that it waits in; it still counts in its queue. */
static void
take_out(struct sts_admission *a, struct sts_ticket *t)
{
	switch (t->state) {
	case STS_TICKET_WAITING:
		TAILQ_REMOVE(&t->queue->ready, t, link);
		update_turn(a, t->queue);
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
	case STS_TICKET_OUT:
	case STS_TICKET_RUNNING:
		break;
	}
}

static void
leave_queue(struct sts_admission *a, struct sts_ticket *t)
{
	struct sts_admission_queue *queue = t->queue;

	if (queue == NULL)
		return;
	if (t->state == STS_TICKET_RUNNING) {
		queue->running--;
	} else {
		TAILQ_REMOVE(&queue->all, t, of_queue);
		queue->waiting--;
	}
	t->queue = NULL;
	update_turn(a, queue);
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

/* Nobody waits for it any more: it leaves its queue, and another ticket may have its group's slot. */
static void
make_unwanted(struct sts_admission *a, struct sts_ticket *t)
{
	bool was_ready = t->state == STS_TICKET_WAITING;

	take_out(a, t);
	leave_queue(a, t);
	if (is_group_full(a, t->group)) {
		t->state = STS_TICKET_BLOCKED_UNWANTED;
		TAILQ_INSERT_TAIL(&t->group->blocked_unwanted, t, link);
		return;
	}
	t->state = STS_TICKET_UNWANTED;
	TAILQ_INSERT_TAIL(&a->unwanted, t, link);
	if (was_ready && t->group != NULL)
		unblock(a, t->group);
}

static void
block(struct sts_admission *a, struct sts_ticket *t)
{
	take_out(a, t);
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
		make_unwanted(a, t);
	if (t != NULL) {
		take_out(a, t);
		enqueue(a, t);
	} else if ((t = TAILQ_FIRST(&group->blocked_unwanted)) != NULL) {
		take_out(a, t);
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
	if (t->state == STS_TICKET_RUNNING)
		group->running--;
	if (!is_group_full(a, group))
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

	if (ticket->state == STS_TICKET_OUT || ticket->state == STS_TICKET_RUNNING)
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
	take_out(admission, ticket);
	leave_queue(admission, ticket);
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
	else
		admission->waiting--;
	take_out(admission, ticket);
	leave_queue(admission, ticket);
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

/* ---- turns ---- */

static struct sts_ticket *
first_of(const struct sts_admission_queue *queue, int64_t now_ms)
{
	struct sts_ticket *oldest = TAILQ_FIRST(&queue->ready);

	if (now_ms - oldest->joined_ms < STS_ADMISSION_JAM_MS)
		return oldest;
	return TAILQ_LAST(&queue->ready, ticket_list);
}

/* A ticket that cannot run is moved to the list for what it lacks, so none is looked at again in vain. */
static struct sts_ticket *
next_wanted(struct sts_admission *a, int64_t now_ms)
{
	struct sts_admission_queue *queue;
	struct sts_ticket *t;

	while ((queue = TAILQ_FIRST(&a->ring)) != NULL) {
		t = first_of(queue, now_ms);
		if (!t->is_wanted(t)) {
			make_unwanted(a, t);
			continue;
		}
		if (is_group_full(a, t->group)) {
			block(a, t);
			continue;
		}
		TAILQ_REMOVE(&a->ring, queue, ring);
		TAILQ_INSERT_TAIL(&a->ring, queue, ring);
		return t;
	}
	return NULL;
}

/* Unwanted tickets leave half of the slots to the others. */
static struct sts_ticket *
next_unwanted(struct sts_admission *a)
{
	struct sts_ticket *t;

	if (a->running > 0 && a->running >= a->params.slots / 2)
		return NULL;
	while ((t = TAILQ_FIRST(&a->unwanted)) != NULL && is_group_full(a, t->group))
		block(a, t);
	return t;
}

struct sts_ticket *
sts_admission_next(struct sts_admission *admission, int64_t now_ms)
{
	struct sts_admission *a = admission;
	struct sts_ticket *t;

	if (a->running >= a->params.slots || sts_rate_wait_ms(&a->rate, now_ms) > 0)
		return NULL;
	if ((t = next_wanted(a, now_ms)) == NULL && (t = next_unwanted(a)) == NULL)
		return NULL;
	(void)sts_rate_take(&a->rate, now_ms);
	take_out(a, t);
	if (t->queue != NULL) {
		TAILQ_REMOVE(&t->queue->all, t, of_queue);
		t->queue->waiting--;
		t->queue->running++;
		update_turn(a, t->queue);
	}
	if (t->group != NULL)
		t->group->running++;
	a->waiting--;
	a->running++;
	t->state = STS_TICKET_RUNNING;
	return t;
}

int64_t
sts_admission_wait_ms(struct sts_admission *admission, int64_t now_ms)
{
	/* Without a free slot, only the end of a running one helps. */
	if (admission->running >= admission->params.slots || (TAILQ_EMPTY(&admission->ring) && TAILQ_EMPTY(&admission->unwanted)))
		return -1;
	if (TAILQ_EMPTY(&admission->ring) && admission->running > 0 && admission->running >= admission->params.slots / 2)
		return -1;
	return sts_rate_wait_ms(&admission->rate, now_ms);
}

size_t
sts_admission_waiting(const struct sts_admission *admission)
{
	return admission->waiting;
}
