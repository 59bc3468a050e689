/* SPDX-License-Identifier: ISC */
/* align.c - organisational domains of client, sender and mx compared. Knows the Public Suffix List, not DNS. */
#include "config.h"

#include "shared-cache/judge/align.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libpsl.h>

#include "shared-cache/names/domain.h"

struct sts_align {
	psl_ctx_t *psl;		/* read only after creation */
};

enum sts_status
sts_align_new(struct sts_align **out)
{
	struct sts_align *align = malloc(sizeof(*align));

	*out = NULL;
	if (align == NULL)
		return STS_ENOMEM;
	align->psl = psl_latest(NULL);
	if (align->psl == NULL) {
		free(align);
		return STS_ENOTFOUND;
	}
	*out = align;
	return STS_OK;
}

void
sts_align_free(struct sts_align **align)
{
	if (*align == NULL)
		return;
	psl_free((*align)->psl);
	free(*align);
	*align = NULL;
}

/* The part of a domain that somebody registered. A domain that is itself a public suffix stands for itself alone. */
static const char *
organisation(const struct sts_align *align, const char *domain)
{
	const char *found = NULL, *dot;

	if (align != NULL) {
		found = psl_registrable_domain(align->psl, domain);
		return found != NULL ? found : domain;
	}
	dot = strrchr(domain, '.');
	while (dot != NULL && dot > domain && dot[-1] != '.')
		dot--;
	return dot != NULL ? dot : domain;
}

enum sts_aligned
sts_align_check(const struct sts_align *align, const char *client, const char *domain, const struct sts_policy *policy)
{
	char name[STS_DOMAIN_CAP];
	const char *ours;

	/* Postfix says "unknown" when reverse and forward lookup did not agree. */
	if (client == NULL || strcasecmp(client, "unknown") == 0 ||
	    sts_domain_normalise(client, strlen(client), name) != STS_DOMAIN_OK)
		return STS_ALIGNED_UNKNOWN;
	ours = organisation(align, name);
	if (strcmp(ours, organisation(align, domain)) == 0)
		return STS_ALIGNED_YES;
	for (size_t i = 0; policy != NULL && i < policy->mx_count; i++) {
		const char *mx = policy->mx[i];

		if (strncmp(mx, "*.", 2) == 0)
			mx += 2;
		if (strcmp(ours, organisation(align, mx)) == 0)
			return STS_ALIGNED_YES;
	}
	return STS_ALIGNED_NO;
}
