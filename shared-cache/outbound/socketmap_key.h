/* SPDX-License-Identifier: ISC */
/*
 * socketmap_key.h - what Postfix asks of the TLS policy table: "MAP KEY" -> which map, and whose policy, if anybody's.
 *
 * The key is the next-hop destination, never the name of an MX host:
 *
 *   example.com             a domain whose mail goes to its MX hosts: the one kind that is looked up
 *   example.com:25, :smtp   the same
 *   example.com:587         some other service, chosen by hand: nothing is published about it
 *   [host], [host]:25       one host, chosen by hand; MX records, which policies speak of, are not asked
 *   .example.com, .com      Postfix' second and third question when there was no answer; policies do not inherit
 *   192.0.2.1, [2001:db8::1]  an address has no policy (RFC 8461 section 3.4)
 *   /path                   a unix socket (LMTP)
 *
 * Pure. Any thread.
 */
#ifndef STS_OUTBOUND_SOCKETMAP_KEY_H
#define STS_OUTBOUND_SOCKETMAP_KEY_H

#include <stddef.h>

#include "shared-cache/names/domain.h"

/* The name behind the last colon of socketmap:unix:PATH:NAME. */
enum sts_socketmap {
	STS_MAP_POSTFIX,	/* levels that Postfix 3.4 and later understand; any word that is not one of the others' */
	STS_MAP_TLSRPT,		/* with attributes for Postfix 3.10 and later: "tlsrpt", and postfix-tlspol's "QUERYwithTLSRPT" */
	STS_MAPS
};

/* What a lookup asks for, by the form of its key. */
enum sts_asked_kind {
	STS_ASKED_DOMAIN,
	STS_ASKED_PARENT,		/* leading dot */
	STS_ASKED_HOST,		/* in brackets */
	STS_ASKED_PORT,		/* a port that is not SMTP's */
	STS_ASKED_ADDRESS,
	STS_ASKED_PATH,
	STS_ASKED_LABEL,		/* one label: a host of our own, or a top-level domain */
	STS_ASKED_NO_NAME,	/* nothing that DNS could know */
	STS_ASKED_KINDS
};

/* Longer requests are answered as STS_ASKED_NO_NAME unseen. Postfix asks for no more than this, from 3.12 on. */
enum { STS_SOCKETMAP_REQUEST_MAX = 1024 };

struct sts_socketmap_query {
	enum sts_socketmap map;
	enum sts_asked_kind kind;
	char domain[STS_DOMAIN_CAP];	/* STS_ASKED_DOMAIN; else "" */
};

/* Total: whatever the bytes are, it is some kind of question. A request without a blank has an empty key. */
void sts_socketmap_parse(const char *request, size_t len, struct sts_socketmap_query *out);

/* The kind of a key alone. domain is filled in for STS_ASKED_DOMAIN, else "". */
enum sts_asked_kind sts_socketmap_key_kind(const char *key, size_t len, char domain[STS_DOMAIN_CAP]);

/* "domain", "parent", "host", "port", "address", "path", "label", "no-name"; "postfix", "tlsrpt". "" beyond the last. */
const char *sts_asked_kind_name(unsigned kind);
const char *sts_socketmap_name(unsigned map);

#endif
