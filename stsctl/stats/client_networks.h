/* SPDX-License-Identifier: ISC */
/*
 * client_networks.h - entries of the evidence stream -> networks of clients, with how much of their mail came over a TLS below some
 * version. An address that was kept in full counts for its network (/24, /48), as one that was masked.
 *
 * Entries are hostile. Knows neither Redis nor how it is printed. One thread.
 */
#ifndef STSCTL_STATS_CLIENT_NETWORKS_H
#define STSCTL_STATS_CLIENT_NETWORKS_H

#include "shared-cache/base/hash.h"
#include "shared-cache/query/query.h"

enum { CLIENT_NETWORKS_MAX = 200000, CLIENT_NETWORK_CAP = 56 };

struct client_network {
	char name[CLIENT_NETWORK_CAP];	/* "192.0.2.0/24" */
	int64_t messages, below;
	int64_t last_ms;		/* when the last one below came; since the epoch */
	UT_hash_handle hh;
};

struct client_networks {
	int min_rank;			/* sts_tls_version_rank of the version */
	struct client_network *networks;	/* client_networks_settle: those with some below alone, the most first */
	int64_t messages, below;	/* of all entries */
	int64_t nameless;		/* of these below: entries without a client's network */
	int64_t first_ms;		/* the earliest entry; 0: there was none */
	enum sts_status status;		/* STS_ENOMEM, or STS_EFULL: more than CLIENT_NETWORKS_MAX */
};

/* False when there is no use in more. */
bool client_networks_add(struct client_networks *networks, const struct sts_query_entry *entry);
void client_networks_settle(struct client_networks *networks);
void client_networks_fini(struct client_networks *networks);

#endif
