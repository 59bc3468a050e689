/* SPDX-License-Identifier: ISC */
/* organisation.c - libpsl, behind one question. */
#include "config.h"

#include "shared-cache/names/organisation.h"

#include <stdlib.h>
#include <string.h>

#include <libpsl.h>

struct sts_organisations {
	psl_ctx_t *psl;		/* read only after creation */
};

enum sts_status
sts_organisations_new(struct sts_organisations **out)
{
	struct sts_organisations *list = malloc(sizeof(*list));

	*out = NULL;
	if (list == NULL)
		return STS_ENOMEM;
	list->psl = psl_latest(NULL);
	if (list->psl == NULL) {
		free(list);
		return STS_ENOTFOUND;
	}
	*out = list;
	return STS_OK;
}

void
sts_organisations_free(struct sts_organisations **list)
{
	if (*list == NULL)
		return;
	psl_free((*list)->psl);
	free(*list);
	*list = NULL;
}

const char *
sts_organisation_of(const struct sts_organisations *list, const char *domain)
{
	const char *found, *dot;

	if (list != NULL) {
		found = psl_registrable_domain(list->psl, domain);
		return found != NULL ? found : domain;
	}
	dot = strrchr(domain, '.');
	while (dot != NULL && dot > domain && dot[-1] != '.')
		dot--;
	return dot != NULL ? dot : domain;
}
