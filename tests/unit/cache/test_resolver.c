/* SPDX-License-Identifier: ISC */
/*
 * test_resolver.c - stories: replies of DNS, web servers and the fleet, lookups for messages, time that passes, the answers, and
 * the requests to the network. tests/fake/story.h explains the words.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/fake/story.h"

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
	{ "slots", 2, .lines = {
		RECORD, WEEK, "hold", "flood 5", "asked 2 0", "most 2", "flow", "count 5 policy enforce 1 network", "asked 3 5",
		"fetching 2" } },
	{ "DNS and web servers have slots of their own", 2, .dns = 6, .lines = {
		RECORD, WEEK, "hold", "flood 9", "asked 6 0", "most 6", "flow", "count 9 policy enforce 1 network", "asked 3 9",
		"fetching 2" } },
	{ "overload: the newest can still be answered in time", 1, .lines = {
		RECORD, WEEK, "hold", "flood 20", "count 16 waiting", "count 4 nothing overload", "ask flood19.example",
		"want waiting", "flow", "count 17 policy enforce 1 network", "ask flood3.example", "want policy enforce 1 network" } },
	{ "overload: a flooder is told first", 1, .lines = {
		RECORD, WEEK, "hold", "from 1", "flood 20", "from 2", "ask a.example", "from 3", "ask b.example",
		"theirs 1 6 nothing overload", "theirs 2 1 waiting", "theirs 3 1 waiting", "flow",
		"theirs 2 1 policy enforce 1 network", "theirs 3 1 policy enforce 1 network" } },
	{ "overload: what nobody waits for goes first", 1, .lines = {
		RECORD, WEEK, "hold", "from 1", "flood 14", "abort", "from 2", "flood 10 b.example", "theirs 2 10 waiting",
		"flow", "theirs 2 10 policy enforce 1 network" } },
	{ "too many who wait", 1, .lines = {
		RECORD, WEEK, "hold",
		"flood 16", "flood 16", "flood 16", "flood 16", "flood 1", "count 64 waiting", "want nothing overload" } },
	{ "rate", 100, 5, .lines = {
		"txt none 0", "flood 12", "asked 5 0", "ms 100", "asked 0 0", "ms 100", "asked 1 0", "time 1", "asked 5 0",
		"time 1", "asked 1 0", "count 12 absent network" } },
	{ "turns: a flooder's thousand do not hold up one message of another", 4, .dns = 8, .lines = {
		"txt none 0", "hold", "from 1", "flood 90", "from 2", "ask a.example", "asked 5 0", "flow", "want absent network",
		"count 91 absent network" } },
	{ "one client network gets half of the slots", 8, .lines = {
		"txt none 0", "hold", "from 1", "flood 20", "asked 4 0", "from 2", "flood 20 b.test", "asked 4 0", "from 3",
		"ask c.example", "asked 0 0", "flow", "count 41 absent network" } },
	{ "names below a domain with silent servers get a few slots", 32, .lines = {
		"txt none 0", "silent evil.test", "flood 40 evil.test", "asked 4 0", "ask good.test", "want absent network",
		"asked 1 0", "silent", "count 41 absent network" } },
	{ "policy hosts that hang hold up their own domains only", 8, .per_host = 2, .lines = {
		RECORD, WEEK, "together", "hold", "flood 6", "flow", "fetching 2", "count 6 policy enforce 1 network" } },
	{ "a jam: the newest first", 1, 2, .dns = 4, .lines = {
		"txt none 0", "flood 2", "asked 2 0", "ask a.example", "ms 150", "ask b.example", "ms 400", "want absent network",
		"count 3 absent network", "ms 600", "count 4 absent network" } },
	{ "an aborted message makes nobody wait", 1, 1, .dns = 1, .lines = {
		"txt none 0", "ask a.example", "asked 1 0", "ask b.example", "abort", "ask c.example", "ms 50", "time 1",
		"want absent network", "asked 1 0", "time 1", "asked 1 0" } },
	{ "what nobody waits for leaves half of the slots free", 4, .lines = {
		"txt none 0", "hold", "from 1", "flood 1 x.test", "from 2", "flood 1 y.test", "asked 2 0", "silent test", "flow", "hold",
		"from 3", "flood 2 z.test", "asked 2 0", "flood 4", "abort", "asked 0 0" } },
	{ "who joins a flooder's question does not wait with him", 1, 1, .dns = 1, .lines = {
		"txt none 0", "ask first.example", "asked 1 0", "from 1", "flood 10", "from 2", "ask flood3.example", "time 1",
		"time 1", "want absent network" } },
	{ "nor before the web servers, though he has joined before DNS answered", 4, .dns = 16, .fetch_rate = 1, .lines = {
		RECORD, WEEK, "ask first.example", "asked 1 1", "hold", "from 1", "flood 10", "from 2", "ask flood5.example", "flow",
		"asked 10 0", "time 1", "time 1", "want policy enforce 1 network" } },
	{ "a flooder who joins, and floods then, does not take it along", 1, 1, .dns = 1, .lines = {
		"txt none 0", "ask first.example", "asked 1 0", "from 2", "ask flood3.example", "from 1", "ask flood3.example", "flood 10",
		"time 1", "time 1", "theirs 2 1 absent network" } },
	{ "nor before the web servers", 4, .dns = 16, .fetch_rate = 1, .lines = {
		RECORD, WEEK, "ask first.example", "asked 1 1", "hold", "from 2", "ask flood5.example", "from 1", "flood 10", "flow",
		"asked 10 0", "time 1", "time 1", "theirs 2 1 policy enforce 1 network" } },
	/* failures of this machine: kept here, not shared */
	{ "no memory for DNS: told, tried again soon", .fleet = true, .lines = {
		"txt local", "ask", "want failed overload network", "fleet puts 0", "time 9", "ask", "want failed overload memory", "asked 1 0",
		"txt none 0", "time 1", "ask", "want absent network" } },
	{ "no descriptor for a web server: told, tried again soon", .fleet = true, .lines = {
		RECORD, "https overload", "ask", "want failed overload network", "fleet puts 0", "asked 1 1", WEEK, "time 10", "ask",
		"want policy enforce 1 network", "fleet puts 1" } },
	{ "no descriptor, and a policy that is still good", .fleet = true, .lines = {
		RECORD, WEEK, "ask", "fleet puts 1", "time 3600", "txt local", "ask", "want policy enforce 1 memory", "ask",
		"want policy enforce 1 memory", "fleet puts 1" } },
	{ "no address", .lines = {
		RECORD, "host fetch-connect", "ask", "want failed fetch-connect network", "asked 1 0" } },
	{ "a policy host with an address that is not fit", .lines = {
		RECORD, "host fetch-refused", "ask", "want failed fetch-refused network", "time 299", "ask",
		"want failed fetch-refused memory", "asked 1 0" } },
	{ "who waits goes before refreshes", 1, 1, .lines = {
		RECORD, WEEK, "flood 1", "time 3600", "ask flood0.example", "asked 2 1", "time 3600",
		"hold", "ask new.example", "ask flood0.example", "ask newer.example", "flow", "want waiting",
		"time 1", "time 1", "want policy enforce 1 network", "asked 3 2" } },
	{ "a domain without a dot: the root is not asked", .lines = {
		RECORD, WEEK, "ask localhost", "want absent network", "asked 0 0", "ask a.test", "want policy enforce 1 network" } },
	/* the fleet */
	{ "a flood of names that publish nothing does not fill the store", 100, .fleet = true, .dns = 300, .lines = {
		"txt none 3600", "fleet forgets", "flood 200", "count 200 absent network", "fleet puts 100", "time 1",
		"flood 100 x.test", "fleet puts 150" } },
	{ "after a restart everything is in the store: nobody else is asked", .fleet = true, .lines = {
		"fleet has enforce 604800 7 100", "fleet all", RECORD, WEEK, "flood 100", "count 100 policy enforce 7 store", "asked 0 0",
		"fleet puts 0", "time 60", "asked 0 0" } },
	{ "after a longer rest: answered at once, then checked, in turns", 4, .fleet = true, .dns = 8, .lines = {
		"fleet has enforce 604800 7 4000", "fleet all", RECORD, WEEK, "hold", "flood 60",
		"count 60 policy enforce 7 store", "asked 4 0", "ask d.example", "want policy enforce 7 store" } },
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
		"fleet locked", RECORD, WEEK, "ask", "want waiting", "asked 1 0", "ms 200", "want waiting",
		"fleet has testing 604800 1 0", "ms 200", "want policy testing 1 store", "asked 0 0" } },
	{ "another node gave up: the lock is free", .fleet = true, .lines = {
		"fleet locked", RECORD, WEEK, "ask", "ms 200", "want waiting", "fleet free", "ms 200",
		"want policy enforce 1 network", "asked 1 1" } },
	{ "another node died with the lock: mail is not kept waiting for it", .fleet = true, .lines = {
		"fleet locked", RECORD, WEEK, "ask", "ms 200", "ms 200", "ms 200", "ms 200", "want waiting", "asked 1 0", "ms 200",
		"want policy enforce 1 network", "asked 0 1" } },
	{ "another node died with the lock: a refresh waits as long as the lock may live", .fleet = true, .lines = {
		RECORD, WEEK, "ask", "fleet locked", "asked 1 1", RECORD2, "time 3600", "ask", "want policy enforce 1 memory", "time 10",
		"asked 1 0", "time 1", "ms 200", "asked 0 1" } },
	{ "nobody is kept waiting for another node's lock where nothing is published", .fleet = true, .lines = {
		"fleet locked", "txt none 0", "ask", "want absent network" } },
	{ "a flight that waits for another node takes no slot", 1, .fleet = true, .lines = {
		RECORD, WEEK, "fleet locked", "ask", "fleet free", "hold", "ask b.example", "asked 2 0", "flow",
		"want policy enforce 1 network" } },
	{ "who waits for another node uses up no rate", 8, 2, .fleet = true, .lines = {
		RECORD, WEEK, "fleet locked", "ask", "want waiting", "fleet free", "ask b.example", "ms 200",
		"count 2 policy enforce 1 network" } },
	{ "another node was faster by a hair", .fleet = true, .lines = {
		RECORD, WEEK, "fleet late testing 604800 1 0", "ask", "want policy testing 1 store", "asked 1 0" } },
	{ "another node was faster, but has seen an older record", .fleet = true, .lines = {
		"fleet late testing 604800 0 0", RECORD, WEEK, "ask", "want policy testing 0 store", "asked 1 1", "ask",
		"want policy enforce 1 memory" } },
	{ "store away", .fleet = true, .lines = {
		"fleet down", RECORD, WEEK, "ask", "want policy enforce 1 network", "asked 1 1" } },
	{ "store takes no calls", .fleet = true, .lines = {
		"fleet deaf", RECORD, WEEK, "ask", "want policy enforce 1 network", "asked 1 1" } },
	{ "store goes away while waiting for another node", .fleet = true, .lines = {
		"fleet locked", RECORD, WEEK, "ask", "want waiting", "fleet down", "ms 200", "want policy enforce 1 network" } },
	{ "another node refreshed it", .fleet = true, .lines = {
		RECORD, WEEK, "ask", "asked 1 1", "time 3600", "fleet has enforce 604800 5 10", "ask",
		"want policy enforce 1 memory", "ask", "want policy enforce 5 memory", "asked 0 0" } },
	/* stopping */
	{ "stopped with flights in every slot", 2, .fleet = true, .lines = {
		RECORD, WEEK, "hold", "flood 3", "fleet locked", "ask", "stop", "count 4 nothing pending",
		"ask late.example", "want nothing pending" } },
	{ "a changed policy is published, a first one is not", .fleet = true, .lines = {
		RECORD, WEEK, "ask", "time 3600", "ask", "fleet published 0", RECORD2, "https ok testing 604800", "time 3600", "ask",
		"fleet published 1", "ask", "want policy testing 2 memory", "time 3600", "ask", "fleet published 1" } },
	{ "a policy after a negative is news", .fleet = true, .lines = {
		"txt none 0", "ask", "fleet published 0", RECORD, WEEK, "time 301", "ask", "want policy enforce 1 network",
		"fleet published 1" } },
	{ "what other nodes changed is not published again", .fleet = true, .lines = {
		RECORD, WEEK, "ask", "fleet has testing 604800 2 0", "forget", "ask", "want policy testing 2 store",
		"fleet published 0" } },
	{ "forgotten, asked anew", .lines = {
		RECORD, WEEK, "ask", "asked 1 1", "forget", "forget other.example", "asked 0 0", "ask",
		"want policy enforce 1 network", "asked 1 1" } },
	{ "forgotten under way: the old policy is not just confirmed", .lines = {
		RECORD, WEEK, "ask", "asked 1 1", "time 3600", "hold", "ask", "want policy enforce 1 memory", "forget", "flow",
		"asked 1 1" } },
	{ "stopped while fetching", .lines = {
		RECORD, WEEK, "hold", "ask", "stop", "want nothing pending", "flow" } },
	{ "stopped while asking the fleet", .fleet = true, .lines = {
		RECORD, WEEK, "stop", "ask", "want nothing pending" } },
};

