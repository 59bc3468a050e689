/* SPDX-License-Identifier: ISC */
/* client_networks.c - adds entries up by network. */
#include "config.h"

#include "stsctl/stats/client_networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/judge/tls.h"
#include "shared-cache/names/ipaddr.h"

/* Copies a field's value as a string. False when it is absent, holds a NUL or does not fit. */
static bool
take(const struct sts_query_entry *entry, const char *name, char *out, size_t cap)
{
	const struct sts_query_value *value = sts_query_value_of(entry, name);

	if (value == NULL || value->len >= cap || memchr(value->value, '\0', value->len) != NULL)
		return false;
	memcpy(out, value->value, value->len);
	out[value->len] = '\0';
	return true;
}

/* The network of the client. An address that the milter has masked stays as it is. */
static bool
take_network(const struct sts_query_entry *entry, char out[CLIENT_NETWORK_CAP])
{
	char client[CLIENT_NETWORK_CAP], text[46];
	struct sts_ipaddr addr;

	if (!take(entry, "client", client, sizeof(client)) || !sts_ipaddr_parse(client, strcspn(client, "/"), &addr))
		return false;
	sts_ipaddr_mask(&addr);
	sts_ipaddr_format(&addr, text);
	snprintf(out, CLIENT_NETWORK_CAP, "%s/%s", text, addr.family == 4 ? "24" : "48");
	return true;
}

static struct client_network *
find(struct client_networks *networks, const char *name)
{
	struct client_network *n;

	HASH_FIND_STR(networks->networks, name, n);
	if (n != NULL)
		return n;
	networks->status = STS_EFULL;
	if (HASH_COUNT(networks->networks) >= CLIENT_NETWORKS_MAX)
		return NULL;
	networks->status = STS_ENOMEM;
	if ((n = calloc(1, sizeof(*n))) == NULL)
		return NULL;
	strcpy(n->name, name);
	HASH_ADD_STR(networks->networks, name, n);
	if (n->hh.tbl == NULL) {
		free(n);
		return NULL;
	}
	networks->status = STS_OK;
	return n;
}

bool
client_networks_add(struct client_networks *networks, const struct sts_query_entry *entry)
{
	const struct sts_query_value *ts = sts_query_value_of(entry, "ts");
	char version[32], name[CLIENT_NETWORK_CAP];
	struct client_network *n;
	int64_t ms;
	bool below;
	int rank;

	if (ts == NULL || !sts_tally_number(ts->value, ts->len, &ms) || !take(entry, "tls", version, sizeof(version)))
		return true;
	rank = sts_tls_version_rank(version);
	below = rank > 0 && rank < networks->min_rank;
	if (networks->messages == 0 || ms < networks->first_ms)
		networks->first_ms = ms;
	networks->messages++;
	networks->below += below;
	if (!take_network(entry, name)) {
		networks->nameless += below;
		return true;
	}
	if ((n = find(networks, name)) == NULL)
		return false;
	n->messages++;
	n->below += below;
	if (below && ms > n->last_ms)
		n->last_ms = ms;
	return true;
}

static int
by_below(const struct client_network *a, const struct client_network *b)
{
	if (a->below != b->below)
		return a->below > b->below ? -1 : 1;
	return strcmp(a->name, b->name);
}

void
client_networks_settle(struct client_networks *networks)
{
	struct client_network *n, *next;

	for (n = networks->networks; n != NULL; n = next) {
		next = n->hh.next;
		if (n->below > 0)
			continue;
		HASH_DEL(networks->networks, n);
		free(n);
	}
	HASH_SORT(networks->networks, by_below);
}

void
client_networks_fini(struct client_networks *networks)
{
	struct client_network *n, *next;

	for (n = networks->networks; n != NULL; n = next) {
		next = n->hh.next;
		HASH_DEL(networks->networks, n);
		free(n);
	}
}
