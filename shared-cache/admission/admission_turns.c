/* SPDX-License-Identifier: ISC */
/*
 * admission_turns.c - who is next, and whose place he gets.
 *
 * Lines stand in levels, by the turns that they have had in this round; a level is only looked at when those below it have nobody to
 * send. Within the last, which is that of the busy ones, they go round.
 */
#include "config.h"

#include "shared-cache/admission/admission_private.h"

enum {
	ROUND_MS = 1000,
	LAST_LEVEL = ADMISSION_LEVELS - 1,
	PROBES = 16,		/* of those that have a place, asked at a time whether anybody waits for them */
};

/* ---- the order of lines ---- */

static unsigned
level_of(const struct sts_admission *a, const struct sts_admission_line *line)
{
	if (line->round != a->round)
		return 0;
	return line->turns < LAST_LEVEL ? line->turns : LAST_LEVEL;
}

void
admission_update_turn(struct sts_admission *a, struct sts_admission_line *line)
{
	bool has_turn = !TAILQ_EMPTY(&line->ready);

	if (has_turn && !line->has_turn) {
		line->level = level_of(a, line);
		TAILQ_INSERT_TAIL(&a->levels[line->level], line, order);
		a->with_turn++;
	} else if (!has_turn && line->has_turn) {
		TAILQ_REMOVE(&a->levels[line->level], line, order);
		a->with_turn--;
	}
	line->has_turn = has_turn;
}

static void
move_to_end(struct sts_admission *a, struct sts_admission_line *line)
{
	TAILQ_REMOVE(&a->levels[line->level], line, order);
	line->level = level_of(a, line);
	TAILQ_INSERT_TAIL(&a->levels[line->level], line, order);
}

void
admission_note_newest(struct sts_admission *a, struct sts_admission_line *line)
{
	if (!line->has_turn)
		admission_update_turn(a, line);
	else if (line->level < LAST_LEVEL)
		move_to_end(a, line);
}

static void
note_turn(struct sts_admission *a, struct sts_admission_line *line)
{
	if (line->round != a->round) {
		line->round = a->round;
		line->turns = 0;
	}
	line->turns++;
	a->round_turns++;
	if (line->has_turn)
		move_to_end(a, line);
}

/* A second, and as many turns as there are lines: in a jam of newcomers, who all have had none, the others have theirs as well. */
static bool
is_round_over(const struct sts_admission *a, int64_t now_ms)
{
	return now_ms - a->round_ms >= ROUND_MS && a->round_turns >= a->with_turn;
}

/* Nobody has had a turn; those who had none in the last round come before those who had. */
static void
begin_round(struct sts_admission *a, int64_t now_ms)
{
	struct sts_admission_line *line;
	struct line_list all = TAILQ_HEAD_INITIALIZER(all);

	a->round++;
	a->round_ms = now_ms;
	a->round_turns = 0;
	for (size_t i = ADMISSION_LEVELS; i-- > 0;) {
		TAILQ_FOREACH(line, &a->levels[i], order)
			line->level = 0;
		TAILQ_CONCAT(&all, &a->levels[i], order);
	}
	TAILQ_CONCAT(&a->levels[0], &all, order);
}

/* ---- whose place it may be ---- */

static void
displace(struct sts_admission *a, struct sts_ticket *t)
{
	admission_take_out(a, t);
	admission_leave_line(a, t);
	a->placed--;
	a->displaced++;
	t->state = STS_TICKET_DISPLACED;
}

/* Somebody among those of the line, or of all (NULL), loses his place, whom nobody waits for. Those that were asked are asked last the
 * next time. */
static bool
displace_one(struct sts_admission *a, struct sts_admission_line *line)
{
	struct ticket_list *inside = line != NULL ? &line->inside : &a->inside;

	if (a->displaced >= a->params.displaced)
		return false;
	for (int i = 0; i < PROBES; i++) {
		struct sts_ticket *t = TAILQ_FIRST(inside);

		if (t == NULL)
			return false;
		if (!t->is_wanted(t)) {
			displace(a, t);
			return true;
		}
		if (line != NULL) {
			TAILQ_REMOVE(inside, t, of_line);
			TAILQ_INSERT_TAIL(inside, t, of_line);
		} else {
			TAILQ_REMOVE(inside, t, link);
			TAILQ_INSERT_TAIL(inside, t, link);
		}
	}
	return false;
}

static bool
may_have_place(const struct sts_admission *a, const struct sts_admission_line *line)
{
	return line->client == 0 || line->placed < a->params.per_client;
}

static bool
has_room(struct sts_admission *a, struct sts_admission_line *line)
{
	return may_have_place(a, line) || displace_one(a, line);
}

