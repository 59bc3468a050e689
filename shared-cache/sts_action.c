/* SPDX-License-Identifier: ISC */
/* sts_action.c - the names of actions. */
#include "config.h"

#include "shared-cache/sts_action.h"

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

const char *
sts_deed_name(enum sts_action action, enum sts_action wanted)
{
	static const char *const would[STS_ACTION_COUNT] = {
		[STS_ACTION_ACCEPT] = "accept",
		[STS_ACTION_QUARANTINE] = "would-quarantine",
		[STS_ACTION_TEMPFAIL] = "would-tempfail",
		[STS_ACTION_REJECT] = "would-reject",
	};

	if (action == STS_ACTION_ACCEPT && (unsigned)wanted < STS_ACTION_COUNT)
		return would[wanted];
	return sts_action_name(action);
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
