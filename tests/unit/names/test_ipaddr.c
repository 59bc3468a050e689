/* SPDX-License-Identifier: ISC */
/* test_ipaddr.c - addresses: text forms, every special-purpose block at its edges, masks, lists of networks. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "shared-cache/names/ipaddr.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct sts_ipaddr
addr_of(const char *text)
{
	struct sts_ipaddr addr;

	if (!sts_ipaddr_parse(text, strlen(text), &addr))
		fail_msg("%s: does not parse", text);
	return addr;
}

/* ---- text forms ---- */

static const struct {
	const char *text;
	const char *want;	/* "": not an address */
	int family;
} forms[] = {
	{ "192.0.2.1", "192.0.2.1", 4 },
	{ "0.0.0.0", "0.0.0.0", 4 },
	{ "255.255.255.255", "255.255.255.255", 4 },
	{ "[192.0.2.1]", "192.0.2.1", 4 },
	{ "2001:db8::1", "2001:db8::1", 6 },
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1", 6 },
	{ "[2001:db8::1]", "2001:db8::1", 6 },
	{ "IPv6:2001:db8::1", "2001:db8::1", 6 },
	{ "ipv6:::1", "::1", 6 },
	{ "[IPv6:2001:db8::1]", "2001:db8::1", 6 },
	{ "::ffff:192.0.2.1", "192.0.2.1", 4 },
	{ "::FFFF:c000:201", "192.0.2.1", 4 },
	{ "[IPv6:::ffff:192.0.2.1]", "192.0.2.1", 4 },
	{ "::192.0.2.1", "::192.0.2.1", 6 },
	{ "2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:1111:2222:3333:4444:5555:6666", 6 },
	{ "", "", 0 },
	{ "[]", "", 0 },
	{ "[", "", 0 },
	{ "[192.0.2.1", "", 0 },
	{ "192.0.2.1]", "", 0 },
	{ "192.0.2", "", 0 },
	{ "192.0.2.1.", "", 0 },
	{ "192.0.2.256", "", 0 },
	{ "192.0.2.01", "", 0 },
	{ "0x7f.0.0.1", "", 0 },
	{ "2130706433", "", 0 },
	{ " 192.0.2.1", "", 0 },
	{ "IPv6:192.0.2.1", "", 0 },
	{ "fe80::1%lo", "", 0 },
	{ "1::2::3", "", 0 },
	{ "unknown", "", 0 },
	{ "2001:db8:1111:2222:3333:4444:5555:6666:7777", "", 0 },
	{ "192.0.2.1/32", "", 0 },
};

static void
text_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		struct sts_ipaddr addr;
		char text[46];
		bool ok = sts_ipaddr_parse(forms[i].text, strlen(forms[i].text), &addr);

		sts_ipaddr_format(&addr, text);
		if (ok != (forms[i].family != 0) || addr.family != forms[i].family || strcmp(text, forms[i].want) != 0)
			fail_msg("'%s': got '%s' family %d, want '%s' family %d", forms[i].text, text, addr.family,
			    forms[i].want, forms[i].family);
	}
}

static const struct {
	const char *text, *addr;	/* addr "": not accepted */
	uint16_t port;
} servers[] = {
	{ "192.0.2.1", "192.0.2.1", 53 },
	{ "192.0.2.1:5353", "192.0.2.1", 5353 },
	{ "192.0.2.1:65535", "192.0.2.1", 65535 },
	{ "2001:db8::1", "2001:db8::1", 53 },
	{ "[2001:db8::1]", "2001:db8::1", 53 },
	{ "[2001:db8::1]:5353", "2001:db8::1", 5353 },
	{ "192.0.2.1:0", "", 53 },
	{ "192.0.2.1:65536", "", 53 },
	{ "192.0.2.1:", "", 53 },
	{ "192.0.2.1:x", "", 53 },
	{ "[2001:db8::1]5353", "", 53 },
	{ "[2001:db8::1", "", 53 },
	{ "resolver.example", "", 53 },
	{ ":53", "", 53 },
	{ "", "", 53 },
};

