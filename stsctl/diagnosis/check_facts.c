/* SPDX-License-Identifier: ISC */
/* check_facts.c - initialises, fills and frees the facts. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/diagnosis/check_facts.h"

void
check_facts_init(struct check_facts *facts, const char *domain)
{
	memset(facts, 0, sizeof(*facts));
	snprintf(facts->domain, sizeof(facts->domain), "%s", domain);
	facts->record = STS_RECORD_NONE;
}

void
check_facts_fini(struct check_facts *facts)
{
	sts_policy_free(&facts->policy);
	free(facts->policy_text);
	facts->policy_text = NULL;
}

void
check_facts_add_cert(struct check_facts *facts, const char *host, int64_t begins_s, int64_t expires_s)
{
	struct check_cert *cert = facts->certs, *end = facts->certs + facts->cert_count;

	while (cert < end && strcmp(cert->host, host) != 0)
		cert++;
	if (cert == end && facts->cert_count == CHECK_CERTS_MAX)
		return;
	if (cert == end) {
		snprintf(cert->host, sizeof(cert->host), "%s", host);
		cert->begins_s = begins_s;
		cert->expires_s = expires_s;
		facts->cert_count++;
	} else if (expires_s < cert->expires_s) {
		cert->begins_s = begins_s;
		cert->expires_s = expires_s;
	}
}
