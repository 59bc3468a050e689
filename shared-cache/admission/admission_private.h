/* SPDX-License-Identifier: ISC */
/* admission_private.h - lines and groups; for admission.c (who waits where), admission_turns.c (who is next) and admission_victim.c (who
 * has to go) alone. */
#ifndef STS_ADMISSION_ADMISSION_PRIVATE_H
#define STS_ADMISSION_ADMISSION_PRIVATE_H

#include "shared-cache/base/hash.h"
#include "shared-cache/admission/admission.h"
#include "shared-cache/admission/rate.h"

/* Lines by how many turns they have had in this round; the last for all that have had more. */
enum { ADMISSION_LEVELS = 4 };

TAILQ_HEAD(ticket_list, sts_ticket);

/* Of one client network: there as long as it has tickets. */
struct sts_admission_line {
	uint32_t client;		/* the key */
	size_t waiting;			/* tickets in `all` */
	size_t placed;
	bool has_turn;			/* somebody is ready: it is in a->levels[level] */
	unsigned level;
	unsigned turns;			/* that it has had in this round */
	uint64_t round;			/* which is meant */
	struct ticket_list ready;	/* oldest first */
	struct ticket_list all;		/* those that are blocked, too; oldest first */
	struct ticket_list inside;	/* those that have a place */
	TAILQ_ENTRY(sts_admission_line) order;
	UT_hash_handle hh;
};
TAILQ_HEAD(line_list, sts_admission_line);

/* There as long as it has tickets. */
struct sts_admission_group {
	uint32_t group;			/* the key */
	size_t tickets;
	size_t placed;			/* displaced ones, too */
	struct ticket_list blocked, blocked_unwanted;
	UT_hash_handle hh;
};

struct sts_admission {
	struct sts_admission_params params;
	struct sts_rate rate;
	size_t placed, displaced, waiting;
	struct sts_admission_line *lines;	/* hash table */
	struct sts_admission_group *groups;	/* hash table */
	uint64_t round;
	int64_t round_ms;			/* when it began */
	size_t round_turns, with_turn;		/* turns in this round; lines in the levels */
	struct line_list levels[ADMISSION_LEVELS];	/* lines with somebody ready; whose newest came last is last, but for the last level */
	struct ticket_list inside;		/* those that have a place */
	struct ticket_list unwanted;
	struct sts_admission_line unknown_client;	/* client 0; there always, not in the table */
};

/* ---- admission.c ---- */

bool admission_is_group_full(const struct sts_admission *a, const struct sts_admission_group *group);
/* Out of the list that it waits in; it still stands in its line. */
void admission_take_out(struct sts_admission *a, struct sts_ticket *t);
/* The line is gone when it was the last of it. Its state still says how it stood there. */
void admission_leave_line(struct sts_admission *a, struct sts_ticket *t);
/* Until its group has a place again. */
void admission_block(struct sts_admission *a, struct sts_ticket *t);
/* Nobody waits for it. */
void admission_make_unwanted(struct sts_admission *a, struct sts_ticket *t);

/* ---- admission_turns.c ---- */

/* After the line's tickets have changed: among the lines that have a turn exactly when it has somebody to send. */
void admission_update_turn(struct sts_admission *a, struct sts_admission_line *line);
/* The line has a new ticket. */
void admission_note_newest(struct sts_admission *a, struct sts_admission_line *line);

#endif
