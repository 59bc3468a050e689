/* SPDX-License-Identifier: ISC */
/* figures.c - sums and names. */
#include "config.h"

#include "stsctl/page/page_data.h"

#include <stdlib.h>
#include <string.h>

static const char *const policy_names[FIGURES_POLICIES] = {
	[FIGURES_ENFORCE] = "enforce", [FIGURES_TESTING] = "testing", [FIGURES_NONE] = "none", [FIGURES_ABSENT] = "absent",
	[FIGURES_UNSURE] = "unknown",
};

static const struct {
	const char *name;
	enum figures_tls tls;
} tls_names[] = {
	{ "TLSv1.3", FIGURES_TLS13 }, { "TLSv1.2", FIGURES_TLS12 }, { "TLSv1.1", FIGURES_OLD }, { "TLSv1", FIGURES_OLD },
	{ "none", FIGURES_PLAIN }, { "unknown", FIGURES_UNKNOWN }, { "other", FIGURES_UNKNOWN },
};

void
figures_fini(struct figures *figures)
{
	free(figures->days);
	free(figures->senders);
	free(figures->reported.list);
	free(figures->reported.failures);
	free(figures->sent.list);
	free(figures->sent.failures);
	free(figures->certificates);
	free(figures->nodes);
	memset(figures, 0, sizeof(*figures));
}

void
figures_add(int64_t *sum, int64_t n)
{
	*sum = n > INT64_MAX - *sum ? INT64_MAX : *sum + n;
}

int64_t
figures_sum(const int64_t *list, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		figures_add(&sum, list[i]);
	return sum;
}

bool
figures_tls_of(const char *field, enum figures_tls *out)
{
	if (strncmp(field, "tls:", 4) != 0)
		return false;
	for (size_t i = 0; i < sizeof(tls_names) / sizeof(tls_names[0]); i++)
		if (strcmp(field + 4, tls_names[i].name) == 0) {
			*out = tls_names[i].tls;
			return true;
		}
	return false;
}

bool
figures_policy_of(const char *field, enum figures_policy *out)
{
	if (strncmp(field, "policy:", 7) != 0)
		return false;
	for (size_t i = 0; i < FIGURES_POLICIES; i++)
		if (strcmp(field + 7, policy_names[i]) == 0) {
			*out = (enum figures_policy)i;
			return true;
		}
	return false;
}

const char *
figures_policy_name(enum figures_policy policy)
{
	return policy_names[policy];
}
