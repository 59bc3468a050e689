/* SPDX-License-Identifier: ISC */
/*
 * fetch_clients.h - who has fetched which policy: adds up lines of access logs by policy domain, client and User-Agent.
 *
 * Logs are full of strangers' data, so that everything is bounded: beyond FETCH_CLIENTS_MAX clients, further ones are only counted. The
 * caller passes the time. Belongs to one thread.
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
	FETCH_CLIENTS_SILENCE_S = 48 * 3600	/* the first sender may take so long to come */
};

struct fetch_client {
	struct fetch_client_key {			/* padded with NULs */
		char client[FETCH_CLIENTS_CLIENT_CAP]; /* as the server wrote it, truncated; hostile */
		char agent[FETCH_CLIENTS_AGENT_CAP];	/* the same */
	} who;
	const char *sender;			/* the sender that the User-Agent claims; NULL: unknown */
	size_t fetched, failed;			/* responses 200 or 304; all other responses */
	unsigned last_status;
	int64_t first, last;			/* seconds since the epoch */
	UT_hash_handle hh;			/* hh.next: the next client, or NULL */
};

/* A day (UTC) of a policy's fetches by others. */
struct fetch_day {
	int32_t day;			/* a day number of date.h */
	size_t fetched, failed;
	unsigned failed_status;		/* of the last failure */
};

/* A domain whose policy was requested, or whose log was read. */
struct fetch_clients_domain {
	char name[STS_DOMAIN_CAP];	/* "" when neither lines nor the file's name say */
	struct fetch_client *list;		/* the first one, and the hash */
	size_t own;			/* fetches by this machine, and from the addresses of --own */
	bool served;			/* a request got the policy, one of our own included */
	int64_t last;			/* the last successful fetch by others; 0: none */
	struct fetch_day *days;		/* unsorted; at most FETCH_CLIENTS_DAYS_MAX */
	size_t day_count;
};

struct fetch_clients {
	struct fetch_clients_domain *domains;
	size_t domain_count;
	size_t total;			/* clients of all domains */
	size_t dropped;			/* fetches by clients beyond the bounds */
	size_t unreadable;		/* lines that could not be parsed */
	int64_t earliest;		/* the time of the earliest line, about a policy or not; 0: none */
	bool no_memory;
	bool (*is_own)(void *arg, const struct sts_ipaddr *addr);
	void *own_arg;
};

/* is_own: whether an address is our own; called with own_arg. */
void fetch_clients_init(struct fetch_clients *f, bool (*is_own)(void *arg, const struct sts_ipaddr *addr), void *own_arg);
void fetch_clients_fini(struct fetch_clients *f);

/* What the name of a log says, in whatever directory: mta-sts.DOMAIN_access.log[.N][.gz] holds one domain's requests,
 * ..._http_access.log those on port 80. */
struct fetch_log {
	char domain[STS_DOMAIN_CAP];	/* "" when the name does not say */
	bool is_http;
};
void fetch_clients_read_name(const char *path, struct fetch_log *out);
/* Adds a domain, which is then listed even if its log is empty. */
void fetch_clients_add_domain(struct fetch_clients *f, const char *domain);

/* Adds a line, without its newline; it may hold any byte. Lines that are not requests for a policy are ignored, as are those on port
 * 80, which senders never use, and those of virtual hosts that are not policy hosts. A redirect counts as a failure, for senders do
 * not follow it. */
void fetch_clients_add_line(struct fetch_clients *f, const struct fetch_log *log, const char *line, size_t len);

/* What the logs say about a domain's day. NULL: no fetch by others. */
const struct fetch_day *fetch_clients_day(const struct fetch_clients *f, const char *domain, int32_t day);

/* Sorts clients, the latest first, and domains by name. Failed requests of an unknown domain are dropped if any domain is known: they
 * may have been for any other host. */
void fetch_clients_sort(struct fetch_clients *f);
/* Whether nobody else has fetched the policy within FETCH_CLIENTS_SILENCE_S before now. */
bool fetch_clients_is_silent(const struct fetch_clients_domain *d, int64_t now);

/* "Google" or the like, for a User-Agent that names it; NULL for others. */
const char *fetch_clients_sender(const char *agent);

#endif
