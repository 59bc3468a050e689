/* SPDX-License-Identifier: ISC */
/*
 * redis_tls.h - TLS on a connected socket, for redis.c: OpenSSL as a client that believes nobody it has not checked.
 *
 * The chain of the server's certificate, its dates and its name are always checked; there is no way to leave that out. The socket
 * stays the caller's, non-blocking, to be waited for with deadlines of the caller's; SIGPIPE is never raised. hiredis has no part in
 * it, so that every hiredis will do. The files that the endpoint names are read for each connection: renewed ones need no
 * reload, and what cannot be read is a reason like any other. No reason tells what is in a key. One thread at a time.
 */
#ifndef STS_REDIS_REDIS_TLS_H
#define STS_REDIS_REDIS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/endpoint.h"

struct sts_redis_tls;

enum { STS_REDIS_TLS_WHY_CAP = 240 };

/* Shakes hands until deadline_ms (sts_clock_mono_ms). where: TCP, the server that fd is connected to. NULL, and a few printable
 * words in why that begin with "TLS: ". */
struct sts_redis_tls *sts_redis_tls_open(const struct sts_endpoint *where, int fd, int64_t deadline_ms,
    char why[STS_REDIS_TLS_WHY_CAP]);
/* Also NULL. The socket is not closed. */
void sts_redis_tls_close(struct sts_redis_tls **tls);

/* As send(2) and recv(2) with MSG_DONTWAIT. -1 with EAGAIN: wait for the socket; with another errno it is over, see the why. A send
 * that is repeated has at least the bytes of the one before. */
ssize_t sts_redis_tls_send(struct sts_redis_tls *tls, const void *bytes, size_t len);
ssize_t sts_redis_tls_receive(struct sts_redis_tls *tls, void *bytes, size_t cap);
const char *sts_redis_tls_why(const struct sts_redis_tls *tls);

/* Bytes have come that poll(2) knows nothing of any more. */
bool sts_redis_tls_has_bytes(const struct sts_redis_tls *tls);
/* What poll(2) is to wait for besides what the caller wants: POLLOUT or 0. */
short sts_redis_tls_wants(const struct sts_redis_tls *tls);
/* Of a readable socket: whether what came is TLS's own business (session tickets), so that the caller has nothing to read. */
bool sts_redis_tls_is_silent(struct sts_redis_tls *tls);

#endif
