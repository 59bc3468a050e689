/* SPDX-License-Identifier: ISC */
/*
 * ipaddr.c - addresses: text forms, masking, special-purpose blocks, lists of networks. Knows nothing of sockets or of its
 * callers.
 */
#include "config.h"

#include "shared-cache/names/ipaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

struct block {
	uint8_t prefix[16];
	unsigned bits;
	const char *kind;	/* NULL: allowed for a policy host after all */
};

/* IANA IPv4 Special-Purpose Address Registry, plus multicast and reserved space; the first match counts. AS112
 * (192.31.196.0/24, 192.175.48.0/24) and AMT (192.52.193.0/24) are not here: the registry marks them globally reachable.
 * 192.0.0.0/24 is here as a whole: its two reachable addresses (.9 and .10, PCP and TURN) are anycast to the nearest
 * box, which belongs to the local network. */
static const struct block blocks4[] = {
	{ { 0 },		 8, "an address of this network" },
	{ { 10 },		 8, "a private address" },
	{ { 100, 64 },		10, "a shared (CGNAT) address" },
	{ { 127 },		 8, "a loopback address" },
	{ { 169, 254 },		16, "a link-local address" },
	{ { 172, 16 },		12, "a private address" },
	{ { 192, 0, 0 },	24, "a protocol assignment" },
	{ { 192, 0, 2 },	24, "a documentation address" },
	{ { 192, 88, 99 },	24, "a 6to4 relay address" },
	{ { 192, 168 },		16, "a private address" },
	{ { 198, 18 },		15, "a benchmarking address" },
	{ { 198, 51, 100 },	24, "a documentation address" },
	{ { 203, 0, 113 },	24, "a documentation address" },
	{ { 224 },		 4, "a multicast address" },
	{ { 240 },		 4, "a reserved address" },
};

/* The same for IPv6. Addresses outside 2000::/3 are not global unicast and are caught after the table. 6to4 and Teredo
 * are not marked globally reachable, whatever IPv4 address they contain. */
static const struct block blocks6[] = {
	{ { [15] = 0 },				     128, "the unspecified address" },
	{ { [15] = 1 },				     128, "a loopback address" },
	{ { 0 },				      96, "an IPv4-compatible address" },
	{ { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 },     48, "a local NAT64 address" },
	{ { 0x01 },				      64, "a discard-only address" },
	{ { 0x20, 0x01, 0x00, 0x00 },		      32, "a Teredo address" },
	{ { 0x20, 0x01, 0x00, 0x03 },		      32, NULL },	/* AMT */
	{ { 0x20, 0x01, 0x00, 0x04, 0x01, 0x12 },     48, NULL },	/* AS112-v6 */
	{ { 0x20, 0x01, 0x00, 0x20 },		      28, NULL },	/* ORCHIDv2 */
	{ { 0x20, 0x01, 0x00, 0x30 },		      28, NULL },	/* drone remote ID */
	{ { 0x20, 0x01 },			      23, "a protocol assignment" },
	{ { 0x20, 0x01, 0x0d, 0xb8 },		      32, "a documentation address" },
	{ { 0x20, 0x02 },			      16, "a 6to4 address" },
	{ { 0x3f, 0xff },			      20, "a documentation address" },
	{ { 0x5f },				      16, "a segment routing identifier" },
	{ { 0xfc },				       7, "a unique local address" },
	{ { 0xfe, 0x80 },			      10, "a link-local address" },
	{ { 0xfe, 0xc0 },			      10, "a site-local address" },
	{ { 0xff },				       8, "a multicast address" },
};

/* RFC 6052: the well-known prefix. An IPv6-only network with DNS64 reaches every IPv4 host through it. */
static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
has_prefix(const uint8_t *bytes, const uint8_t *prefix, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(bytes, prefix, whole) != 0)
		return false;
	return rest == 0 || ((bytes[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

static void
set_ipv4(struct sts_ipaddr *out, const uint8_t *bytes)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->bytes, bytes, 4);
	out->family = 4;
}

static void
set_ipv6(struct sts_ipaddr *out, const uint8_t *bytes)
{
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		set_ipv4(out, bytes + 12);
		return;
	}
	memcpy(out->bytes, bytes, 16);
	out->family = 6;
}

/* Strips brackets and, inside or outside them, "IPv6:". False when a bracket has no partner. */
static bool
strip_wrapping(const char **text, size_t *len)
{
	static const char tag[] = "IPv6:";

	if (*len > 0 && (*text)[0] == '[') {
		if (*len < 2 || (*text)[*len - 1] != ']')
			return false;
		(*text)++;
		*len -= 2;
	}
	if (*len >= sizeof(tag) - 1 && sts_ascii_same_letters(*text, tag, sizeof(tag) - 1)) {
		*text += sizeof(tag) - 1;
		*len -= sizeof(tag) - 1;
		return memchr(*text, ':', *len) != NULL;
	}
	return true;
}

