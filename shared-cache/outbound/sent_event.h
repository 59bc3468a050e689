/* SPDX-License-Identifier: ISC */
/*
 * sent_event.h - parses a datagram of libtlsrpt: what Postfix (3.10 and later) reports of a TLS handshake with an MX host.
 *
 * JSON: `dpv` version "1", or absent (libtlsrpt 0.5.0rc1, Debian 13); `d` the domain; `pr` its TLSRPT record; `policies`, each with
 * `policy-type` (1 tlsa, 2 sts, 9 none), `policy-domain`, `policy-string`, `mx-host`, `failure-details` (`c` code, `s` our address,
 * `n` the MX host, `h` its HELO name, `r` its address, `a` additional information, `f` reason code), `t` number of failures, `f` 0
 * for success. Unknown members are ignored.
 *
 * Anybody with access to the socket may write anything: everything is bounded, names are normalised, other strings
 * are left out unless they are printable ASCII.
 * Pure (jansson). Any thread; an event belongs to the thread that parsed it.
 */
#ifndef STS_OUTBOUND_SENT_EVENT_H
#define STS_OUTBOUND_SENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/names/domain.h"

enum {
	STS_SENT_DATAGRAM_MAX = 65536,	/* bytes */
	STS_SENT_POLICIES = 8,		/* per event; the next three per policy. More are left out */
	STS_SENT_STRINGS = 64,
	STS_SENT_PATTERNS = 64,
	STS_SENT_DETAILS = 8,
	STS_SENT_TEXT_MAX = 512,	/* bytes of a string; a longer one is left out */
};

enum sts_sent_type { STS_SENT_TLSA, STS_SENT_STS, STS_SENT_NO_POLICY, STS_SENT_TYPES };

/* Result types of RFC 8460 section 4.3. */
enum sts_sent_result {
	STS_SENT_STARTTLS_NOT_SUPPORTED, STS_SENT_CERTIFICATE_HOST_MISMATCH, STS_SENT_CERTIFICATE_NOT_TRUSTED,
	STS_SENT_CERTIFICATE_EXPIRED, STS_SENT_VALIDATION_FAILURE, STS_SENT_STS_POLICY_FETCH_ERROR, STS_SENT_STS_POLICY_INVALID,
	STS_SENT_STS_WEBPKI_INVALID, STS_SENT_TLSA_INVALID, STS_SENT_DNSSEC_INVALID, STS_SENT_DANE_REQUIRED,
	STS_SENT_RESULTS
};

/* NULL: missing or rejected. */
struct sts_sent_detail {
	enum sts_sent_result result;
	char mx[STS_DOMAIN_CAP];	/* "" likewise */
	const char *our_address, *helo, *address, *information, *reason;
};

struct sts_sent_policy {
	enum sts_sent_type type;
	char domain[STS_DOMAIN_CAP];	/* the event's when it has none */
	bool failed;
	size_t string_count, pattern_count, detail_count;
	const char *strings[STS_SENT_STRINGS];	/* policy-string; patterns: mx-host */
	const char *patterns[STS_SENT_PATTERNS];
	struct sts_sent_detail details[STS_SENT_DETAILS];
};

struct sts_sent_event {
	char domain[STS_DOMAIN_CAP];
	const char *record;		/* likewise NULL */
	size_t policy_count;		/* at least 1 */
	struct sts_sent_policy policies[STS_SENT_POLICIES];
	void *json;			/* owns the strings */
};

enum sts_sent_fault {
	STS_SENT_OK = 0,
	STS_SENT_TOO_LONG,
	STS_SENT_NOT_JSON,
	STS_SENT_OTHER_VERSION,
	STS_SENT_NO_DOMAIN,		/* missing or invalid */
	STS_SENT_BAD_POLICY,		/* missing, or one without a known type or outcome */
	STS_SENT_NO_MEMORY,
	STS_SENT_FAULTS
};

/* *out is NULL unless STS_SENT_OK; the caller frees it. */
enum sts_sent_fault sts_sent_event_parse(const char *data, size_t len, struct sts_sent_event **out);
void sts_sent_event_free(struct sts_sent_event **event);

/* "tlsa", "sts", "no-policy-found"; "starttls-not-supported", ... as in reports; "ok", "too-long", "not-json", ...; "" for a number out
 * of range. */
const char *sts_sent_type_name(unsigned type);
const char *sts_sent_result_name(unsigned result);
const char *sts_sent_fault_name(unsigned fault);

#endif
