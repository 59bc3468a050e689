/* SPDX-License-Identifier: ISC */
/*
 * dns_reply.h - parses a DNS reply (RFC 1035 section 4) into records, whose data stay as they were on the wire.
 *
 * The only parser of DNS messages, for the daemon and for stsctl. The message's own length bounds all memory. Pure: bytes in,
 * records out. Any thread; a reply belongs to its holder.
 */
#ifndef STS_DNS_REPLY_H
#define STS_DNS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"

enum sts_dns_type {
	STS_DNS_A = 1, STS_DNS_NS = 2, STS_DNS_CNAME = 5, STS_DNS_SOA = 6, STS_DNS_MX = 15, STS_DNS_TXT = 16, STS_DNS_AAAA = 28,
	STS_DNS_TLSA = 52,
};

/* One character-string of a TXT record, as it was on the wire. */
struct sts_dns_string {
	const char *data;	/* len bytes, any bytes */
	size_t len;
};

struct sts_dns_record {
	enum sts_dns_type type;
	uint32_t ttl_s;
	char owner[STS_DOMAIN_CAP];	/* lower case, no final dot */
	/* MX, CNAME, NS: the name in the same form, "" for the root (null MX); else "". Bytes that no domain name has, including
	 * a dot within a label, are `?'. */
	char target[STS_DOMAIN_CAP];
	unsigned preference;		/* MX */
	struct sts_ipaddr addr;		/* A, AAAA */
	const struct sts_dns_string *strings; /* TXT; the reply owns it, like all pointers here */
	size_t string_count;
	struct {
		unsigned usage, selector, matching;
		const uint8_t *data;
		size_t len;
	} tlsa;
};

enum sts_dns_reply_outcome {
	STS_DNS_REPLY_ANSWER,		/* records of the type asked for */
	STS_DNS_REPLY_NO_RECORD,		/* the name exists, or an alias leads to one that does, without such records */
	STS_DNS_REPLY_NO_NAME,		/* NXDOMAIN */
	STS_DNS_REPLY_TIME_OUT,
	STS_DNS_REPLY_FAILED,		/* SERVFAIL, REFUSED, malformed, no server reachable */
};

struct sts_dns_reply {
	enum sts_dns_reply_outcome outcome;
	int rcode;		/* the response code with its EDNS bits; -1: there is no message, or no complete header */
	char why[80];		/* of STS_DNS_REPLY_TIME_OUT and STS_DNS_REPLY_FAILED: "SERVFAIL", ...; else "" */
	bool no_route;		/* of STS_DNS_REPLY_FAILED: this host has no route to the server's network */
	bool local;		/* of STS_DNS_REPLY_FAILED: not asked, as memory or descriptors ran out here */
	bool authentic;		/* AD: the resolver says that it validated the answer */
	bool authoritative;	/* AA */
	/* Of STS_DNS_REPLY_NO_RECORD and STS_DNS_REPLY_NO_NAME: how long they may be cached (RFC 2308 section 5): the lesser of
	 * TTL and MINIMUM of the first SOA record in the authority section. 0 when there is none. */
	uint32_t negative_ttl_s;
	/* The end of the CNAME chain: without one, the name that was asked for; "" if it is too long for DNS. */
	char name[STS_DOMAIN_CAP];
	/* From the answer section, in order: the CNAMEs of the chain, and the records of the type at its end. All others are
	 * left out, and after a failure everything is. */
	struct sts_dns_record *records;
	size_t count;
	int64_t ms;
	struct sts_dns_string *strings;	/* storage of the records */
	uint8_t *bytes;
};

/* Parses the reply to a query, len arbitrary bytes. name: an absolute domain without final dot, in any case. The question in the
 * message is ignored. A message that is malformed anywhere is STS_DNS_REPLY_FAILED. The caller frees *out, which is NULL only
 * with STS_ENOMEM. */
enum sts_status sts_dns_reply_read(const uint8_t *answer, size_t len, const char *name, enum sts_dns_type type,
    struct sts_dns_reply **out);
/* A reply without records. why may be "". NULL without memory. */
struct sts_dns_reply *sts_dns_reply_empty(const char *name, enum sts_dns_reply_outcome outcome, const char *why);
void sts_dns_reply_free(struct sts_dns_reply **reply);
/* STS_DNS_REPLY_TIME_OUT and STS_DNS_REPLY_FAILED: nothing was learnt about the name. */
bool sts_dns_reply_failed(const struct sts_dns_reply *reply);

const char *sts_dns_type_name(enum sts_dns_type type);

#endif
