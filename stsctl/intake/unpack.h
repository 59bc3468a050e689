/* SPDX-License-Identifier: ISC */
/*
 * unpack.h - what hangs on a mail or lies in a file -> the JSON texts in it.
 *
 * What the bytes are is told by the bytes: senders label plain JSON as gzip and the other way round. gzip (of one or more members),
 * zip (of plain files and of gzip), plain. A bomb stops early: never more than STS_REPORT_TEXT_MAX bytes come out of one file, nor
 * of one zip.
 * Knows zlib and libzip; no files, no mail. Any thread.
 */
#ifndef STSCTL_INTAKE_UNPACK_H
#define STSCTL_INTAKE_UNPACK_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum unpack_kind {
	UNPACK_JSON,		/* text may be a report */
	UNPACK_OTHER,		/* something else than JSON: DMARC's XML, a picture */
	UNPACK_BROKEN,		/* gzip or zip, but damaged */
	UNPACK_TOO_BIG,
};

enum { UNPACK_ZIP_MAX = 4 * 1024 * 1024 /* bytes of the zip itself */, UNPACK_INNER_MAX = 1024 * 1024 /* of a gzip in it */ };

/* Called for each text found, in order; text is valid during the call only. name: in the zip, or NULL. */
typedef enum sts_status unpack_fn(void *arg, const char *name, const char *text, size_t len);

/* STS_OK: *kind says what it was; with UNPACK_JSON, fn was called, and with UNPACK_TOO_BIG for what
 * stood before it in a zip. STS_ENOMEM, or what fn returned, which ends it. */
enum sts_status unpack(const void *bytes, size_t len, unpack_fn *fn, void *arg, enum unpack_kind *kind);

const char *unpack_kind_text(enum unpack_kind kind);

#endif
