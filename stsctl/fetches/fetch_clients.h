/* SPDX-License-Identifier: ISC */
/*
 * fetch_clients.h - who has fetched which policy: lines of access logs, summed up by policy domain, client and User-Agent.
 *
 * All of it comes from strangers, so that it is bounded: beyond FETCH_CLIENTS_MAX different ones, further ones are only counted. Time
 * is passed in. Belongs to one thread.
 */
#ifndef STSCTL_FETCHES_FETCH_CLIENTS_H
#define STSCTL_FETCHES_FETCH_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/names/domain.h"
#include "stsctl/fetches/access_log.h"

enum {
	FETCH_CLIENTS_MAX = 10000, FETCH_CLIENTS_DOMAINS_MAX = 1000, FETCH_CLIENTS_CLIENT_CAP = 128, FETCH_CLIENTS_AGENT_CAP = 160,
	FETCH_CLIENTS_SILENCE_S = 48 * 3600	/* as long as it may take until the first sender has come */
};

struct fetch_client {
	struct fetch_client_key {			/* padded with NULs */
		char client[FETCH_CLIENTS_CLIENT_CAP]; /* as the server wrote it, cut; hostile bytes */
		char agent[FETCH_CLIENTS_AGENT_CAP];	/* likewise */
	} who;
	const char *sender;			/* whose fetcher it says to be; NULL when unknown */
	size_t fetched, failed;			/* with status 200 or 304, with others */
	unsigned last_status;
	int64_t first, last;			/* seconds since the epoch */
	UT_hash_handle hh;			/* hh.next: the next one, NULL after the last */
};

/* A domain whose policy was asked for, or whose log was read. */
struct fetch_clients_domain {
	char name[STS_DOMAIN_CAP];	/* "" when neither line nor file name tell */
	struct fetch_client *list;		/* the first, and the hash */
	size_t own;			/* fetches of this machine and of those named with --own */
	int64_t last;			/* of others' successful fetches; 0: none */
};

struct fetch_clients {
	struct fetch_clients_domain *domains;
	size_t domain_count;
	size_t total;			/* of fetchers */
	size_t dropped;			/* fetches of those beyond the bounds */
	size_t unreadable;		/* lines */
	bool no_memory;
	bool (*is_own)(void *arg, const struct sts_ipaddr *addr);
	void *own_arg;
};

void fetch_clients_init(struct fetch_clients *f, bool (*is_own)(void *arg, const struct sts_ipaddr *addr), void *own_arg);
void fetch_clients_fini(struct fetch_clients *f);

/* The domain of a log named mta-sts.DOMAIN_access.log[.N][.gz], whatever its directory: remembered even if the log is empty.
 * False: the name says nothing; out is "" then. */
bool fetch_clients_domain_of_file(const char *path, char out[STS_DOMAIN_CAP]);
void fetch_clients_add_domain(struct fetch_clients *f, const char *domain);

/* One line, without its end, of a log of domain ("" unless its name told). Lines about anything else than a policy are no concern
 * of ours. */
void fetch_clients_add_line(struct fetch_clients *f, const char *domain, const char *line, size_t len);

/* The latest first, domains by name. */
void fetch_clients_sort(struct fetch_clients *f);
/* Nobody else has fetched the policy within FETCH_CLIENTS_SILENCE_S before now. */
bool fetch_clients_is_silent(const struct fetch_clients_domain *d, int64_t now);

/* "Google", ... for a User-Agent that says so, NULL for others. */
const char *fetch_clients_sender(const char *agent);

#endif
