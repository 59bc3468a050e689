/* SPDX-License-Identifier: ISC */
/*
 * findings.h - the findings of check and doctor, each with a stable id: a list, its verdict, its output as text and as JSON.
 *
 * One table (finding_ids.c) says why each finding matters. What was seen, and the lines to paste, come with the finding. All texts
 * may hold hostile bytes: they are escaped when they are printed, except for line ends. A list belongs to one thread; findings_move
 * joins several. The list remembers that memory ran out.
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
/* What to do about it when there are no lines to paste, in one sentence; NULL for an id that is never `fail' (remedies.c). */
const char *finding_remedy(const char *id);
/* The ids, in the table's order; NULL after the last. */
const char *finding_id(size_t index);

struct finding {
	const char *id;		/* of the table */
	enum finding_level level;
	char *subject;		/* a name, an address, a file, a setting */
	char *seen;		/* what was seen; may have several lines */
	char *fix;		/* text to paste, or what to do; never "" with FINDING_FAIL; may have several lines */
};

struct findings {
	struct finding *list;
	size_t count, cap;
	bool no_memory;
	bool unsure;		/* something could not be determined */
};

/* A zeroed list is empty, too. */
void findings_init(struct findings *findings);
void findings_fini(struct findings *findings);

/* Adds a finding, and copies the texts. fix: the lines to paste; if it is NULL or "", a warn or fail gets finding_remedy's sentence, so
 * that every fail has a fix. id must be in the table (asserted). */
void findings_add(struct findings *findings, enum finding_level level, const char *id, const char *subject, const char *seen,
    const char *fix);
/* Appends all of from, and leaves it empty. */
void findings_move(struct findings *to, struct findings *from);
/* Notes that something could not be determined: exit status 3 unless something fails. The caller adds a finding that says what. */
void findings_set_unsure(struct findings *findings);

/* Gives each stsctl command in the lines to paste the options of this run (paste.h). */
void findings_fill_in_command(struct findings *findings, const struct cmd_context *context);

/* The number of findings of a level. */
size_t findings_count(const struct findings *findings, enum finding_level level);
/* FINDING_FAIL, FINDING_WARN, or FINDING_PASS when there is neither. */
enum finding_level findings_verdict(const struct findings *findings);
/* CMD_NO when something fails; else CMD_UNKNOWN when something could not be determined or memory ran out; else CMD_FINE. */
enum cmd_exit findings_exit(const struct findings *findings);

/* The "findings" array of the JSON output; NULL when memory ran out. */
json_t *findings_json(const struct findings *findings);
/* Prints the findings for people, the worst first. Passes take one line each, and are left out when quiet. In colour when to is a
 * terminal and NO_COLOR is not set. */
void findings_print(const struct findings *findings, bool quiet, FILE *to);

#endif
