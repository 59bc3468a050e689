/* SPDX-License-Identifier: ISC */
/*
 * dane.h - what DNSSEC says of a domain's MX hosts (RFC 7672), in one word: found host by host, judged here.
 *
 * Pure: who asks DNS, and how, is not known here. Any thread.
 */
#ifndef STS_OUTBOUND_DANE_H
#define STS_OUTBOUND_DANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one MX host. */
enum sts_dane_host {
	STS_DANE_HOST_DEAD,	/* does not exist or has no address: mail will not try it, so it has no say */
	STS_DANE_HOST_WITHOUT,	/* address not signed, or no TLSA records that are: found without DANE */
	STS_DANE_HOST_UNUSABLE,	/* signed TLSA records, none of which SMTP can use: encrypt, without authentication */
	STS_DANE_HOST_USABLE,
	STS_DANE_HOST_FAILED,	/* DNS did not say: SERVFAIL, timeout */
	STS_DANE_HOSTS
};

/* Of a domain. */
enum sts_dane {
	STS_DANE_OFF,		/* not looked for: by the settings, or because the resolver does not validate */
	STS_DANE_PENDING,	/* not known yet */
	STS_DANE_NONE,
	STS_DANE_ALL,		/* MX records signed, every host that lives is usable */
	STS_DANE_SOME,		/* MX records signed, some host is usable, others are not */
	STS_DANE_HALF,		/* MX records not signed, but some host has signed TLSA records (RFC 7672 section 2.2.1) */
	STS_DANE_UNUSABLE,	/* MX records signed, none usable, some unusable */
	STS_DANE_UNKNOWN,	/* DNS did not say */
	STS_DANES
};

/* How the question for MX records ended. */
enum sts_dane_mx {
	STS_DANE_MX_FOUND,	/* or there are none, and the domain is its own host (RFC 5321 section 5.1) */
	STS_DANE_MX_NO_MAIL,	/* the domain does not exist, or has a null MX (RFC 7505) */
	STS_DANE_MX_FAILED,
};

struct sts_dane_facts {
	enum sts_dane_mx mx;
	bool mx_signed;
	size_t hosts[STS_DANE_HOSTS];	/* how many are of each kind */
};

/* Never OFF or PENDING. */
enum sts_dane sts_dane_judge(const struct sts_dane_facts *facts);

/* Whether SMTP can use a TLSA record, and this side its digest (RFC 7672 sections 3.1.3, 5.2; RFC 6698 section 2.1): usage 2 or
 * 3, selector 0 or 1, matching type 0, 1 or 2 with as many bytes as the digest has. head: these three; len: bytes of what they speak of. */
bool sts_dane_tlsa_usable(const uint8_t head[3], size_t len);

/* "off", "pending", "none", "all", "some", "half", "unusable", "unknown"; "dead", "without", "unusable", "usable", "failed". ""
 * beyond the last. */
const char *sts_dane_name(unsigned dane);
const char *sts_dane_host_name(unsigned host);

#endif
