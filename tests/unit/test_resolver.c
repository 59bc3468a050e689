/* SPDX-License-Identifier: ISC */
/*
 * test_resolver.c - stories: what DNS, web servers and the fleet say, what messages ask, time passes, what is answered,
 * and what was asked of the network.
 *
 *   txt ok RECORDS | txt none TTL | txt timeout | txt servfail      https ok MODE MAX_AGE | https bad | https REASON
 *   fleet down|up|deaf|hears|locked|free     fleet has|late MODE MAX_AGE ID AGE     fleet puts N
 *   hold | flow          the network keeps its answers back, or gives them
 *   ask [DOMAIN]         a message comes in, as sts_cache.c would take it
 *   flood N              N messages of N new domains
 *   want ANSWER          what the last message got: policy MODE ID SOURCE [REASON] | absent SOURCE | failed REASON SOURCE |
 *                        nothing REASON | waiting
 *   count N ANSWER       how many of all messages got it
 *   asked T F            TXT questions and fetches since the last `asked`
 *   most N               questions that were under way at a time, at most
 *   time SECONDS, ms MS  passes
 *   stop
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

#include "shared-cache/sts_l1.h"
#include "shared-cache/sts_resolver.h"
#include "tests/fake/fake_fleet.h"
#include "tests/fake/fake_net.h"

enum { MESSAGES_MAX = 400, LINES_MAX = 48 };

struct message {
	struct sts_waiter waiter;
	char got[128];			/* "" while waiting */
};

struct world {
	struct fake_net net;
	struct fake_fleet fleet;
	struct sts_l1 *l1;
	struct sts_resolver *resolver;
	bool held;
	struct message *messages;
	size_t message_count;
	unsigned txt_seen, fetch_seen;
	const char *story, *line;
};

struct story {
	const char *name;
	size_t concurrency;		/* 0: 8 */
	int64_t rate;			/* 0: 1000 */
	bool fleet;
	const char *lines[LINES_MAX];
};

static void
fail_line(const struct world *w, const char *got)
{
	fail_msg("%s: \"%s\": got \"%s\"", w->story, w->line, got);
}

/* ---- what happens ---- */

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

	/* exactly once */
	assert_string_equal(m->got, "");
	describe(entry, reason, source, m->got);
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

	assert_true(w->message_count <= MESSAGES_MAX);
	m->waiter.answer = on_answer;
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
	char domain[32];

	for (int i = 0; i < atoi(args); i++) {
		snprintf(domain, sizeof(domain), "flood%d.example", i);
		message_comes(w, domain);
	}
	settle(w);
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
	} else {
		fail_line(w, "bad line");
	}
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

/* ---- what is expected ---- */

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
do_count(struct world *w, const char *args)
{
	char *answer, got[32];
	long wanted = strtol(args, &answer, 10), n = 0;

	for (size_t i = 0; i < w->message_count; i++)
		n += strcmp(got_of(&w->messages[i]), answer + 1) == 0;
	snprintf(got, sizeof(got), "%ld", n);
	if (n != wanted)
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
	{ "most", do_most }, { "time", do_time }, { "ms", do_ms }, { "stop", do_stop },
};

static void
run_line(struct world *w, const char *line)
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

/* ---- the stories ---- */

#define RECORD "txt ok v=STSv1; id=1;"
#define RECORD2 "txt ok v=STSv1; id=2;"
#define WEEK "https ok enforce 604800"

