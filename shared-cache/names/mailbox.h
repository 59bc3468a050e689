/* SPDX-License-Identifier: ISC */
/*
 * mailbox.h - the domain and local part of an SMTP reverse-path or forward-path (RFC 5321 section 4.1.2), as milters get it.
 *
 * Postfix passes the argument as the client sent it: with or without angle brackets, with source route, quoted local
 * part, trailing dot, any case, UTF-8. The domain is what follows the last `@` outside quotes.
 * Pure. Any thread.
 */
#ifndef STS_NAMES_MAILBOX_H
#define STS_NAMES_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/names/domain.h"

enum sts_mailbox_kind {
	STS_MAILBOX_DOMAIN,	/* has a domain, now in out */
	STS_MAILBOX_NULL,	/* <>: the null sender */
	STS_MAILBOX_NO_DOMAIN,	/* <postmaster>: local part alone */
	STS_MAILBOX_LITERAL,	/* [192.0.2.1], [IPv6:...], or a bare address */
	STS_MAILBOX_INVALID,	/* cannot be parsed, or its domain is invalid */
};

/* The role account that a forward-path names, at any domain or none (RFC 5321 section 4.5.1, RFC 2142): "postmaster" or
 * "abuse", else NULL. Case and quoting of the local part do not matter. */
const char *sts_mailbox_role(const char *path, size_t len);

/* The local part of a forward-path in lower case, without quotes and backslashes. False: it has none, cannot be parsed, or does not
 * fit. */
bool sts_mailbox_local_part(const char *path, size_t len, char *out, size_t cap);

/* out is "" for every kind but STS_MAILBOX_DOMAIN. */
enum sts_mailbox_kind sts_mailbox_domain(const char *path, size_t len, char out[STS_DOMAIN_CAP]);

#endif
