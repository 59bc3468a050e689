/* SPDX-License-Identifier: ISC */
/* redis_tls_private.h - what redis_tls_context.c provides to redis_tls.c: the context, the name to verify, error texts. For
 * these only. */
#ifndef STS_REDIS_REDIS_TLS_PRIVATE_H
#define STS_REDIS_REDIS_TLS_PRIVATE_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "shared-cache/names/endpoint.h"
#include "shared-cache/redis/redis_tls.h"

/* A context with TLS 1.2 or later, the CA certificates and our own certificate. NULL, and in why which setting's file is
 * unusable, and why. */
SSL_CTX *sts_redis_tls_context(const struct sts_endpoint_tls *with, char why[STS_REDIS_TLS_WHY_CAP]);

/* Sets the name or address that the certificate must match, and copies it to name. False: no memory. */
bool sts_redis_tls_expect(SSL *ssl, const struct sts_endpoint *where, char name[STS_ENDPOINT_NAME_CAP]);

/* Text for a code of OpenSSL's error queue; without one, for an errno; without either: the connection has ended. Returns out, or
 * a literal. */
enum { STS_REDIS_TLS_REASON_CAP = 120 };
const char *sts_redis_tls_reason(unsigned long code, int error, char out[STS_REDIS_TLS_REASON_CAP]);

#endif
