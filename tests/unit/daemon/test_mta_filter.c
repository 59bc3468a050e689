/* SPDX-License-Identifier: ISC */
/* test_mta_filter.c - runs the program on the first bytes of packets. tests/daemon has the kernel run it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "milter/daemon/mta_filter.h"

/* The instructions of the BPF machine that the programs use. */
static uint32_t
run(const struct sock_filter *program, size_t len, const uint8_t *packet)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < len; pc++) {
		const struct sock_filter *i = &program[pc];
		const uint8_t *at = packet + (i->k - (uint32_t)SKF_NET_OFF);

		switch (i->code) {
		case BPF_LD | BPF_B | BPF_ABS:
			a = at[0];
			break;
		case BPF_LD | BPF_W | BPF_ABS:
			a = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %zu is unknown", pc);
		}
	}
	fail_msg("the program has no end");
	return 0;
}

static bool
passes(const char *networks, const char *source)
{
	struct sock_filter program[MTA_FILTER_MAX];
	struct sts_netlist *list;
	uint8_t packet[40] = { 0 };
	uint32_t bytes;
	size_t len;

	assert_int_equal(sts_netlist_parse(networks, &list, NULL), STS_OK);
	len = mta_filter_make(list, program);
	sts_netlist_free(&list);
	assert_true(len > 0);
	if (strchr(source, ':') != NULL) {
		packet[0] = 0x60;
		assert_int_equal(inet_pton(AF_INET6, source, packet + 8), 1);
	} else {
		packet[0] = 0x45;
		assert_int_equal(inet_pton(AF_INET, source, packet + 12), 1);
	}
	bytes = run(program, len, packet);
	assert_true(bytes == 0 || bytes == 0xffff);
	return bytes != 0;
}

static void
test_networks(void **state)
{
	static const struct {
		const char *networks, *source;
		bool pass;
	} rows[] = {
		{ "", "192.0.2.1", false },
		{ "", "2001:db8::1", false },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "192.0.2.1", "2001:db8::1", false },
		{ "192.0.2.0/24", "192.0.2.0", true },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/24", "192.0.1.255", false },
		{ "192.0.2.1 198.51.100.0/25 203.0.113.9", "198.51.100.127", true },
		{ "192.0.2.1 198.51.100.0/25 203.0.113.9", "198.51.100.128", false },
		{ "192.0.2.1 198.51.100.0/25 203.0.113.9", "203.0.113.9", true },
		{ "0.0.0.0/0", "8.8.8.8", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "::/0", "8.8.8.8", false },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2001:db8::/32", "2001:db7:ffff::1", false },
		{ "2001:db8:0:10::/60", "2001:db8:0:1f::1", true },
		{ "2001:db8:0:10::/60", "2001:db8:0:20::1", false },
		{ "2001:db8:0:10::/60", "2001:db8:1:10::1", false },
		{ "2001:db8::1", "2001:db8::1", true },
		{ "2001:db8::1", "2001:db8::2", false },
		{ "192.0.2.1 2001:db8::/33 2001:db8:8000::7", "2001:db8:8000::7", true },
		{ "192.0.2.1 2001:db8::/33 2001:db8:8000::7", "2001:db8:8000::8", false },
		{ "192.0.2.1 2001:db8::/33 2001:db8:8000::7", "192.0.2.1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (passes(rows[i].networks, rows[i].source) != rows[i].pass)
			fail_msg("networks \"%s\", source %s", rows[i].networks, rows[i].source);
	}
}

/* The first and the last of many; one too many is reported, not cut. */
static void
test_many(void **state)
{
	struct sock_filter program[MTA_FILTER_MAX];
	struct sts_netlist *list;
	char *text = malloc(64 * 1024), *at = text;

	(void)state;
	for (int i = 0; i < 200; i++)
		at += sprintf(at, "2001:db8:%x::7 ", i);
	assert_true(passes(text, "2001:db8::7"));
	assert_true(passes(text, "2001:db8:c7::7"));
	assert_false(passes(text, "2001:db8:c8::7"));
	for (int i = 200; i < 400; i++)
		at += sprintf(at, "2001:db8:%x::7 ", i);
	assert_int_equal(sts_netlist_parse(text, &list, NULL), STS_OK);
	assert_int_equal(mta_filter_make(list, program), 0);
	sts_netlist_free(&list);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
