/* SPDX-License-Identifier: ISC */
/*
 * repeated_question.c - repeats a recent answer, unless something has changed: the settings, what is known of the domain's policy
 * or DANE, the time.
 *
 * Whatever else a question causes (the domain stays in memory, is refreshed, is rechecked) happens when the answer here expires: it
 * is kept for a short time compared with those.
 */
#include "config.h"

#include "milter/socketmap/socketmap_private.h"

enum {
	REPEAT_S = 60,
	LIFE_FRACTION = 4,		/* of an entry's remaining life: only a new question makes the cache refresh it in time */
	BYTES_MAX = 32 << 20,
	SWEEP_MS = 1000,
};

bool
repeat_new(struct socketmap *s)
{
	s->memo = answer_memo_new(BYTES_MAX);
	return s->memo != NULL;
}

void
repeat_forget(struct socketmap *s, const char *domain)
{
	s->dane_stamps[sts_l1_place(domain) % DANE_STAMPS]++;
}

/* Both only ever grow, so an unchanged sum means that both are unchanged. */
uint32_t
repeat_stamp(const struct socketmap *s, uint32_t place)
{
	return sts_cache_stamp(s->service->cache, place) + s->dane_stamps[place % DANE_STAMPS];
}

bool
repeat_answer(struct connection *c, const char *request, size_t len)
{
	struct socketmap *s = c->server;
	struct kept_answer kept;

	/* At this level, each answer must be logged. */
	if (sts_log_wants(STS_LOG_DEBUG) || !answer_memo_find(s->memo, request, len, s->now_ms / 1000, &kept) ||
	    repeat_stamp(s, kept.place) != kept.stamp)
		return false;
	metrics_count(&s->service->metrics, METRICS_SOCKETMAP_QUESTIONS, STS_ASKED_DOMAIN, 0);
	metrics_count(&s->service->metrics, METRICS_SOCKETMAP_ANSWERS, kept.level, 0);
	connection_send(c, kept.bytes, kept.len);
	return true;
}

/* Seconds of the monotonic clock; in the past if the answer could change at once. */
static int64_t
good_until(const struct question *q, const struct sts_entry *entry, int64_t now)
{
	const struct socketmap *s = q->server;
	int64_t mono = s->now_ms / 1000, until = mono + REPEAT_S;

	if (entry != NULL && (entry->expires - now) / LIFE_FRACTION < REPEAT_S)
		until = mono + (entry->expires - now) / LIFE_FRACTION;
	if (s->dane != NULL && q->rule == NULL) {
		int64_t dane_until = sts_dane_cache_until_ms(s->dane, q->query.domain) / 1000;

		until = dane_until < until ? dane_until : until;
	}
	return until;
}

void
repeat_keep(const struct question *q, const struct sts_entry *entry, const struct kept_answer *answer, int64_t now)
{
	struct socketmap *s = q->server;

	answer_memo_keep(s->memo, q->request, q->request_len, answer, good_until(q, entry, now), s->now_ms / 1000);
}

int64_t
repeat_due_ms(struct socketmap *s)
{
	if (answer_memo_count(s->memo) == 0)
		return INT64_MAX;
	return s->sweep_at_ms;
}

void
repeat_sweep(struct socketmap *s)
{
	if (s->now_ms < repeat_due_ms(s))
		return;
	s->sweep_at_ms = s->now_ms + SWEEP_MS;
	answer_memo_sweep(s->memo, s->now_ms / 1000);
}
