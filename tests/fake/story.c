/* SPDX-License-Identifier: ISC */
/* story.c - one function for each word. Messages are looked up as cache.c does it: memory first, then the resolver. */
#include "config.h"

#include "tests/fake/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message {
	struct sts_waiter waiter;
	char got[128];			/* "" while waiting */
	bool gave_up;
};

static void
fail_line(const struct world *w, const char *got)
{
	fail_msg("%s: \"%s\": got \"%s\"", w->story, w->line, got);
}

/* ---- events ---- */

static void
describe(const struct sts_entry *entry, enum sts_reason reason, enum sts_source source, char out[128])
{
	if (entry == NULL) {
		snprintf(out, 128, "nothing %s", sts_reason_name(reason));
	} else if (entry->state == STS_STATE_POLICY) {
		snprintf(out, 128, "policy %s %s %s%s%s", sts_mode_name(entry->policy->mode), entry->id,
		    sts_source_name(source), entry->reason != STS_REASON_NONE ? " " : "", sts_reason_name(entry->reason));
	} else if (entry->state == STS_STATE_ABSENT) {
		snprintf(out, 128, "absent %s", sts_source_name(source));
	} else {
		snprintf(out, 128, "failed %s %s", sts_reason_name(entry->reason), sts_source_name(source));
	}
}

static void
on_answer(struct sts_waiter *waiter, struct sts_entry *entry, enum sts_reason reason, enum sts_source source)
{
	struct message *m = (struct message *)(void *)waiter;

	/* the callback comes exactly once */
	assert_string_equal(m->got, "");
	describe(entry, reason, source, m->got);
}

static bool
is_wanted(const struct sts_waiter *waiter)
{
	return !((const struct message *)(const void *)waiter)->gave_up;
}

static void
settle(struct world *w)
{
	size_t moved;

	do {
		sts_resolver_run(w->resolver);
		moved = fake_fleet_deliver(&w->fleet);
		if (!w->held)
			moved += fake_net_deliver(&w->net);
	} while (moved > 0);
	sts_resolver_run(w->resolver);
}

static void
message_comes(struct world *w, const char *domain)
{
	struct message *m = &w->messages[w->message_count++];
	struct sts_entry *entry;
	bool claimed;

	assert_true(w->message_count <= STORY_MESSAGES);
	m->waiter.answer = on_answer;
	m->waiter.is_wanted = is_wanted;
	m->waiter.client = w->client;
	entry = sts_l1_get(w->l1, domain, w->net.now, &claimed);
	if (entry == NULL) {
		sts_resolver_ask(w->resolver, domain, &m->waiter);
		return;
	}
	describe(entry, STS_REASON_NONE, STS_SOURCE_MEMORY, m->got);
	if (claimed)
		sts_resolver_ask(w->resolver, domain, NULL);
	sts_entry_unref(&entry);
}

static void
do_ask(struct world *w, const char *args)
{
	message_comes(w, args[0] != '\0' ? args : "d.example");
	settle(w);
}

static void
do_flood(struct world *w, const char *args)
{
	const char *suffix = strchr(args, ' ');
	char domain[64];

	for (int i = 0; i < atoi(args); i++) {
		snprintf(domain, sizeof(domain), "flood%d.%s", i, suffix != NULL ? suffix + 1 : "example");
		message_comes(w, domain);
	}
	settle(w);
}

static void
do_from(struct world *w, const char *args)
{
	w->client = (uint32_t)atoi(args);
}

static void
do_abort(struct world *w, const char *args)
{
	(void)args;
	for (size_t i = 0; i < w->message_count; i++)
		w->messages[i].gave_up = w->messages[i].got[0] == '\0';
}

static void
do_silent(struct world *w, const char *args)
{
	snprintf(w->net.silent, sizeof(w->net.silent), "%s", args);
	settle(w);
}

static void
do_together(struct world *w, const char *args)
{
	(void)args;
	w->net.one_address = true;
}

static void
do_host(struct world *w, const char *args)
{
	if (strcmp(args, "none") == 0)
		w->net.host_reason = STS_REASON_NONE;
	else if (!sts_reason_parse(args, strlen(args), &w->net.host_reason))
		fail_line(w, "bad line");
}

static void
do_txt(struct world *w, const char *args)
{
	unsigned ttl;

	if (strncmp(args, "ok ", 3) == 0)
		fake_net_set_records(&w->net, args + 3);
	else if (sscanf(args, "none %u", &ttl) == 1)
		w->net.txt_outcome = STS_DNS_NODATA, w->net.negative_ttl_s = ttl;
	else if (strcmp(args, "timeout") == 0)
		w->net.txt_outcome = STS_DNS_TIMEOUT;
	else if (strcmp(args, "servfail") == 0)
		w->net.txt_outcome = STS_DNS_FAILURE;
	else if (strcmp(args, "local") == 0)
		w->net.txt_outcome = STS_DNS_LOCAL;
	else
		fail_line(w, "bad line");
}

