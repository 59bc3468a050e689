/* SPDX-License-Identifier: ISC */
/*
 * unpack.h - extracts the JSON texts from an attachment or a file: plain, gzip or zip.
 *
 * The format is recognised by the bytes, not by labels: senders label plain JSON as gzip, and the other way round. gzip may have several
 * members, and a zip may hold plain files and gzip. A bomb is stopped early: no file yields more than STS_REPORT_TEXT_MAX bytes, nor do
 * all files of a zip together. Knows zlib and libzip; no files, no mail. Any thread.
 */
#ifndef STSCTL_INTAKE_UNPACK_H
#define STSCTL_INTAKE_UNPACK_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum unpack_kind {
	UNPACK_JSON,		/* text may be a report */
	UNPACK_OTHER,		/* not JSON: DMARC's XML, a picture */
	UNPACK_BROKEN,		/* gzip or zip, but damaged */
	UNPACK_TOO_BIG,
};

enum { UNPACK_ZIP_MAX = 4 * 1024 * 1024 /* bytes of the zip itself */, UNPACK_INNER_MAX = 1024 * 1024 /* of a gzip in it */ };

/* Called for each text found, in order. text is valid during the call only. name: the file's in the zip, or NULL. A status other than
 * STS_OK stops. */
typedef enum sts_status unpack_fn(void *arg, const char *name, const char *text, size_t len);

/* Unpacks bytes. STS_OK: *kind says what they were; fn was called if that is UNPACK_JSON, and with UNPACK_TOO_BIG for what came before the
 * oversized file in a zip. Otherwise STS_ENOMEM, or what fn returned. */
enum sts_status unpack(const void *bytes, size_t len, unpack_fn *fn, void *arg, enum unpack_kind *kind);

/* What a kind other than UNPACK_JSON means, in words. */
const char *unpack_kind_text(enum unpack_kind kind);

#endif
