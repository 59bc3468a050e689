/* SPDX-License-Identifier: ISC */
/* page_data.c - sums, and the names of fields. */
#include "config.h"

#include "stsctl/page/page_data.h"

#include <stdlib.h>
#include <string.h>

static const char *const policy_names[PAGE_DATA_POLICIES] = {
	[PAGE_DATA_ENFORCE] = "enforce", [PAGE_DATA_TESTING] = "testing", [PAGE_DATA_NONE] = "none", [PAGE_DATA_ABSENT] = "absent",
	[PAGE_DATA_UNSURE] = "unknown",
};

static const struct {
	const char *name;
	enum page_data_tls tls;
} tls_names[] = {
	{ "TLSv1.3", PAGE_DATA_TLS13 }, { "TLSv1.2", PAGE_DATA_TLS12 }, { "TLSv1.1", PAGE_DATA_OLD }, { "TLSv1", PAGE_DATA_OLD },
	{ "none", PAGE_DATA_PLAIN }, { "unknown", PAGE_DATA_UNKNOWN }, { "other", PAGE_DATA_UNKNOWN },
};

void
page_data_fini(struct page_data *data)
{
	free(data->days);
	free(data->senders);
	free(data->reported.list);
	free(data->reported.failures);
	free(data->sent.list);
	free(data->sent.failures);
	free(data->certificates);
	free(data->nodes);
	memset(data, 0, sizeof(*data));
}

void
page_data_add(int64_t *sum, int64_t n)
{
	*sum = n > INT64_MAX - *sum ? INT64_MAX : *sum + n;
}

int64_t
page_data_sum(const int64_t *list, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		page_data_add(&sum, list[i]);
	return sum;
}

bool
page_data_tls_of(const char *field, enum page_data_tls *out)
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
page_data_policy_of(const char *field, enum page_data_policy *out)
{
	if (strncmp(field, "policy:", 7) != 0)
		return false;
	for (size_t i = 0; i < PAGE_DATA_POLICIES; i++)
		if (strcmp(field + 7, policy_names[i]) == 0) {
			*out = (enum page_data_policy)i;
			return true;
		}
	return false;
}

const char *
page_data_policy_name(enum page_data_policy policy)
{
	return policy_names[policy];
}
