/* SPDX-License-Identifier: ISC */
/*
 * question.c - handles one question: looks up what it needs, and how long it may wait for that. outbound/socketmap_answer.c makes the
 * decision.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "milter/socketmap/socketmap_private.h"
#include "shared-cache/base/clock.h"

static struct question *
question_of_task(struct sts_task *task)
{
	return (struct question *)(void *)((char *)task - offsetof(struct question, task));
}

static struct question *
question_of_waiter(struct sts_dane_waiter *waiter)
{
	return (struct question *)(void *)((char *)waiter - offsetof(struct question, waiter));
}

/* ---- the answer ---- */

static void
reply_not_found(struct connection *c)
{
	static const char reply[] = "9:NOTFOUND ,";

	metrics_count(&c->server->service->metrics, METRICS_SOCKETMAP_ANSWERS, STS_SEND_DEFAULT, 0);
	connection_send(c, reply, sizeof(reply) - 1);
}

/* Schedules a recheck of the domain soon after its policy was served. The schedule uses seconds of the monotonic clock. */
static void
note_served(const struct question *q, const struct sts_entry *entry, int64_t now)
{
	struct socketmap *s = q->server;
	int64_t due = entry->checked + q->conf->outbound_recheck_ms / 1000, mono = s->now_ms / 1000;

	sts_recheck_queue_add(s->recheck, entry->domain, mono + (due > now ? due - now : 0), mono);
}

/* Whether the answer may be reused: one that lacks something could change at any moment. */
static bool
is_lasting(const struct question *q, const struct sts_outbound_answer *answer)
{
	return q->request != NULL && !answer->defer && answer->why != STS_WHY_PENDING && !q->awaits_dane;
}

static void
reply(const struct question *q, const struct sts_entry *entry)
{
	struct socketmap *s = q->server;
	const struct sts_outbound_facts facts = {
		.map = q->query.map,
		.domain = q->query.domain,
		.rule = q->rule,
		.entry = entry,
		.dane = q->awaits_dane ? STS_DANE_PENDING : q->dane,
		.report_testing = q->conf->outbound_report_testing,
		.may_defer = q->conf->socketmap_tempfail,
		.now = sts_clock_now(),
	};
	struct sts_outbound_answer answer;
	struct kept_answer out = { .place = q->place, .stamp = q->stamp };
	struct sts_text text;

	sts_outbound_decide(&facts, &answer);
	sts_text_init(&text, s->reply + STS_NETSTRING_HEAD, STS_ANSWER_CAP);
	sts_outbound_write(&facts, &answer, &text);
	out.bytes = sts_netstring_frame(s->reply, text.len, &out.len);
	out.level = answer.defer ? (unsigned)STS_SEND_LEVELS : (unsigned)answer.level;
	metrics_count(&s->service->metrics, METRICS_SOCKETMAP_ANSWERS, out.level, 0);
	if (answer.why == STS_WHY_POLICY)
		note_served(q, entry, facts.now);
	sts_debug("socketmap domain=%s map=%s answer=%s why=%s dane=%s", q->query.domain, sts_socketmap_name(q->query.map),
	    answer.defer ? "temp" : sts_send_level_name(answer.level), sts_outbound_why_name(answer.why),
	    sts_dane_name(facts.dane));
	connection_send(q->connection, out.bytes, out.len);
	if (is_lasting(q, &answer))
		repeat_keep(q, entry, &out, facts.now);
}

/* ---- ending ---- */

/* Frees it, unless the cache's thread still has it; then on_policy does. */
static void
release(struct question *q)
{
	if (q->awaits_dane)
		sts_dane_cache_cancel(q->server->dane, q->query.domain, &q->waiter);
	q->awaits_dane = false;
	sts_lookup_release(&q->lookup);
	sts_conf_unref(&q->conf);
	q->connection = NULL;
	if (!q->awaits_policy)
		free(q);
}

static void
answer(struct question *q)
{
	struct connection *c = q->connection;
	struct sts_answer known = { 0 };

	if (q->lookup != NULL)
		sts_lookup_wait(q->lookup, 0, &known);
	reply(q, known.entry);
	c->question = NULL;
	release(q);
}

/* Answers a question that had to wait. */
static void
answer_late(struct question *q)
{
	struct connection *c = q->connection;

	TAILQ_REMOVE(&q->server->pending, q, link);
	answer(q);
	connection_resume(c);
}

