/* SPDX-License-Identifier: ISC */
/*
 * admission_turns.c - which ticket is next, and whose slot it gets.
 *
 * Queues are in levels, by the number of turns that they have had in this round; a level is only used when those before it have no
 * ticket to run. Within the last level, that of the busy queues, they go round.
 */
#include "config.h"

#include "shared-cache/admission/admission_private.h"

enum {
	ROUND_MS = 1000,
	LAST_LEVEL = ADMISSION_LEVELS - 1,
	PROBES = 16,		/* running tickets asked at a time whether anybody waits for them */
};

/* ---- the order of queues ---- */

static unsigned
level_of(const struct sts_admission *a, const struct sts_admission_queue *queue)
{
	if (queue->round != a->round)
		return 0;
	return queue->turns < LAST_LEVEL ? queue->turns : LAST_LEVEL;
}

void
admission_update_turn(struct sts_admission *a, struct sts_admission_queue *queue)
{
	bool has_turn = !TAILQ_EMPTY(&queue->ready);

	if (has_turn && !queue->has_turn) {
		queue->level = level_of(a, queue);
		TAILQ_INSERT_TAIL(&a->levels[queue->level], queue, order);
		a->with_turn++;
	} else if (!has_turn && queue->has_turn) {
		TAILQ_REMOVE(&a->levels[queue->level], queue, order);
		a->with_turn--;
	}
	queue->has_turn = has_turn;
}

static void
move_to_end(struct sts_admission *a, struct sts_admission_queue *queue)
{
	TAILQ_REMOVE(&a->levels[queue->level], queue, order);
	queue->level = level_of(a, queue);
	TAILQ_INSERT_TAIL(&a->levels[queue->level], queue, order);
}

void
admission_note_newest(struct sts_admission *a, struct sts_admission_queue *queue)
{
	if (!queue->has_turn)
		admission_update_turn(a, queue);
	else if (queue->level < LAST_LEVEL)
		move_to_end(a, queue);
}

static void
note_turn(struct sts_admission *a, struct sts_admission_queue *queue)
{
	if (queue->round != a->round) {
		queue->round = a->round;
		queue->turns = 0;
	}
	queue->turns++;
	a->round_turns++;
	if (queue->has_turn)
		move_to_end(a, queue);
}

/* A round lasts a second, and for as many turns as there are queues: so in a jam of new queues, which have had no turn, the others get
 * theirs, too. */
static bool
is_round_over(const struct sts_admission *a, int64_t now_ms)
{
	return now_ms - a->round_ms >= ROUND_MS && a->round_turns >= a->with_turn;
}

/* Starts with no turns for anybody. Queues without a turn in the last round stand last, which is where a jam is served from. */
static void
begin_round(struct sts_admission *a, int64_t now_ms)
{
	struct sts_admission_queue *queue;
	struct queue_list all = TAILQ_HEAD_INITIALIZER(all);

	a->round++;
	a->round_ms = now_ms;
	a->round_turns = 0;
	for (size_t i = ADMISSION_LEVELS; i-- > 0;) {
		TAILQ_FOREACH(queue, &a->levels[i], order)
			queue->level = 0;
		TAILQ_CONCAT(&all, &a->levels[i], order);
	}
	TAILQ_CONCAT(&a->levels[0], &all, order);
}

/* ---- displacing ---- */

static void
displace(struct sts_admission *a, struct sts_ticket *t)
{
	admission_take_out(a, t);
	admission_leave_queue(a, t);
	a->running--;
	a->displaced++;
	t->state = STS_TICKET_DISPLACED;
}

/* Displaces a running ticket that nobody waits for, of this queue or, with NULL, of any. The tickets asked are asked last the next
 * time. */
static bool
displace_one(struct sts_admission *a, struct sts_admission_queue *queue)
{
	struct ticket_list *with_slot = queue != NULL ? &queue->with_slot : &a->with_slot;

	if (a->displaced >= a->params.displaced)
		return false;
	for (int i = 0; i < PROBES; i++) {
		struct sts_ticket *t = TAILQ_FIRST(with_slot);

		if (t == NULL)
			return false;
		if (!t->is_wanted(t)) {
			displace(a, t);
			return true;
		}
		if (queue != NULL) {
			TAILQ_REMOVE(with_slot, t, of_queue);
			TAILQ_INSERT_TAIL(with_slot, t, of_queue);
		} else {
			TAILQ_REMOVE(with_slot, t, link);
			TAILQ_INSERT_TAIL(with_slot, t, link);
		}
	}
	return false;
}

static bool
may_have_slot(const struct sts_admission *a, const struct sts_admission_queue *queue)
{
	return queue->client == 0 || queue->running < a->params.per_client;
}

static bool
has_room(struct sts_admission *a, struct sts_admission_queue *queue)
{
	return may_have_slot(a, queue) || displace_one(a, queue);
}

/* ---- turns ---- */

static bool
is_old(const struct sts_ticket *t, int64_t now_ms)
{
	return now_ms - t->joined_ms >= STS_ADMISSION_JAM_MS;
}

