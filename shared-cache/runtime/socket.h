/* SPDX-License-Identifier: ISC */
/*
 * socket.h - a stream socket to an endpoint, made and waited for within a deadline. Deadlines are of sts_clock_mono_ms.
 * Any thread; a socket belongs to its maker.
 */
#ifndef STS_RUNTIME_SOCKET_H
#define STS_RUNTIME_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/names/endpoint.h"

/* A connected, non-blocking socket, to be closed with close(2), or -1 and a few words in why. Each address of a
 * host gets its share of the time. */
enum { STS_SOCKET_WHY_CAP = 128 };
int sts_socket_connect(const struct sts_endpoint *endpoint, int64_t deadline_ms, char why[STS_SOCKET_WHY_CAP]);

/* Waits for poll(2)'s events. Negative: poll fails; 0: time ran out; else what is so. */
int sts_socket_wait(int fd, short events, int64_t deadline_ms);

/* Whether there is something to read, be it the end; does not wait. */
bool sts_socket_is_readable(int fd);

#endif
