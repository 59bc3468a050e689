/* SPDX-License-Identifier: ISC */
/*
 * story.h - a resolver in a world of its own, told line by line what happens and what is expected.
 *
 *   txt ok RECORDS | txt none TTL | txt timeout | txt servfail      https ok MODE MAX_AGE | https bad | https REASON
 *   fleet down|up|deaf|hears|locked|free     fleet has|late MODE MAX_AGE ID AGE     fleet puts|published N
 *   forget [DOMAIN]      another node, or an operator, says that it is out of date
 *   hold | flow          the network keeps its answers back, or gives them
 *   ask [DOMAIN]         a message comes in, as cache.c would take it
 *   flood N              N messages of N new domains
 *   want ANSWER          what the last message got: policy MODE ID SOURCE [REASON] | absent SOURCE | failed REASON SOURCE |
 *                        nothing REASON | waiting
 *   count N ANSWER       how many of all messages got it
 *   asked T F            TXT questions and fetches since the last `asked`
 *   most N               questions that were under way at a time, at most
 *   time SECONDS, ms MS  passes
 *   stop
 */
#ifndef STORY_H
#define STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/cache/l1.h"
#include "shared-cache/cache/resolver.h"
#include "tests/fake/fake_fleet.h"
#include "tests/fake/fake_net.h"

enum { STORY_MESSAGES = 400, STORY_LINES = 48 };

struct message;
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
	const char *lines[STORY_LINES];
};

struct world *world_new(const struct story *story);
/* Ends the resolver; fails the test when it leaves flights or locks behind. */
void world_free(struct world *w);
/* Fails the test, with the story's name and the line, when it is not as the line says. */
void world_line(struct world *w, const char *line);

#endif