static void
server_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(servers); i++) {
		struct sts_ipaddr addr;
		uint16_t port = 53;
		char text[46];
		bool ok = sts_ipaddr_parse_server(servers[i].text, strlen(servers[i].text), &addr, &port);

		sts_ipaddr_format(&addr, text);
		if (ok != (servers[i].addr[0] != '\0') || (ok && (strcmp(text, servers[i].addr) != 0 || port != servers[i].port)))
			fail_msg("'%s': got '%s' port %d", servers[i].text, ok ? text : "", port);
	}
}

static void
text_is_counted(void **state)
{
	struct sts_ipaddr addr;

	(void)state;
	assert_true(sts_ipaddr_parse("192.0.2.17", 9, &addr));
	assert_int_equal(addr.bytes[3], 1);
	assert_false(sts_ipaddr_parse("192.0.2.1\0", 10, &addr));
	assert_int_equal(addr.family, 0);
}

static void
socket_addresses(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct sts_ipaddr addr;
	char text[46];

	(void)state;
	inet_pton(AF_INET, "192.0.2.7", &in.sin_addr);
	assert_true(sts_ipaddr_from_sockaddr((struct sockaddr *)&in, &addr));
	sts_ipaddr_format(&addr, text);
	assert_string_equal(text, "192.0.2.7");
	inet_pton(AF_INET6, "2001:db8::7", &in6.sin6_addr);
	assert_true(sts_ipaddr_from_sockaddr((struct sockaddr *)&in6, &addr));
	sts_ipaddr_format(&addr, text);
	assert_string_equal(text, "2001:db8::7");
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
	assert_true(sts_ipaddr_from_sockaddr((struct sockaddr *)&in6, &addr));
	assert_int_equal(addr.family, 4);
	assert_true(sts_ipaddr_is_special(&addr));
	assert_false(sts_ipaddr_from_sockaddr(&other, &addr));
	assert_false(sts_ipaddr_from_sockaddr(NULL, &addr));
	assert_int_equal(addr.family, 0);
}

/* ---- special-purpose blocks ---- */

