/* SPDX-License-Identifier: ISC */
/* ledger.h - the memory that a program has allocated and not freed, by address. Never calls malloc itself. Any thread. */
#ifndef TESTS_TORTURE_LEDGER_H
#define TESTS_TORTURE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

/* site: where it was allocated; not 0. When the table is full, further memory is not tracked. */
void ledger_add(const void *memory, uintptr_t site);
/* Returns its site, or 0 if it is not in the ledger. */
uintptr_t ledger_remove(const void *memory);
/* Writes the sites of the remaining entries, each once, up to room. Returns the number of remaining entries. */
uint64_t ledger_list(uint64_t *sites, size_t room);

#endif
