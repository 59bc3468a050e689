/* SPDX-License-Identifier: ISC */
/*
 * fetcher.h - the daemon's side of the fetch process: an https_backend.h that leaves HTTPS to a process without other rights.
 *
 * The daemon checks the addresses and connects to the policy host; the process speaks TLS and HTTP over that socket, and parses the
 * policy a first time. Its replies are trusted no more than a stranger's: a message that is not a reply to an open question gets
 * the process killed (fetch_wire.h).
 * A process that has died is restarted, with back-off (respawn.h); one that does not reply in time is killed first. The fetches it
 * had end: with `fetch-connect' if it crashed, as one of them may be the cause and must be left alone for a while; with `overload',
 * which says nothing about the domain, if it was killed; with `fetch-timeout' for those that it kept waiting. Once a day, when
 * idle, it is replaced by a new one, which reads the system's certificates again.
 *
 * Belongs to the loop's thread once that runs, except for sts_fetcher_state. The process must ignore SIGPIPE.
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
	size_t per_host;		/* concurrent connections to one address or IPv6 /64; 0: any */
};

enum {
	STS_FETCHER_START_MS = 15000,	/* time to start, which includes reading some hundred certificates */
	STS_FETCHER_GRACE_MS = 1000,	/* after a deadline, for a reply that says so */
};

/* Starts the process without waiting for it. STS_EINVAL: ca_file cannot be read. STS_ENOTFOUND: the program cannot be started,
 * see errno. */
enum sts_status sts_fetcher_new(const struct sts_fetcher_params *params, struct sts_fetcher **out);
/* Kills the process. Call after the loop was freed. */
void sts_fetcher_free(struct sts_fetcher **fetcher);

/* Lives as long as the fetcher. */
const struct sts_https_backend *sts_fetcher_backend(const struct sts_fetcher *fetcher);

/* Any thread. */
struct sts_fetcher_state {
	bool up;			/* it has said READY, and has not died since */
	bool is_confined;		/* by a system call filter */
	uint64_t deaths;		/* of processes that were not meant to end */
	pid_t pid;			/* 0: none */
};
void sts_fetcher_state(const struct sts_fetcher *fetcher, struct sts_fetcher_state *out);

#endif