static const struct {
	const char *first, *last;	/* of the block */
	const char *below, *above;	/* just outside, and allowed for a policy host; NULL where the neighbour is special, too */
} blocks[] = {
	{ "0.0.0.0", "0.255.255.255", NULL, "1.0.0.0" },
	{ "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0" },
	{ "100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0" },
	{ "127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0" },
	{ "169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0" },
	{ "172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0" },
	{ "192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0" },
	{ "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0" },
	{ "192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0" },
	{ "192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0" },
	{ "198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0" },
	{ "198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0" },
	{ "203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0" },
	{ "224.0.0.0", "239.255.255.255", "223.255.255.255", NULL },
	{ "240.0.0.0", "255.255.255.255", NULL, NULL },
	{ "::", "::", NULL, NULL },
	{ "::1", "::1", NULL, NULL },
	{ "::2", "::fffe:ffff:ffff", NULL, NULL },			/* IPv4-compatible, and their neighbours */
	{ "::ffff:0.0.0.0", "::ffff:0.255.255.255", NULL, "::ffff:1.0.0.0" },
	{ "::ffff:127.0.0.0", "::ffff:127.255.255.255", "::ffff:126.255.255.255", "::ffff:128.0.0.0" },
	{ "64:ff9b::", "64:ff9b::0.255.255.255", NULL, "64:ff9b::1.0.0.0" },
	{ "64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255", "64:ff9b::9.255.255.255", "64:ff9b::11.0.0.0" },
	{ "64:ff9b::127.0.0.1", "64:ff9b::127.0.0.1", NULL, NULL },
	{ "64:ff9b::1:0:0", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", NULL, NULL },	/* beyond the /96 */
	{ "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
	{ "64:ff9b:1::8.8.8.8", "64:ff9b:1::8.8.8.8", NULL, NULL },
	{ "100::", "100::ffff:ffff:ffff:ffff", NULL, NULL },
	{ "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", NULL, NULL },
	{ "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "2001:3::" },
	{ "2001:4::", "2001:4:111:ffff:ffff:ffff:ffff:ffff", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", "2001:4:112::" },
	{ "2001:4:113::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:4:112:ffff:ffff:ffff:ffff:ffff", "2001:20::" },
	{ "2001:40::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::" },
	{ "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
	{ "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::" },
	{ "2002:808:808::1", "2002:808:808::1", NULL, NULL },
	{ "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::" },
	{ "4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
	{ "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
	{ "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
	{ "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
	{ "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, NULL },
};

static void
check_special(const char *text, bool want)
{
	struct sts_ipaddr addr = addr_of(text);

	if (sts_ipaddr_is_special(&addr) != want)
		fail_msg("%s: %s", text, want ? "should be special" : "should not be special");
}

static void
special_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(blocks); i++) {
		check_special(blocks[i].first, true);
		check_special(blocks[i].last, true);
		if (blocks[i].below != NULL)
			check_special(blocks[i].below, false);
		if (blocks[i].above != NULL)
			check_special(blocks[i].above, false);
	}
}

static const struct {
	const char *text, *kind;	/* NULL: not special */
} kinds[] = {
	{ "127.0.0.1", "a loopback address" },
	{ "::1", "a loopback address" },
	{ "::ffff:127.0.0.1", "a loopback address" },
	{ "64:ff9b::127.0.0.1", "a loopback address" },
	{ "10.1.2.3", "a private address" },
	{ "172.16.0.1", "a private address" },
	{ "192.168.0.1", "a private address" },
	{ "169.254.169.254", "a link-local address" },
	{ "fe80::1", "a link-local address" },
	{ "100.64.0.1", "a shared (CGNAT) address" },
	{ "::", "the unspecified address" },
	{ "::2", "an IPv4-compatible address" },
	{ "64:ff9b:1::1", "a local NAT64 address" },
	{ "100::1", "a discard-only address" },
	{ "2001::1", "a Teredo address" },
	{ "2001:2::1", "a protocol assignment" },
	{ "192.0.0.9", "a protocol assignment" },
	{ "2001:db8::1", "a documentation address" },
	{ "2002::1", "a 6to4 address" },
	{ "5f00::1", "a segment routing identifier" },
	{ "fd00::1", "a unique local address" },
	{ "fec0::1", "a site-local address" },
	{ "ff02::1", "a multicast address" },
	{ "224.0.0.1", "a multicast address" },
	{ "255.255.255.255", "a reserved address" },
	{ "4000::1", "a reserved address" },
	{ "100:0:0:1::1", "a reserved address" },
	{ "2600::5efe:10.0.0.1", "a private address" },	/* ISATAP */
	{ "2600::200:5efe:169.254.169.254", "a link-local address" },
	{ "2600::5efe:8.8.8.8", NULL },
	{ "2600::5eff:10.0.0.1", NULL },
	{ "2600::100:5efe:10.0.0.1", NULL },
	{ "8.8.8.8", NULL },
	{ "192.31.196.1", NULL },
	{ "2606:4700::1", NULL },
	{ "2620:4f:8000::1", NULL },
};

static void
special_kinds(void **state)
{
	/* As in a socket's address; parsing would make it IPv4. */
	static const struct sts_ipaddr mapped = { .family = 6, .bytes = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1 } };

	struct sts_ipaddr nothing = { .family = 0 };

	(void)state;
	assert_string_equal(sts_ipaddr_special_kind(&mapped), "a private address");
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct sts_ipaddr addr = addr_of(kinds[i].text);
		const char *got = sts_ipaddr_special_kind(&addr);

		if (kinds[i].kind == NULL ? got != NULL : got == NULL || strcmp(got, kinds[i].kind) != 0)
			fail_msg("%s: got %s, want %s", kinds[i].text, got ? got : "not special",
			    kinds[i].kind ? kinds[i].kind : "not special");
	}
	assert_true(sts_ipaddr_is_special(&nothing));
}

/* ---- masks ---- */

static const struct {
	const char *text, *want;
} masks[] = {
	{ "192.0.2.255", "192.0.2.0" },
	{ "0.0.0.1", "0.0.0.0" },
	{ "::ffff:192.0.2.9", "192.0.2.0" },
	{ "2001:db8:1:2:3:4:5:6", "2001:db8:1::" },
	{ "::1", "::" },
};

static void
masking(void **state)
{
	struct sts_ipaddr nothing = { .family = 0 };
	char text[46];

	(void)state;
	for (size_t i = 0; i < COUNT(masks); i++) {
		struct sts_ipaddr addr = addr_of(masks[i].text);

		sts_ipaddr_mask(&addr);
		sts_ipaddr_format(&addr, text);
		if (strcmp(text, masks[i].want) != 0)
			fail_msg("%s: got %s, want %s", masks[i].text, text, masks[i].want);
	}
	sts_ipaddr_mask(&nothing);
	sts_ipaddr_format(&nothing, text);
	assert_string_equal(text, "");
}

/* ---- lists ---- */

static const struct {
	const char *list, *addr;
	bool want;
} lists[] = {
	{ "", "127.0.0.1", false },
	{ " , ", "127.0.0.1", false },
	{ "127.0.0.0/8 ::1", "127.255.0.1", true },
	{ "127.0.0.0/8 ::1", "::1", true },
	{ "127.0.0.0/8 ::1", "::ffff:127.0.0.1", true },
	{ "127.0.0.0/8 ::1", "128.0.0.0", false },
	{ "127.0.0.0/8 ::1", "126.255.255.255", false },
	{ "127.0.0.0/8 ::1", "::2", false },
	{ "127.0.0.0/8,\t[::1]/128\n", "::1", true },
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7", "192.0.2.8", false },
	{ "[2001:db8::]/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::", false },
	{ "2001:db8::/33", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", true },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "192.0.2.1", false },
	{ "::ffff:192.0.2.0/120", "192.0.2.200", true },
	{ "::ffff:192.0.2.0/120", "192.0.3.0", false },
	{ "192.0.2.1 10.0.0.0/8 10.1.0.0/16 10.1.2.3 192.0.2.0/24", "10.200.0.1", true },
	{ "192.0.2.1 10.0.0.0/8 10.1.0.0/16 10.1.2.3 192.0.2.0/24", "192.0.2.99", true },
	{ "10.0.0.0/16 10.0.0.0/8 10.0.0.0", "10.1.0.0", true },
	{ "10.0.0.0/9 10.128.0.0/9", "10.127.255.255", true },
	{ "10.0.0.0/9 10.128.0.0/9", "10.128.0.0", true },
};

static void
list_look_up(void **state)
{
	struct sts_ipaddr nothing = { .family = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct sts_ipaddr addr = addr_of(lists[i].addr);
		struct sts_netlist *list;
		struct sts_diag diag;

		sts_diag_init(&diag);
		if (sts_netlist_parse(lists[i].list, &list, &diag) != STS_OK)
			fail_msg("'%s': %s", lists[i].list, diag.error.text);
		if (sts_netlist_contains(list, &addr) != lists[i].want)
			fail_msg("%s in '%s': should be %s", lists[i].addr, lists[i].list, lists[i].want ? "yes" : "no");
		assert_false(sts_netlist_contains(list, &nothing));
		sts_netlist_free(&list);
		assert_null(list);
	}
}

static const struct {
	const char *list, *want;
} mistakes[] = {
	{ "192.0.2.1/24", "host bits are set: 192.0.2.1/24" },
	{ "10.0.0.0/8 2001:db8::1/64", "host bits are set: 2001:db8::1/64" },
	{ "192.0.2.0/33", "not a network: 192.0.2.0/33" },
	{ "::/129", "not a network: ::/129" },
	{ "192.0.2.0/", "not a network: 192.0.2.0/" },
	{ "192.0.2.0/+8", "not a network: 192.0.2.0/+8" },
	{ "192.0.2.0/24/24", "not a network: 192.0.2.0/24/24" },
	{ "/8", "not a network: /8" },
	{ "::ffff:192.0.2.0/24", "not a network: ::ffff:192.0.2.0/24" },
	{ "mx.example.com", "not a network: mx.example.com" },
	{ "!10.0.0.0/8", "not a network: !10.0.0.0/8" },
	{ "\x01\xff", "not a network: \\x01\\xff" },
};

static void
list_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct sts_netlist *list;
		struct sts_diag diag;
		enum sts_status status;

		sts_diag_init(&diag);
		status = sts_netlist_parse(mistakes[i].list, &list, &diag);
		if (status != STS_EINVAL || list != NULL || strcmp(diag.error.text, mistakes[i].want) != 0)
			fail_msg("'%s': got status %d, '%s', want '%s'", mistakes[i].list, (int)status, diag.error.text,
			    mistakes[i].want);
		assert_int_equal(sts_netlist_parse(mistakes[i].list, &list, NULL), STS_EINVAL);
	}
}

/* The ranges of a list, as a caller reads them. */
static void
ranges(void **state)
{
	struct sts_ipaddr first, last;
	struct sts_netlist *list, *none;
	char text[2][46];

	(void)state;
	assert_int_equal(sts_netlist_parse("2001:db8::/32 192.0.2.0/24", &list, NULL), STS_OK);
	assert_int_equal(sts_netlist_parse("", &none, NULL), STS_OK);
	assert_true(sts_netlist_is_empty(none));
	assert_true(sts_netlist_is_empty(NULL));
	assert_false(sts_netlist_is_empty(list));
	for (size_t i = 0; i < sts_netlist_count(list); i++) {
		sts_netlist_range(list, i, &first, &last);
		sts_ipaddr_format(&first, text[0]);
		sts_ipaddr_format(&last, text[1]);
		assert_string_equal(text[0], first.family == 6 ? "2001:db8::" : "192.0.2.0");
		assert_string_equal(text[1], last.family == 6 ? "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" : "192.0.2.255");
	}
	sts_netlist_free(&list);
	sts_netlist_free(&none);
}

/* Every second /24 of 10.0.0.0/12, in an order that is neither ascending nor descending. */
static void
list_of_many(void **state)
{
	enum { NETWORKS = 2048 };
	size_t cap = NETWORKS * 20, len = 0;
	char *text = malloc(cap);
	struct sts_netlist *list;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < NETWORKS; i++) {
		unsigned net = i * 1021 % NETWORKS * 2;

		len += (size_t)snprintf(text + len, cap - len, "10.%u.%u.0/24 ", net >> 8, net & 255);
	}
	assert_int_equal(sts_netlist_parse(text, &list, NULL), STS_OK);
	for (unsigned net = 0; net < NETWORKS * 2; net++) {
		struct sts_ipaddr addr = { .bytes = { 10, (uint8_t)(net >> 8), (uint8_t)net, 200 }, .family = 4 };

		if (sts_netlist_contains(list, &addr) != (net % 2 == 0))
			fail_msg("10.%u.%u.200: wrong", net >> 8, net & 255);
	}
	sts_netlist_free(&list);
	free(text);
}

static void
same_place(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "192.0.2.2", false },
		{ "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true }, { "2001:db8::1", "2001:db8:0:1::1", false },
		{ "::ffff:192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "c000:201::", false },
	};
	struct sts_ipaddr a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(sts_ipaddr_parse(rows[i].a, strlen(rows[i].a), &a));
		assert_true(sts_ipaddr_parse(rows[i].b, strlen(rows[i].b), &b));
		if (sts_ipaddr_is_same_host(&a, &b) != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_forms),
		cmocka_unit_test(server_forms),
		cmocka_unit_test(text_is_counted),
		cmocka_unit_test(socket_addresses),
		cmocka_unit_test(special_blocks),
		cmocka_unit_test(special_kinds),
		cmocka_unit_test(masking),
		cmocka_unit_test(same_place),
		cmocka_unit_test(list_look_up),
		cmocka_unit_test(list_mistakes),
		cmocka_unit_test(ranges),
		cmocka_unit_test(list_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
