/* SPDX-License-Identifier: ISC */
/* ledger.c - a hash table with open addressing; a removed entry leaves a mark, so that entries after it are still found. */
#include "config.h"

#include <stdbool.h>

#include "tests/torture/ledger.h"

enum { SLOTS_LOG2 = 20, SLOTS = 1 << SLOTS_LOG2, PROBES = 256 };
static struct {
	uintptr_t memory;	/* 0: never used; REMOVED */
	uintptr_t site;
} slots[SLOTS];
static const uintptr_t REMOVED = 1;
static int lock;		/* a spin lock: pthread's mutexes may allocate */

static void
hold(void)
{
	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0)
		;
}

static void
release(void)
{
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

static size_t
slot_of(uintptr_t memory, size_t probe)
{
	return (((memory >> 4) * 0x9e3779b97f4a7c15ull >> (64 - SLOTS_LOG2)) + probe) & (SLOTS - 1);
}

void
ledger_add(const void *memory, uintptr_t site)
{
	hold();
	for (size_t probe = 0; probe < PROBES; probe++) {
		size_t i = slot_of((uintptr_t)memory, probe);

		if (slots[i].memory <= REMOVED) {
			slots[i].memory = (uintptr_t)memory;
			slots[i].site = site;
			break;
		}
	}
	release();
}

uintptr_t
ledger_remove(const void *memory)
{
	uintptr_t site = 0;

	hold();
	for (size_t probe = 0; probe < PROBES; probe++) {
		size_t i = slot_of((uintptr_t)memory, probe);

		if (slots[i].memory == 0)
			break;
		if (slots[i].memory == (uintptr_t)memory) {
			slots[i].memory = REMOVED;
			site = slots[i].site;
			break;
		}
	}
	release();
	return site;
}

uint64_t
ledger_list(uint64_t *sites, size_t room)
{
	uint64_t count = 0;
	size_t known, found = 0;

	hold();
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].memory > REMOVED) {
			count++;
			for (known = 0; known < found && sites[known] != slots[i].site; known++)
				;
			if (known == found && found < room)
				sites[found++] = slots[i].site;
		}
	release();
	return count;
}
