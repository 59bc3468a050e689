/* SPDX-License-Identifier: ISC */
/*
 * entry.h - a cache entry: what is known of one domain; immutable and reference-counted.
 *
 * Three states. POLICY: a policy, in force until `expires` (RFC 8461 section 5.1: even when the TXT record
 * vanishes or fetches fail). ABSENT: the domain publishes nothing (or not exactly one record). FAILED: nothing usable is
 * known, and `reason` says why. The last two are forgotten at `expires`.
 * All times are seconds since the epoch, passed in. Pure. Any thread; the count is atomic.
 */
#ifndef STS_POLICY_ENTRY_H
#define STS_POLICY_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/policy_text.h"
#include "shared-cache/policy/reason.h"
#include "shared-cache/policy/record.h"

enum sts_entry_state { STS_STATE_POLICY, STS_STATE_ABSENT, STS_STATE_FAILED };

struct sts_entry {
	const char *domain;
	enum sts_entry_state state;
	enum sts_reason reason;		/* POLICY: why the last refresh failed, or NONE. FAILED: why */
	const char *id;			/* of the TXT record that the policy was fetched for; FAILED may have one, too; else "" */
	const struct sts_policy *policy; /* POLICY only, else NULL */
	const char *text;		/* POLICY only: the file as fetched, NUL-terminated */
	size_t text_len;
	int64_t fetched;		/* when the policy was fetched; 0 without one */
	int64_t checked;		/* when the TXT record last confirmed `id`, or when the negative answer came */
	int64_t expires;		/* POLICY: fetched + max_age, never later. Others: when to look again */
	int64_t retry;			/* no network access for this domain before this time (section 3.3); 0: no such bar */
};

/* Arguments of sts_entry_new, which parses text (len bytes): so an entry never holds a policy that differs from its text. */
struct sts_entry_spec {
	const char *domain;
	enum sts_entry_state state;
	enum sts_reason reason;
	const char *id;			/* NULL: "" */
	const char *text;
	size_t text_len;
	int64_t fetched, checked, expires, retry;
};

/* STS_OK, STS_EINVAL (a field out of range, a text that does not parse, expires later than fetched + max_age), STS_ENOMEM.
 * The caller owns one reference. */
enum sts_status sts_entry_new(const struct sts_entry_spec *spec, struct sts_entry **out);

struct sts_entry *sts_entry_ref(struct sts_entry *entry);
/* Drops one reference and sets *entry to NULL; *entry may be NULL. */
void sts_entry_unref(struct sts_entry **entry);

/* Memory of the entry in bytes, for bounding caches; includes its text, even if that is shared. */
size_t sts_entry_size(const struct sts_entry *entry);

/* The object that holds text and policy; NULL unless POLICY. Borrowed; it has a reference count of its own. */
struct sts_policy_text *sts_entry_policy_text(const struct sts_entry *entry);
/* A copy of the entry that uses this text, which has the same bytes: so entries can share one. The caller owns one reference. NULL
 * when out of memory. */
struct sts_entry *sts_entry_with_text(const struct sts_entry *entry, struct sts_policy_text *text);

/* Rebuilds an ABSENT or FAILED entry from the fields of an earlier one, without any check; spec has no text. For caches that store
 * less than an entry. NULL when out of memory. */
struct sts_entry *sts_entry_again(const struct sts_entry_spec *spec);

/* Whether the entry may still be used at now: now < expires, and it does not come from the future. */
bool sts_entry_is_live(const struct sts_entry *entry, int64_t now);

/* When to ask the network about this domain next while the entry is in use: id re-check, refresh ahead of expiry, or
 * retry after a failure, whichever comes first, but not before `retry`. The jitter depends only on the domain and on salt
 * (each node has its own), so the answer is stable: up to 10 % earlier than the interval says. */
struct sts_entry_intervals {
	int64_t refresh_s;	/* re-fetch a policy after this long, or at 3/4 of max_age if that is sooner */
	int64_t recheck_s;	/* confirm the TXT id after this long */
	uint32_t salt;
};
int64_t sts_entry_due(const struct sts_entry *entry, const struct sts_entry_intervals *intervals);

/* Whether a refresh that is due must fetch the policy even if the TXT id is unchanged. */
bool sts_entry_fetch_due(const struct sts_entry *entry, const struct sts_entry_intervals *intervals, int64_t now);

/* ---- the versioned encoding: field names and values of the Redis hash policy:{D} ---- */

enum { STS_ENTRY_SCHEMA = 1, STS_ENTRY_FIELDS = 12 };

struct sts_entry_field {
	const char *name;	/* NUL-terminated */
	const char *value;	/* len bytes */
	size_t len;
};

/* The fields point into entry and into scratch. Always writes exactly STS_ENTRY_FIELDS fields, unset ones as "", in this order:
 * schema state id mode mx max_age fetched checked expires text reason retry. `mx` is separated by spaces. */
struct sts_entry_scratch {
	char numbers[STS_ENTRY_FIELDS][24];
	char *mx;		/* owned; free with sts_entry_scratch_fini */
};
enum sts_status sts_entry_encode(const struct sts_entry *entry, struct sts_entry_field fields[STS_ENTRY_FIELDS],
    struct sts_entry_scratch *scratch);
void sts_entry_scratch_fini(struct sts_entry_scratch *scratch);

/* Ignores unknown fields. STS_EINVAL, which callers treat as a miss: another schema, a missing or malformed field, a mode that
 * differs from the text's, or times out of range. */
enum sts_status sts_entry_decode(const char *domain, const struct sts_entry_field *fields, size_t count, int64_t now,
    struct sts_entry **out);

const char *sts_entry_state_name(enum sts_entry_state state);

#endif
