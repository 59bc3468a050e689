/* SPDX-License-Identifier: ISC */
/*
 * tlsrpt_record.h - the TXT RRset of _smtp._tls.DOMAIN -> the one TLSRPTv1 record, or why there is none (RFC 8460 section 3).
 *
 * Records that do not begin with "v=TLSRPTv1;" are discarded before counting; more than one left counts as none. Grammar byte by
 * byte; the first of duplicate fields wins. Addresses stay as published, their %XX too. Pure. Any thread.
 */
#ifndef STS_POLICY_TLSRPT_RECORD_H
#define STS_POLICY_TLSRPT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/policy/record.h"
#include "shared-cache/policy/txt_fields.h"

enum { STS_TLSRPT_RUA_MAX = 128 };	/* what the longest TXT records have room for is more */

struct sts_tlsrpt {
	struct sts_slice rua[STS_TLSRPT_RUA_MAX];	/* of the RRset given; mailto: and https: only */
	size_t rua_count;
	size_t dropped_count;	/* good addresses beyond the first STS_TLSRPT_RUA_MAX, of which a warning tells */
	size_t foreign_count;	/* addresses of other schemes, of which a warning tells */
};

/* STS_RECORD_VALID: at least one address can be used; else *out is zeroed but for foreign_count. diag as with
 * sts_record_select. */
enum sts_record_result sts_tlsrpt_select(const struct sts_txt *rrset, size_t count, struct sts_tlsrpt *out,
    struct sts_diag *diag);

/* The domain that an address of mailto: delivers to; false for any other address. */
bool sts_tlsrpt_mail_domain(struct sts_slice uri, char out[STS_DOMAIN_CAP]);

#endif
