/* SPDX-License-Identifier: ISC */
/*
 * test_cache_invalidation.c - notices: memory forgets at once, the resolver's thread is notified, and so is the listener. The
 * resolver is replaced at link time, and so is calloc, which can fail.
 */
#include "config.h"

#include "shared-cache/cache/cache_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_netloop.h"
#include "tests/unit/memory/l1_world.h"

#define A "a.example"
#define B "b.example"

enum { MAILBOX = 2, ROOM = 100 };

static struct sts_cache cache;

/* The calls, in order. */
static struct {
	char text[1024];
	bool starved;		/* the next calloc fails */
} seen;

static void
note(const char *what, const char *word, size_t len)
{
	size_t used = strlen(seen.text);

	snprintf(seen.text + used, sizeof(seen.text) - used, "%s(%.*s) ", what, (int)len, word);
}

void
sts_resolver_forget(struct sts_resolver *resolver, const char *domain)
{
	assert_ptr_equal(resolver, cache.resolver);
	note("resolver", domain, strlen(domain));
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *
__wrap_calloc(size_t count, size_t size)
{
	bool starved = seen.starved;

	seen.starved = false;
	return starved ? NULL : __real_calloc(count, size);
}

static void
on_invalid(void *arg, const char *domain)
{
	assert_ptr_equal(arg, &seen);
	note("invalid", domain != NULL ? domain : "all", domain != NULL ? strlen(domain) : 3);
}

static void
on_command(void *arg, const char *word, size_t len)
{
	assert_ptr_equal(arg, &cache);
	note("told", word, len);
}

static int64_t
mono_ms(void)
{
	return 1000;
}

static void
count_lines(enum sts_log_level level, const char *line)
{
	(void)level;
	note("log", line, strcspn(line, ":"));
}

/* A and B are in memory, with their histories. */
static int
open_cache(void **state)
{
	static const struct sts_net_loop_params net = { 0 };
	static int resolver;

	(void)state;
	memset(&cache, 0, sizeof(cache));
	memset(&seen, 0, sizeof(seen));
	fake_netloop_reset();
	cache.l1 = new_l1(ROOM, 1 << 20);
	cache.resolver = (struct sts_resolver *)(void *)&resolver;
	cache.invalid = on_invalid;
	cache.invalid_arg = &seen;
	cache.on_command = on_command;
	cache.command_arg = &cache;
	assert_int_equal(sts_queue_new(MAILBOX, &cache.mailbox), STS_OK);
	assert_int_equal(sts_net_loop_new(&net, &cache.loop), STS_OK);
	assert_int_equal(sts_histories_new(ROOM, mono_ms, &cache.histories), STS_OK);
	put(cache.l1, A, 86400, NOW + 3600, NOW);
	put(cache.l1, B, 86400, NOW + 3600, NOW);
	sts_histories_add(cache.histories, A, NOW, STS_TLS_SECURED);
	sts_histories_add(cache.histories, B, NOW, STS_TLS_SECURED);
	sts_log_open(count_lines, STS_LOG_INFO);
	return 0;
}

static int
close_cache(void **state)
{
	(void)state;
	sts_log_open(NULL, STS_LOG_INFO);
	sts_queue_run(cache.mailbox);
	sts_queue_free(&cache.mailbox);
	sts_net_loop_free(&cache.loop);
	sts_histories_free(&cache.histories);
	sts_l1_free(&cache.l1);
	return 0;
}

/* "l1 histories": which of A and B are left. */
static const char *
left(void)
{
	static char text[16];
	struct sts_history_days days;

	snprintf(text, sizeof(text), "%s%s %s%s", has(cache.l1, A, NOW) ? "a" : "", has(cache.l1, B, NOW) ? "b" : "",
	    sts_histories_get(cache.histories, A, &days) ? "a" : "", sts_histories_get(cache.histories, B, &days) ? "b" : "");
	return text;
}

/* One domain: the resolver's thread is woken, and forgets it when it runs. */
static void
test_one(void **state)
{
	(void)state;
	assert_string_equal(left(), "ab ab");
	sts_cache_invalid(&cache, A);
	assert_string_equal(left(), "b b");
	assert_string_equal(seen.text, "invalid(a.example) ");
	assert_int_equal(fake_netloop_wakeups(), 1);
	assert_int_equal(sts_queue_run(cache.mailbox), 1);
	assert_string_equal(seen.text, "invalid(a.example) resolver(a.example) ");
	sts_cache_invalid(&cache, "of.nobody.example");
	assert_string_equal(left(), "b b");
	assert_int_equal(sts_queue_run(cache.mailbox), 1);
	assert_string_equal(seen.text,
	    "invalid(a.example) resolver(a.example) invalid(of.nobody.example) resolver(of.nobody.example) ");
}

/* The resolver does not keep up, or there is no memory for the notice: nobody is woken in vain, and memory forgets all the same. */
static void
test_resolver_does_not_keep_up(void **state)
{
	(void)state;
	for (int i = 0; i < MAILBOX; i++)
		sts_cache_invalid(&cache, "x.example");
	seen.text[0] = '\0';
	sts_cache_invalid(&cache, A);
	assert_string_equal(left(), "b b");
	assert_string_equal(seen.text, "invalid(a.example) ");
	assert_int_equal(fake_netloop_wakeups(), MAILBOX);
	assert_int_equal(sts_queue_run(cache.mailbox), MAILBOX);
	seen.text[0] = '\0';
	seen.starved = true;
	sts_cache_invalid(&cache, B);
	assert_false(seen.starved);
	assert_string_equal(left(), " ");
	assert_string_equal(seen.text, "invalid(b.example) ");
	assert_int_equal(fake_netloop_wakeups(), MAILBOX);
	assert_int_equal(sts_queue_run(cache.mailbox), 0);
}

/* All domains: memory starts anew, which is logged. */
static void
test_all(void **state)
{
	(void)state;
	sts_cache_all_invalid(&cache);
	assert_string_equal(left(), " ");
	assert_string_equal(seen.text, "log(cache) invalid(all) ");
	assert_int_equal(sts_queue_run(cache.mailbox), 0);
}

static void
test_command(void **state)
{
	(void)state;
	sts_cache_command(&cache, "enforce-reset\n", strlen("enforce-reset"));
	assert_string_equal(seen.text, "told(enforce-reset) ");
	assert_string_equal(left(), "ab ab");
}

/* No listener, and no histories. */
static void
test_nobody_listens(void **state)
{
	struct sts_histories *histories = cache.histories;

	(void)state;
	cache.histories = NULL;
	cache.invalid = NULL;
	cache.on_command = NULL;
	sts_cache_command(&cache, "x", 1);
	sts_cache_invalid(&cache, A);
	assert_false(has(cache.l1, A, NOW));
	assert_true(has(cache.l1, B, NOW));
	sts_cache_all_invalid(&cache);
	assert_false(has(cache.l1, B, NOW));
	assert_string_equal(seen.text, "log(cache) ");
	cache.histories = histories;
	assert_string_equal(left(), " ab");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_cache, close_cache)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one),
		TEST(test_resolver_does_not_keep_up),
		TEST(test_all),
		TEST(test_command),
		TEST(test_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