static void
test_story(void **state)
{
	const struct story *story = *state;
	struct world *w = world_new(story);

	for (size_t k = 0; k < STORY_LINES && story->lines[k] != NULL; k++)
		world_line(w, story->lines[k]);
	world_free(w);
}

/* What is requested from the network and the fleet: names, deadlines, the life of a lock. */
static void
test_questions(void **state)
{
	static const struct story story = { "questions", .fleet = true };
	struct world *w = world_new(&story);

	(void)state;
	world_line(w, RECORD);
	world_line(w, WEEK);
	world_line(w, "hold");
	world_line(w, "ask a.example");
	assert_string_equal(w->net.last_name, "_mta-sts.a.example");
	assert_int_equal(w->net.last_deadline_ms - w->net.mono_ms, 5000);
	assert_int_equal(w->fleet.locks_held, 0);
	fake_net_deliver(&w->net);
	assert_string_equal(w->net.last_name, "a.example");
	assert_int_equal(w->net.last_deadline_ms - w->net.mono_ms, 5000);
	w->net.mono_ms += 1000;
	fake_net_deliver(&w->net);
	sts_resolver_run(w->resolver);
	fake_fleet_deliver(&w->fleet);
	fake_fleet_deliver(&w->fleet);
	assert_int_equal(w->fleet.locks_held, 1);
	assert_int_equal(w->fleet.last_ttl_ms, 11000);
	/* the fetch has less time by what the addresses took */
	assert_int_equal(w->net.last_deadline_ms - w->net.mono_ms, 9000);
	world_line(w, "flow");
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
	world_line(w, RECORD);
	world_line(w, "fleet locked");
	world_line(w, "ask");
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
	world_line(w, "fleet has enforce 604800 7 100");
	world_line(w, "ask");
	world_line(w, RECORD);
	world_line(w, WEEK);
	world_line(w, "hold");
	world_line(w, "flood 18");
	sts_resolver_state(w->resolver, &counts);
	assert_int_equal(counts.flights, 16);
	assert_int_equal(counts.overloads, 2);
	assert_int_equal(counts.store_hits, 1);
	assert_int_equal(counts.lookups, 1);
	assert_int_equal(counts.fetches, 0);
	world_free(w);
}

