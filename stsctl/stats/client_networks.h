/* SPDX-License-Identifier: ISC */
/*
 * client_networks.h - sums up the evidence by clients' networks: how much of their mail used an older TLS version than a given one.
 *
 * A client whose full address was kept counts for its network (/24 or /48), as one with a masked address does. Entries may be hostile.
 * Knows neither Redis nor how sums are printed. One thread.
 */
#ifndef STSCTL_STATS_CLIENT_NETWORKS_H
#define STSCTL_STATS_CLIENT_NETWORKS_H

#include "shared-cache/base/hash.h"
#include "shared-cache/query/query.h"

enum { CLIENT_NETWORKS_MAX = 200000, CLIENT_NETWORK_CAP = 56 };

struct client_network {
	char name[CLIENT_NETWORK_CAP];	/* "192.0.2.0/24" */
	int64_t messages, below;
	int64_t last_ms;		/* when the last message below came; since the epoch */
	UT_hash_handle hh;
};

struct client_networks {
	int min_rank;			/* sts_tls_version_rank of the version: lower ranks are below */
	struct client_network *networks;	/* after client_networks_settle: only those with messages below, the most first */
	int64_t messages, below;	/* over all entries */
	int64_t nameless;		/* messages below whose entry has no client network */
	int64_t first_ms;		/* when the earliest entry was written; 0: no entry */
	enum sts_status status;		/* STS_ENOMEM, or STS_EFULL: more than CLIENT_NETWORKS_MAX */
};

/* Adds an entry. False: an error, so that further entries are useless. */
bool client_networks_add(struct client_networks *networks, const struct sts_query_entry *entry);
void client_networks_settle(struct client_networks *networks);
void client_networks_fini(struct client_networks *networks);

#endif
