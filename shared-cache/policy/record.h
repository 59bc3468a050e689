/* SPDX-License-Identifier: ISC */
/*
 * record.h - picks and parses the STSv1 record among the TXT records of _mta-sts.DOMAIN (RFC 8461 section 3.1).
 *
 * Records that do not begin with "v=STSv1;" are discarded first; if more than one is left, there is none.
 * The grammar is checked byte by byte; the first of duplicate fields wins, even if invalid. Pure. Any thread.
 */
#ifndef STS_POLICY_RECORD_H
#define STS_POLICY_RECORD_H

#include <stddef.h>

#include "shared-cache/base/diag.h"

#define STS_ID_MAX 32
#define STS_ID_CAP (STS_ID_MAX + 1)

/* One TXT record; its character-strings are joined without anything between them (RFC 7208 section 3.3). */
struct sts_txt {
	const char *data;	/* len bytes, of any value, NUL included */
	size_t len;
};

enum sts_record_result {
	STS_RECORD_VALID,
	STS_RECORD_NONE,	/* none, or more than one: the domain does not use MTA-STS */
	STS_RECORD_INVALID,	/* exactly one, with invalid syntax */
};

/* id is set with STS_RECORD_VALID, else "". diag (may be NULL) has the reason if there is no valid record, and warnings about
 * legal but suspicious ones (such as discarded records that look like a quoted or misspelt STSv1 record). */
enum sts_record_result sts_record_select(const struct sts_txt *rrset, size_t count, char id[STS_ID_CAP],
    struct sts_diag *diag);

const char *sts_record_result_name(enum sts_record_result result);

#endif
