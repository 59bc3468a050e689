/* SPDX-License-Identifier: ISC */
/* test_dns_callback.c - callers for whose question there was no memory are called back all the same, each once and in order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/dns/dns_callback.h"

static struct dns_deferred deferred;	/* too large for a thread's stack, not for ours */
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
	assert_ptr_equal(arg, &deferred);
	assert_int_equal(answer->count, 0);
	say("txt", answer->outcome);
}

static void
on_addrs(void *arg, const struct sts_addr_answer *answer)
{
	assert_ptr_equal(arg, &deferred);
	assert_int_equal(answer->count, 0);
	assert_string_equal(answer->why, "out of memory");
	say("addrs", answer->outcome);
}

static void
on_any(void *arg, const struct sts_dns_reply *reply)
{
	assert_ptr_equal(arg, &deferred);
	assert_true(reply->local);
	assert_true(sts_dns_reply_failed(reply));
	say("any", STS_DNS_LOCAL);
}

static void
test_forms(void **state)
{
	char want[64];

	(void)state;
	memset(&deferred, 0, sizeof(deferred));
	said[0] = '\0';
	assert_true(dns_deferred_add(&deferred, &(struct dns_callback){ .txt_fn = on_txt, .arg = &deferred }));
	assert_true(dns_deferred_add(&deferred, &(struct dns_callback){ .addr_fn = on_addrs, .arg = &deferred }));
	assert_true(dns_deferred_add(&deferred, &(struct dns_callback){ .fn = on_any, .arg = &deferred }));
	dns_deferred_run(&deferred);
	snprintf(want, sizeof(want), "txt:%d addrs:%d any:%d ", STS_DNS_LOCAL, STS_DNS_LOCAL, STS_DNS_LOCAL);
	assert_string_equal(said, want);
	assert_int_equal(deferred.count, 0);
	dns_deferred_run(&deferred);
	assert_string_equal(said, want);
}

static void
ask_again(void *arg, const struct sts_dns_reply *reply)
{
	(void)reply;
	calls++;
	assert_true(dns_deferred_add(arg, &(struct dns_callback){ .fn = ask_again, .arg = arg }));
}

/* A callback that asks again does not keep the loop busy for ever. */
static void
test_asks_again(void **state)
{
	(void)state;
	memset(&deferred, 0, sizeof(deferred));
	calls = 0;
	for (size_t i = 0; i < STS_DNS_DEFERRED; i++)
		assert_true(dns_deferred_add(&deferred, &(struct dns_callback){ .fn = ask_again, .arg = &deferred }));
	assert_false(dns_deferred_add(&deferred, &(struct dns_callback){ .fn = ask_again, .arg = &deferred }));
	dns_deferred_run(&deferred);
	assert_int_equal(calls, STS_DNS_DEFERRED);
	assert_int_equal(deferred.count, STS_DNS_DEFERRED);
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
