/* SPDX-License-Identifier: ISC */
/*
 * tlsrpt_record.h - picks and parses the TLSRPTv1 record among the TXT records of _smtp._tls.DOMAIN (RFC 8460 section 3).
 *
 * Records that do not begin with "v=TLSRPTv1;" are discarded first; if more than one is left, there is none. The grammar is checked
 * byte by byte; the first of duplicate fields wins. Addresses stay as published, %XX included. Pure. Any thread.
 */
#ifndef STS_POLICY_TLSRPT_RECORD_H
#define STS_POLICY_TLSRPT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/policy/txt_fields.h"

enum { STS_TLSRPT_RUA_MAX = 128 };	/* the longest TXT records have room for more */

struct sts_tlsrpt {
	struct sts_slice rua[STS_TLSRPT_RUA_MAX];	/* point into the RRset; mailto: and https: only */
	size_t rua_count;
	size_t dropped_count;	/* valid addresses beyond the first STS_TLSRPT_RUA_MAX; a warning mentions them */
	size_t foreign_count;	/* addresses of other schemes; a warning mentions them */
};

/* STS_RECORD_VALID: at least one address is usable; otherwise *out is zero but for foreign_count. diag as with
 * sts_record_select. */
enum sts_record_result sts_tlsrpt_select(const struct sts_txt *rrset, size_t count, struct sts_tlsrpt *out,
    struct sts_diag *diag);

/* The domain of a mailto: address; false for any other address. */
bool sts_tlsrpt_mail_domain(struct sts_slice uri, char out[STS_DOMAIN_CAP]);

#endif
