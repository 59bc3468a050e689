/* SPDX-License-Identifier: ISC */
/*
 * dane.h - sums up what DNSSEC says of a domain's MX hosts (RFC 7672): judges the states of single hosts as a whole.
 *
 * Pure: the DNS lookups are made elsewhere. Any thread.
 */
#ifndef STS_OUTBOUND_DANE_H
#define STS_OUTBOUND_DANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one MX host. */
enum sts_dane_host {
	STS_DANE_HOST_DEAD,	/* does not exist or has no address: not tried for mail, so it does not count */
	STS_DANE_HOST_WITHOUT,	/* unsigned address, or no signed TLSA records: usable without DANE */
	STS_DANE_HOST_UNUSABLE,	/* signed TLSA records, none of them usable for SMTP: encrypt, without authentication */
	STS_DANE_HOST_USABLE,
	STS_DANE_HOST_FAILED,	/* DNS gave no answer: SERVFAIL, timeout */
	STS_DANE_HOSTS
};

/* Of a domain. */
enum sts_dane {
	STS_DANE_OFF,		/* not looked up: by the settings, or because the resolver does not validate */
	STS_DANE_PENDING,	/* not known yet */
	STS_DANE_NONE,
	STS_DANE_ALL,		/* MX records signed, every live host is usable */
	STS_DANE_SOME,		/* MX records signed, some hosts usable, others not */
	STS_DANE_HALF,		/* MX records unsigned, but some host has signed TLSA records (RFC 7672 section 2.2.1) */
	STS_DANE_UNUSABLE,	/* MX records signed, no host usable, some unusable */
	STS_DANE_UNKNOWN,	/* DNS gave no answer */
	STS_DANES
};

/* The result of the MX lookup. */
enum sts_dane_mx {
	STS_DANE_MX_FOUND,	/* also without MX records, when the domain is its own MX host (RFC 5321 section 5.1) */
	STS_DANE_MX_NO_MAIL,	/* the domain does not exist, or has a null MX (RFC 7505) */
	STS_DANE_MX_FAILED,
};

struct sts_dane_facts {
	enum sts_dane_mx mx;
	bool mx_signed;
	size_t hosts[STS_DANE_HOSTS];	/* the number of hosts of each kind */
};

/* Never OFF or PENDING. */
enum sts_dane sts_dane_judge(const struct sts_dane_facts *facts);

/* Whether a TLSA record is usable for SMTP, and its digest known here (RFC 7672 sections 3.1.3, 5.2; RFC 6698 section 2.1): usage 2 or
 * 3, selector 0 or 1, matching type 0, 1 or 2, with the length of that digest. head: these three bytes; len: bytes of the data. */
bool sts_dane_tlsa_usable(const uint8_t head[3], size_t len);

/* "off", "pending", "none", "all", "some", "half", "unusable", "unknown"; "dead", "without", "unusable", "usable", "failed". ""
 * beyond the last. */
const char *sts_dane_name(unsigned dane);
const char *sts_dane_host_name(unsigned host);

#endif
