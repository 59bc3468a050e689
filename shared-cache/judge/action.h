/* SPDX-License-Identifier: ISC */
/* action.h - the actions that may be taken on a message, from the mildest to the harshest. Pure. Any thread. */
#ifndef STS_JUDGE_ACTION_H
#define STS_JUDGE_ACTION_H

#include <stdbool.h>
#include <stddef.h>

enum sts_action { STS_ACTION_ACCEPT, STS_ACTION_QUARANTINE, STS_ACTION_TEMPFAIL, STS_ACTION_REJECT, STS_ACTION_COUNT };

/* The name in settings, rules and header; "" for no action. */
const char *sts_action_name(enum sts_action action);

/* The action taken, as a number: an action, or above those, one that was only wanted while the mail was accepted. Its name: that of the
 * action, or "would-..."; "" beyond the last. */
enum { STS_ACTION_TAKEN_COUNT = 2 * STS_ACTION_COUNT - 1 };
unsigned sts_action_taken(enum sts_action action, enum sts_action wanted);
const char *sts_action_taken_name(unsigned deed);

/* Finds the action of a name; false when there is none. */
bool sts_action_parse(const char *name, size_t len, enum sts_action *out);

#endif
