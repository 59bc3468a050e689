/* SPDX-License-Identifier: ISC */
/*
 * schedule.h - when a day's report is sent: some time after the end of the day (RFC 8460 section 4.1), and retried for at most a day
 * (section 5.4).
 *
 * Pure: the caller passes the time, in seconds. Days are UTC. Any thread.
 */
#ifndef STSCTL_REPORTER_SCHEDULE_H
#define STSCTL_REPORTER_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	REPORTER_GRACE_S = 600,			/* until counters of the day's last second are certainly written */
	REPORTER_JITTER_MAX_S = 4 * 3600,	/* RFC 8460 section 4.1 */
	REPORTER_TRY_S = 86400,			/* how long it is tried, from the due time on */
};

/* The state of a report at one address. */
struct reporter_state {
	bool sent;
	int64_t failures, at;	/* the number of failed tries; when the last try was */
};
enum { REPORTER_STATE_CAP = 64 };
/* The state as text: "sent SECONDS", "failed N SECONDS". Unreadable text counts as never tried. */
const char *reporter_state_write(const struct reporter_state *state, char out[REPORTER_STATE_CAP]);
void reporter_state_read(const char *text, struct reporter_state *out);

/* When the report about the day that ended at end is due: within jitter_s, at the same time on every node, at another for each domain,
 * day and submitter. */
int64_t reporter_due(const char *domain, int64_t end, const char *submitter, int64_t jitter_s);

enum reporter_turn { REPORTER_EARLY, REPORTER_NOW, REPORTER_LATER, REPORTER_DONE, REPORTER_TOO_LATE };
/* What to do now about a report that was due at due, at one address. */
enum reporter_turn reporter_turn(const struct reporter_state *state, int64_t due, int64_t now);

#endif
