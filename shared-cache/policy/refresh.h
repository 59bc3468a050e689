/* SPDX-License-Identifier: ISC */
/*
 * refresh.h - makes the next cache entry of a domain from the previous one, the answers of DNS and HTTPS, and the time.
 *
 * All rules of RFC 8461 about time are here: a live policy survives a lost record and failed fetches until it expires
 * (section 5.1), a changed id causes a fetch at once, failed fetches are not repeated within five minutes (section 3.3), negative
 * answers are kept for a time that depends on the reason, max_age is never extended. Nothing here does I/O, waits or keeps state.
 * Pure. Any thread.
 */
#ifndef STS_POLICY_REFRESH_H
#define STS_POLICY_REFRESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/net.h"
#include "shared-cache/policy/reason.h"
#include "shared-cache/policy/record.h"

enum {
	STS_REFRESH_BAR_S = 300,	/* between attempts at a policy that could not be fetched, and after any fetch */
	STS_REFRESH_BACKOFF_MAX_S = 3600, /* the doubling ends here */
};

struct sts_refresh_rules {
	int64_t negative_ttl_min_s, negative_ttl_max_s, failure_ttl_s;
	struct sts_entry_intervals intervals;
};

/* What is known before the lookup. */
struct sts_refresh_case {
	const char *domain;
	const struct sts_entry *previous;	/* NULL when there is none; may have expired */
	const struct sts_refresh_rules *rules;
	int64_t now;
};

/* The answer of DNS. */
struct sts_refresh_txt {
	enum sts_dns_outcome outcome;
	enum sts_record_result record;	/* with STS_DNS_OK */
	const char *id;			/* with STS_RECORD_VALID */
	uint32_t negative_ttl_s;	/* with STS_DNS_NODATA; 0 when unknown */
};

/* The answer of HTTPS. */
struct sts_refresh_file {
	enum sts_reason reason;		/* STS_REASON_NONE: text is a valid policy */
	const char *text;
	size_t len;
	uint32_t max_age_s;		/* from the text */
};

/* To call with the TXT answer. True: fetch the policy; *out is not set. False: *out is the next entry; its pointers are
 * borrowed from the arguments. */
bool sts_refresh_txt(const struct sts_refresh_case *c, const struct sts_refresh_txt *txt, struct sts_entry_spec *out);

/* To call after the fetch; id is that of the TXT record. */
void sts_refresh_file(const struct sts_refresh_case *c, const char *id, const struct sts_refresh_file *file,
    struct sts_entry_spec *out);

/* Whether the network must not be asked about the domain at now. A bar further ahead than we would ever set is ignored. */
bool sts_refresh_is_barred(const struct sts_entry *previous, const struct sts_refresh_rules *rules, int64_t now);

/* The interim answer for a barred entry that has expired. True, with a FAILED entry in *out, when a refresh had
 * failed. False when nothing failed, but the policy's max_age is shorter than the bar: then nothing is known. */
bool sts_refresh_meanwhile(const struct sts_refresh_case *c, struct sts_entry_spec *out);

/* The better of two entries of a domain at now: live before expired, a policy before a negative answer, later before
 * earlier. Either may be NULL; a on a tie. */
const struct sts_entry *sts_refresh_better(const struct sts_entry *a, const struct sts_entry *b, int64_t now);

#endif
