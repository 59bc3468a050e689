/* SPDX-License-Identifier: ISC */
/*
 * domain.h - the one form in which a domain name travels inside this project.
 *
 * A `domain` is a NUL-terminated lower-case A-label name without trailing dot, 1 to 253 bytes, each label 1 to 63
 * bytes; only the functions here make one. Nothing else may be used as a key, asked of DNS or put into a URL.
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
	STS_DOMAIN_BAD_BYTE,	/* a byte no mail domain holds, NUL included */
	STS_DOMAIN_BAD_LABEL,	/* empty label, or one that begins or ends in a hyphen */
	STS_DOMAIN_BAD_IDN,	/* UTF-8 that IDNA2008 (UTS 46, non-transitional) refuses */
	STS_DOMAIN_ADDRESS,	/* an IPv4 address, or a name whose last label is all digits */
};

/* Makes a domain of a name of any case, U-labels (UTF-8) or A-labels, with or without one trailing dot. Letters,
 * digits, hyphens and underscores (which senders do use) are let through. out is always terminated; "" on failure. */
enum sts_domain_fault sts_domain_normalise(const char *name, size_t len, char out[STS_DOMAIN_CAP]);

/* Whether name is a host name as RFC 8461 section 3.2 wants an mx value: as above, but ASCII only, no underscore, no
 * trailing dot, not an address. Any case. */
enum sts_domain_fault sts_domain_check_host(const char *name, size_t len);

/* Why, in a few words. Never NULL. */
const char *sts_domain_fault_text(enum sts_domain_fault fault);

#endif
