/* SPDX-License-Identifier: ISC */
/* admission_private.h - queues and groups; for admission.c (turns) and admission_victim.c (what to drop) only. */
#ifndef STS_ADMISSION_ADMISSION_PRIVATE_H
#define STS_ADMISSION_ADMISSION_PRIVATE_H

#include "shared-cache/admission/admission.h"
#include "shared-cache/admission/rate.h"
#include "shared-cache/base/hash.h"

TAILQ_HEAD(ticket_list, sts_ticket);

/* The queue of a client network; exists as long as it has tickets. */
struct sts_admission_queue {
	uint32_t client;		/* the key */
	size_t waiting;			/* tickets in `all` */
	size_t running;
	bool has_turn;			/* is in the ring */
	struct ticket_list ready;	/* oldest first */
	struct ticket_list all;		/* includes the blocked ones; oldest first */
	TAILQ_ENTRY(sts_admission_queue) ring;
	UT_hash_handle hh;
};
TAILQ_HEAD(queue_list, sts_admission_queue);

/* Exists as long as it has tickets. */
struct sts_admission_group {
	uint32_t group;			/* the key */
	size_t tickets;
	size_t running;
	struct ticket_list blocked, blocked_unwanted;
	UT_hash_handle hh;
};

struct sts_admission {
	struct sts_admission_params params;
	struct sts_rate rate;
	size_t running, waiting;
	struct sts_admission_queue *queues;	/* hash table */
	struct sts_admission_group *groups;	/* hash table */
	struct queue_list ring;			/* queues with a ready ticket and a slot to use; the first one is next */
	struct ticket_list unwanted;
	struct sts_admission_queue unknown_client;	/* client 0; always exists, not in the table */
};

#endif
