/* SPDX-License-Identifier: ISC */
/*
 * fetcher.h - the daemon's end of the fetch process: HTTPS by somebody who can do nothing else, behind the functions of
 * https_backend.h.
 *
 * Here the policy host is dialled, at addresses that were looked at; there TLS and HTTP are spoken over the socket, and the policy is
 * parsed a first time. What comes back is believed as little as if it came from strangers: bytes that are no answer to an open question
 * cost the process its life (fetch_wire.h).
 * A process that has died is started again, with back-off (respawn.h); one that does not answer in time is killed first. Fetches that
 * were in its hands end: with `fetch-connect' when it has died by its own doing, since one of them may have done it, and is to be left
 * alone for a while; with `overload', which says nothing of the domain, when it was killed; with `fetch-timeout' for those that it has
 * let wait. Once a day it is replaced by a fresh one, when it is idle: to read the system's certificates again.
 *
 * Belongs to the loop's thread once that runs, sts_fetcher_state apart. The process must ignore SIGPIPE.
 */
#ifndef STS_FETCHER_FETCHER_H
#define STS_FETCHER_FETCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "shared-cache/base/status.h"
#include "shared-cache/network/https_backend.h"

struct sts_fetcher;

struct sts_fetcher_params {
	const char *program;		/* path of mta-sts-fetcher */
	const char *ca_file, *contact;	/* as in https.h; copied */
	uint16_t port;
	bool allow_special;
	size_t per_host;		/* connections at a time to one address, or to a /64 of IPv6; 0: no bound */
};

enum {
	STS_FETCHER_START_MS = 15000,	/* for a start, which reads some hundred certificates */
	STS_FETCHER_GRACE_MS = 1000,	/* after a deadline, for an answer that says so */
};

/* Starts the process, and does not wait for it. STS_EINVAL: ca_file cannot be read. STS_ENOTFOUND: there is no program that could be
 * started; errno says why. */
enum sts_status sts_fetcher_new(const struct sts_fetcher_params *params, struct sts_fetcher **out);
/* After the loop was freed. Ends the process. */
void sts_fetcher_free(struct sts_fetcher **fetcher);

/* Lives as long as the fetcher. */
const struct sts_https_backend *sts_fetcher_backend(const struct sts_fetcher *fetcher);

/* Any thread. */
struct sts_fetcher_state {
	bool up;			/* it has said that it is ready, and has not died since */
	bool is_confined;		/* by a filter of system calls */
	uint64_t deaths;		/* of processes that were not meant to end */
	pid_t pid;			/* 0: none */
};
void sts_fetcher_state(const struct sts_fetcher *fetcher, struct sts_fetcher_state *out);

#endif
