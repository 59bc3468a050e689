/* SPDX-License-Identifier: ISC */
/*
 * heap_trim.h - when to give the memory that an outage of the store took back to the system, for writer*.c only. Pure.
 *
 * The backlog is freed once it is written, but it lies among memory that stays (policies, known names), so malloc keeps it. Each
 * outage worse than all before would make the process larger for good.
 */
#ifndef STS_WRITER_HEAP_TRIM_H
#define STS_WRITER_HEAP_TRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STS_HEAP_TRIM_BACKLOG = 2000,	/* rows and entries: about 2 MB */
	STS_HEAP_TRIM_PAUSE_MS = 60000,	/* at least, between two trims */
};

struct sts_heap_trim {
	size_t backlog;			/* largest backlog in a failed turn since the last trim */
	int64_t not_before_ms;
};

/* Call it after each turn of the writer's thread. written: whether all went to the store; waiting: rows and entries. True: trim now. */
bool sts_heap_trim_is_due(struct sts_heap_trim *trim, bool written, size_t waiting, int64_t now_ms);

#endif
