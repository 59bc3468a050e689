/* SPDX-License-Identifier: ISC */
/*
 * admission.h - admission control: limits concurrency and rate, and decides which request runs next. DNS and HTTPS each have one.
 *
 *   join --> the queue of a client network --next--> running, in a slot --leave--> out
 *              |  ^ a slot of its group became free      |                          ^
 *              |  |                                      +--> displaced ----leave---+
 *              |  +-- blocked: its group uses all the slots that it may have
 *              +----> unwanted: nobody waits for it any more; runs when nothing else can, and is dropped first
 *
 * The queues take turns, so that a client network with thousands of requests does not make the others wait: next is the queue that has
 * had the fewest turns lately. Among queues with equally many, and within a queue, the oldest ticket goes first; but in a jam, when the
 * oldest has waited for STS_ADMISSION_JAM_MS, the newest: that one can still be answered in time, while the old ones would only make
 * everybody late. Slots are limited per group (requests that may hang together: the names below one organisational domain, the hosts at
 * one address) and per client network. When a wanted ticket finds no slot, a running one that nobody waits for any more is displaced:
 * it continues without a slot, and counts only for its group.
 *
 * Pure: time is passed in. One thread. When out of memory, a ticket joins the queue of the unknown client, and no group.
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
struct sts_admission_queue;
struct sts_admission_group;

/* A limit of 0 counts as 1, except for displaced. */
struct sts_admission_params {
	size_t slots;
	int64_t rate;		/* slots taken per second */
	size_t per_group;	/* slots that one group may use */
	size_t per_client;	/* slots that one client network may use; the unknown client, 0, may use all */
	size_t displaced;	/* how many tickets may continue without a slot; 0: none is displaced */
};

enum sts_ticket_state {
	STS_TICKET_OUT,		/* not with any admission */
	STS_TICKET_WAITING,	/* in its client's queue */
	STS_TICKET_BLOCKED,	/* its group is full */
	STS_TICKET_UNWANTED,	/* nobody waits for it */
	STS_TICKET_BLOCKED_UNWANTED, /* likewise, and its group is full */
	STS_TICKET_RUNNING,
	STS_TICKET_DISPLACED,	/* had a slot, and continues without */
};

/* A request, in the caller's storage. Initialise to zero; all but is_wanted is for admission*.c. */
struct sts_ticket {
	bool (*is_wanted)(const struct sts_ticket *ticket);	/* whether anybody waits for it; may be called for any ticket */

	enum sts_ticket_state state;
	int64_t joined_ms;
	struct sts_admission_queue *queue;
	struct sts_admission_group *group;
	TAILQ_ENTRY(sts_ticket) link;
	TAILQ_ENTRY(sts_ticket) of_queue;
};

enum sts_status sts_admission_new(const struct sts_admission_params *params, int64_t now_ms, struct sts_admission **out);
/* All tickets must be out. */
void sts_admission_free(struct sts_admission **admission);

/* Queues a ticket that is out. client and group are hashes of the caller's choice; if two collide, they share their limits. Client 0 is
 * unknown, group 0 is none. */
void sts_admission_join(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, uint32_t group, int64_t now_ms);
/* A client of this network wants it, too: an unwanted ticket is queued again, another one moves if the client's queue is shorter. */
void sts_admission_wanted(struct sts_admission *admission, struct sts_ticket *ticket, uint32_t client, int64_t now_ms);
/* Takes the ticket out, wherever it is; frees its slot. Does nothing if it is out. */
void sts_admission_leave(struct sts_admission *admission, struct sts_ticket *ticket);
/* The same, when it did not use its slot: it does not count for the rate. */
void sts_admission_leave_unused(struct sts_admission *admission, struct sts_ticket *ticket);

/* Gives a slot to the next ticket. NULL: there is none, or it has to wait. */
struct sts_ticket *sts_admission_next(struct sts_admission *admission, int64_t now_ms);
/* Milliseconds until sts_admission_next may return a ticket if nothing else happens; -1: something else has to happen first. */
int64_t sts_admission_wait_ms(struct sts_admission *admission, int64_t now_ms);

/* The ticket to drop when there is no room for another: the oldest unwanted one, else the oldest in the longest queue. client is
 * that of the newcomer, which counts as queued. NULL: nothing waits. */
struct sts_ticket *sts_admission_victim(struct sts_admission *admission, uint32_t client);

/* Number of waiting tickets, wanted or not. */
size_t sts_admission_waiting(const struct sts_admission *admission);

#endif
