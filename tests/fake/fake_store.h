/* SPDX-License-Identifier: ISC */
/*
 * fake_store.h - sts_store's half for policies, and sts_subscription, replaced at link time: a few entries in memory, which
 * can hang, and news when a test says so. Every domain has a history: one message over TLS, today.
 * One store a process. Any thread.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include <stdbool.h>

#include "shared-cache/store/store.h"

/* Forgets everything. */
void fake_store_reset(void);
/* Somebody has put entry; takes the reference over. */
void fake_store_set(struct sts_entry *entry);
bool fake_store_has(const char *domain);
void fake_store_forget(const char *domain);
/* Whether domain is what was published last. */
bool fake_store_published(const char *domain);
/* What the subscription says; NULL: that all is out of date. */
void fake_store_invalidate(const char *domain);
/* Every call blocks until it is over. */
void fake_store_hang(bool hang);
/* Every call is STS_EUNAVAILABLE. */
void fake_store_down(bool down);
/* The next sts_store_open finds no memory. */
void fake_store_fail(void);
/* Handles open, locks held, calls under way or done. */
unsigned fake_store_open(void);
unsigned fake_store_locks(void);
unsigned fake_store_calls(void);

#endif
