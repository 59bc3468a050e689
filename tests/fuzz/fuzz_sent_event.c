/* SPDX-License-Identifier: ISC */
/* fuzz_sent_event.c - any datagram on the TLSRPT socket. */
#include "config.h"

#include <string.h>

#include "shared-cache/outbound/sent_event.h"
#include "tests/fuzz/fuzz.h"

static void
check_text(const char *s)
{
	if (s == NULL)
		return;
	MUST(strlen(s) <= STS_SENT_TEXT_MAX);
	for (; *s != '\0'; s++)
		MUST(*s >= 0x20 && *s < 0x7f);
}

static void
check_name(const char *name)
{
	char again[STS_DOMAIN_CAP];

	MUST(sts_domain_normalise(name, strlen(name), again) == STS_DOMAIN_OK && strcmp(name, again) == 0);
}

static void
check_policy(const struct sts_sent_policy *p)
{
	check_name(p->domain);
	MUST(p->type < STS_SENT_TYPES && p->string_count <= STS_SENT_STRINGS && p->pattern_count <= STS_SENT_PATTERNS);
	for (size_t i = 0; i < p->string_count; i++)
		check_text(p->strings[i]);
	for (size_t i = 0; i < p->pattern_count; i++)
		check_text(p->patterns[i]);
	MUST(p->detail_count <= STS_SENT_DETAILS);
	for (size_t i = 0; i < p->detail_count; i++) {
		const struct sts_sent_detail *d = &p->details[i];

		MUST(d->result < STS_SENT_RESULTS);
		if (d->mx[0] != '\0')
			check_name(d->mx);
		check_text(d->our_address);
		check_text(d->helo);
		check_text(d->address);
		check_text(d->information);
		check_text(d->reason);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_sent_event *event;
	enum sts_sent_fault fault = sts_sent_event_parse((const char *)data, size, &event);

	MUST(fault < STS_SENT_FAULTS && sts_sent_fault_name(fault)[0] != '\0');
	MUST((event != NULL) == (fault == STS_SENT_OK));
	if (event == NULL)
		return 0;
	check_name(event->domain);
	check_text(event->record);
	MUST(event->policy_count > 0 && event->policy_count <= STS_SENT_POLICIES);
	for (size_t i = 0; i < event->policy_count; i++)
		check_policy(&event->policies[i]);
	sts_sent_event_free(&event);
	return 0;
}
