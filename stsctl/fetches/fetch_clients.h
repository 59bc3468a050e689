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
	FETCH_CLIENTS_DAYS_MAX = 500,
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

/* A day, UTC, of others' fetches of one domain's policy. */
struct fetch_day {
	int32_t day;			/* of date.h */
	size_t fetched, failed;
	unsigned failed_status;		/* of the last that failed */
};

/* A domain whose policy was asked for, or whose log was read. */
struct fetch_clients_domain {
	char name[STS_DOMAIN_CAP];	/* "" when neither line nor file name tell */
	struct fetch_client *list;		/* the first, and the hash */
	size_t own;			/* fetches of this machine and of those named with --own */
	bool served;			/* a request got the policy, one of our own included */
	int64_t last;			/* of others' successful fetches; 0: none */
	struct fetch_day *days;		/* in no order; FETCH_CLIENTS_DAYS_MAX */
	size_t day_count;
};

struct fetch_clients {
	struct fetch_clients_domain *domains;
	size_t domain_count;
	size_t total;			/* of fetchers */
	size_t dropped;			/* fetches of those beyond the bounds */
	size_t unreadable;		/* lines */
	int64_t earliest;		/* line of all, whatever it is about; 0: none */
	bool no_memory;
	bool (*is_own)(void *arg, const struct sts_ipaddr *addr);
	void *own_arg;
};

void fetch_clients_init(struct fetch_clients *f, bool (*is_own)(void *arg, const struct sts_ipaddr *addr), void *own_arg);
void fetch_clients_fini(struct fetch_clients *f);

/* What a log's name tells, whatever its directory: mta-sts.DOMAIN_access.log[.N][.gz] is of one domain, ..._http_access.log of
 * port 80. */
struct fetch_log {
	char domain[STS_DOMAIN_CAP];	/* "" when the name does not tell */
	bool is_http;
};
void fetch_clients_read_name(const char *path, struct fetch_log *out);
/* Remembered even if the log is empty. */
void fetch_clients_add_domain(struct fetch_clients *f, const char *domain);

/* One line, without its end, which may hold any byte. Lines about anything else than a policy are no concern of ours; nor are those
 * of port 80, where no sender asks, and those of virtual hosts that are no policy host. A redirect defeats a sender, and counts as
 * failed. */
void fetch_clients_add_line(struct fetch_clients *f, const struct fetch_log *log, const char *line, size_t len);

/* What the logs tell of a domain's day; NULL: no fetch of others. */
const struct fetch_day *fetch_clients_day(const struct fetch_clients *f, const char *domain, int32_t day);

/* The latest first, domains by name. Failed requests of which no log says to which domain they went are left out where there are
 * domains that are known: they may well have gone to any other host. */
void fetch_clients_sort(struct fetch_clients *f);
/* Nobody else has fetched the policy within FETCH_CLIENTS_SILENCE_S before now. */
bool fetch_clients_is_silent(const struct fetch_clients_domain *d, int64_t now);

/* "Google", ... for a User-Agent that says so, NULL for others. */
const char *fetch_clients_sender(const char *agent);

#endif
