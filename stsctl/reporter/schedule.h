/* SPDX-License-Identifier: ISC */
/*
 * schedule.h - when a report about a day is sent: some time after the day has ended (RFC 8460 section 4.1), again when that failed,
 * and no longer than a day (section 5.4).
 *
 * Pure: time is passed in, in seconds. Days are those of UTC. Any thread.
 */
#ifndef STSCTL_REPORTER_SCHEDULE_H
#define STSCTL_REPORTER_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	REPORTER_GRACE_S = 600,			/* until what was counted in the last second is surely written */
	REPORTER_JITTER_MAX_S = 4 * 3600,	/* RFC 8460 section 4.1 */
	REPORTER_TRY_S = 86400,			/* how long it is tried, from when it is due */
};

/* What became of a report at one of its addresses. */
struct reporter_state {
	bool sent;
	int64_t failures, at;	/* tries that failed; when the last try was */
};
enum { REPORTER_STATE_CAP = 64 };
/* "sent SECONDS", "failed N SECONDS". What cannot be read is a report that was never tried. */
const char *reporter_state_write(const struct reporter_state *state, char out[REPORTER_STATE_CAP]);
void reporter_state_read(const char *text, struct reporter_state *out);

/* When the report about a day, which ended at end, is due: the same on each node, another moment for each domain and each day and
 * submitter, within jitter_s. */
int64_t reporter_due(const char *domain, int64_t end, const char *submitter, int64_t jitter_s);

enum reporter_turn { REPORTER_EARLY, REPORTER_NOW, REPORTER_LATER, REPORTER_DONE, REPORTER_TOO_LATE };
/* What is to be done at now about a report that was due at due, at one address. */
enum reporter_turn reporter_turn(const struct reporter_state *state, int64_t due, int64_t now);

#endif
