/* SPDX-License-Identifier: ISC */
/*
 * spool.h - the spool: a file in spool_dir with what is not in Redis yet, for the next process to recover.
 *
 *   DIR/lock         locked with flock(2) as long as the process lives
 *   DIR/pending      the records of spool_state.h; appended to
 *   DIR/pending.new  its replacement, renamed over it once it is on disk
 *   DIR/damaged      the last file that was found damaged
 *
 * Files have mode 0600. Every append is one write(2): after it, the records are with the kernel, and survive the end of the
 * process. sync is for surviving the end of the machine.
 * Not locked, except for sts_spool_size. Every function may block for as long as the disk does.
 */
#ifndef STS_SPOOL_SPOOL_H
#define STS_SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/spool/spool_record.h"
#include "shared-cache/spool/spool_state.h"

struct sts_spool;

enum { STS_SPOOL_WHY_CAP = 512 };

/* Locks the directory and reads what is pending. limit: of the file, in bytes. A damaged file is kept aside, with a warning. On
 * failure, why has the reason: STS_EUNAVAILABLE: another process uses the directory; STS_ESYS; STS_ENOMEM. */
enum sts_status sts_spool_open(const char *directory, int64_t limit, struct sts_spool **out, struct sts_spool_state *state,
    char why[STS_SPOOL_WHY_CAP]);
void sts_spool_close(struct sts_spool **spool);

/* Appends all of the records, or none: a partial write is cut off again. STS_EFULL: the limit; STS_ESYS: errno is set. bounded:
 * whether the limit applies; false for records that must not fail because of it. */
enum sts_status sts_spool_append(struct sts_spool *spool, const struct sts_spool_bytes *records, bool bounded);
/* When it returns, everything so far is on disk. */
enum sts_status sts_spool_sync(struct sts_spool *spool);
/* Replaces the file, atomically and durably, by one with only these records. */
enum sts_status sts_spool_replace(struct sts_spool *spool, const struct sts_spool_bytes *records);
/* Empties the file, on disk, too: for when nothing else can be written. */
enum sts_status sts_spool_empty(struct sts_spool *spool);

/* Whether there is room for sts_spool_replace, as far as one can tell. */
bool sts_spool_has_room(struct sts_spool *spool);

int64_t sts_spool_size(struct sts_spool *spool);

#endif
