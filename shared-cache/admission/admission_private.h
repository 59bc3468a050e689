/* SPDX-License-Identifier: ISC */
/* admission_private.h - lines and groups; for admission.c (turns) and admission_victim.c (who has to go) alone. */
#ifndef STS_ADMISSION_ADMISSION_PRIVATE_H
#define STS_ADMISSION_ADMISSION_PRIVATE_H

#include "shared-cache/base/hash.h"
#include "shared-cache/admission/admission.h"
#include "shared-cache/admission/rate.h"

TAILQ_HEAD(ticket_list, sts_ticket);

/* Of one client network: there as long as it has tickets. */
struct sts_admission_line {
	uint32_t client;		/* the key */
	size_t waiting;			/* tickets in `all` */
	size_t placed;
	bool has_turn;			/* in the ring */
	struct ticket_list ready;	/* oldest first */
	struct ticket_list all;		/* those that are blocked, too; oldest first */
	TAILQ_ENTRY(sts_admission_line) ring;
	UT_hash_handle hh;
};
TAILQ_HEAD(line_list, sts_admission_line);

/* There as long as it has tickets. */
struct sts_admission_group {
	uint32_t group;			/* the key */
	size_t tickets;
	size_t placed;
	struct ticket_list blocked, blocked_unwanted;
	UT_hash_handle hh;
};

struct sts_admission {
	struct sts_admission_params params;
	struct sts_rate rate;
	size_t placed, waiting;
	struct sts_admission_line *lines;	/* hash table */
	struct sts_admission_group *groups;	/* hash table */
	struct line_list ring;			/* lines with somebody ready who may have a place; the head is next */
	struct ticket_list unwanted;
	struct sts_admission_line unknown_client;	/* client 0; there always, not in the table */
};

#endif
