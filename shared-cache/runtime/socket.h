/* SPDX-License-Identifier: ISC */
/*
 * socket.h - opens a stream socket to an endpoint, and waits for it, within a deadline (of sts_clock_mono_ms).
 * Any thread; a socket belongs to the thread that opened it.
 */
#ifndef STS_RUNTIME_SOCKET_H
#define STS_RUNTIME_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/names/endpoint.h"

/* Returns a connected, non-blocking socket, to be closed with close(2); or -1, and a few words in why. Each address of a host
 * gets its share of the time. */
enum { STS_SOCKET_WHY_CAP = 128 };
int sts_socket_connect(const struct sts_endpoint *endpoint, int64_t deadline_ms, char why[STS_SOCKET_WHY_CAP]);

/* Waits for events of poll(2). Negative: poll failed; 0: the deadline passed; else the events. */
int sts_socket_wait(int fd, short events, int64_t deadline_ms);

/* Whether there is something to read, or the end of the stream. Does not wait. */
bool sts_socket_is_readable(int fd);

#endif
