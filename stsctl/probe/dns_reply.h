/* SPDX-License-Identifier: ISC */
/*
 * dns_reply.h - what an answer of DNS says, for people to look at: records with their bytes as they were on the wire.
 *
 * Pure: bytes in, records out. Any thread; a reply belongs to whoever has it.
 */
#ifndef STSCTL_PROBE_DNS_REPLY_H
#define STSCTL_PROBE_DNS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"

enum dns_type {
	DNS_A = 1, DNS_NS = 2, DNS_CNAME = 5, DNS_SOA = 6, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28, DNS_TLSA = 52,
};

/* One character-string of a TXT record, as it was on the wire. */
struct dns_string {
	const char *data;	/* len bytes, any bytes */
	size_t len;
};

struct dns_record {
	enum dns_type type;
	uint32_t ttl_s;
	char owner[STS_DOMAIN_CAP];	/* lower case, no final dot */
	/* MX, CNAME, NS: the name in the same form, "" for the root (null MX); else "". Bytes that are not of domain names, a dot
	 * within a label too, are `?'. */
	char target[STS_DOMAIN_CAP];
	unsigned preference;		/* MX */
	struct sts_ipaddr addr;		/* A, AAAA */
	const struct dns_string *strings; /* TXT; of the reply, as are all pointers here */
	size_t string_count;
	struct {
		unsigned usage, selector, matching;
		const uint8_t *data;
		size_t len;
	} tlsa;
};

enum dns_outcome {
	DNS_ANSWER,		/* records of the type asked for */
	DNS_NO_RECORD,		/* the name exists, or an alias leads to one that does, without such records */
	DNS_NO_NAME,		/* NXDOMAIN */
	DNS_TIME_OUT,
	DNS_FAILED,		/* SERVFAIL, REFUSED, malformed, no server reachable */
};

struct dns_reply {
	enum dns_outcome outcome;
	char why[80];		/* of DNS_TIME_OUT and DNS_FAILED: "SERVFAIL", ...; else "" */
	bool no_route;		/* of DNS_FAILED: this host has no way to the server's network */
	bool authentic;		/* AD: the resolver says that it has validated the answer */
	bool authoritative;	/* AA */
	/* Where a chain of CNAMEs ends: the name asked for when there is none; "" when that is too long for DNS. */
	char name[STS_DOMAIN_CAP];
	/* Of the answer section, in order: the CNAMEs of the chain, and the records of the type at its end. What belongs to
	 * neither is left out, and so is everything when the outcome is a failure. */
	struct dns_record *records;
	size_t count;
	int64_t ms;
	struct dns_string *strings;	/* storage of the records */
	uint8_t *bytes;
};

/* Reads the answer to a question, len bytes, any bytes. The question itself is not looked at. The caller frees *out; NULL only
 * with STS_ENOMEM. */
enum sts_status dns_reply_read(const uint8_t *answer, size_t len, const char *name, enum dns_type type, struct dns_reply **out);
/* One without records. why may be "". NULL when memory ran out. */
struct dns_reply *dns_reply_empty(const char *name, enum dns_outcome outcome, const char *why);
void dns_reply_free(struct dns_reply **reply);
/* DNS_TIME_OUT and DNS_FAILED: nothing was learnt. */
bool dns_reply_failed(const struct dns_reply *reply);

const char *dns_type_name(enum dns_type type);

#endif
