/* SPDX-License-Identifier: ISC */
/* admission_private.h - queues and groups; for admission.c (states), admission_turns.c (what is next) and admission_victim.c (what to
 * drop) only. */
#ifndef STS_ADMISSION_ADMISSION_PRIVATE_H
#define STS_ADMISSION_ADMISSION_PRIVATE_H

#include "shared-cache/admission/admission.h"
#include "shared-cache/admission/rate.h"
#include "shared-cache/base/hash.h"

/* Queues are sorted by the number of turns that they have had in this round; the last level is for all larger numbers. */
enum { ADMISSION_LEVELS = 4 };

TAILQ_HEAD(ticket_list, sts_ticket);

/* The queue of a client network; exists as long as it has tickets. */
struct sts_admission_queue {
	uint32_t client;		/* the key */
	size_t waiting;			/* tickets in `all` */
	size_t running;
	bool has_turn;			/* has a ready ticket, so it is in a->levels[level] */
	unsigned level;
	unsigned turns;			/* in the round below */
	uint64_t round;			/* the last one in which it had a turn */
	struct ticket_list ready;	/* oldest first */
	struct ticket_list all;		/* includes the blocked ones; oldest first */
	struct ticket_list with_slot;	/* running ones */
	TAILQ_ENTRY(sts_admission_queue) order;
	UT_hash_handle hh;
};
TAILQ_HEAD(queue_list, sts_admission_queue);

/* Exists as long as it has tickets. */
struct sts_admission_group {
	uint32_t group;			/* the key */
	size_t tickets;
	size_t running;			/* includes displaced ones */
	struct ticket_list blocked, blocked_unwanted;
	UT_hash_handle hh;
};

struct sts_admission {
	struct sts_admission_params params;
	struct sts_rate rate;
	size_t running, displaced, waiting;
	struct sts_admission_queue *queues;	/* hash table */
	struct sts_admission_group *groups;	/* hash table */
	uint64_t round;
	int64_t round_ms;			/* when it began */
	size_t round_turns, with_turn;		/* turns in this round; number of queues in the levels */
	/* Queues with ready tickets; except in the last level, in the order of their newest tickets, newest last. */
	struct queue_list levels[ADMISSION_LEVELS];
	struct ticket_list with_slot;		/* running ones */
	struct ticket_list unwanted;
	struct sts_admission_queue unknown_client;	/* client 0; always exists, not in the table */
};

/* ---- admission.c ---- */

bool admission_is_group_full(const struct sts_admission *a, const struct sts_admission_group *group);
/* Removes the ticket from the list that it is in; it still counts in its queue. */
void admission_take_out(struct sts_admission *a, struct sts_ticket *t);
/* Frees the queue with its last ticket. The ticket's state must still be that in the queue. */
void admission_leave_queue(struct sts_admission *a, struct sts_ticket *t);
/* Lets the ticket wait until its group has a free slot. */
void admission_block(struct sts_admission *a, struct sts_ticket *t);
/* Nobody waits for the ticket any more. */
void admission_make_unwanted(struct sts_admission *a, struct sts_ticket *t);

/* ---- admission_turns.c ---- */

/* Call it when the queue's tickets have changed: a queue is in the levels exactly when it has a ready ticket. */
void admission_update_turn(struct sts_admission *a, struct sts_admission_queue *queue);
/* Call it when the queue has a new ticket. */
void admission_note_newest(struct sts_admission *a, struct sts_admission_queue *queue);

#endif
