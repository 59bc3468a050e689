/* SPDX-License-Identifier: ISC */
/* fuzz_mailbox.c - any SMTP path; an extracted domain must be in normal form. */
#include "config.h"

#include <string.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/mailbox.h"
#include "tests/fuzz/fuzz.h"

static void
check_normal(const char *domain)
{
	char again[STS_DOMAIN_CAP];
	size_t len = strlen(domain);

	MUST(len >= 1 && len <= STS_DOMAIN_MAX && domain[len - 1] != '.');
	for (const char *p = domain; *p != '\0'; p++)
		MUST((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' || *p == '.' || *p == '_');
	MUST(sts_domain_normalise(domain, len, again) == STS_DOMAIN_OK && strcmp(domain, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char domain[STS_DOMAIN_CAP];
	enum sts_mailbox_kind kind = sts_mailbox_domain(text, size, domain);
	enum sts_domain_fault fault;

	if (kind == STS_MAILBOX_DOMAIN)
		check_normal(domain);
	else
		MUST(domain[0] == '\0');
	if (kind == STS_MAILBOX_NULL)
		MUST(sts_mailbox_role(text, size) == NULL);
	else
		(void)sts_mailbox_role(text, size);
	fault = sts_domain_normalise(text, size, domain);
	if (fault == STS_DOMAIN_OK)
		check_normal(domain);
	else
		MUST(domain[0] == '\0');
	if (sts_domain_check_host(text, size) == STS_DOMAIN_OK)
		MUST(fault == STS_DOMAIN_OK && strlen(domain) == size);
	return 0;
}
