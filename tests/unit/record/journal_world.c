/* SPDX-License-Identifier: ISC */
/* journal_world.c - see journal_world.h. */
#include "config.h"

#include "tests/unit/record/journal_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct counter_names *names;

int
make_names(void **state)
{
	(void)state;
	return counter_names_new(&names) == STS_OK ? 0 : -1;
}

int
free_names(void **state)
{
	(void)state;
	counter_names_free(&names);
	return 0;
}

void
set_client(struct sts_evidence *evidence, const char *text)
{
	assert_true(sts_ipaddr_parse(text, strlen(text), &evidence->client));
}

void
fill(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->evidence = (struct sts_evidence){ .queue_id = "4XyZ", .domain = "sender.example",
		.tls = { .state = STS_TLS_NONE, .bits = -1 }, .aligned = STS_ALIGNED_NO, .forged = 2 };
	set_client(&f->evidence, "192.0.2.77");
	f->policy = (struct sts_policy_view){ STS_POLICY_ENFORCE, STS_REASON_NONE, "20250809T1", 0 };
	f->verdict = (struct sts_verdict){ STS_RESULT_FAIL, STS_REASON_PLAINTEXT, STS_ACTION_ACCEPT, STS_ACTION_ACCEPT };
	f->c = (struct journal_case){ .evidence = &f->evidence, .policy = &f->policy, .verdict = &f->verdict,
		.exempt = JOURNAL_JUDGED, .node = "mx1.example.net", .client_addr = STS_CLIENT_MASKED, .first = true,
		.source = "memory", .waited_ms = 3, .now_ms = NOON };
}

void
set_tls(struct fixture *f, const char *version, const char *cipher, int bits)
{
	f->evidence.tls.state = STS_TLS_SECURED;
	snprintf(f->evidence.tls.version, sizeof(f->evidence.tls.version), "%s", version);
	snprintf(f->evidence.tls.cipher, sizeof(f->evidence.tls.cipher), "%s", cipher);
	f->evidence.tls.bits = bits;
}

void
join(const char *const *fields, char *out, size_t cap)
{
	out[0] = '\0';
	for (size_t i = 0; fields[i] != NULL; i++)
		snprintf(out + strlen(out), cap - strlen(out), "%s%s", i > 0 ? " " : "", fields[i]);
}
