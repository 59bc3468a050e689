/* SPDX-License-Identifier: ISC */
/*
 * discover.h - asks about a domain as the milter does, step by step, and remembers what each step said and how long it took.
 *
 * What to believe is decided by the library (refresh.h), so that the result is the milter's. The only thing missing is
 * the milter's memory, which nobody else can see.
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
	char text[DISCOVER_TEXT];	/* more, for people; one line, "" for nothing */
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
	struct sts_store *store;	/* NULL when there is none */
	const struct sts_endpoint *redis;	/* where it is; only with a store */
	struct sts_net_loop *loop;
	struct sts_refresh_rules rules;
	const char *dns_servers;	/* as the settings have them, to be named; NULL or "" for those of the system */
	int64_t dns_timeout_ms, fetch_timeout_ms;
	bool network;			/* ask the network, whatever the store says */
	bool anew;			/* and fetch, whatever is known */
};

void discover(const struct discover_env *env, const char *domain, struct discovery *out);
void discover_fini(struct discovery *discovery);

/* The steps for people, a line each, and as a list (NULL without memory). */
void discovery_print_steps(const struct discovery *discovery);
json_t *discovery_steps_json(const struct discovery *discovery);

#endif
