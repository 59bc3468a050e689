/* SPDX-License-Identifier: ISC */
/* action.c - the names of actions. */
#include "config.h"

#include "shared-cache/judge/action.h"

#include <string.h>

static const char *const names[STS_ACTION_COUNT] = {
	[STS_ACTION_ACCEPT] = "accept",
	[STS_ACTION_QUARANTINE] = "quarantine",
	[STS_ACTION_TEMPFAIL] = "tempfail",
	[STS_ACTION_REJECT] = "reject",
};

const char *
sts_action_name(enum sts_action action)
{
	return (unsigned)action < STS_ACTION_COUNT ? names[action] : "";
}

unsigned
sts_action_taken(enum sts_action action, enum sts_action wanted)
{
	return action == STS_ACTION_ACCEPT && wanted != STS_ACTION_ACCEPT ? STS_ACTION_COUNT + (unsigned)wanted - 1 :
	    (unsigned)action;
}

const char *
sts_action_taken_name(unsigned deed)
{
	static const char *const would[] = { "would-quarantine", "would-tempfail", "would-reject" };

	if (deed < STS_ACTION_COUNT)
		return names[deed];
	return deed < STS_ACTION_TAKEN_COUNT ? would[deed - STS_ACTION_COUNT] : "";
}

bool
sts_action_parse(const char *name, size_t len, enum sts_action *out)
{
	for (unsigned i = 0; i < STS_ACTION_COUNT; i++) {
		if (strlen(names[i]) != len || memcmp(names[i], name, len) != 0)
			continue;
		*out = (enum sts_action)i;
		return true;
	}
	return false;
}
