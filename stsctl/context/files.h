/* SPDX-License-Identifier: ISC */
/*
 * files.h - whole files: read, compared, replaced. A reader sees the old file or the new one, never a part; what is
 * reported as written survives a crash.
 */
#ifndef STSCTL_CONTEXT_FILES_H
#define STSCTL_CONTEXT_FILES_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum { FILES_WHY_CAP = 256 };

enum files_change { FILES_SAME, FILES_CHANGED, FILES_MISSING };

/* The whole of a file of at most max bytes; the caller frees *out. STS_ENOTFOUND: there is none. STS_ESYS, STS_EFULL (too long):
 * why says so. */
enum sts_status files_read(const char *path, size_t max, char **out, size_t *len, char why[FILES_WHY_CAP]);

/* What writing text would do to path; a file that cannot be read counts as changed. */
enum files_change files_compare(const char *path, const char *text, size_t len);

/* Replaces path, mode 0644 whatever the umask; makes the directories that are missing, mode 0755. Nothing is touched when the
 * file holds the text already. STS_ESYS: why says so. */
enum sts_status files_write(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP]);

/* Keeps others out who lock the same file, until *fd is closed; makes the file and its directories. *fd is -1 unless STS_OK.
 * STS_EFULL: somebody is in. STS_ESYS: why says so. */
enum sts_status files_lock(const char *path, int *fd, char why[FILES_WHY_CAP]);

#endif
