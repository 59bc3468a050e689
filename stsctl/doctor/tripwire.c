/* SPDX-License-Identifier: ISC */
/* doctor/tripwire.c - reads the milters' heartbeats, and reports trip wires that have tripped. */
#include "config.h"

#include <stdio.h>

#include "shared-cache/query/query.h"
#include "stsctl/context/settings.h"
#include "stsctl/doctor/tripwire.h"
#include "stsctl/terminal/human_numbers.h"

enum { ALIVE_S = 60 };		/* a milter sends a heartbeat every few seconds */

static bool
take_node(void *arg, const struct sts_query_node *node)
{
	struct doctor_tripwires *out = arg;

	if (node->tripped == 0)
		return true;
	if (out->count < DOCTOR_TRIPWIRES_MAX) {
		snprintf(out->list[out->count].node, sizeof(out->list[0].node), "%s", node->name);
		out->list[out->count].since = node->tripped;
	}
	out->count++;
	return true;
}

void
inspect_tripwires(const struct doctor_env *env, struct doctor_tripwires *out)
{
	const struct sts_conf *conf = env->conf;
	const struct sts_query_params params = {
		.endpoint = &conf->redis,
		.username = conf->redis_username,
		.password = conf->redis_password,
		.prefix = conf->redis_prefix,
		.db = conf->redis_db,
		.timeout_ms = settings_redis_wait_ms(conf),
	};
	struct sts_query *query = NULL;

	*out = (struct doctor_tripwires){ .count = 0 };
	if (conf->redis.kind != STS_ENDPOINT_NONE && sts_query_new(&params, &query) == STS_OK)
		(void)sts_query_nodes(query, env->now - ALIVE_S, take_node, out);
	sts_query_free(&query);
}

void
judge_tripwires(const struct doctor_tripwires *wires, struct findings *out)
{
	for (size_t i = 0; i < wires->count && i < DOCTOR_TRIPWIRES_MAX; i++) {
		char since[HUMAN_TIME_CAP];

		doctor_add(out, FINDING_FAIL, "milter.tripped", wires->list[i].node,
		    "find out why so much was refused, fix that, and then\nstsctl enforce reset",
		    "the trip wire tripped on %s: nothing has been refused or held since", human_time(wires->list[i].since, since));
	}
}
