/* SPDX-License-Identifier: ISC */
/*
 * domain.h - the canonical form of a domain name: normalises and checks names.
 *
 * A `domain` is a NUL-terminated name in lower-case A-labels without trailing dot, 1 to 253 bytes, each label 1 to 63
 * bytes. Only the functions here make one, and only a `domain` may be used as a key, in a DNS query or in a URL.
 * Pure (libidn2). Any thread.
 */
#ifndef STS_NAMES_DOMAIN_H
#define STS_NAMES_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#define STS_DOMAIN_MAX 253
#define STS_DOMAIN_CAP (STS_DOMAIN_MAX + 1)

enum sts_domain_fault {
	STS_DOMAIN_OK = 0,
	STS_DOMAIN_EMPTY,
	STS_DOMAIN_TOO_LONG,	/* the name or one label */
	STS_DOMAIN_BAD_BYTE,	/* a byte that no mail domain has, such as NUL */
	STS_DOMAIN_BAD_LABEL,	/* empty label, or one that begins or ends in a hyphen */
	STS_DOMAIN_BAD_IDN,	/* UTF-8 that IDNA2008 (UTS 46, non-transitional) rejects */
	STS_DOMAIN_ADDRESS,	/* an IPv4 address, or a name whose last label is all digits */
};

/* Makes a domain from a name in any case, in U-labels (UTF-8) or A-labels, with or without one trailing dot. Letters,
 * digits, hyphens and underscores (which senders do use) are allowed. out is always terminated; "" on failure. */
enum sts_domain_fault sts_domain_normalise(const char *name, size_t len, char out[STS_DOMAIN_CAP]);

/* Whether name is a host name as RFC 8461 section 3.2 requires of an mx value: as above, but ASCII only, no underscore, no
 * trailing dot, not an address. Any case. */
enum sts_domain_fault sts_domain_check_host(const char *name, size_t len);

/* The fault in a few words. Never NULL. */
const char *sts_domain_fault_text(enum sts_domain_fault fault);

#endif
