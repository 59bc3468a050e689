/* SPDX-License-Identifier: ISC */
/*
 * history.h - how a domain's own mail came in of late, over TLS or in plaintext, and what one more message is beside that.
 *
 * Fed by aligned clients alone, so that nobody else can build a domain's history or spoil it. For each of the last
 * STS_HISTORY_DAYS UTC days, today included, two numbers; what is older falls out. TLS of any version is TLS; a session of which
 * nobody knows neither counts nor is judged.
 *
 * A domain always comes over TLS once that is so for enough messages on enough days (struct sts_history_rules):
 *   over TLS, and no plaintext in all those days                 always-tls
 *   in plaintext, and plaintext is no habit                      downgrade
 * Plaintext is a habit when it came on half as many days before today as the rules want of TLS (on one at least): then the
 * domain has changed, or was never strict, and a downgrade that is told of for ever tells nothing.
 * Pure: time is passed in. A struct belongs to one thread.
 */
#ifndef STS_JUDGE_HISTORY_H
#define STS_JUDGE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/judge/tls.h"
#include "shared-cache/judge/verdict.h"

enum { STS_HISTORY_DAYS = 60, STS_HISTORY_DAY_S = 86400 };

/* Messages of one UTC day; they stay at the greatest number. */
struct sts_history_day {
	uint32_t tls, plaintext;
};

/* All bytes zero: nothing is known. */
struct sts_history_days {
	int64_t last;	/* the latest day that was put in, counted from the epoch; the others are the days before it */
	struct sts_history_day days[STS_HISTORY_DAYS];	/* each in its place */
};

/* From which history on somebody always comes over TLS. Either 0: nobody does. */
struct sts_history_rules {
	int64_t days, messages;
};

/* The day of a time in seconds since the epoch. */
int64_t sts_history_day(int64_t now);
/* A day's place: its number modulo STS_HISTORY_DAYS. */
size_t sts_history_place(int64_t day);

/* One message at the time now. A clock that has stepped back by more than all those days starts anew. */
void sts_history_add(struct sts_history_days *history, int64_t now, enum sts_tls_state tls);

/* Of each day the greater numbers: both sides know a part of the same messages. */
void sts_history_merge(struct sts_history_days *history, const struct sts_history_days *more);

/* What the message is, which is not in history yet. */
enum sts_history sts_history_judge(const struct sts_history_days *history, const struct sts_history_rules *rules,
    enum sts_tls_state tls, int64_t now);

/* What there is of a kind in the days up to now. */
struct sts_history_sum {
	uint64_t messages;
	unsigned days;		/* on which there are any */
	int64_t first, last;	/* of these, counted from the epoch; 0 without any */
};
void sts_history_sum(const struct sts_history_days *history, enum sts_tls_state tls, int64_t now, struct sts_history_sum *out);
/* Of one day: zero where nothing is known. */
struct sts_history_day sts_history_at(const struct sts_history_days *history, int64_t day);

/* One field of the hash in the store: tls:YYYY-MM-DD or plaintext:YYYY-MM-DD, and a number. False, and nothing is taken, when it
 * is anything else, or a day that is too old, or beyond tomorrow: clocks differ. The value is hostile. */
bool sts_history_take(struct sts_history_days *history, const char *name, size_t name_len, const char *value, size_t value_len,
    int64_t now);

/* A day as it stands in the store. */
enum { STS_HISTORY_DATE_CAP = 11 };
const char *sts_history_date(int64_t day, char out[STS_HISTORY_DATE_CAP]);

#endif
