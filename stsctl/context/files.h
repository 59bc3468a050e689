/* SPDX-License-Identifier: ISC */
/*
 * files.h - whole files: read, compared, replaced. A reader sees the old file or the new one, never a part; what is
 * reported as written survives a crash. One thread: the umask is changed for moments.
 */
#ifndef STSCTL_CONTEXT_FILES_H
#define STSCTL_CONTEXT_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

enum { FILES_WHY_CAP = 256 };

enum files_change { FILES_SAME, FILES_CHANGED, FILES_MISSING };

/* The whole of a file of at most max bytes; the caller frees *out. STS_ENOTFOUND: there is none. STS_ESYS, STS_EFULL (too long):
 * why says so. */
enum sts_status files_read(const char *path, size_t max, char **out, size_t *len, char why[FILES_WHY_CAP]);

/* What writing text would do to path; a file that cannot be read counts as changed. */
enum files_change files_compare(const char *path, const char *text, size_t len);

/* Replaces path, mode 0644 whatever the umask, but never more than the old file's mode, whose owner and group are kept where they can
 * be; makes the directories that are missing, mode 0755 (safe_directory.h says which symbolic links are followed). A link in place of
 * the file itself is replaced, and what it points to left alone. Nothing is touched when the file holds the text already.
 * STS_ESYS: why says so. */
enum sts_status files_write(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP]);
/* The same for files that are somebody else's to give a mode: the old one is kept whole, from the moment on that the new file has the
 * name. */
enum sts_status files_rewrite(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP]);

/* Keeps others out who lock the same file, until *fd is closed; makes the file, mode 0600, and its directories. Waits wait_ms for
 * whoever is in. *fd is -1 unless STS_OK. STS_EFULL: somebody still is. STS_ESYS: why says so. */
enum sts_status files_lock(const char *path, int64_t wait_ms, int *fd, char why[FILES_WHY_CAP]);
/* Takes the lock's file away and lets go, if there is a lock (*fd is -1 otherwise, and afterwards). Those who wait find out. */
void files_unlock(const char *path, int *fd);

#endif