bool
sts_ipaddr_parse(const char *text, size_t len, struct sts_ipaddr *out)
{
	char copy[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	memset(out, 0, sizeof(*out));
	if (!strip_wrapping(&text, &len) || len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		set_ipv4(out, bytes);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		set_ipv6(out, bytes);
	return out->family != 0;
}

bool
sts_ipaddr_parse_server(const char *text, size_t len, struct sts_ipaddr *out, uint16_t *port)
{
	const char *colon = memrchr(text, ':', len), *bracket = memrchr(text, ']', len);
	unsigned long long number;
	size_t addr_len = len;

	memset(out, 0, sizeof(*out));
	if (colon != NULL && (bracket == NULL ? memchr(text, ':', len) == colon : colon == bracket + 1)) {
		addr_len = (size_t)(colon - text);
		if (!sts_text_parse_u64(colon + 1, len - addr_len - 1, 5, &number) || number == 0 || number > UINT16_MAX)
			return false;
		*port = (uint16_t)number;
	}
	return sts_ipaddr_parse(text, addr_len, out);
}

bool
sts_ipaddr_from_sockaddr(const struct sockaddr *sa, struct sts_ipaddr *out)
{
	memset(out, 0, sizeof(*out));
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		set_ipv4(out, (const uint8_t *)&in.sin_addr);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		set_ipv6(out, in6.sin6_addr.s6_addr);
	}
	return out->family != 0;
}

void
sts_ipaddr_format(const struct sts_ipaddr *addr, char out[46])
{
	struct sts_text text;

	out[0] = '\0';
	if (addr->family == 4) {	/* called for each message: inet_ntop goes through sprintf */
		sts_text_init(&text, out, 46);
		for (size_t i = 0; i < 4; i++) {
			sts_text_add(&text, i > 0 ? "." : "");
			sts_text_add_number(&text, addr->bytes[i]);
		}
	} else if (addr->family == 6)
		inet_ntop(AF_INET6, addr->bytes, out, 46);
}

bool
sts_ipaddr_is_same_host(const struct sts_ipaddr *a, const struct sts_ipaddr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, a->family == 6 ? 8 : 4) == 0;
}

void
sts_ipaddr_mask(struct sts_ipaddr *addr)
{
	size_t keep = addr->family == 4 ? 3 : 6;

	memset(addr->bytes + keep, 0, sizeof(addr->bytes) - keep);
}

static const char *
kind_in(const struct block *blocks, size_t count, const uint8_t *bytes, const char *otherwise)
{
	for (size_t i = 0; i < count; i++) {
		if (has_prefix(bytes, blocks[i].prefix, blocks[i].bits))
			return blocks[i].kind;
	}
	return otherwise;
}

static const char *
kind4(const uint8_t *bytes)
{
	return kind_in(blocks4, sizeof(blocks4) / sizeof(blocks4[0]), bytes, NULL);
}

/* RFC 5214 section 6.1: an interface identifier, under any prefix, that contains an IPv4 address; the "universal" bit does not matter. */
static bool
is_isatap(const uint8_t *bytes)
{
	static const uint8_t interface[4] = { 0x00, 0x00, 0x5e, 0xfe };

	return (bytes[8] & ~0x02) == interface[0] && memcmp(bytes + 9, interface + 1, 3) == 0;
}