static const struct story stories[] = {
	{ "first lookup, then hits", .lines = {
		RECORD, WEEK, "ask", "want policy enforce 1 network", "asked 1 1",
		"ask", "want policy enforce 1 memory", "time 3000", "ask", "want policy enforce 1 memory", "asked 0 0" } },
	{ "three waiters, one flight", .lines = {
		RECORD, WEEK, "hold", "ask", "ask", "ask", "want waiting", "asked 1 0", "flow",
		"count 3 policy enforce 1 network", "asked 0 1" } },
	{ "two domains, two flights", .lines = {
		RECORD, WEEK, "hold", "ask a.example", "ask b.example", "flow", "count 2 policy enforce 1 network", "asked 2 2" } },
	{ "nothing published", .lines = { "txt none 0", "ask", "want absent network", "asked 1 0" } },
	{ "negatives: no soa is the minimum", .lines = {
		"txt none 0", "ask", "time 299", "ask", "want absent memory", "time 1", "asked 1 0", "ask",
		"want absent network", "asked 1 0" } },
	{ "negatives: a small soa is clamped", .lines = {
		"txt none 5", "ask", "time 299", "ask", "want absent memory", "time 1", "ask", "want absent network" } },
	{ "negatives: the soa counts", .lines = {
		"txt none 1000", "ask", "time 999", "ask", "want absent memory", "time 1", "ask", "want absent network" } },
	{ "negatives: a large soa is clamped", .lines = {
		"txt none 86400", "ask", "time 3599", "ask", "want absent memory", "time 1", "ask", "want absent network" } },
	{ "negatives are not refreshed ahead", .lines = {
		"txt none 3600", "ask", "asked 1 0", "time 3500", "time 3500", "time 60", "asked 0 0" } },
	{ "a policy after a negative", .lines = {
		"txt none 0", "ask", RECORD, WEEK, "time 301", "ask", "want policy enforce 1 network" } },
	{ "two records are none", .lines = {
		"txt ok v=STSv1; id=1;|v=STSv1; id=2;", "ask", "want absent network", "asked 1 0" } },
	{ "other records do not count", .lines = {
		"txt ok v=spf1 -all|v=STSv1; id=1;", WEEK, "ask", "want policy enforce 1 network" } },
	{ "record invalid", .lines = {
		"txt ok v=STSv1; id=a-b;", "ask", "want failed record-invalid network", "asked 1 0",
		"ask", "want failed record-invalid memory", "asked 0 0",
		RECORD, WEEK, "time 300", "ask", "want policy enforce 1 network" } },
	{ "policy invalid", .lines = {
		RECORD, "https bad", "ask", "want failed policy-invalid network", "asked 1 1",
		"time 299", "ask", "want failed policy-invalid memory", "asked 0 0" } },
	{ "dns timeout", .lines = {
		"txt timeout", "ask", "want failed dns-timeout network", "time 299", "ask", "want failed dns-timeout memory",
		"asked 1 0", "time 1", "ask", "asked 1 0" } },
	{ "dns failure", .lines = { "txt servfail", "ask", "want failed dns-failure network" } },
	{ "a failed fetch is not repeated within five minutes", .lines = {
		RECORD, "https fetch-connect", "ask", "want failed fetch-connect network", "asked 1 1",
		"time 299", "ask", "want failed fetch-connect memory", "asked 0 0",
		"time 1", "ask", "want failed fetch-connect network", "asked 1 1" } },
	{ "waits double, up to an hour", .lines = {
		RECORD, "https fetch-status", "ask", "time 300", "ask", "asked 2 2",
		"time 599", "ask", "asked 0 0", "time 1", "ask", "asked 1 1",
		"time 1199", "ask", "asked 0 0", "time 1", "ask", "asked 1 1",
		"time 2400", "ask", "asked 1 1", "time 3599", "ask", "asked 0 0", "time 1", "ask", "asked 1 1",
		"time 3599", "ask", "asked 0 0", WEEK, "time 1", "ask", "want policy enforce 1 network" } },
	{ "a failure long ago does not double", .lines = {
		RECORD, "https fetch-status", "ask", "time 300", "ask", "time 20000", "ask", "asked 3 3", "time 300", "ask",
		"asked 1 1" } },
	{ "same id: confirmed, not fetched", .lines = {
		RECORD, WEEK, "ask", "asked 1 1", "time 3600", "ask", "want policy enforce 1 memory", "asked 1 0",
		"ask", "asked 0 0", "time 3600", "ask", "asked 1 0" } },
	{ "without messages the id is not re-checked", .lines = {
		RECORD, WEEK, "ask", "asked 1 1", "time 3600", "time 3600", "time 3600", "asked 0 0" } },
	{ "a changed id is fetched at once", .lines = {
		RECORD, WEEK, "ask", RECORD2, "https ok testing 604800", "time 3600", "ask", "want policy enforce 1 memory",
		"ask", "want policy testing 2 memory", "asked 2 2" } },
	{ "mode none is a policy", .lines = {
		RECORD, "https ok none 86400", "ask", "want policy none 1 network", "time 60", "ask", "want policy none 1 memory" } },
	{ "a live policy survives a lost record", .lines = {
		RECORD, WEEK, "ask", "txt none 0", "time 3600", "ask", "ask", "want policy enforce 1 memory", "asked 2 1",
		"time 299", "ask", "asked 0 0", "time 1", "ask", "want policy enforce 1 memory", "asked 1 0" } },
	{ "a lost record, then expiry: absent", .lines = {
		RECORD, "https ok enforce 7200", "ask", "txt none 3600", "time 5400", "ask", "want policy enforce 1 memory",
		"asked 2 1", "time 1799", "ask", "want policy enforce 1 memory", "asked 0 0",
		"time 1", "ask", "want absent network", "asked 1 0" } },
	{ "a live policy survives an invalid record", .lines = {
		RECORD, WEEK, "ask", "txt ok v=STSv1; id=;", "time 3600", "ask", "ask",
		"want policy enforce 1 memory record-invalid", "asked 2 1" } },
	{ "a live policy survives dns failures", .lines = {
		RECORD, WEEK, "ask", "txt timeout", "time 3600", "ask", "ask", "want policy enforce 1 memory dns-timeout",
		"asked 2 1", "txt servfail", "time 300", "ask", "ask", "want policy enforce 1 memory dns-failure", "asked 1 0",
		RECORD, "time 3600", "ask", "ask", "want policy enforce 1 memory", "asked 1 0" } },
	{ "a live policy survives failed fetches until it expires", .lines = {
		RECORD, "https ok enforce 86400", "ask", "asked 1 1", "https fetch-tls", "time 72000", "ask", "ask",
		"want policy enforce 1 memory fetch-tls", "asked 1 1", "time 14399", "ask",
		"want policy enforce 1 memory fetch-tls", "time 300", "ask", "want failed fetch-tls network" } },
	{ "expiry does not lift the bar of a failed fetch", .lines = {
		RECORD, "https ok enforce 1200", "ask", RECORD2, "https fetch-tls", "time 1100", "ask", "asked 2 2",
		"time 100", "ask", "want failed fetch-tls memory", "asked 0 0", "time 199", "ask", "want failed fetch-tls memory",
		"asked 0 0", "time 1", "ask", "want failed fetch-tls network", "asked 1 1" } },
	{ "a changed id whose fetch fails: the old one stays, five minutes of peace", .lines = {
		RECORD, WEEK, "ask", RECORD2, "https fetch-timeout", "time 3600", "ask", "ask",
		"want policy enforce 1 memory fetch-timeout", "asked 2 2", "time 299", "ask", "asked 0 0",
		WEEK, "time 1", "ask", "ask", "want policy enforce 2 memory", "asked 1 1" } },
	{ "an invalid new policy does not replace a live one", .lines = {
		RECORD, WEEK, "ask", RECORD2, "https bad", "time 3600", "ask", "ask",
		"want policy enforce 1 memory policy-invalid" } },
	{ "max_age 0 serves those who waited, and is not fetched per message", .lines = {
		RECORD, "https ok enforce 0", "hold", "ask", "ask", "flow", "count 2 policy enforce 1 network", "asked 1 1",
		"ask", "want nothing overload", "time 299", "ask", "want nothing overload", "asked 0 0",
		"time 1", "ask", "want policy enforce 1 network", "asked 1 1" } },
	{ "a short max_age is not lengthened", .lines = {
		RECORD, "https ok enforce 60", "ask", "time 59", "ask", "want policy enforce 1 memory", "time 1", "ask",
		"want nothing overload", "asked 1 1", "time 240", "ask", "want policy enforce 1 network", "asked 1 1" } },
	{ "refreshed ahead, without a message", .lines = {
		RECORD, WEEK, "ask", "asked 1 1", "time 70000", "asked 0 0", "time 16400", "asked 1 1",
		"ask", "want policy enforce 1 memory", "asked 0 0" } },
	{ "expiry is counted from the last fetch", .lines = {
		RECORD, "https ok enforce 100000", "ask", "time 75000", "asked 2 2", "https fetch-connect",
		"time 99999", "ask", "want policy enforce 1 memory", "time 1", "ask", "want failed fetch-connect memory" } },
	{ "only domains used lately are refreshed ahead", .lines = {
		RECORD, WEEK, "ask", "time 86400", "asked 2 2", "time 86400", "asked 1 1", "time 86400", "asked 0 0",
		"time 86400", "asked 0 0", "ask", "want policy enforce 1 memory", "asked 1 1", "time 86400", "asked 1 1" } },
	{ "a domain too long for a record below it", .lines = {
		RECORD, WEEK,
		"ask aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		"bbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.ddddddddddddddddddddddddddddddddddddd"
		"dddddddddddd.example",
		"want absent network", "asked 0 0" } },
	/* limits */
	{ "places on the network", 2, .lines = {
		RECORD, WEEK, "hold", "flood 5", "asked 2 0", "most 2", "flow", "count 5 policy enforce 1 network", "asked 3 5",
		"most 2" } },
	{ "overload", 1, .lines = {
		RECORD, WEEK, "hold", "flood 20", "count 16 waiting", "count 4 nothing overload", "ask flood3.example",
		"want waiting", "flow", "count 17 policy enforce 1 network", "ask flood19.example", "want policy enforce 1 network" } },
	{ "too many who wait", 1, .lines = {
		RECORD, WEEK, "hold",
		"flood 16", "flood 16", "flood 16", "flood 16", "flood 1", "count 64 waiting", "want nothing overload" } },
	{ "rate", 100, 5, .lines = {
		RECORD, WEEK, "flood 12", "asked 5 5", "ms 100", "asked 0 0", "ms 100", "asked 1 1", "time 1", "asked 5 5",
		"time 1", "asked 1 1", "count 12 policy enforce 1 network" } },
	{ "who waits goes before refreshes", 1, 1, .lines = {
		RECORD, WEEK, "flood 1", "time 3600", "ask flood0.example", "asked 2 1", "time 3600",
		"hold", "ask new.example", "ask flood0.example", "ask newer.example", "flow", "want waiting",
		"time 1", "want policy enforce 1 network", "asked 2 2", "time 1", "asked 1 0" } },
	/* the fleet */
	{ "found in the store", .fleet = true, .lines = {
		"fleet has enforce 604800 7 100", "ask", "want policy enforce 7 store", "asked 0 0", "ask",
		"want policy enforce 7 memory", "fleet puts 0" } },
	{ "found in the store, but due: answered, and refreshed", .fleet = true, .lines = {
		"fleet has enforce 604800 7 4000", RECORD, WEEK, "hold", "ask", "want policy enforce 7 store", "asked 1 0", "flow",
		"asked 0 1", "ask", "want policy enforce 1 memory", "fleet puts 1" } },
	{ "what is found is put", .fleet = true, .lines = {
		RECORD, WEEK, "ask", "want policy enforce 1 network", "fleet puts 1" } },
	{ "dead on arrival is not put", .fleet = true, .lines = {
		RECORD, "https ok enforce 0", "ask", "want policy enforce 1 network", "fleet puts 0" } },
	{ "another node is at it", .fleet = true, .lines = {
		"fleet locked", RECORD, WEEK, "ask", "want waiting", "asked 0 0", "ms 200", "want waiting",
		"fleet has testing 604800 9 0", "ms 200", "want policy testing 9 store", "asked 0 0" } },
	{ "another node gave up: the lock is free", .fleet = true, .lines = {
		"fleet locked", RECORD, WEEK, "ask", "ms 200", "want waiting", "fleet free", "ms 200",
		"want policy enforce 1 network", "asked 1 1" } },
	{ "another node died with the lock", .fleet = true, .lines = {
		"fleet locked", RECORD, WEEK, "ask", "time 15", "want waiting", "asked 0 0", "time 1", "ms 200",
		"want policy enforce 1 network", "asked 1 1" } },
	{ "who waits for another node takes no place", 1, .fleet = true, .lines = {
		RECORD, WEEK, "fleet locked", "ask", "fleet free", "hold", "ask b.example", "asked 1 0", "flow",
		"want policy enforce 1 network" } },
	{ "who waits for another node uses up no rate", 8, 1, .fleet = true, .lines = {
		RECORD, WEEK, "fleet locked", "ask", "fleet free", "ask b.example", "want policy enforce 1 network" } },
	{ "another node was faster by a hair", .fleet = true, .lines = {
		RECORD, WEEK, "fleet late testing 604800 9 0", "ask", "want policy testing 9 store", "asked 0 0" } },
	{ "store away", .fleet = true, .lines = {
		"fleet down", RECORD, WEEK, "ask", "want policy enforce 1 network", "asked 1 1" } },
	{ "store takes no calls", .fleet = true, .lines = {
		"fleet deaf", RECORD, WEEK, "ask", "want policy enforce 1 network", "asked 1 1" } },
	{ "store goes away while waiting for another node", .fleet = true, .lines = {
		"fleet locked", RECORD, WEEK, "ask", "want waiting", "fleet down", "ms 200", "want policy enforce 1 network" } },
	{ "another node refreshed it", .fleet = true, .lines = {
		RECORD, WEEK, "ask", "asked 1 1", "time 3600", "fleet has enforce 604800 5 10", "ask",
		"want policy enforce 1 memory", "ask", "want policy enforce 5 memory", "asked 0 0" } },
	/* the end */
	{ "stopped with flights in every place", 2, .fleet = true, .lines = {
		RECORD, WEEK, "hold", "flood 3", "fleet locked", "ask", "stop", "count 4 nothing pending",
		"ask late.example", "want nothing pending" } },
	{ "stopped while fetching", .lines = {
		RECORD, WEEK, "hold", "ask", "stop", "want nothing pending", "flow" } },
	{ "stopped while asking the fleet", .fleet = true, .lines = {
		RECORD, WEEK, "stop", "ask", "want nothing pending" } },
};

