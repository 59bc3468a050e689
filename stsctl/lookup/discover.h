/* SPDX-License-Identifier: ISC */
/*
 * discover.h - looks a domain up as the milter does, step by step, and records each step's outcome and time.
 *
 * The library decides what to believe (refresh.h), so that the result is the milter's own. Only the milter's memory is missing, which no
 * other process can see. One thread.
 */
#ifndef STSCTL_LOOKUP_DISCOVER_H
#define STSCTL_LOOKUP_DISCOVER_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "shared-cache/names/endpoint.h"
#include "shared-cache/network/net_loop.h"
#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/refresh.h"
#include "shared-cache/policy/source.h"
#include "shared-cache/store/store.h"

enum { DISCOVER_STEPS = 4, DISCOVER_TEXT = 480 };

struct discover_step {
	const char *name;		/* "redis", "txt", "fetch", "parse" */
	const char *outcome;		/* one word */
	char text[DISCOVER_TEXT];	/* details for people, one line; "" for none */
	int64_t ms;
};

struct discovery {
	struct discover_step steps[DISCOVER_STEPS];
	size_t step_count;
	struct sts_entry *entry;	/* a reference; NULL only when memory ran out */
	enum sts_source source;
	bool store_failed;
};

struct discover_env {
	struct sts_store *store;	/* NULL: without Redis */
	const struct sts_endpoint *redis;	/* the store's endpoint; only with a store */
	struct sts_net_loop *loop;
	struct sts_refresh_rules rules;
	const char *dns_servers;	/* the setting, for the texts; NULL or "": the system's servers */
	int64_t dns_timeout_ms, fetch_timeout_ms;
	bool network;			/* ask the network even if the store has a fresh entry */
	bool refetch;			/* fetch the policy even if its id is known */
};

/* Runs the steps, and waits for them. Call discover_fini in any case. */
void discover(const struct discover_env *env, const char *domain, struct discovery *out);
void discover_fini(struct discovery *discovery);

/* Prints the steps for people, a line each; as a JSON list, NULL when memory ran out. */
void discovery_print_steps(const struct discovery *discovery);
json_t *discovery_steps_json(const struct discovery *discovery);

#endif
