/* SPDX-License-Identifier: ISC */
/*
 * scripts.h - what Redis must do in one piece, as Lua.
 *
 * A script that fails half-way keeps what it has written by then, so each looks at everything first and writes afterwards,
 * and its first write is one that Redis refuses when it refuses writes at all (out of memory, a replica). Time is an argument.
 * Redis 5 or later. Pure. Any thread.
 */
#ifndef STS_STORE_SCRIPTS_H
#define STS_STORE_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

enum sts_script {
	/* policy:{D}, history:{D} | greatest size, most fields -> array of names and values; nil: not there, or nothing of ours. */
	STS_SCRIPT_GET,
	/* policy:{D} | now, seconds to live, (name, value)... -> 1; 0: what is there is better. */
	STS_SCRIPT_PUT,
	/* lock:{D} | owner, milliseconds -> 1: it is owner's; 0: another's; -1: nothing that could be a lock. */
	STS_SCRIPT_LOCK,
	/* lock:{D} | owner -> whatever. */
	STS_SCRIPT_UNLOCK,
	/* The keys of each row | how many rows, and for each the number of its keys, the number of its arguments, and these -> a result
	 * for each. Of one row: applied, one or two hashes, and with a number of days a history | sequence, day, seconds to live of applied, and of the
	 * hashes (0: for ever), first_seen, last_seen, last_plaintext (0: none), days a history lives (0: there is none), its
	 * oldest day and the latest a clock may say, messages over TLS and in plaintext for it, fields..., as many increments... -> 1:
	 * counted; 2: but for fields that hold no number; 0: has been counted before; -N: key N is nothing of ours, nothing was
	 * counted. */
	STS_SCRIPT_COUNT,
	/* domains | seconds to live, (score, domain)... -> 1; -1 as above. A score never falls. */
	STS_SCRIPT_DOMAINS,
	/* applied, evidence | sequence, a name, seconds to live of applied, and of the stream, its length, (number of fields,
	 * (name, value)...)... -> as STS_SCRIPT_COUNT. */
	STS_SCRIPT_APPEND,
	/* invalidated | domain, milliseconds it is remembered, how many are -> 1; -1: the key is nothing of ours. */
	STS_SCRIPT_INVALIDATE,
	/* reports:seen:{D}:DAY, report:{D}:DAY, report:{D} | id, seconds to live of the first two, most ids, most fields of the
	 * second and of the third, now, the time reported on, number of texts, (name, text)..., (name, increment, where)... -> 1;
	 * 0: has been counted before; -4: too many ids; -N: as above. where: 1 to both, whatever there is; 2 to both, 0 to the
	 * day alone, but to `folded' when there are too many fields. */
	STS_SCRIPT_REPORT,
	/* sent:{D}:DAY, sent:{D} | node, id, seconds to live of both, number of counters, (name, increment)..., (name, value)... of the
	 * second alone -> 1; 0: has been counted before; -N: key N is nothing of ours. */
	STS_SCRIPT_SENT,
	STS_SCRIPTS,
};

const char *sts_script_text(enum sts_script script);

/* How EVALSHA calls it: 40 hex digits. False when OpenSSL has no SHA-1. */
enum { STS_SCRIPT_DIGEST_CAP = 41 };
bool sts_script_digest(enum sts_script script, char out[STS_SCRIPT_DIGEST_CAP]);

/* Which commands are called in the line that Redis complains of, where it names a script of ours and a line: "HSET", "TYPE or GET". "" where
 * it does not. */
enum { STS_SCRIPT_COMMANDS_CAP = 40 };
void sts_script_blamed(const char *complaint, size_t len, char out[STS_SCRIPT_COMMANDS_CAP]);

#endif
