/* SPDX-License-Identifier: ISC */
/*
 * findings.h - what check and doctor have found, each with a stable id: a list, its verdict, as text and as JSON.
 *
 * Why a finding matters stands in one table (finding_ids.c), the only place that spells ids; what was seen and the lines to paste
 * come with the finding. All texts may hold hostile bytes: they are made printable where they are printed, lines are kept.
 * A list belongs to one thread; several are joined by findings_move. Out of memory is remembered by the list.
 */
#ifndef STSCTL_FINDINGS_FINDINGS_H
#define STSCTL_FINDINGS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "stsctl/terminal/command.h"

enum finding_level { FINDING_PASS, FINDING_INFO, FINDING_WARN, FINDING_FAIL };

/* "pass", "info", "warn", "fail". */
const char *finding_level_name(enum finding_level level);

/* Why the finding matters, with its RFC section; NULL for an id that is not in the table. */
const char *finding_why(const char *id);
/* What to do about it when there is no line to paste, in a sentence; NULL for an id that is never `fail' (remedies.c). */
const char *finding_remedy(const char *id);
/* The ids, in the table's order; NULL after the last. */
const char *finding_id(size_t index);

struct finding {
	const char *id;		/* of the table */
	enum finding_level level;
	char *subject;		/* what it is about: a name, an address, a file, a setting */
	char *seen;		/* what was seen; may have several lines */
	char *fix;		/* text to paste, or what to do; never "" with fail; may have several lines */
};

struct findings {
	struct finding *list;
	size_t count, cap;
	bool no_memory;
	bool unsure;		/* something could not be found out */
};

/* Zeroed is empty, too. */
void findings_init(struct findings *findings);
void findings_fini(struct findings *findings);

/* Adds one; the texts are copied. fix: the lines to paste; with NULL or "" a warn or fail gets finding_remedy's sentence, so that no
 * fail is without. An id that is not in the table is a bug (asserted). */
void findings_add(struct findings *findings, enum finding_level level, const char *id, const char *subject, const char *seen,
    const char *fix);
/* Appends all of from, which is empty afterwards. */
void findings_move(struct findings *to, struct findings *from);
/* Something could not be found out: exit code 3 unless something fails. Add a finding that says what. */
void findings_set_unsure(struct findings *findings);

/* stsctl in the lines to paste becomes what this run was called with (paste.h). */
void findings_fill_in_command(struct findings *findings, const struct cmd_context *context);

/* How many there are of a level. */
size_t findings_count(const struct findings *findings, enum finding_level level);
/* FINDING_FAIL, FINDING_WARN, or FINDING_PASS when there is neither. */
enum finding_level findings_verdict(const struct findings *findings);
/* CMD_NO when something fails, else CMD_UNKNOWN when something could not be found out or memory ran out, else CMD_FINE. */
enum cmd_exit findings_exit(const struct findings *findings);

/* The "findings" array of the contract; NULL when memory ran out. */
json_t *findings_json(const struct findings *findings);
/* For people: the worst first; passes are one line each, and left out when quiet. Coloured when to is a terminal and NO_COLOR is
 * not set. */
void findings_print(const struct findings *findings, bool quiet, FILE *to);

#endif