/* ---- turns ---- */

static bool
is_old(const struct sts_ticket *t, int64_t now_ms)
{
	return now_ms - t->joined_ms >= STS_ADMISSION_JAM_MS;
}

static struct sts_ticket *
first_of(const struct sts_admission_line *line, int64_t now_ms)
{
	struct sts_ticket *oldest = TAILQ_FIRST(&line->ready);

	return is_old(oldest, now_ms) ? TAILQ_LAST(&line->ready, ticket_list) : oldest;
}

static struct sts_ticket *
next_in_level(struct sts_admission *a, size_t level, int64_t now_ms)
{
	struct sts_admission_line *line = TAILQ_FIRST(&a->levels[level]);
	struct sts_ticket *oldest;

	if (line == NULL)
		return NULL;
	oldest = TAILQ_FIRST(&line->ready);
	if (level < LAST_LEVEL && is_old(oldest, now_ms)) {
		/* Or it would stay there for good, and say that there is a jam. */
		if (!oldest->is_wanted(oldest))
			return oldest;
		TAILQ_FOREACH_REVERSE(line, &a->levels[level], line_list, order)
			if (has_room(a, line))
				return first_of(line, now_ms);
		return NULL;
	}
	TAILQ_FOREACH(line, &a->levels[level], order)
		if (has_room(a, line))
			return first_of(line, now_ms);
	return NULL;
}

static struct sts_ticket *
next_in_line(struct sts_admission *a, int64_t now_ms)
{
	struct sts_ticket *t = NULL;

	for (size_t level = 0; t == NULL && level < ADMISSION_LEVELS; level++)
		t = next_in_level(a, level, now_ms);
	return t;
}

/* Whoever cannot go now is put where he waits for what he lacks: nobody is looked at again for nothing. */
static struct sts_ticket *
next_wanted(struct sts_admission *a, int64_t now_ms)
{
	struct sts_ticket *t;

	while ((t = next_in_line(a, now_ms)) != NULL) {
		if (!t->is_wanted(t))
			admission_make_unwanted(a, t);
		else if (admission_is_group_full(a, t->group))
			admission_block(a, t);
		else
			return t;
	}
	return NULL;
}

/* They leave half of the places to those who wait. */
static bool
may_last_go(const struct sts_admission *a)
{
	return a->placed == 0 || a->placed < a->params.places / 2;
}

static struct sts_ticket *
next_unwanted(struct sts_admission *a)
{
	struct sts_ticket *t;

	if (!may_last_go(a))
		return NULL;
	while ((t = TAILQ_FIRST(&a->unwanted)) != NULL && admission_is_group_full(a, t->group))
		admission_block(a, t);
	return t;
}

static void
give_place(struct sts_admission *a, struct sts_ticket *t)
{
	struct sts_admission_line *line = t->line;

	admission_take_out(a, t);
	if (line != NULL) {
		TAILQ_REMOVE(&line->all, t, of_line);
		line->waiting--;
		TAILQ_INSERT_TAIL(&line->inside, t, of_line);
		line->placed++;
		note_turn(a, line);
	}
	if (t->group != NULL)
		t->group->placed++;
	a->waiting--;
	TAILQ_INSERT_TAIL(&a->inside, t, link);
	a->placed++;
	t->state = STS_TICKET_PLACED;
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
		if (a->placed >= a->params.places && !displace_one(a, NULL))
			return NULL;
	} else if ((t = next_unwanted(a)) == NULL) {
		return NULL;
	}
	(void)sts_rate_take(&a->rate, now_ms);
	give_place(a, t);
	return t;
}

/* Lines that have all the places that they may have are few: skipping them costs little. */
static bool
has_anybody(const struct sts_admission *a, bool with_room)
{
	const struct sts_admission_line *line;

	for (size_t level = 0; level < ADMISSION_LEVELS; level++)
		TAILQ_FOREACH(line, &a->levels[level], order)
			if (!with_room || may_have_place(a, line))
				return true;
	return false;
}

int64_t
sts_admission_wait_ms(struct sts_admission *admission, int64_t now_ms)
{
	const struct sts_admission *a = admission;

	if (a->placed < a->params.places &&
	    (has_anybody(a, true) || (!TAILQ_EMPTY(&a->unwanted) && may_last_go(a))))
		return sts_rate_wait_ms(&admission->rate, now_ms);
	/* It is the end of somebody's that makes a place, or that nobody waits for it any more, of which nobody tells. */
	return a->displaced < a->params.displaced && has_anybody(a, false) ? STS_ADMISSION_JAM_MS : -1;
}
