/* SPDX-License-Identifier: ISC */
/*
 * mlfi_world.h - the callbacks, and an MTA that calls them. fake_cache.h has the policies, fake_mfapi.h records the calls of
 * libmilter.
 *
 * One world a process; one thread.
 */
#ifndef MLFI_WORLD_H
#define MLFI_WORLD_H

#include <stddef.h>

#include "milter/session/mlfi.h"
#include "tests/fake/fake_mfapi.h"

#define ALL_ACTIONS 0x1fful
#define ALL_STEPS 0x1ffffful

extern struct world {
	struct service service;
	const struct smfiDesc *filter;
	SMFICTX ctx;
	unsigned long actions, steps;	/* that were requested */
	const char *failing;		/* the call that fails at the end of messages */
	size_t starved;			/* so many removals there find no memory */
	char line[2048];
	size_t warnings;
} w;

/* For cmocka's setup: two settings as name=value. Returns 0. */
int world_open(const char *setting, const char *another);
/* cmocka's setup for tests without settings of their own: nothing is enforced, and no domain is local. */
int world_setup(void **state);
/* cmocka's teardown. */
int world_close(void **state);

/* The MTA's offer; what is accepted of it is in w. */
void negotiate(unsigned long actions, unsigned long steps);
/* Runs a message with forged fields to its end, and checks each answer; no_reply: the flags that were negotiated. */
void message(size_t forged, unsigned long no_reply);

#endif