static const char *
kind6(const uint8_t *bytes)
{
	const char *kind;

	if (memcmp(bytes, nat64, sizeof(nat64)) == 0 || memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return kind4(bytes + 12);
	kind = kind_in(blocks6, sizeof(blocks6) / sizeof(blocks6[0]), bytes, (bytes[0] & 0xe0) == 0x20 ? NULL : "a reserved address");
	return kind == NULL && is_isatap(bytes) ? kind4(bytes + 12) : kind;
}

const char *
sts_ipaddr_special_kind(const struct sts_ipaddr *addr)
{
	switch (addr->family) {
	case 4:
		return kind4(addr->bytes);
	case 6:
		return kind6(addr->bytes);
	default:
		return "no address";
	}
}

bool
sts_ipaddr_is_special(const struct sts_ipaddr *addr)
{
	return sts_ipaddr_special_kind(addr) != NULL;
}

/* ---- lists of networks: disjoint ranges in ascending order, for binary search ---- */

/* The family comes first, so that memcmp orders both families in one array. */
struct point {
	uint8_t key[17];
};

struct range {
	struct point first, last;
};

struct sts_netlist {
	size_t count;
	struct range ranges[];
};

static struct point
point_of(const struct sts_ipaddr *addr)
{
	struct point p;

	p.key[0] = addr->family;
	memcpy(p.key + 1, addr->bytes, sizeof(addr->bytes));
	return p;
}

static int
compare_points(const struct point *a, const struct point *b)
{
	return memcmp(a->key, b->key, sizeof(a->key));
}

static int
compare_ranges(const void *a, const void *b)
{
	return compare_points(&((const struct range *)a)->first, &((const struct range *)b)->first);
}

/* Splits "ADDRESS/BITS" or "ADDRESS"; *bits counts in the address's own family. */
static bool
parse_network(const char *text, size_t len, struct sts_ipaddr *addr, unsigned *bits)
{
	const char *slash = memchr(text, '/', len);
	size_t addr_len = slash == NULL ? len : (size_t)(slash - text);
	bool as_ipv6 = memchr(text, ':', addr_len) != NULL;
	unsigned long long n = as_ipv6 ? 128 : 32;

	if (!sts_ipaddr_parse(text, addr_len, addr))
		return false;
	if (slash != NULL && !sts_text_parse_u64(slash + 1, len - addr_len - 1, 3, &n))
		return false;
	if (n > (as_ipv6 ? 128 : 32))
		return false;
	if (as_ipv6 && addr->family == 4) {	/* IPv4-mapped */
		if (n < 96)
			return false;
		n -= 96;
	}
	*bits = (unsigned)n;
	return true;
}

/* False when addr has bits set beyond the prefix. */
static bool
make_range(const struct sts_ipaddr *addr, unsigned bits, struct range *out)
{
	struct sts_ipaddr last = *addr;
	unsigned width = addr->family == 4 ? 32 : 128;

	for (unsigned i = bits; i < width; i++) {
		uint8_t bit = (uint8_t)(0x80 >> (i % 8));

		if (addr->bytes[i / 8] & bit)
			return false;
		last.bytes[i / 8] |= bit;
	}
	out->first = point_of(addr);
	out->last = point_of(&last);
	return true;
}

static enum sts_status
parse_element(const char *text, size_t len, struct range *out, struct sts_diag *diag)
{
	char storage[STS_DIAG_TEXT];
	struct sts_text shown;
	struct sts_ipaddr addr;
	unsigned bits;

	sts_text_init(&shown, storage, sizeof(storage));
	sts_text_add_escaped(&shown, text, len, 60);
	if (!parse_network(text, len, &addr, &bits)) {
		sts_diag_error(diag, 0, "not a network: %s", storage);
		return STS_EINVAL;
	}
	if (!make_range(&addr, bits, out)) {
		sts_diag_error(diag, 0, "host bits are set: %s", storage);
		return STS_EINVAL;
	}
	return STS_OK;
}

/* Two networks are disjoint, or one contains the other; so it is enough to compare with the last one kept. Two with the same first
 * address may stand in either order. */
static void
drop_contained(struct sts_netlist *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (kept > 0 && compare_points(&list->ranges[i].first, &list->ranges[kept - 1].last) <= 0) {
			if (compare_points(&list->ranges[i].last, &list->ranges[kept - 1].last) > 0)
				list->ranges[kept - 1].last = list->ranges[i].last;
			continue;
		}
		list->ranges[kept++] = list->ranges[i];
	}
	list->count = kept;
}

static const char separators[] = ", \t\r\n\f\v";

static size_t
count_elements(const char *text)
{
	size_t count = 0;

	while (*(text += strspn(text, separators)) != '\0') {
		count++;
		text += strcspn(text, separators);
	}
	return count;
}

enum sts_status
sts_netlist_parse(const char *text, struct sts_netlist **out, struct sts_diag *diag)
{
	size_t count = count_elements(text);
	struct sts_netlist *list = malloc(sizeof(*list) + count * sizeof(list->ranges[0]));
	enum sts_status status = list == NULL ? STS_ENOMEM : STS_OK;

	*out = NULL;
	for (size_t i = 0; i < count && status == STS_OK; i++) {
		size_t len;

		text += strspn(text, separators);
		len = strcspn(text, separators);
		status = parse_element(text, len, &list->ranges[i], diag);
		text += len;
	}
	if (status != STS_OK) {
		free(list);
		return status;
	}
	list->count = count;
	if (count > 1)
		qsort(list->ranges, count, sizeof(list->ranges[0]), compare_ranges);
	drop_contained(list);
	*out = list;
	return STS_OK;
}

void
sts_netlist_free(struct sts_netlist **list)
{
	free(*list);
	*list = NULL;
}

static int
compare_with_range(const void *key, const void *element)
{
	const struct point *p = key;
	const struct range *r = element;

	if (compare_points(p, &r->first) < 0)
		return -1;
	return compare_points(p, &r->last) > 0;
}

bool
sts_netlist_is_empty(const struct sts_netlist *list)
{
	return list == NULL || list->count == 0;
}

bool
sts_netlist_contains(const struct sts_netlist *list, const struct sts_ipaddr *addr)
{
	struct point p = point_of(addr);

	return addr->family != 0 && list->count > 0 &&
	    bsearch(&p, list->ranges, list->count, sizeof(list->ranges[0]), compare_with_range) != NULL;
}

size_t
sts_netlist_count(const struct sts_netlist *list)
{
	return list->count;
}

static void
address_of(const struct point *p, struct sts_ipaddr *out)
{
	out->family = p->key[0];
	memcpy(out->bytes, p->key + 1, sizeof(out->bytes));
}

void
sts_netlist_range(const struct sts_netlist *list, size_t i, struct sts_ipaddr *first, struct sts_ipaddr *last)
{
	address_of(&list->ranges[i].first, first);
	address_of(&list->ranges[i].last, last);
}
