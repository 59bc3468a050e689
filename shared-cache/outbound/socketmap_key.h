/* SPDX-License-Identifier: ISC */
/*
 * socketmap_key.h - parses a query of Postfix's TLS policy lookup, "MAP KEY": which map, and which domain's policy, if any.
 *
 * The key is the next-hop destination, never the name of an MX host:
 *
 *   example.com             a domain whose mail goes to its MX hosts: the only kind that is looked up
 *   example.com:25, :smtp   the same
 *   example.com:587         another service, configured by hand: nothing is published about it
 *   [host], [host]:25       a single host, configured by hand; it bypasses MX records, which policies are about
 *   .example.com, .com      Postfix's next queries after no answer; policies are not inherited
 *   192.0.2.1, [2001:db8::1]  an address has no policy (RFC 8461 section 3.4)
 *   /path                   a unix socket (LMTP)
 *
 * Pure. Any thread.
 */
#ifndef STS_OUTBOUND_SOCKETMAP_KEY_H
#define STS_OUTBOUND_SOCKETMAP_KEY_H

#include <stddef.h>

#include "shared-cache/names/domain.h"

/* The name after the last colon of socketmap:unix:PATH:NAME. */
enum sts_socketmap {
	STS_MAP_POSTFIX,	/* levels that Postfix 3.4 and later understand; any name that is not one of the other map's */
	STS_MAP_TLSRPT,		/* with attributes for Postfix 3.10 and later: "tlsrpt", and postfix-tlspol's "QUERYwithTLSRPT" */
	STS_MAPS
};

/* The kind of destination, by the form of the key. */
enum sts_asked_kind {
	STS_ASKED_DOMAIN,
	STS_ASKED_PARENT,		/* leading dot */
	STS_ASKED_HOST,		/* in brackets */
	STS_ASKED_PORT,		/* a port that is not SMTP's */
	STS_ASKED_ADDRESS,
	STS_ASKED_PATH,
	STS_ASKED_LABEL,		/* one label: a host of our own, or a top-level domain */
	STS_ASKED_NO_NAME,	/* cannot be in DNS */
	STS_ASKED_KINDS
};

/* Longer requests are answered like STS_ASKED_NO_NAME, without parsing. Postfix 3.12 and later never send longer ones. */
enum { STS_SOCKETMAP_REQUEST_MAX = 1024 };

struct sts_socketmap_query {
	enum sts_socketmap map;
	enum sts_asked_kind kind;
	char domain[STS_DOMAIN_CAP];	/* STS_ASKED_DOMAIN; else "" */
};

/* Total: any bytes are some kind of query. A request without a space has an empty key. */
void sts_socketmap_parse(const char *request, size_t len, struct sts_socketmap_query *out);

/* The kind of a key alone. domain is set for STS_ASKED_DOMAIN, else "". */
enum sts_asked_kind sts_socketmap_key_kind(const char *key, size_t len, char domain[STS_DOMAIN_CAP]);

/* "domain", "parent", "host", "port", "address", "path", "label", "no-name"; "postfix", "tlsrpt". "" for a number out of range. */
const char *sts_asked_kind_name(unsigned kind);
const char *sts_socketmap_name(unsigned map);

#endif
