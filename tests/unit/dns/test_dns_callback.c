/* SPDX-License-Identifier: ISC */
/* test_dns_callback.c - those for whose question there was no memory are answered all the same, each once and in order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_callback.h"

static struct dns_owed owed;	/* too large for the stack of a thread, not for ours */
static char said[64];
static size_t calls;

static void
say(const char *form, enum sts_dns_outcome outcome)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%s:%d ", form, (int)outcome);
}

static void
on_txt(void *arg, const struct sts_txt_answer *answer)
{
	assert_ptr_equal(arg, &owed);
	assert_int_equal(answer->count, 0);
	say("txt", answer->outcome);
}

static void
on_addrs(void *arg, const struct sts_addr_answer *answer)
{
	assert_ptr_equal(arg, &owed);
	assert_int_equal(answer->count, 0);
	assert_string_equal(answer->why, "out of memory");
	say("addrs", answer->outcome);
}

static void
on_any(void *arg, const struct sts_dns_reply *reply)
{
	assert_ptr_equal(arg, &owed);
	assert_true(reply->local);
	assert_true(sts_dns_reply_failed(reply));
	say("any", STS_DNS_LOCAL);
}

static void
test_forms(void **state)
{
	char want[64];

	(void)state;
	memset(&owed, 0, sizeof(owed));
	said[0] = '\0';
	assert_true(dns_owed_add(&owed, &(struct dns_asker){ .txt_fn = on_txt, .arg = &owed }));
	assert_true(dns_owed_add(&owed, &(struct dns_asker){ .addr_fn = on_addrs, .arg = &owed }));
	assert_true(dns_owed_add(&owed, &(struct dns_asker){ .fn = on_any, .arg = &owed }));
	dns_owed_tell(&owed);
	snprintf(want, sizeof(want), "txt:%d addrs:%d any:%d ", STS_DNS_LOCAL, STS_DNS_LOCAL, STS_DNS_LOCAL);
	assert_string_equal(said, want);
	assert_int_equal(owed.count, 0);
	dns_owed_tell(&owed);
	assert_string_equal(said, want);
}

static void
ask_again(void *arg, const struct sts_dns_reply *reply)
{
	(void)reply;
	calls++;
	assert_true(dns_owed_add(arg, &(struct dns_asker){ .fn = ask_again, .arg = arg }));
}

/* Nobody who asks again at once keeps the loop busy for ever. */
static void
test_asks_again(void **state)
{
	(void)state;
	memset(&owed, 0, sizeof(owed));
	calls = 0;
	for (size_t i = 0; i < STS_DNS_OWED; i++)
		assert_true(dns_owed_add(&owed, &(struct dns_asker){ .fn = ask_again, .arg = &owed }));
	assert_false(dns_owed_add(&owed, &(struct dns_asker){ .fn = ask_again, .arg = &owed }));
	dns_owed_tell(&owed);
	assert_int_equal(calls, STS_DNS_OWED);
	assert_int_equal(owed.count, STS_DNS_OWED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_asks_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