static void
do_https(struct world *w, const char *args)
{
	char mode[16];
	long max_age_s;

	if (sscanf(args, "ok %15s %ld", mode, &max_age_s) == 2) {
		fake_net_set_policy(&w->net, mode, max_age_s);
	} else if (strcmp(args, "bad") == 0) {
		w->net.fetch_reason = STS_REASON_NONE;
		snprintf(w->net.body, sizeof(w->net.body), "version: STSv1\nmode: enforce\n");
	} else if (!sts_reason_parse(args, strlen(args), &w->net.fetch_reason)) {
		fail_line(w, "bad line");
	}
}

static struct sts_entry *
entry_of(const struct world *w, const char *mode, long max_age_s, const char *id, long age_s)
{
	int64_t then = w->net.now - age_s;
	struct sts_entry_spec spec = { .domain = "d.example", .state = STS_STATE_POLICY, .id = id, .fetched = then,
		.checked = then, .expires = then + max_age_s };
	struct sts_entry *entry;
	char text[FAKE_TEXT_CAP];

	fake_policy_text(mode, max_age_s, text);
	spec.text = text;
	spec.text_len = strlen(text);
	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	return entry;
}

static void
do_fleet(struct world *w, const char *args)
{
	static const struct {
		const char *word;
		size_t offset;
		bool value;
	} switches[] = {
		{ "down", offsetof(struct fake_fleet, down), true }, { "up", offsetof(struct fake_fleet, down), false },
		{ "deaf", offsetof(struct fake_fleet, deaf), true }, { "hears", offsetof(struct fake_fleet, deaf), false },
		{ "locked", offsetof(struct fake_fleet, locked_by_other), true },
		{ "free", offsetof(struct fake_fleet, locked_by_other), false },
		{ "forgets", offsetof(struct fake_fleet, forgets), true }, { "all", offsetof(struct fake_fleet, same_for_all), true },
	};
	char mode[16], id[40], got[32];
	long max_age_s, age_s;
	unsigned n;

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strcmp(args, switches[i].word) == 0) {
			*(bool *)((char *)&w->fleet + switches[i].offset) = switches[i].value;
			return;
		}
	}
	if (sscanf(args, "has %15s %ld %39s %ld", mode, &max_age_s, id, &age_s) == 4) {
		fake_fleet_set(&w->fleet, entry_of(w, mode, max_age_s, id, age_s));
	} else if (sscanf(args, "late %15s %ld %39s %ld", mode, &max_age_s, id, &age_s) == 4) {
		w->fleet.late = entry_of(w, mode, max_age_s, id, age_s);
	} else if (sscanf(args, "puts %u", &n) == 1) {
		snprintf(got, sizeof(got), "puts %u", w->fleet.puts);
		if (w->fleet.puts != n)
			fail_line(w, got);
	} else if (sscanf(args, "published %u", &n) == 1) {
		snprintf(got, sizeof(got), "published %u", w->fleet.published);
		if (w->fleet.published != n)
			fail_line(w, got);
	} else {
		fail_line(w, "bad line");
	}
}

static void
do_forget(struct world *w, const char *args)
{
	sts_resolver_forget(w->resolver, args[0] != '\0' ? args : "d.example");
}

static void
pass(struct world *w, int64_t ms)
{
	w->net.mono_ms += ms;
	w->net.now += ms / 1000;
	settle(w);
}

static void
do_time(struct world *w, const char *args)
{
	pass(w, strtoll(args, NULL, 10) * 1000);
}

static void
do_ms(struct world *w, const char *args)
{
	pass(w, strtoll(args, NULL, 10));
}

static void
do_hold(struct world *w, const char *args)
{
	(void)args;
	w->held = true;
}

static void
do_flow(struct world *w, const char *args)
{
	(void)args;
	w->held = false;
	settle(w);
}

static void
do_stop(struct world *w, const char *args)
{
	(void)args;
	sts_resolver_stop(w->resolver);
}

/* ---- expectations ---- */

static const char *
got_of(const struct message *m)
{
	return m->got[0] != '\0' ? m->got : "waiting";
}

static void
do_want(struct world *w, const char *args)
{
	const char *got = got_of(&w->messages[w->message_count - 1]);

	if (strcmp(got, args) != 0)
		fail_line(w, got);
}

static void
count(struct world *w, const char *args, const uint32_t *client)
{
	char *answer, got[32];
	long wanted = strtol(args, &answer, 10), n = 0;

	for (size_t i = 0; i < w->message_count; i++) {
		const struct message *m = &w->messages[i];

		n += strcmp(got_of(m), answer + 1) == 0 && (client == NULL || m->waiter.client == *client);
	}
	snprintf(got, sizeof(got), "%ld", n);
	if (n != wanted)
		fail_line(w, got);
}

