/* SPDX-License-Identifier: ISC */
/*
 * spool.h - the file in spool_dir: what is not in Redis yet, for the process that comes after this one.
 *
 *   DIR/lock         held with flock(2) for as long as the process lives
 *   DIR/pending      the records of spool_state.h, appended
 *   DIR/pending.new  a new one, renamed over it when it is on the disk
 *   DIR/damaged      the last one in which something did not add up
 *
 * Files have mode 0600. Records are appended with one write(2) each time: they are then in the kernel's hands, and the end of the
 * process does not matter any more. For the end of the machine, there is sync.
 * Not locked, but for sts_spool_size. Any of these may take as long as the disk does.
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

/* Takes the directory, and reads what is pending. limit: of the file, in bytes. What is damaged is moved aside, and told in the log. On
 * failure why says what is the matter: STS_EUNAVAILABLE: another process has it; STS_ESYS; STS_ENOMEM. */
enum sts_status sts_spool_open(const char *directory, int64_t limit, struct sts_spool **out, struct sts_spool_state *state,
    char why[STS_SPOOL_WHY_CAP]);
void sts_spool_close(struct sts_spool **spool);

/* All of the records, or none: what is written of some is cut off again. STS_EFULL: the limit; STS_ESYS: errno is set. bounded:
 * false for those that must not fail for a limit. */
enum sts_status sts_spool_append(struct sts_spool *spool, const struct sts_spool_bytes *records, bool bounded);
/* Everything so far is on the disk when it returns. */
enum sts_status sts_spool_sync(struct sts_spool *spool);
/* A file with these records alone takes the place of the one there is, at once and for good. */
enum sts_status sts_spool_replace(struct sts_spool *spool, const struct sts_spool_bytes *records);
/* Nothing is pending, on the disk either: for when nothing else can be written. */
enum sts_status sts_spool_empty(struct sts_spool *spool);

/* Whether there is room for sts_spool_replace, as far as one can know. */
bool sts_spool_has_room(struct sts_spool *spool);

int64_t sts_spool_size(struct sts_spool *spool);

#endif