static struct world *
world_new(const struct story *story)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sts_resolver_params params = {
		.rules = { 300, 3600, 300, { .refresh_s = 86400, .recheck_s = 3600, .salt = 1 } },
		.concurrency = story->concurrency != 0 ? story->concurrency : 8,
		.rate = story->rate != 0 ? story->rate : 1000,
		.dns_timeout_ms = 5000,
		.fetch_timeout_ms = 10000,
	};
	struct sts_resolver_env env;

	assert_non_null(w);
	w->story = story->name;
	w->messages = calloc(MESSAGES_MAX, sizeof(*w->messages));
	assert_non_null(w->messages);
	fake_net_init(&w->net);
	fake_fleet_init(&w->fleet);
	assert_int_equal(sts_l1_new(1000, 1 << 20, &w->l1), STS_OK);
	env = (struct sts_resolver_env){ w->l1, &w->net.net, story->fleet ? &w->fleet.store : NULL, &w->net.time };
	assert_int_equal(sts_resolver_new(&params, &env, &w->resolver), STS_OK);
	return w;
}

static void
world_free(struct world *w)
{
	struct sts_resolver_state state;

	sts_resolver_stop(w->resolver);
	fake_net_end(&w->net);
	fake_fleet_deliver(&w->fleet);
	sts_resolver_state(w->resolver, &state);
	w->line = "the end: flights, locks";
	if (state.flights != 0 || w->fleet.locks_held != 0)
		fail_line(w, "some left");
	sts_resolver_free(&w->resolver);
	sts_l1_free(&w->l1);
	fake_fleet_fini(&w->fleet);
	free(w->messages);
	free(w);
}