/* Results of DNS lookups and fetches, and the time that answers took. */
static void
test_results(void **state)
{
	static const struct story story = { "results", 1, .fleet = true };
	struct sts_resolver_state counts;
	struct world *w = world_new(&story);

	(void)state;
	world_line(w, "fleet has enforce 604800 7 100");
	world_line(w, "ask");
	world_line(w, RECORD);
	world_line(w, WEEK);
	world_line(w, "hold");
	world_line(w, "ask g.example");
	w->net.mono_ms += 700;
	world_line(w, "flow");
	world_line(w, "https fetch-tls");
	world_line(w, "ask b.example");
	world_line(w, "txt none 0");
	world_line(w, "ask c.example");
	world_line(w, "txt timeout");
	world_line(w, "ask a.example");
	world_line(w, "txt servfail");
	world_line(w, "ask e.example");
	world_line(w, "txt ok v=STSv1; id=a-b;");
	world_line(w, "ask f.example");
	sts_resolver_state(w->resolver, &counts);
	assert_int_equal(counts.lookup_results[STS_REASON_NONE], 3);
	assert_int_equal(counts.lookup_results[STS_REASON_DNS_TIMEOUT], 1);
	assert_int_equal(counts.lookup_results[STS_REASON_DNS_FAILURE], 1);
	assert_int_equal(counts.lookup_results[STS_REASON_RECORD_INVALID], 1);
	assert_int_equal(counts.fetch_results[STS_REASON_NONE], 1);
	assert_int_equal(counts.fetch_results[STS_REASON_FETCH_TLS], 1);
	assert_int_equal(counts.network_ms.counts[sts_histogram_index(700)], 1);
	assert_int_equal(counts.network_ms.counts[0], 5);
	assert_int_equal(counts.network_ms.sum_ms, 700);
	assert_int_equal(counts.store_ms.counts[0], 1);
	world_free(w);
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_results),
	};
	enum { STORIES = sizeof(stories) / sizeof(stories[0]), OTHERS = sizeof(others) / sizeof(others[0]) };
	struct CMUnitTest tests[STORIES + OTHERS];

	memcpy(tests, others, sizeof(others));
	for (size_t i = 0; i < STORIES; i++)
		tests[OTHERS + i] = (struct CMUnitTest){ stories[i].name, test_story, NULL, NULL, (void *)(uintptr_t)&stories[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
