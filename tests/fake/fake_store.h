/* SPDX-License-Identifier: ISC */
/*
 * fake_store.h - replaces sts_store's policy calls, and sts_subscription, at link time: a few entries in memory, calls that can
 * hang, and invalidations on command. Every domain has a history: one message over TLS, today.
 * One store per process. Any thread.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include <stdbool.h>

#include "shared-cache/store/store.h"

/* Forgets everything. */
void fake_store_reset(void);
/* Puts entry as another node would; takes over the reference. */
void fake_store_set(struct sts_entry *entry);
bool fake_store_has(const char *domain);
void fake_store_forget(const char *domain);
/* Whether domain was the last one published. */
bool fake_store_published(const char *domain);
/* Makes the subscription report domain as invalid; NULL: everything. */
void fake_store_invalidate(const char *domain);
/* While true, every call blocks. */
void fake_store_hang(bool hang);
/* While true, every call returns STS_EUNAVAILABLE. */
void fake_store_down(bool down);
/* The next sts_store_open fails for want of memory. */
void fake_store_fail(void);
/* Open handles, held locks, calls started so far. */
unsigned fake_store_open(void);
unsigned fake_store_locks(void);
unsigned fake_store_calls(void);

#endif
