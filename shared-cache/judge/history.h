/* SPDX-License-Identifier: ISC */
/*
 * history.h - how a domain's own mail arrived lately, over TLS or in plaintext, and how one more message compares with that.
 *
 * Only aligned clients count, so that nobody else can build up or spoil a domain's history. It holds two numbers for each of the
 * last STS_HISTORY_DAYS UTC days, today included; older days are dropped. Any version of TLS is TLS; a session whose TLS state is
 * unknown is neither counted nor judged.
 *
 * A domain always uses TLS once enough messages on enough days did (struct sts_history_rules). Then a message is
 *   over TLS, with no plaintext in all those days                always-tls
 *   in plaintext, unless plaintext is a habit                    downgrade
 * Plaintext is a habit when it came on at least half as many days before today as the rules require of TLS (and on at least one): then
 * the domain has changed, or was never strict, and a downgrade reported for ever tells nobody anything.
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

/* Messages of one UTC day; the counters stop at their maximum. */
struct sts_history_day {
	uint32_t tls, plaintext;
};

/* All bytes zero: an empty history. */
struct sts_history_days {
	int64_t last;	/* the latest day that has been counted, in days since the epoch; the others are the days before it */
	struct sts_history_day days[STS_HISTORY_DAYS];	/* indexed by sts_history_place */
};

/* How many messages on how many days make a domain always use TLS. If either is 0, none does. */
struct sts_history_rules {
	int64_t days, messages;
};

/* The day of a time in seconds since the epoch. */
int64_t sts_history_day(int64_t now);
/* The index of a day: its number modulo STS_HISTORY_DAYS. */
size_t sts_history_place(int64_t day);

/* Counts one message at the time now. If the clock has stepped back by more than all those days, the history starts anew. */
void sts_history_add(struct sts_history_days *history, int64_t now, enum sts_tls_state tls);

/* Merges: takes the greater numbers of each day, because both sides have counted some of the same messages. */
void sts_history_merge(struct sts_history_days *history, const struct sts_history_days *more);

/* Judges a message that history does not include yet. */
enum sts_history sts_history_judge(const struct sts_history_days *history, const struct sts_history_rules *rules,
    enum sts_tls_state tls, int64_t now);

/* The messages of one kind in the days up to now. */
struct sts_history_sum {
	uint64_t messages;
	unsigned days;		/* with any such messages */
	int64_t first, last;	/* of these days, in days since the epoch; 0 without any */
};
void sts_history_sum(const struct sts_history_days *history, enum sts_tls_state tls, int64_t now, struct sts_history_sum *out);
/* The numbers of one day; zero when nothing is known. */
struct sts_history_day sts_history_at(const struct sts_history_days *history, int64_t day);

/* Reads one field of the hash in the store: tls:YYYY-MM-DD or plaintext:YYYY-MM-DD, and a number. False, and nothing is changed, for
 * anything else, and for a day that is too old or after tomorrow (clocks differ). The input is hostile. */
bool sts_history_take(struct sts_history_days *history, const char *name, size_t name_len, const char *value, size_t value_len,
    int64_t now);

/* Formats a day as the store has it. */
enum { STS_HISTORY_DATE_CAP = 11 };
const char *sts_history_date(int64_t day, char out[STS_HISTORY_DATE_CAP]);

#endif