void
question_give_up(struct question *q)
{
	metrics_count(&q->server->service->metrics, METRICS_SOCKETMAP_LATE, 0, 0);
	answer_late(q);
}

void
question_abandon(struct question *q)
{
	TAILQ_REMOVE(&q->server->pending, q, link);
	q->connection->question = NULL;
	release(q);
}

/* ---- results of look-ups ---- */

static void
on_policy(struct sts_task *task)
{
	struct question *q = question_of_task(task);

	q->awaits_policy = false;
	if (q->connection == NULL)
		free(q);
	else if (!q->awaits_dane)
		answer_late(q);
}

/* On the cache's thread. */
static void
post_result(void *arg)
{
	struct question *q = arg;
	struct socketmap *s = q->server;

	sts_queue_post(s->mailbox, &q->task);
	server_wake(s);
}

static void
on_dane(struct sts_dane_waiter *waiter, enum sts_dane dane)
{
	struct question *q = question_of_waiter(waiter);

	q->awaits_dane = false;
	q->dane = dane;
	if (!q->awaits_policy)
		answer_late(q);
}

void
question_run_mailbox(struct socketmap *s)
{
	sts_queue_run(s->mailbox);
}

/* ---- starting ---- */

/* Without memory nothing is known, and the answer says so. */
static void
ask_policy(struct question *q)
{
	struct sts_answer known;

	if (sts_cache_lookup(q->server->service->cache, q->query.domain, NULL, &q->lookup) != STS_OK)
		return;
	sts_lookup_wait(q->lookup, 0, &known);
	if (known.entry != NULL)
		return;
	q->task.run = on_policy;
	q->awaits_policy = sts_lookup_notify(q->lookup, post_result, q);
}

static void
ask_dane(struct question *q)
{
	if (q->server->dane == NULL || q->rule != NULL)
		return;
	q->waiter.answer = on_dane;
	q->dane = sts_dane_cache_ask(q->server->dane, q->query.domain, &q->waiter);
	q->awaits_dane = q->dane == STS_DANE_PENDING;
}

/* Whether the rule alone decides. `secure' without names needs those of the policy. */
static bool
is_settled(const struct sts_send_rule *rule)
{
	return rule != NULL && (rule->level != STS_SEND_SECURE || rule->match != NULL);
}

/* False: it was answered at once, and freed. */
static bool
ask(struct question *q)
{
	struct socketmap *s = q->server;

	if (!is_settled(q->rule)) {
		ask_policy(q);
		ask_dane(q);
	}
	if ((q->awaits_policy || q->awaits_dane) && q->conf->policy_wait_outbound_ms > 0) {
		q->deadline_ms = s->now_ms + q->conf->policy_wait_outbound_ms;
		if (s->draining && q->deadline_ms > s->drain_until_ms - DRAIN_MS / 2)
			q->deadline_ms = s->drain_until_ms - DRAIN_MS / 2;
		q->connection->question = q;
		q->request = NULL;
		TAILQ_INSERT_TAIL(&s->pending, q, link);
		return true;
	}
	answer(q);
	return false;
}

bool
question_start(struct connection *c, const char *request, size_t len)
{
	struct socketmap *s = c->server;
	struct sts_socketmap_query query;
	struct question *q = NULL;

	if (repeat_answer(c, request, len))
		return true;
	sts_socketmap_parse(request, len, &query);
	metrics_count(&s->service->metrics, METRICS_SOCKETMAP_QUESTIONS, query.kind, 0);
	if (query.kind != STS_ASKED_DOMAIN) {
		reply_not_found(c);
		return true;
	}
	if (s->conf->outbound)
		q = calloc(1, sizeof(*q));
	if (q == NULL) {
		reply_not_found(c);
		return true;
	}
	q->server = s;
	q->connection = c;
	q->query = query;
	q->request = request;
	q->request_len = len;
	q->place = sts_l1_place(query.domain);
	q->stamp = repeat_stamp(s, q->place);
	q->conf = sts_conf_ref(s->conf);
	q->rule = sts_send_rules_find(s->conf->send_rules, query.domain);
	return !ask(q);
}

void
question_answer_oversized(struct connection *c)
{
	metrics_count(&c->server->service->metrics, METRICS_SOCKETMAP_QUESTIONS, STS_ASKED_NO_NAME, 0);
	reply_not_found(c);
}