static void
do_count(struct world *w, const char *args)
{
	count(w, args, NULL);
}

static void
do_theirs(struct world *w, const char *args)
{
	char *rest;
	uint32_t client = (uint32_t)strtol(args, &rest, 10);

	count(w, rest + 1, &client);
}

static void
do_fetching(struct world *w, const char *args)
{
	char got[32];

	snprintf(got, sizeof(got), "%zu", w->net.most_fetching);
	if (strcmp(got, args) != 0)
		fail_line(w, got);
}

static void
do_asked(struct world *w, const char *args)
{
	char got[32];

	snprintf(got, sizeof(got), "%u %u", w->net.txt_asked - w->txt_seen, w->net.fetch_asked - w->fetch_seen);
	w->txt_seen = w->net.txt_asked;
	w->fetch_seen = w->net.fetch_asked;
	if (strcmp(got, args) != 0)
		fail_line(w, got);
}

static void
do_most(struct world *w, const char *args)
{
	char got[32];

	snprintf(got, sizeof(got), "%zu", w->net.most_under_way);
	if (strcmp(got, args) != 0)
		fail_line(w, got);
}

static const struct {
	const char *word;
	void (*fn)(struct world *w, const char *args);
} words[] = {
	{ "txt", do_txt }, { "https", do_https }, { "fleet", do_fleet }, { "hold", do_hold }, { "flow", do_flow },
	{ "ask", do_ask }, { "flood", do_flood }, { "want", do_want }, { "count", do_count }, { "asked", do_asked },
	{ "from", do_from }, { "abort", do_abort }, { "silent", do_silent }, { "together", do_together }, { "host", do_host },
	{ "theirs", do_theirs }, { "fetching", do_fetching },
	{ "most", do_most }, { "forget", do_forget }, { "time", do_time }, { "ms", do_ms }, { "stop", do_stop },
};

void
world_line(struct world *w, const char *line)
{
	size_t len = strcspn(line, " ");

	w->line = line;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) == len && memcmp(words[i].word, line, len) == 0) {
			words[i].fn(w, line[len] != '\0' ? line + len + 1 : "");
			return;
		}
	}
	fail_line(w, "bad line");
}

void
world_begin_process(struct world *w)
{
	const struct story *story = w->told;
	int64_t concurrency = story->concurrency != 0 ? story->concurrency : 8;
	const struct sts_resolver_params params = {
		.rules = { 300, 3600, 300, { .refresh_s = 86400, .recheck_s = 3600, .salt = 1 } },
		.dns_concurrency = story->dns != 0 ? story->dns : concurrency,
		.dns_rate = story->rate != 0 ? story->rate : 1000,
		.fetch_concurrency = concurrency,
		.fetch_rate = story->fetch_rate != 0 ? story->fetch_rate : story->rate != 0 ? story->rate : 1000,
		.fetch_per_host = story->per_host != 0 ? story->per_host : concurrency,
		.negative_puts = 50, .negative_burst = 100,
		.dns_timeout_ms = 5000,
		.fetch_timeout_ms = 10000,
	};
	struct sts_resolver_env env;

	assert_int_equal(sts_l1_new(1000, 1 << 20, NULL, &w->l1), STS_OK);
	env = (struct sts_resolver_env){ .l1 = w->l1, .net = &w->net.net, .store = story->fleet ? &w->fleet.store : NULL,
		.time = &w->net.time };
	assert_int_equal(sts_resolver_new(&params, &env, &w->resolver), STS_OK);
}

void
world_end_process(struct world *w)
{
	const enum sts_dns_outcome txt_outcome = w->net.txt_outcome;
	const enum sts_reason fetch_reason = w->net.fetch_reason;
	struct sts_resolver_state state;

	sts_resolver_stop(w->resolver);
	fake_net_end(&w->net);
	/* The next process uses the same net. */
	w->net.txt_outcome = txt_outcome;
	w->net.fetch_reason = fetch_reason;
	fake_fleet_deliver(&w->fleet);
	sts_resolver_state(w->resolver, &state);
	w->line = "the end: flights, locks";
	if (state.flights != 0 || w->fleet.locks_held != 0)
		fail_line(w, "some left");
	sts_resolver_free(&w->resolver);
	sts_l1_free(&w->l1);
}

struct world *
world_new(const struct story *story)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->told = story;
	w->story = story->name;
	w->messages = calloc(STORY_MESSAGES, sizeof(*w->messages));
	assert_non_null(w->messages);
	fake_net_init(&w->net);
	fake_fleet_init(&w->fleet);
	world_begin_process(w);
	return w;
}

void
world_free(struct world *w)
{
	world_end_process(w);
	fake_fleet_fini(&w->fleet);
	free(w->messages);
	free(w);
}
