/* SPDX-License-Identifier: ISC */
/*
 * story.h - a resolver in a world of its own, told line by line what happens and what is expected.
 *
 *   txt ok RECORDS | txt none TTL | txt timeout | txt servfail | txt local   https ok MODE MAX_AGE | https bad | https REASON
 *   host REASON          what is said of the policy host's addresses; "none": they are found
 *   silent [SUFFIX]      names that end so are not answered until told otherwise
 *   together             all policy hosts live at one address
 *   fleet forgets        what is put     fleet all    whatever domain it is asked about, it has what it has for the first
 *   fleet down|up|deaf|hears|locked|free     fleet has|late MODE MAX_AGE ID AGE     fleet puts|published N
 *   forget [DOMAIN]      another node, or an operator, says that it is out of date
 *   hold | flow          the network keeps its answers back, or gives them
 *   ask [DOMAIN]         a message comes in, as cache.c would take it
 *   from N               messages come from client network N from now on; 0: nobody knows
 *   flood N [SUFFIX]     N messages of N new domains, below SUFFIX if there is one
 *   abort                the messages that wait do not wait any more
 *   want ANSWER          what the last message got: policy MODE ID SOURCE [REASON] | absent SOURCE | failed REASON SOURCE |
 *                        nothing REASON | waiting
 *   count N ANSWER       how many of all messages got it
 *   theirs C N ANSWER    how many of client network C
 *   asked T F            TXT questions and fetches since the last `asked`
 *   most N, fetching N   questions to anybody, to web servers, that were under way at a time, at most
 *   time SECONDS, ms MS  passes
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
	const struct story *told;	/* what it was made of */
};

struct story {
	const char *name;
	int64_t concurrency;		/* of fetches, and of DNS unless it says otherwise; 0: 8 */
	int64_t rate;			/* of both; 0: 1000 */
	bool fleet;
	int64_t dns, per_host;		/* 0: concurrency */
	int64_t fetch_rate;		/* 0: rate */
	const char *lines[STORY_LINES];
};

struct world *world_new(const struct story *story);
/* The resolver and its memory alone: a process that begins, and one that ends in good order; the rest of the world goes on. */
void world_begin_process(struct world *w);
void world_end_process(struct world *w);
/* Ends the resolver; fails the test when it leaves flights or locks behind. */
void world_free(struct world *w);
/* Fails the test, with the story's name and the line, when it is not as the line says. */
void world_line(struct world *w, const char *line);

#endif
