/* SPDX-License-Identifier: ISC */
/*
 * reason.h - why a message or a domain is not simply all right: the one table of names.
 *
 * The log, the header, Redis, JSON and the metrics all use these names and no others, so that an
 * operator can search for one word everywhere. The names are API.
 * Pure. Any thread.
 */
#ifndef STS_POLICY_REASON_H
#define STS_POLICY_REASON_H

#include <stdbool.h>
#include <stddef.h>

enum sts_reason {
	STS_REASON_NONE = 0,	   /* no complaint; its name is "" */
	/* about the session's TLS */
	STS_REASON_PLAINTEXT,	   /* no TLS */
	STS_REASON_TLS_VERSION,	   /* TLS older than min_tls_version */
	STS_REASON_CIPHER,	   /* weak cipher, or fewer bits than min_cipher_bits */
	STS_REASON_TLS_UNKNOWN,	   /* the MTA did not say anything about TLS */
	/* not known (yet): result temperror */
	STS_REASON_PENDING,	   /* the lookup did not end within policy_wait */
	STS_REASON_DNS_TIMEOUT,
	STS_REASON_DNS_FAILURE,	   /* SERVFAIL, REFUSED, malformed answer */
	STS_REASON_FETCH_TIMEOUT,
	STS_REASON_FETCH_CONNECT,  /* no address, connection refused or reset */
	STS_REASON_OVERLOAD,	   /* one of our own limits was reached */
	/* announced, but unusable: result permerror */
	STS_REASON_RECORD_INVALID, /* one STSv1 record, with bad syntax */
	STS_REASON_FETCH_TLS,	   /* handshake, certificate chain or host name */
	STS_REASON_FETCH_STATUS,   /* not 200, redirects included */
	STS_REASON_FETCH_TYPE,	   /* not text/plain, or with a Content-Encoding */
	STS_REASON_FETCH_SIZE,	   /* more than 64 KiB */
	STS_REASON_FETCH_REFUSED,  /* refused by us: every address is special (private, loopback, ...) */
	STS_REASON_POLICY_INVALID,
	STS_REASON_COUNT
};

/* The name; "" for STS_REASON_NONE and for values out of range. */
const char *sts_reason_name(enum sts_reason reason);

/* The reason of a name, which need not be NUL-terminated. False (and *out unchanged) for an unknown name. */
bool sts_reason_parse(const char *name, size_t len, enum sts_reason *out);

/* True for a domain that has announced a policy that cannot be used (permerror), false for one that could not be looked up
 * (temperror). */
bool sts_reason_is_permanent(enum sts_reason reason);

#endif
