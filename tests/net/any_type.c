/* SPDX-License-Identifier: ISC */
/* any_type.c - questions of any type, without the loop: here MX and TLSA, and whether the resolver validated the answer (AD). */
#include "config.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/dns/dns.h"
#include "tests/net/jobs.h"

enum { BUDGET_MS = 5000, SAID_CAP = 400 };

static void
say(void *arg, const struct sts_dns_reply *reply)
{
	char *said = arg;
	size_t len = (size_t)snprintf(said, SAID_CAP, "%d %s%s", (int)reply->outcome, reply->authentic ? "AD " : "", reply->name);

	for (size_t i = 0; i < reply->count; i++) {
		const struct sts_dns_record *r = &reply->records[i];

		if (r->type == STS_DNS_MX)
			len += (size_t)snprintf(said + len, SAID_CAP - len, "; MX %u %s", r->preference, r->target);
		else if (r->type == STS_DNS_TLSA)
			len += (size_t)snprintf(said + len, SAID_CAP - len, "; TLSA %u %u %u, %zu bytes", r->tlsa.usage, r->tlsa.selector,
			    r->tlsa.matching, r->tlsa.len);
	}
	if (reply->why[0] != '\0')
		snprintf(said + len, SAID_CAP - len, " (%s)", reply->why);
}

static void
ask(struct sts_dns *dns, const char *name, enum sts_dns_type type, char said[SAID_CAP])
{
	struct pollfd sockets[STS_DNS_SOCKETS];

	said[0] = '\0';
	assert_int_equal(sts_dns_ask(dns, name, type, sts_clock_mono_ms() + BUDGET_MS, say, said), STS_OK);
	assert_string_equal(said, "");		/* the answer comes later */
	while (!sts_dns_is_idle(dns)) {
		size_t count = sts_dns_sockets(dns, sockets);
		int64_t wait_ms = sts_dns_wait_ms(dns, sts_clock_mono_ms());

		(void)poll(sockets, (nfds_t)count, (int)wait_ms);
		sts_dns_process(dns, sts_clock_mono_ms());
	}
}

void
any_type(void **state)
{
	static const struct {
		bool quirky;
		const char *name;
		enum sts_dns_type type;
		const char *want;
	} rows[] = {
		{ false, "mail.test", STS_DNS_MX, "0 mail.test; MX 10 mx1.test; MX 20 mx2.test" },
		{ false, "Mail.TEST", STS_DNS_MX, "0 mail.test; MX 10 mx1.test; MX 20 mx2.test" },
		{ false, "null-mx.test", STS_DNS_MX, "0 null-mx.test; MX 0 " },
		{ false, "_25._tcp.mx1.test", STS_DNS_TLSA, "0 _25._tcp.mx1.test; TLSA 3 1 1, 32 bytes; TLSA 2 0 0, 5 bytes" },
		{ false, "_25._tcp.mx2.test", STS_DNS_TLSA, "0 _25._tcp.mx1.test; TLSA 3 1 1, 32 bytes; TLSA 2 0 0, 5 bytes" },
		{ false, "mail.test", STS_DNS_TLSA, "1 mail.test" },
		{ false, "nobody.test", STS_DNS_MX, "2 nobody.test" },
		{ false, "mx.servfail.test", STS_DNS_MX, "4 mx.servfail.test (SERVFAIL)" },
		{ true, "vouched.test", STS_DNS_TLSA, "0 AD vouched.test; TLSA 3 1 1, 32 bytes" },
		{ true, "refused.test", STS_DNS_TLSA, "4 refused.test (REFUSED)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char servers[40], said[SAID_CAP];
		struct sts_dns *dns;

		snprintf(servers, sizeof(servers), "127.0.0.1:%u", rows[i].quirky ? world.quirks : world.dns);
		assert_int_equal(sts_dns_new(servers, BUDGET_MS, &dns), STS_OK);
		ask(dns, rows[i].name, rows[i].type, said);
		if (strcmp(said, rows[i].want) != 0)
			fail_msg("%s: got '%s', want '%s'", rows[i].name, said, rows[i].want);
		sts_dns_free(&dns);
	}
}
