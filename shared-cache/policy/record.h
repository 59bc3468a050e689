/* SPDX-License-Identifier: ISC */
/*
 * record.h - the TXT RRset of _mta-sts.DOMAIN -> the one STSv1 record, or why there is none (RFC 8461 section 3.1).
 *
 * Records that do not begin with "v=STSv1;" are discarded before counting; more than one left counts as none.
 * Grammar byte by byte; the first of duplicate fields wins, even if bad. Pure. Any thread.
 */
#ifndef STS_POLICY_RECORD_H
#define STS_POLICY_RECORD_H

#include <stddef.h>

#include "shared-cache/base/diag.h"

#define STS_ID_MAX 32
#define STS_ID_CAP (STS_ID_MAX + 1)

/* One TXT resource record, its character-strings joined without anything between (RFC 7208 section 3.3). */
struct sts_txt {
	const char *data;	/* len bytes, any bytes, NUL too */
	size_t len;
};

enum sts_record_result {
	STS_RECORD_VALID,
	STS_RECORD_NONE,	/* not one STSv1 record: the domain does not do MTA-STS */
	STS_RECORD_INVALID,	/* exactly one, with bad syntax */
};

/* id is set for STS_RECORD_VALID, else "". diag (may be NULL) says why not, and warns of what is legal but suspicious
 * (such as discarded records that look like a quoted or misspelt STSv1 record). */
enum sts_record_result sts_record_select(const struct sts_txt *rrset, size_t count, char id[STS_ID_CAP],
    struct sts_diag *diag);

const char *sts_record_result_name(enum sts_record_result result);

#endif
