/* SPDX-License-Identifier: ISC */
/* ledger.h - the memory that a program has taken and not given back, by address. Takes none of malloc's. Any thread. */
#ifndef TESTS_TORTURE_LEDGER_H
#define TESTS_TORTURE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

/* site: where it was asked for; not 0. Beyond what there is room for, no account is kept. */
void ledger_add(const void *memory, uintptr_t site);
/* Its site, 0 when it is not in the ledger. */
uintptr_t ledger_remove(const void *memory);
/* The sites of those that are left, each once, as many as there is room for. Returns how many are left. */
uint64_t ledger_list(uint64_t *sites, size_t room);

#endif
