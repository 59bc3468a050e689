/* SPDX-License-Identifier: ISC */
/* published_policies.c - finds the hashes of our own policies. */
#include "config.h"

#include "stsctl/summary/published_policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/query/query_reports.h"
#include "stsctl/context/files.h"
#include "stsctl/plan/spec.h"

enum { STATE_MAX = 64 * 1024 * 1024 };

static const char publish_conf[] = SYSCONFDIR "/mta-sts-milter/publish.conf";
static const char usual_state[] = "/var/lib/mta-sts-milter/publish.state";

/* Reads the state file that publish's configuration names, or the default one. Mistakes in that configuration are not reported here. */
static void
load_state(struct published_policies *published, const char *publish_file)
{
	struct publish_spec *spec = NULL;
	char why[FILES_WHY_CAP], *text = NULL;
	FILE *nowhere = fopen("/dev/null", "w");
	struct sts_diag diag;
	size_t len = 0;

	if (nowhere != NULL && publish_spec_load(publish_file != NULL ? publish_file : publish_conf, nowhere, &spec) != STS_OK)
		spec = NULL;
	sts_diag_init(&diag);
	if (files_read(spec != NULL ? spec->state_file : usual_state, STATE_MAX, &text, &len, why) == STS_OK)
		(void)publish_state_read(text, len, &published->state, &diag);
	free(text);
	publish_spec_free(&spec);
	if (nowhere != NULL)
		fclose(nowhere);
}

void
published_policies_load(struct published_policies *published, struct sts_query *query, const char *domain, const char *publish_file)
{
	char *text = NULL;

	memset(published, 0, sizeof(*published));
	load_state(published, publish_file);
	if (sts_query_policy(query, domain, published->now_id, &text) == STS_OK)
		(void)sts_policy_hash((const char *const *)&text, 1, published->now_hash, NULL);
	free(text);
}

void
published_policies_fini(struct published_policies *published)
{
	publish_state_fini(&published->state);
}

const char *
published_policies_id(const struct published_policies *published, const char *domain, const char *hash)
{
	const char *id = published->state.domains != NULL ? publish_state_issued(&published->state, domain, hash) : NULL;

	if (id == NULL && published->now_hash[0] != '\0' && strcmp(published->now_hash, hash) == 0)
		return published->now_id;
	return id;
}

bool
published_policies_knows(const struct published_policies *published, const char *domain)
{
	return published->state.domains != NULL && publish_state_issued(&published->state, domain, NULL) != NULL;
}
