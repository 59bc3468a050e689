/* SPDX-License-Identifier: ISC */
/* redis_tls_private.h - what redis_tls.c is given by redis_tls_context.c: whom to believe, and words for reasons. For these only. */
#ifndef STS_REDIS_REDIS_TLS_PRIVATE_H
#define STS_REDIS_REDIS_TLS_PRIVATE_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "shared-cache/names/endpoint.h"
#include "shared-cache/redis/redis_tls.h"

/* TLS 1.2 or later, the authorities, our own certificate. NULL, and in why which setting's file is no good and for what reason. */
SSL_CTX *sts_redis_tls_context(const struct sts_endpoint_tls *with, char why[STS_REDIS_TLS_WHY_CAP]);

/* The name, or the address, that the certificate must be for; it is left in name. False: no memory. */
bool sts_redis_tls_expect(SSL *ssl, const struct sts_endpoint *where, char name[STS_ENDPOINT_NAME_CAP]);

/* Words for a code of OpenSSL's queue or, without one, for an errno; with neither, the connection has ended. Returns out, or a literal. */
enum { STS_REDIS_TLS_REASON_CAP = 120 };
const char *sts_redis_tls_reason(unsigned long code, int error, char out[STS_REDIS_TLS_REASON_CAP]);

#endif
