/* SPDX-License-Identifier: ISC */
/* check_facts.h - the facts about one domain's deployment: collected by the parts of check, read by the judges. One thread. */
#ifndef STSCTL_DIAGNOSIS_CHECK_FACTS_H
#define STSCTL_DIAGNOSIS_CHECK_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"
#include "stsctl/diagnosis/dane.h"

enum { CHECK_MX_MAX = 32, CHECK_CERTS_MAX = CHECK_MX_MAX + 1 };

/* Whether senders use the TLSA records of a host (RFC 7672 section 2.2.1): DNSSEC must secure every step that leads to them. */
enum check_dane {
	CHECK_DANE_NONE,		/* there are none */
	CHECK_DANE,
	CHECK_DANE_UNSIGNED_HOST,	/* the MX records are signed; the TLSA records or the host's addresses are not */
	CHECK_DANE_UNSIGNED_DOMAIN,	/* the other way round */
	CHECK_DANE_UNSIGNED,		/* there are some, and nothing is signed, or the resolver does not validate */
};

/* One mail exchanger. */
struct check_mx {
	char host[STS_DOMAIN_CAP];
	unsigned preference;
	bool covered;			/* an mx of the policy matches; true when there is no policy */
	enum check_dane dane;
	struct dane_records tlsa;	/* unless CHECK_DANE_NONE */
};

/* The certificate of a host, for --metrics; of several, the one that expires first. */
struct check_cert {
	char host[STS_DOMAIN_CAP];
	int64_t begins_s, expires_s;	/* seconds since the epoch */
};

struct check_facts {
	char domain[STS_DOMAIN_CAP];
	enum sts_record_result record;
	char id[STS_ID_CAP];		/* of a valid record, else "" */
	struct sts_policy *policy;	/* NULL: no valid policy */
	char *policy_text;		/* as fetched, valid or not; policy_len bytes; NULL: nothing was fetched */
	size_t policy_len;
	bool null_mx;
	struct check_mx mx[CHECK_MX_MAX];
	size_t mx_count;
	struct check_cert certs[CHECK_CERTS_MAX];
	size_t cert_count;
};

void check_facts_init(struct check_facts *facts, const char *domain);
void check_facts_fini(struct check_facts *facts);
/* Adds a certificate; drops it when the array is full. Times in seconds since the epoch. */
void check_facts_add_cert(struct check_facts *facts, const char *host, int64_t begins_s, int64_t expires_s);

#endif
