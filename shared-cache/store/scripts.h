/* SPDX-License-Identifier: ISC */
/*
 * scripts.h - Lua scripts for what Redis must do atomically.
 *
 * When a script fails half-way, its writes so far remain; so each script checks everything first and writes afterwards,
 * and its first write is one that Redis rejects when it rejects writes at all (out of memory, a replica). Time is an argument.
 * Redis 5 or later. Pure. Any thread.
 */
#ifndef STS_STORE_SCRIPTS_H
#define STS_STORE_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

enum sts_script {
	/* policy:{D}, history:{D} | largest size, most fields -> array of names and values; nil: missing, or not ours. */
	STS_SCRIPT_GET,
	/* policy:{D} | now, TTL in seconds, (name, value)... -> 1; 0: the stored entry is better. */
	STS_SCRIPT_PUT,
	/* lock:{D} | owner, milliseconds -> 1: the owner has it; 0: another has it; -1: the key is not a lock. */
	STS_SCRIPT_LOCK,
	/* lock:{D} | owner -> the result does not matter. */
	STS_SCRIPT_UNLOCK,
	/* The keys of all rows | number of rows, and for each row the number of its keys, the number of its arguments, and these -> a
	 * result per row. For one row: applied, one or two hashes and, if days of history is not 0, a history | sequence, day, TTLs in
	 * seconds of applied and of the hashes (0: for ever), first_seen, last_seen, last_plaintext (0: none), days of history (0: no
	 * history), its oldest day and the latest day that a clock may say, messages over TLS and in plaintext for it, fields..., as many
	 * increments... -> 1: counted; 2: counted except for fields that hold no number; 0: counted before; -N: key N is not ours, nothing
	 * was counted. */
	STS_SCRIPT_COUNT,
	/* domains | TTL in seconds, (score, domain)... -> 1; -1 as above. A score never decreases. */
	STS_SCRIPT_DOMAINS,
	/* applied, evidence | sequence, a name, TTLs in seconds of applied and of the stream, its length, (number of fields,
	 * (name, value)...)... -> as STS_SCRIPT_COUNT. */
	STS_SCRIPT_APPEND,
	/* invalidated | domain, for how many milliseconds to remember it, how many to remember -> 1; -1: the key is not ours. */
	STS_SCRIPT_INVALIDATE,
	/* reports:seen:{D}:DAY, report:{D}:DAY, report:{D} | id, TTL in seconds of the first two, most ids, most fields of the
	 * second and of the third, now, the time of the report, number of texts, (name, text)..., (name, increment, scope)... -> 1;
	 * 0: counted before; -4: too many ids; -N: as above. scope: 1 to both, always; 2 to both, 0 to the day only, but to `folded'
	 * when there are too many fields. */
	STS_SCRIPT_REPORT,
	/* sent:{D}:DAY, sent:{D} | node, id, TTL in seconds of both, number of counters, (name, increment)..., (name, value)... for the
	 * second only -> 1; 0: counted before; -N: key N is not ours. */
	STS_SCRIPT_SENT,
	STS_SCRIPTS,
};

const char *sts_script_text(enum sts_script script);

/* The script's name for EVALSHA: 40 hex digits. False when OpenSSL has no SHA-1. */
enum { STS_SCRIPT_DIGEST_CAP = 41 };
bool sts_script_digest(enum sts_script script, char out[STS_SCRIPT_DIGEST_CAP]);

/* Writes the commands that are called in the line of a script that an error of Redis names: "HSET", "TYPE or GET". "" if the error names no
 * script of ours or no line. */
enum { STS_SCRIPT_COMMANDS_CAP = 40 };
void sts_script_refused_commands(const char *error, size_t len, char out[STS_SCRIPT_COMMANDS_CAP]);

#endif
