/* SPDX-License-Identifier: ISC */
/*
 * dnsask.h - one question of DNS, asked for a person: any type, of servers of one's choice, with all that the answer says.
 *
 * Blocks until the answer is there or the time is up; TCP when the answer was truncated. The milter's own lookups go another way
 * (sts_dns.h), which has no use for more than it needs; here the answers are to be looked at. The only file that knows the DNS
 * library is dnsask.c.
 * An asker belongs to one thread.
 */
#ifndef STSCTL_DNSASK_H
#define STSCTL_DNSASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/sts_domain.h"
#include "shared-cache/sts_ipaddr.h"
#include "shared-cache/sts_status.h"

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
	char target[STS_DOMAIN_CAP];	/* MX, CNAME, NS: the name, "" for the root (null MX); else "" */
	unsigned preference;		/* MX */
	struct sts_ipaddr addr;		/* A, AAAA */
	const struct dns_string *strings; /* TXT */
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
	bool authentic;		/* AD: the resolver says that it has validated the answer */
	bool authoritative;	/* AA */
	char name[STS_DOMAIN_CAP];	/* where a chain of CNAMEs ends: the name asked for when there is none */
	struct dns_record *records;	/* the answer section, CNAMEs too, in order */
	size_t count;
	int64_t ms;
};

struct dnsask;

/* servers: "ADDR[:PORT],..." as dns_servers (sts_conf.h), "" for resolv.conf. recursive: sets RD; authoritative servers are asked
 * without. timeout_ms: for one question, all servers and tries together. STS_EINVAL: servers cannot be read. */
enum sts_status dnsask_new(const char *servers, bool recursive, int64_t timeout_ms, struct dnsask **out);
void dnsask_free(struct dnsask **dnsask);
/* What it asks, for people: "127.0.0.1:5353". */
const char *dnsask_servers(const struct dnsask *dnsask);

/* name: an absolute domain without final dot; labels such as _mta-sts are fine. The caller frees *out; NULL only with STS_ENOMEM.
 * A name too long for DNS is DNS_NO_NAME. */
enum sts_status dnsask_ask(struct dnsask *dnsask, const char *name, enum dns_type type, struct dns_reply **out);
void dns_reply_free(struct dns_reply **reply);

/* For --verbose: told of each question and its answer, by the thread that asked. NULL: nobody is. */
typedef void dnsask_watch_fn(void *arg, const char *servers, const char *name, enum dns_type type, const struct dns_reply *reply);
void dnsask_watch(struct dnsask *dnsask, dnsask_watch_fn *fn, void *arg);

const char *dns_type_name(enum dns_type type);

#endif
