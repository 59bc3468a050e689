/* SPDX-License-Identifier: ISC */
/*
 * fetch_child.h - the process that talks TLS and HTTP with strangers, from its first instruction to its last.
 *
 * It is handed its settings, then questions with sockets that are connected already, and answers with policies that its own parser has
 * taken, or with why there is none (fetch_wire.h). Ends when the other side of the socket does. Keeps nothing, logs nothing.
 */
#ifndef STS_FETCHER_FETCH_CHILD_H
#define STS_FETCHER_FETCH_CHILD_H

enum { STS_FETCH_CHILD_FD = 3 };

/* fd: the socket. An exit status. Of a process with a single thread. */
int sts_fetch_child_run(int fd);

#endif
