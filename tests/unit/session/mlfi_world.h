/* SPDX-License-Identifier: ISC */
/*
 * mlfi_world.h - the callbacks, and an MTA that calls them; policies are those of fake_cache.h, and what is asked of libmilter is in
 * fake_mfapi.h.
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
	unsigned long actions, steps;	/* what was asked for */
	const char *failing;		/* at the end of messages */
	size_t starved;			/* as many removals there find no memory */
	char line[2048];
	size_t warnings;
} w;

/* For cmocka's setup: two settings of name=value; returns 0. */
int world_open(const char *setting, const char *another);
/* cmocka's setup for those who need no settings of their own: nothing is enforced, and no domain is local. */
int world_setup(void **state);
/* cmocka's teardown. */
int world_close(void **state);

/* What the MTA offers; what of it is asked for is in w. */
void negotiate(unsigned long actions, unsigned long steps);
/* Runs one message with forged fields to its end and checks each answer; no_reply: bits that were agreed. */
void message(size_t forged, unsigned long no_reply);

#endif
