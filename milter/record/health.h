/* SPDX-License-Identifier: ISC */
/*
 * health.h - /healthz: whether something is wrong in this process that it cannot repair by itself.
 *
 * A list of conditions, each with a name and a sentence; to add one, add a row in health.c and a constant here. An outage of Redis,
 * DNS or web servers is not among them: mail goes on, and sending it elsewhere would not help.
 * Pure: the facts are passed in. Any thread.
 */
#ifndef MILTER_RECORD_HEALTH_H
#define MILTER_RECORD_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/base/text.h"

enum health_condition {
	HEALTH_STOPPING,	/* the process is about to end */
	HEALTH_RESOLVER,	/* the resolver's thread does not run */
	HEALTH_WRITER,		/* likewise */
	HEALTH_COUNTERS,	/* so many are unwritten that some domains share a row */
	HEALTH_FILES,		/* hardly any descriptors are left for sessions */
	HEALTH_TRIP_WIRE,	/* the trip wire has tripped: nothing is refused any more */
	HEALTH_CONDITIONS
};

struct health_facts {
	bool stopping;
	bool folding;		/* counters have lost detail since the last write */
	int64_t now_ms;		/* the next two use the same clock: when the thread was last active */
	int64_t resolver_ms, writer_ms;
	uint64_t open_files, max_files;
	bool tripped;		/* the trip wire of max_refusals_per_minute */
};

/* "" beyond the last. */
const char *health_name(unsigned condition);
bool health_is_bad(const struct health_facts *facts, unsigned condition);
/* Appends "ok", or a line for each condition that is met. True: none is. */
bool health_report(const struct health_facts *facts, struct sts_text *out);

#endif
