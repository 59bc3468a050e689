/* SPDX-License-Identifier: ISC */
/* heap_trim.c - remembers a backlog until it is written, and a minute has passed since the last trim. */
#include "config.h"

#include "shared-cache/writer/heap_trim.h"

bool
sts_heap_trim_is_due(struct sts_heap_trim *trim, bool written, size_t waiting, int64_t now_ms)
{
	if (!written && waiting > trim->backlog)
		trim->backlog = waiting;
	if (!written || trim->backlog < STS_HEAP_TRIM_BACKLOG || now_ms < trim->not_before_ms)
		return false;
	trim->backlog = 0;
	trim->not_before_ms = now_ms + STS_HEAP_TRIM_PAUSE_MS;
	return true;
}
