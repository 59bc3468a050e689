/* SPDX-License-Identifier: ISC */
/*
 * admission.h - who goes next, where there are places for some and a rate for all: DNS has one of these, HTTPS another.
 *
 *   join --> a client network's line --next--> has a place ----------leave--> out
 *              |  ^ a place of its group came free  |                           ^
 *              |  |                                 +--> displaced ----leave----+
 *              |  +-- blocked: its group has all the places that it may have
 *              +----> last: nobody waits for it; goes when nobody else does, and is the first to be dropped
 *
 * The lines take turns, so that one client network that asks for thousands does not make the others wait: whose line has had the fewest
 * turns of late is next. Of lines that have had as many, and in a line, the oldest goes first; in a jam, when the oldest has
 * waited for STS_ADMISSION_JAM_MS, the newest: it can still be answered in time, while those that cannot be would only make everybody
 * late. Places are bounded per group (what is likely to hang together: the names below one organisational domain, the hosts at one
 * address) and per client network. Where there is none for somebody who waits, one that nobody waits for any more is displaced: it goes
 * on without a place, and counts for its group alone.
 *
 * Pure: time is passed in. One thread. Without memory a ticket stands in the line of the unknown and has no group.
 */
#ifndef STS_ADMISSION_ADMISSION_H
#define STS_ADMISSION_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "shared-cache/base/status.h"

enum { STS_ADMISSION_JAM_MS = 100 };

struct sts_admission;
struct sts_admission_line;
struct sts_admission_group;

/* 0 counts as 1, but for displaced. */
struct sts_admission_params {
	size_t places;
	int64_t rate;		/* places taken in a second */
	size_t per_group;	/* places that one group may have */
	size_t per_client;	/* places that one client network may have; client 0, the unknown, may have all */
	size_t displaced;	/* how many may go on without a place; 0: nobody is displaced */
};

enum sts_ticket_state {
	STS_TICKET_OUT,		/* knows no admission */
	STS_TICKET_WAITING,	/* in its client's line */
	STS_TICKET_BLOCKED,	/* its group is full */
	STS_TICKET_UNWANTED,	/* nobody waits for it */
	STS_TICKET_BLOCKED_UNWANTED, /* likewise, and its group is full */
	STS_TICKET_PLACED,
	STS_TICKET_DISPLACED,	/* had a place, and goes on without */
};

/* In the caller's storage, zeroed; the last part is the admission's. */
struct sts_ticket {
	bool (*is_wanted)(const struct sts_ticket *ticket);	/* whether somebody waits for it; asked when it is its turn */

	enum sts_ticket_state state;
	int64_t joined_ms;
	struct sts_admission_line *line;
	struct sts_admission_group *group;
	TAILQ_ENTRY(sts_ticket) link;
	TAILQ_ENTRY(sts_ticket) of_line;
};

enum sts_status sts_admission_new(const struct sts_admission_params *params, int64_t now_ms, struct sts_admission **out);
/* All tickets are out. */
void sts_admission_free(struct sts_admission **admission);

/* client and group are hashes of whatever they are; two that collide share their bounds. A client of 0 is unknown, a group of 0 none.
 * The ticket is out. */
void sts_admission_join(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, uint32_t group, int64_t now_ms);
/* Somebody of this client network wants it, too: from the last it goes back into line, and into the shorter one of the two. */
void sts_admission_wanted(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, int64_t now_ms);
/* Out of wherever it is; a place is given back. Does nothing to one that is out. */
void sts_admission_leave(struct sts_admission *admission, struct sts_ticket *ticket);
/* The same, and the place was not used: it does not count for the rate. */
void sts_admission_leave_unused(struct sts_admission *admission, struct sts_ticket *ticket);

/* Takes a place for whoever is next. NULL: nobody is, or has to wait. */
struct sts_ticket *sts_admission_next(struct sts_admission *admission, int64_t now_ms);
/* Milliseconds until sts_admission_next may have somebody though nothing else happens; -1: something else has to happen. */
int64_t sts_admission_wait_ms(struct sts_admission *admission, int64_t now_ms);

/* The one to be dropped when there is no room: the oldest that nobody waits for, or else the oldest in the longest line. client is
 * that of the newcomer, who counts. NULL: nobody waits here. */
struct sts_ticket *sts_admission_victim(struct sts_admission *admission, uint32_t client);

/* How many wait, wanted or not. */
size_t sts_admission_waiting(const struct sts_admission *admission);

#endif
