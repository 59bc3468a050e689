/* SPDX-License-Identifier: ISC */
/*
 * files.h - reads, compares and atomically replaces whole files.
 *
 * A reader sees the old file or the new one, never a mixture; a file reported as written survives a crash. One thread: the umask is
 * changed for a moment.
 */
#ifndef STSCTL_CONTEXT_FILES_H
#define STSCTL_CONTEXT_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

enum { FILES_WHY_CAP = 256 };

enum files_change { FILES_SAME, FILES_CHANGED, FILES_MISSING };

/* Reads a file of at most max bytes; the caller frees *out. STS_ENOTFOUND: no such file. STS_ESYS, STS_EFULL (too long): why says more. */
enum sts_status files_read(const char *path, size_t max, char **out, size_t *len, char why[FILES_WHY_CAP]);

/* What writing text would change; a file that cannot be read counts as changed. */
enum files_change files_compare(const char *path, const char *text, size_t len);

/* Replaces path with text, unless the file holds it already. The mode is 0644 whatever the umask, but never wider than the old file's;
 * owner and group are kept where possible. Missing directories are made with mode 0755 (safe_directory.h says which symbolic links are
 * followed). If path itself is a link, the link is replaced and its target left alone. STS_ESYS: why says more. */
enum sts_status files_write(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP]);
/* The same for a file whose mode is somebody else's business: the new file has the old mode from the moment it has the name. */
enum sts_status files_rewrite(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP]);

/* Locks a file against other callers until *fd is closed; makes it, mode 0600, and its directories. Waits up to wait_ms for another
 * holder. *fd is -1 unless STS_OK. STS_EFULL: still locked by another. STS_ESYS: why says more. */
enum sts_status files_lock(const char *path, int64_t wait_ms, int *fd, char why[FILES_WHY_CAP]);
/* Removes the lock file and releases the lock; does nothing when *fd is -1. *fd is -1 afterwards. Those who wait notice that the file
 * is gone. */
void files_unlock(const char *path, int *fd);

#endif
