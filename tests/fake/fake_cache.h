/* SPDX-License-Identifier: ISC */
/*
 * fake_cache.h - replaces sts_cache and sts_writer at link time: the test sets what is known about each domain, and sees
 * which domains were looked up and what was recorded.
 *
 * One instance per process; one thread.
 */
#ifndef FAKE_CACHE_H
#define FAKE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/cache/cache.h"
#include "shared-cache/writer/writer.h"

/* Forgets everything. */
void fake_reset(void);

/* Sets what is known about domain: a policy with this mode and a single mx. */
void fake_policy(const char *domain, enum sts_mode mode, const char *id, const char *mx);
/* Likewise: no policy, or a failed fetch. */
void fake_absent(const char *domain);
void fake_failed(const char *domain, enum sts_reason reason);
/* Only a wait with a deadline of at_ms or later gets the answer; until then it is pending. */
void fake_known_from(const char *domain, int64_t at_ms);
/* When the policy's id was last seen in DNS, in seconds; the default is 0: never. */
void fake_confirmed(const char *domain, int64_t at);
/* The next look-up fails for want of memory. */
void fake_lookup_fails(void);

/* Number of waits for a look-up's answer so far. */
size_t fake_waits(void);
/* Look-ups started so far, look-ups not yet released, and whether domain was looked up. */
size_t fake_lookups(void);
size_t fake_open_lookups(void);
bool fake_asked(const char *domain);

/* Messages recorded so far; and for the last one: its domain ("" for none), whether a field was counted in the totals or for
 * the domain, and a field of its evidence entry (NULL if there was no entry or no such field). */
size_t fake_records(void);
const char *fake_record_domain(void);
bool fake_counted(const char *field);
bool fake_counted_for_domain(const char *field);
const char *fake_entry_field(const char *name);

#endif
