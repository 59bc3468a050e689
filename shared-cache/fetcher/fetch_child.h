/* SPDX-License-Identifier: ISC */
/*
 * fetch_child.h - the fetch process, which speaks TLS and HTTP with strangers' servers.
 *
 * It gets its settings, then questions with sockets that are already connected. It replies with policies that its own parser has
 * accepted, or with the reason why there is none (fetch_wire.h). It exits when the daemon closes the socket. Keeps nothing, logs
 * nothing.
 */
#ifndef STS_FETCHER_FETCH_CHILD_H
#define STS_FETCHER_FETCH_CHILD_H

enum { STS_FETCH_CHILD_FD = 3 };

/* fd: the socket. Returns an exit status. For a process with a single thread. */
int sts_fetch_child_run(int fd);

#endif