static struct sts_ticket *
first_of(const struct sts_admission_queue *queue, int64_t now_ms)
{
	struct sts_ticket *oldest = TAILQ_FIRST(&queue->ready);

	return is_old(oldest, now_ms) ? TAILQ_LAST(&queue->ready, ticket_list) : oldest;
}

static struct sts_ticket *
next_in_level(struct sts_admission *a, size_t level, int64_t now_ms)
{
	struct sts_admission_queue *queue = TAILQ_FIRST(&a->levels[level]);
	struct sts_ticket *oldest;

	if (queue == NULL)
		return NULL;
	oldest = TAILQ_FIRST(&queue->ready);
	if (level < LAST_LEVEL && is_old(oldest, now_ms)) {
		/* Otherwise it would stay there for ever, and look like a jam. */
		if (!oldest->is_wanted(oldest))
			return oldest;
		TAILQ_FOREACH_REVERSE(queue, &a->levels[level], queue_list, order)
			if (has_room(a, queue))
				return first_of(queue, now_ms);
		return NULL;
	}
	TAILQ_FOREACH(queue, &a->levels[level], order)
		if (has_room(a, queue))
			return first_of(queue, now_ms);
	return NULL;
}

static struct sts_ticket *
next_queued(struct sts_admission *a, int64_t now_ms)
{
	struct sts_ticket *t = NULL;

	for (size_t level = 0; t == NULL && level < ADMISSION_LEVELS; level++)
		t = next_in_level(a, level, now_ms);
	return t;
}

/* A ticket that cannot run is moved to the list for what it lacks, so none is looked at again in vain. */
static struct sts_ticket *
next_wanted(struct sts_admission *a, int64_t now_ms)
{
	struct sts_ticket *t;

	while ((t = next_queued(a, now_ms)) != NULL) {
		if (!t->is_wanted(t))
			admission_make_unwanted(a, t);
		else if (admission_is_group_full(a, t->group))
			admission_block(a, t);
		else
			return t;
	}
	return NULL;
}

/* Unwanted tickets leave half of the slots to the others. */
static bool
may_run_unwanted(const struct sts_admission *a)
{
	return a->running == 0 || a->running < a->params.slots / 2;
}

static struct sts_ticket *
next_unwanted(struct sts_admission *a)
{
	struct sts_ticket *t;

	if (!may_run_unwanted(a))
		return NULL;
	while ((t = TAILQ_FIRST(&a->unwanted)) != NULL && admission_is_group_full(a, t->group))
		admission_block(a, t);
	return t;
}

static void
give_slot(struct sts_admission *a, struct sts_ticket *t)
{
	struct sts_admission_queue *queue = t->queue;

	admission_take_out(a, t);
	if (queue != NULL) {
		TAILQ_REMOVE(&queue->all, t, of_queue);
		queue->waiting--;
		TAILQ_INSERT_TAIL(&queue->with_slot, t, of_queue);
		queue->running++;
		note_turn(a, queue);
	}
	if (t->group != NULL)
		t->group->running++;
	a->waiting--;
	TAILQ_INSERT_TAIL(&a->with_slot, t, link);
	a->running++;
	t->state = STS_TICKET_RUNNING;
}

struct sts_ticket *
sts_admission_next(struct sts_admission *admission, int64_t now_ms)
{
	struct sts_admission *a = admission;
	struct sts_ticket *t;

	if (sts_rate_wait_ms(&a->rate, now_ms) > 0)
		return NULL;
	if (is_round_over(a, now_ms))
		begin_round(a, now_ms);
	if ((t = next_wanted(a, now_ms)) != NULL) {
		if (a->running >= a->params.slots && !displace_one(a, NULL))
			return NULL;
	} else if ((t = next_unwanted(a)) == NULL) {
		return NULL;
	}
	(void)sts_rate_take(&a->rate, now_ms);
	give_slot(a, t);
	return t;
}

/* Few queues use all the slots that they may have, so skipping those costs little. */
static bool
has_anybody(const struct sts_admission *a, bool with_room)
{
	const struct sts_admission_queue *queue;

	for (size_t level = 0; level < ADMISSION_LEVELS; level++)
		TAILQ_FOREACH(queue, &a->levels[level], order)
			if (!with_room || may_have_slot(a, queue))
				return true;
	return false;
}

int64_t
sts_admission_wait_ms(struct sts_admission *admission, int64_t now_ms)
{
	const struct sts_admission *a = admission;

	if (a->running < a->params.slots &&
	    (has_anybody(a, true) || (!TAILQ_EMPTY(&a->unwanted) && may_run_unwanted(a))))
		return sts_rate_wait_ms(&admission->rate, now_ms);
	/* A slot becomes free when a running ticket leaves, or when nobody waits for it any more, of which there is no notice. */
	return a->displaced < a->params.displaced && has_anybody(a, false) ? STS_ADMISSION_JAM_MS : -1;
}