static void
test_story(void **state)
{
	const struct story *story = *state;
	struct world *w = world_new(story);

	for (size_t k = 0; k < LINES_MAX && story->lines[k] != NULL; k++)
		run_line(w, story->lines[k]);
	world_free(w);
}

/* What the network and the fleet are told: names, deadlines, the life of a lock. */
static void
test_questions(void **state)
{
	static const struct story story = { "questions", .fleet = true };
	struct world *w = world_new(&story);

	(void)state;
	run_line(w, RECORD);
	run_line(w, WEEK);
	run_line(w, "hold");
	run_line(w, "ask a.example");
	assert_string_equal(w->net.last_name, "_mta-sts.a.example");
	assert_int_equal(w->net.last_deadline_ms - w->net.mono_ms, 5000);
	assert_int_equal(w->fleet.last_ttl_ms, 16000);
	assert_int_equal(w->fleet.locks_held, 1);
	fake_net_deliver(&w->net);
	assert_string_equal(w->net.last_name, "a.example");
	assert_int_equal(w->net.last_deadline_ms - w->net.mono_ms, 10000);
	run_line(w, "flow");
	assert_int_equal(w->fleet.locks_held, 0);
	world_free(w);
}

/* When it wants to be called again. */
static void
test_waits(void **state)
{
	static const struct story story = { "waits", 1, 2, .fleet = true };
	struct world *w = world_new(&story);

	(void)state;
	assert_int_equal(sts_resolver_run(w->resolver), STS_RESOLVER_SWEEP_MS);
	run_line(w, "fleet locked");
	run_line(w, "ask");
	assert_int_equal(sts_resolver_run(w->resolver), STS_RESOLVER_POLL_MS);
	w->net.mono_ms += 150;
	assert_int_equal(sts_resolver_run(w->resolver), STS_RESOLVER_POLL_MS - 150);
	world_free(w);
}

static void
test_counts(void **state)
{
	static const struct story story = { "counts", 1, .fleet = true };
	struct sts_resolver_state counts;
	struct world *w = world_new(&story);

	(void)state;
	run_line(w, "fleet has enforce 604800 7 100");
	run_line(w, "ask");
	run_line(w, RECORD);
	run_line(w, WEEK);
	run_line(w, "hold");
	run_line(w, "flood 18");
	sts_resolver_state(w->resolver, &counts);
	assert_int_equal(counts.flights, 16);
	assert_int_equal(counts.overloads, 2);
	assert_int_equal(counts.store_hits, 1);
	assert_int_equal(counts.lookups, 1);
	assert_int_equal(counts.fetches, 0);
	world_free(w);
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_counts),
	};
	enum { STORIES = sizeof(stories) / sizeof(stories[0]), OTHERS = sizeof(others) / sizeof(others[0]) };
	struct CMUnitTest tests[STORIES + OTHERS];

	memcpy(tests, others, sizeof(others));
	for (size_t i = 0; i < STORIES; i++)
		tests[OTHERS + i] = (struct CMUnitTest){ stories[i].name, test_story, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
