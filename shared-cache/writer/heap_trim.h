/* SPDX-License-Identifier: ISC */
/*
 * heap_trim.h - when to give memory back that an outage of the store has taken, for writer*.c alone. Zeroed at first. Pure.
 *
 * What waited is freed once it is written, but lies between what stays (policies, names seen), and malloc keeps it. So each outage that
 * is worse than all before would make the process larger for good.
 */
#ifndef STS_WRITER_HEAP_TRIM_H
#define STS_WRITER_HEAP_TRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STS_HEAP_TRIM_BACKLOG = 2000,	/* rows and entries: some 2 MB */
	STS_HEAP_TRIM_PAUSE_MS = 60000,	/* at least, from one to the next */
};

struct sts_heap_trim {
	size_t backlog;			/* the most that waited in a turn that failed, since the last trim */
	int64_t not_before_ms;
};

/* After each turn of the writer's thread: whether what there was went to the store, and what waits (rows and entries). True: now. */
bool sts_heap_trim_is_due(struct sts_heap_trim *trim, bool written, size_t waiting, int64_t now_ms);

#endif
