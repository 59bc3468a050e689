/* SPDX-License-Identifier: ISC */
/* facts.h - what is known of a domain's deployment, put together by the parts of check and looked at by the judges. One thread. */
#ifndef STSCTL_DIAGNOSIS_FACTS_H
#define STSCTL_DIAGNOSIS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"
#include "stsctl/diagnosis/dane.h"

enum { CHECK_MX_MAX = 32, CHECK_CERTS_MAX = CHECK_MX_MAX + 1 };

/* What the TLSA records of a host are worth (RFC 7672 section 2.2.1): everything on the way to them must be vouched for. */
enum check_dane {
	CHECK_DANE_NONE,		/* there are none */
	CHECK_DANE,
	CHECK_DANE_UNSIGNED_HOST,	/* there are some, below MX records that are vouched for, and they are not, or the addresses */
	CHECK_DANE_UNSIGNED_DOMAIN,	/* the other way round */
	CHECK_DANE_UNSIGNED,		/* there are some, and nothing is vouched for, if only because the resolver does not validate */
};

/* One mail exchanger. */
struct check_mx {
	char host[STS_DOMAIN_CAP];
	unsigned preference;
	bool covered;			/* some mx of the policy matches; true when there is no policy */
	enum check_dane dane;
	struct dane_records tlsa;	/* unless CHECK_DANE_NONE */
};

/* The certificate that a host showed, for --metrics; of several, that which expires first. */
struct check_cert {
	char host[STS_DOMAIN_CAP];
	int64_t begins_s, expires_s;	/* seconds since the epoch */
};

struct check_facts {
	char domain[STS_DOMAIN_CAP];
	enum sts_record_result record;
	char id[STS_ID_CAP];		/* of a valid record, else "" */
	struct sts_policy *policy;	/* NULL: none could be had */
	char *policy_text;		/* what was fetched, valid or not; policy_len bytes; NULL: nothing */
	size_t policy_len;
	bool null_mx;
	struct check_mx mx[CHECK_MX_MAX];
	size_t mx_count;
	struct check_cert certs[CHECK_CERTS_MAX];
	size_t cert_count;
};

void check_facts_init(struct check_facts *facts, const char *domain);
void check_facts_fini(struct check_facts *facts);
/* Remembers a certificate; one too many is forgotten. */
void check_facts_add_cert(struct check_facts *facts, const char *host, int64_t begins_s, int64_t expires_s);

#endif
