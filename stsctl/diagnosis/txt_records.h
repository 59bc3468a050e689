/* SPDX-License-Identifier: ISC */
/*
 * txt_records.h - the TXT records of a reply: joined as programs read them, and as zone files and dig write them.
 *
 * Pure. A set belongs to one thread.
 */
#ifndef STSCTL_TXTSET_H
#define STSCTL_TXTSET_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/policy/record.h"
#include "stsctl/probe/dns_reply.h"

struct txtset {
	struct sts_txt *txt;	/* the strings of each joined without anything between (RFC 8461 section 3.1) */
	char **zone;		/* each as in a zone file: "..." "..."; for people */
	size_t count;
};

/* reply may be NULL, and of any outcome: then the set is empty. */
enum sts_status txtset_init(struct txtset *set, const struct dns_reply *reply);
void txtset_fini(struct txtset *set);

/* Whether both hold the same records, in any order. */
bool txtset_same(const struct txtset *a, const struct txtset *b);

#endif
