/* SPDX-License-Identifier: ISC */
/*
 * story.h - runs a resolver in a fake world; a story tells line by line what happens and what is expected.
 *
 *   txt ok RECORDS | txt none TTL | txt timeout | txt servfail | txt local   https ok MODE MAX_AGE | https bad | https REASON
 *   host REASON          result of the policy host's address lookup; "none": addresses are found
 *   silent [SUFFIX]      questions for names with this ending get no answer until told otherwise
 *   together             all policy hosts share one address
 *   fleet forgets        drops what is put     fleet all    has the first entry's contents for every domain
 *   fleet down|up|deaf|hears|locked|free     fleet has|late MODE MAX_AGE ID AGE     fleet puts|published N
 *   forget [DOMAIN]      another node, or an operator, invalidates the domain
 *   hold | flow          the network withholds its answers, or delivers them
 *   ask [DOMAIN]         a message comes in, looked up as in cache.c
 *   from N               messages come from client network N from now on; 0: unknown
 *   flood N [SUFFIX]     N messages of N new domains, below SUFFIX if there is one
 *   abort                waiting messages stop waiting
 *   want ANSWER          the last message's answer: policy MODE ID SOURCE [REASON] | absent SOURCE | failed REASON SOURCE |
 *                        nothing REASON | waiting
 *   count N ANSWER       number of messages with this answer
 *   theirs C N ANSWER    likewise, from client network C
 *   asked T F            TXT questions and fetches since the last `asked`
 *   most N, fetching N   the most questions of any kind, and the most fetches, in progress at once
 *   time SECONDS, ms MS  time passes
 *   stop
 */
#ifndef STORY_H
#define STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/memory/l1.h"
#include "shared-cache/cache/resolver.h"
#include "tests/fake/fake_fleet.h"
#include "tests/fake/fake_net.h"

enum { STORY_MESSAGES = 20000, STORY_LINES = 48 };

struct message;
struct world {
	struct fake_net net;
	struct fake_fleet fleet;
	struct sts_l1 *l1;
	struct sts_resolver *resolver;
	bool held;
	struct message *messages;
	size_t message_count;
	uint32_t client;
	unsigned txt_seen, fetch_seen;
	const char *story, *line;
	const struct story *told;	/* the story it was made for */
};

struct story {
	const char *name;
	int64_t concurrency;		/* of fetches, and of DNS unless dns is set; 0: 8 */
	int64_t rate;			/* of both; 0: 1000 */
	bool fleet;
	int64_t dns, per_host;		/* 0: concurrency */
	int64_t fetch_rate;		/* 0: rate */
	const char *lines[STORY_LINES];
};

struct world *world_new(const struct story *story);
/* Start and orderly end of a process: only the resolver and its memory; the rest of the world goes on. */
void world_begin_process(struct world *w);
void world_end_process(struct world *w);
/* Ends the resolver; fails the test if it leaves flights or locks behind. */
void world_free(struct world *w);
/* Executes a line; fails the test, with the story's name and the line, if an expectation is not met. */
void world_line(struct world *w, const char *line);

#endif
