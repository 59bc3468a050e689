/* SPDX-License-Identifier: ISC */
/* action.h - what may be done to a message, from the mildest to the harshest. Pure. Any thread. */
#ifndef STS_JUDGE_ACTION_H
#define STS_JUDGE_ACTION_H

#include <stdbool.h>
#include <stddef.h>

enum sts_action { STS_ACTION_ACCEPT, STS_ACTION_QUARANTINE, STS_ACTION_TEMPFAIL, STS_ACTION_REJECT, STS_ACTION_COUNT };

/* As the settings, the rules and the header write it. "" for no action. */
const char *sts_action_name(enum sts_action action);

/* What is done, as a number: an action, or beyond these what was only wanted while the mail was accepted. Its name: the action's,
 * or "would-..."; "" beyond the last. */
enum { STS_ACTION_TAKEN_COUNT = 2 * STS_ACTION_COUNT - 1 };
unsigned sts_action_taken(enum sts_action action, enum sts_action wanted);
const char *sts_action_taken_name(unsigned deed);

/* The action of a name; false when it is none. */
bool sts_action_parse(const char *name, size_t len, enum sts_action *out);

#endif
