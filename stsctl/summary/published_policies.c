/* SPDX-License-Identifier: ISC */
/* issued.c - hashes of our own policies. */
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

/* Where publish keeps it: as its file says, whose mistakes are not ours to tell. */
static void
load_state(struct issued *issued, const char *publish_file)
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
		(void)publish_state_read(text, len, &issued->state, &diag);
	free(text);
	publish_spec_free(&spec);
	if (nowhere != NULL)
		fclose(nowhere);
}

void
issued_load(struct issued *issued, struct sts_query *query, const char *domain, const char *publish_file)
{
	char *text = NULL;

	memset(issued, 0, sizeof(*issued));
	load_state(issued, publish_file);
	if (sts_query_policy(query, domain, issued->now_id, &text) == STS_OK)
		(void)sts_policy_hash((const char *const *)&text, 1, issued->now_hash, NULL);
	free(text);
}

void
issued_fini(struct issued *issued)
{
	publish_state_fini(&issued->state);
}

const char *
issued_id(const struct issued *issued, const char *domain, const char *hash)
{
	const char *id = issued->state.domains != NULL ? publish_state_issued(&issued->state, domain, hash) : NULL;

	if (id == NULL && issued->now_hash[0] != '\0' && strcmp(issued->now_hash, hash) == 0)
		return issued->now_id;
	return id;
}

bool
issued_knows(const struct issued *issued, const char *domain)
{
	return issued->state.domains != NULL && publish_state_issued(&issued->state, domain, NULL) != NULL;
}
