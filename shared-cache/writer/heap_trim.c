/* SPDX-License-Identifier: ISC */
/* heap_trim.c - a backlog is remembered until it is written and a minute has passed. */
#include "config.h"

#include "shared-cache/writer/heap_trim.h"

bool
sts_writer_relief_is_due(struct sts_writer_relief *relief, bool written, size_t waiting, int64_t now_ms)
{
	if (!written && waiting > relief->backlog)
		relief->backlog = waiting;
	if (!written || relief->backlog < STS_RELIEF_BACKLOG || now_ms < relief->not_before_ms)
		return false;
	relief->backlog = 0;
	relief->not_before_ms = now_ms + STS_RELIEF_PAUSE_MS;
	return true;
}
