/* SPDX-License-Identifier: ISC */
/*
 * fetch_clients.h - who has fetched which policy: lines of access logs, summed up by policy domain, client and User-Agent.
 *
 * All of it comes from strangers, so that it is bounded: beyond FETCHERS_MAX different ones, further ones are only counted. Time
 * is passed in. Belongs to one thread.
 */
#ifndef STSCTL_FETCHERS_H
#define STSCTL_FETCHERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/names/domain.h"
#include "stsctl/fetches/access_log.h"

enum {
	FETCHERS_MAX = 10000, FETCHERS_DOMAINS_MAX = 1000, FETCHERS_CLIENT_CAP = 128, FETCHERS_AGENT_CAP = 160,
	FETCHERS_SILENCE_S = 48 * 3600	/* as long as it may take until the first sender has come */
};

struct fetcher {
	struct fetcher_key {			/* padded with NULs */
		char client[FETCHERS_CLIENT_CAP]; /* as the server wrote it, cut; hostile bytes */
		char agent[FETCHERS_AGENT_CAP];	/* likewise */
	} who;
	const char *sender;			/* whose fetcher it says to be; NULL when unknown */
	size_t fetched, failed;			/* with status 200 or 304, with others */
	unsigned last_status;
	int64_t first, last;			/* seconds since the epoch */
	UT_hash_handle hh;			/* hh.next: the next one, NULL after the last */
};

/* A domain whose policy was asked for, or whose log was read. */
struct fetchers_domain {
	char name[STS_DOMAIN_CAP];	/* "" when neither line nor file name tell */
	struct fetcher *list;		/* the first, and the hash */
	size_t own;			/* fetches of this machine and of those named with --own */
	int64_t last;			/* of others' successful fetches; 0: none */
};

struct fetchers {
	struct fetchers_domain *domains;
	size_t domain_count;
	size_t total;			/* of fetchers */
	size_t dropped;			/* fetches of those beyond the bounds */
	size_t unreadable;		/* lines */
	bool no_memory;
	bool (*is_own)(void *arg, const struct sts_ipaddr *addr);
	void *own_arg;
};

void fetchers_init(struct fetchers *f, bool (*is_own)(void *arg, const struct sts_ipaddr *addr), void *own_arg);
void fetchers_fini(struct fetchers *f);

/* The domain of a log named mta-sts.DOMAIN_access.log[.N][.gz], whatever its directory: remembered even if the log is empty.
 * False: the name says nothing; out is "" then. */
bool fetchers_domain_of_file(const char *path, char out[STS_DOMAIN_CAP]);
void fetchers_add_domain(struct fetchers *f, const char *domain);

/* One line, without its end, of a log of domain ("" unless its name told). Lines about anything else than a policy are no concern
 * of ours. */
void fetchers_add_line(struct fetchers *f, const char *domain, const char *line, size_t len);

/* The latest first, domains by name. */
void fetchers_sort(struct fetchers *f);
/* Nobody else has fetched the policy within FETCHERS_SILENCE_S before now. */
bool fetchers_is_silent(const struct fetchers_domain *d, int64_t now);

/* "Google", ... for a User-Agent that says so, NULL for others. */
const char *fetchers_sender(const char *agent);

#endif
