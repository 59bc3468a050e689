/* SPDX-License-Identifier: ISC */
/*
 * fake_cache.h - sts_cache and sts_writer replaced at link time: a world in which a test says what is known of which
 * domain, and sees who was asked and what was put down.
 *
 * One world a process; one thread.
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

/* What is known of domain: a policy of this mode, whose one mx is mx. */
void fake_policy(const char *domain, enum sts_mode mode, const char *id, const char *mx);
/* The same for a domain without a policy, or with one that failed. */
void fake_absent(const char *domain);
void fake_failed(const char *domain, enum sts_reason reason);
/* The answer comes only to who waits until at_ms or later; before, it is pending. */
void fake_known_from(const char *domain, int64_t at_ms);
/* When the policy's id was seen in DNS last, in seconds; 0, as long as nothing is said: never. */
void fake_confirmed(const char *domain, int64_t at);
/* The next look-up finds no memory. */
void fake_lookup_fails(void);

/* How many times look-ups were asked for their answer so far. */
size_t fake_waits(void);
/* Look-ups begun so far, those not yet released, and whether domain was among them. */
size_t fake_lookups(void);
size_t fake_open_lookups(void);
bool fake_asked(const char *domain);

/* Messages recorded so far; and of the last one: its domain ("" for none), whether a field was counted in the totals or for
 * the domain, and a field of its entry (NULL when there was no entry or no such field). */
size_t fake_records(void);
const char *fake_record_domain(void);
bool fake_counted(const char *field);
bool fake_counted_for_domain(const char *field);
const char *fake_entry_field(const char *name);

#endif
