/* SPDX-License-Identifier: ISC */
/*
 * entry.h - what is known of one domain: a cache entry, immutable and counted.
 *
 * Three states. POLICY: a policy that has not been proved wrong; used until `expires` (RFC 8461 section 5.1: also when the
 * TXT record vanishes or fetches fail). ABSENT: the domain publishes nothing (or not exactly one record). FAILED: nothing
 * usable is known and `reason` says why. The last two are forgotten at `expires`.
 * All times are seconds since the epoch, passed in. Pure. Any thread; counting is atomic.
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
	const char *id;			/* of the TXT record the policy was fetched for; may be set for FAILED; else "" */
	const struct sts_policy *policy; /* POLICY only, else NULL */
	const char *text;		/* POLICY only: the file as fetched, NUL-terminated */
	size_t text_len;
	int64_t fetched;		/* when the policy was fetched; 0 when there is none */
	int64_t checked;		/* when the TXT record last confirmed `id`, or when the negative was found */
	int64_t expires;		/* POLICY: fetched + max_age, never longer. Others: when to ask again */
	int64_t retry;			/* no network for this domain before this time (section 3.3); 0: no such bar */
};

/* What the maker fills in; text (len bytes) is parsed here, so that an entry never holds a policy that its text does not. */
struct sts_entry_spec {
	const char *domain;
	enum sts_entry_state state;
	enum sts_reason reason;
	const char *id;			/* NULL: "" */
	const char *text;
	size_t text_len;
	int64_t fetched, checked, expires, retry;
};

/* STS_OK, STS_EINVAL (a field out of range, a text that does not parse, expires beyond fetched + max_age), STS_ENOMEM.
 * The caller owns one reference. */
enum sts_status sts_entry_new(const struct sts_entry_spec *spec, struct sts_entry **out);

struct sts_entry *sts_entry_ref(struct sts_entry *entry);
/* Gives one reference back and sets *entry to NULL; *entry may be NULL. */
void sts_entry_unref(struct sts_entry **entry);

/* Bytes of memory the entry holds, for bounding caches; its text counts as if it were its own. */
size_t sts_entry_size(const struct sts_entry *entry);

/* POLICY only, else NULL: what text and policy belong to. Borrowed; counted by itself. */
struct sts_policy_text *sts_entry_policy_text(const struct sts_entry *entry);
/* The same entry, with a text that has the same bytes: so that many entries share one. The caller owns one reference. NULL without
 * memory. */
struct sts_entry *sts_entry_with_text(const struct sts_entry *entry, struct sts_policy_text *text);

/* An entry that is no policy, made again of what such an entry once said: nothing is checked, and spec has no text. For caches that keep
 * less than an entry. NULL without memory. */
struct sts_entry *sts_entry_again(const struct sts_entry_spec *spec);

/* Whether the entry may still be used at now (that is now < expires, and it does not come from the future). */
bool sts_entry_is_live(const struct sts_entry *entry, int64_t now);

/* When the network should next be asked about this domain while the entry is in use: id re-check, refresh ahead of expiry,
 * retry after failure, whichever comes first but not before `retry`. The jitter is a fraction that depends on the domain
 * and salt only (each node passes its own), so the answer is stable: up to 10 % earlier than the interval says. */
struct sts_entry_intervals {
	int64_t refresh_s;	/* re-fetch a policy this long after it was fetched, or at 3/4 of max_age if sooner */
	int64_t recheck_s;	/* confirm the TXT id this long after the last time */
	uint32_t salt;
};
int64_t sts_entry_due(const struct sts_entry *entry, const struct sts_entry_intervals *intervals);

/* Whether a due refresh must fetch the policy even if the TXT id is unchanged. */
bool sts_entry_fetch_due(const struct sts_entry *entry, const struct sts_entry_intervals *intervals, int64_t now);

/* ---- the versioned encoding: field names and values of the Redis hash policy:{D} ---- */

enum { STS_ENTRY_SCHEMA = 1, STS_ENTRY_FIELDS = 12 };

struct sts_entry_field {
	const char *name;	/* NUL-terminated */
	const char *value;	/* len bytes */
	size_t len;
};

/* Fields point into entry and into scratch. Always writes exactly STS_ENTRY_FIELDS fields; absent ones are "". The order is
 * schema state id mode mx max_age fetched checked expires text reason retry. `mx` is joined by spaces. */
struct sts_entry_scratch {
	char numbers[STS_ENTRY_FIELDS][24];
	char *mx;		/* owned; free with sts_entry_scratch_fini */
};
enum sts_status sts_entry_encode(const struct sts_entry *entry, struct sts_entry_field fields[STS_ENTRY_FIELDS],
    struct sts_entry_scratch *scratch);
void sts_entry_scratch_fini(struct sts_entry_scratch *scratch);

/* Unknown fields are ignored; another schema, a missing or malformed field, a mode that differs from the text's, or times
 * out of range: STS_EINVAL, which callers treat as a miss. */
enum sts_status sts_entry_decode(const char *domain, const struct sts_entry_field *fields, size_t count, int64_t now,
    struct sts_entry **out);

const char *sts_entry_state_name(enum sts_entry_state state);

#endif
