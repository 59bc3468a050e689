/* SPDX-License-Identifier: ISC */
/*
 * health.h - whether something in this process is wrong that it cannot put right by itself: /healthz.
 *
 * A list of conditions, each with a name and a sentence; a new one is a row in health.c and a constant here. That Redis, DNS
 * or web servers are away is none of them: mail goes on, and sending it elsewhere would not help.
 * Pure: what is to be known comes in. Any thread.
 */
#ifndef MILTER_RECORD_HEALTH_H
#define MILTER_RECORD_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/base/text.h"

enum health_condition {
	HEALTH_STOPPING,	/* about to end */
	HEALTH_RESOLVER,	/* its thread does not move */
	HEALTH_WRITER,		/* likewise */
	HEALTH_COUNTERS,	/* so many wait to be written that not all domains are told apart any more */
	HEALTH_FILES,		/* hardly a descriptor is left for another session */
	HEALTH_TRIP_WIRE,	/* so much mail was refused that none is any more */
	HEALTH_CONDITIONS
};

struct health_facts {
	bool stopping;
	bool folding;		/* counters have lost detail since they were last written */
	int64_t now_ms;		/* the next two are of the same clock: when the thread was last seen at work */
	int64_t resolver_ms, writer_ms;
	uint64_t open_files, max_files;
	bool tripped;		/* the trip wire of max_refusals_per_minute */
};

/* "" beyond the last. */
const char *health_name(unsigned condition);
bool health_is_bad(const struct health_facts *facts, unsigned condition);
/* Appends "ok", or a line for each condition that is met. True when all is well. */
bool health_report(const struct health_facts *facts, struct sts_text *out);

#endif
