/* SPDX-License-Identifier: ISC */
/* sts_action.h - what may be done to a message, from the mildest to the harshest. Pure. Any thread. */
#ifndef STS_ACTION_H
#define STS_ACTION_H

#include <stdbool.h>
#include <stddef.h>

enum sts_action { STS_ACTION_ACCEPT, STS_ACTION_QUARANTINE, STS_ACTION_TEMPFAIL, STS_ACTION_REJECT, STS_ACTION_COUNT };

/* As the settings, the rules and the header write it. "" for no action. */
const char *sts_action_name(enum sts_action action);

/* The name of what is done; "would-..." when more was wanted than accept and that is all that is done. */
const char *sts_deed_name(enum sts_action action, enum sts_action wanted);

/* The action of a name; false when it is none. */
bool sts_action_parse(const char *name, size_t len, enum sts_action *out);

#endif
