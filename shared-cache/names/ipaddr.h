/* SPDX-License-Identifier: ISC */
/*
 * ipaddr.h - IP addresses: special-purpose check, network lists, masking.
 * Pure (the structs of the sockets API, no sockets). Any thread.
 */
#ifndef STS_NAMES_IPADDR_H
#define STS_NAMES_IPADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/base/status.h"

/* An address without port. IPv4-mapped IPv6 (::ffff:0:0/96) is stored as IPv4. */
struct sts_ipaddr {
	uint8_t bytes[16];	/* network order; IPv4 uses the first 4 */
	uint8_t family;		/* 4 or 6; 0: not an address */
};

/* Parses "192.0.2.1", "2001:db8::1", also in brackets and with the prefix "IPv6:", as milters and address literals have them. */
bool sts_ipaddr_parse(const char *text, size_t len, struct sts_ipaddr *out);
/* Parses "ADDR", "ADDR:PORT", "[ADDR]:PORT"; a bare IPv6 address has no port. Without a port (1 to 65535), *port is unchanged. */
bool sts_ipaddr_parse_server(const char *text, size_t len, struct sts_ipaddr *out, uint16_t *port);
bool sts_ipaddr_from_sockaddr(const struct sockaddr *sa, struct sts_ipaddr *out);

/* Writes the usual text form. */
void sts_ipaddr_format(const struct sts_ipaddr *addr, char out[46]);

/* Whether both are the same IPv4 address, or in the same /64 of IPv6, which one host has: to count a host once. */
bool sts_ipaddr_is_same_host(const struct sts_ipaddr *a, const struct sts_ipaddr *b);

/* Clears the host part: IPv4 to /24, IPv6 to /48 (`evidence_client_addr = masked`). */
void sts_ipaddr_mask(struct sts_ipaddr *addr);

/* Whether the address is unfit for a policy host: every block that the IANA special-purpose registries do not mark globally
 * reachable (loopback, private, link-local, CGNAT, documentation, multicast, reserved, 6to4, Teredo, local NAT64, ...), and
 * all of IPv6 outside global unicast. An address under the well-known NAT64 prefix 64:ff9b::/96 is judged by the IPv4 address
 * in it. A struct without an address is special. */
bool sts_ipaddr_is_special(const struct sts_ipaddr *addr);

/* The kind of special address: "a loopback address", "a private address", ...; NULL when it is not special. */
const char *sts_ipaddr_special_kind(const struct sts_ipaddr *addr);

/* A list of networks ("192.0.2.0/24 2001:db8::/32 203.0.113.7"), separated by commas or white space. Host bits that are
 * set are an error, as in Postfix's mynetworks. */
struct sts_netlist;
enum sts_status sts_netlist_parse(const char *text, struct sts_netlist **out, struct sts_diag *diag);
void sts_netlist_free(struct sts_netlist **list);
/* list may be NULL. */
bool sts_netlist_is_empty(const struct sts_netlist *list);
/* The list as sorted ranges, without those that lie inside others; each is a network. i < sts_netlist_count. */
size_t sts_netlist_count(const struct sts_netlist *list);
void sts_netlist_range(const struct sts_netlist *list, size_t i, struct sts_ipaddr *first, struct sts_ipaddr *last);
bool sts_netlist_contains(const struct sts_netlist *list, const struct sts_ipaddr *addr);

#endif
