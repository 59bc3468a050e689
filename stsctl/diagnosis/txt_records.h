/* SPDX-License-Identifier: ISC */
/*
 * txt_records.h - the TXT records of a reply: joined, as programs read them, and quoted, as in zone files and dig's output.
 *
 * Pure. A set belongs to one thread.
 */
#ifndef STSCTL_DIAGNOSIS_TXT_RECORDS_H
#define STSCTL_DIAGNOSIS_TXT_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/dns/dns_reply.h"
#include "shared-cache/policy/record.h"

struct txt_records {
	struct sts_txt *txt;	/* the strings of each record, joined without a separator (RFC 8461 section 3.1) */
	char **zone;		/* each record as in a zone file, for people: "..." "..." */
	size_t count;
};

/* The set is empty if reply is NULL, or has no TXT records. STS_ENOMEM: nothing to free. */
enum sts_status txt_records_init(struct txt_records *set, const struct sts_dns_reply *reply);
void txt_records_fini(struct txt_records *set);

/* Whether both hold the same records, in any order. */
bool txt_records_same(const struct txt_records *a, const struct txt_records *b);

#endif
