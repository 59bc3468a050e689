/* SPDX-License-Identifier: ISC */
/*
 * redis_tls.h - TLS over a connected socket, for redis.c: an OpenSSL client that verifies every server.
 *
 * The server's certificate chain, dates and name are always checked; no setting turns that off. The socket stays the caller's: it
 * is non-blocking, and the caller waits for it with his own deadlines. SIGPIPE is never raised. hiredis is not involved, so any
 * version will do. The files that the endpoint names are read for each connection: renewed ones need no reload, and one that cannot
 * be read is an ordinary failure. No reason reveals a key. One thread at a time.
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

/* Does the handshake before deadline_ms (sts_clock_mono_ms). where: TCP, the server that fd is connected to. On failure NULL,
 * and in why a few printable words that begin with "TLS: ". */
struct sts_redis_tls *sts_redis_tls_open(const struct sts_endpoint *where, int fd, int64_t deadline_ms,
    char why[STS_REDIS_TLS_WHY_CAP]);
/* *tls may be NULL. Does not close the socket. */
void sts_redis_tls_close(struct sts_redis_tls **tls);

/* As send(2) and recv(2) with MSG_DONTWAIT. -1 with EAGAIN: wait for the socket; with another errno the session is over, see
 * sts_redis_tls_why. A repeated send must begin with the bytes of the one before, and may have more. */
ssize_t sts_redis_tls_send(struct sts_redis_tls *tls, const void *bytes, size_t len);
ssize_t sts_redis_tls_receive(struct sts_redis_tls *tls, void *bytes, size_t cap);
const char *sts_redis_tls_why(const struct sts_redis_tls *tls);

/* Whether there is buffered input, which poll(2) does not report. */
bool sts_redis_tls_has_bytes(const struct sts_redis_tls *tls);
/* The event that poll(2) must wait for besides the caller's: POLLOUT or 0. */
short sts_redis_tls_wants(const struct sts_redis_tls *tls);
/* Of a readable socket: whether the input was TLS's own (session tickets), so that there is nothing to read. */
bool sts_redis_tls_is_silent(struct sts_redis_tls *tls);

#endif
