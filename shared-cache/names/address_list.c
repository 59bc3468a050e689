/* SPDX-License-Identifier: ISC */
/* address_list.c - compares forward-paths with a short list of addresses. */
#include "config.h"

#include "shared-cache/names/address_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/mailbox.h"

struct element {
	char local[STS_ADDRESS_LOCAL_CAP];	/* lower case */
	char domain[STS_DOMAIN_CAP];		/* "": any */
};

struct sts_address_list {
	size_t count;
	struct element list[STS_ADDRESSES_MAX];
};

enum sts_status
sts_address_list_new(struct sts_address_list **out)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? STS_OK : STS_ENOMEM;
}

void
sts_address_list_free(struct sts_address_list **list)
{
	free(*list);
	*list = NULL;
}

static bool
is_local_part(const char *text, size_t len)
{
	if (len == 0 || len >= STS_ADDRESS_LOCAL_CAP)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] == 0x7f || strchr("\"\\@<>()[],:;", text[i]) != NULL)
			return false;
	return true;
}

enum sts_status
sts_address_list_add(struct sts_address_list *list, const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);
	size_t local = at != NULL ? (size_t)(at - text) : len;
	struct element e = { .local = "" };

	if (!is_local_part(text, local))
		return STS_EINVAL;
	if (at != NULL && sts_domain_normalise(at + 1, len - local - 1, e.domain) != STS_DOMAIN_OK)
		return STS_EINVAL;
	if (list->count == STS_ADDRESSES_MAX)
		return STS_EFULL;
	for (size_t i = 0; i < local; i++)
		e.local[i] = sts_ascii_lower(text[i]);
	list->list[list->count++] = e;
	return STS_OK;
}

const char *
sts_address_list_find(const struct sts_address_list *list, const char *path, size_t len)
{
	char local[STS_ADDRESS_LOCAL_CAP], domain[STS_DOMAIN_CAP];

	if (list == NULL || list->count == 0 || !sts_mailbox_local_part(path, len, local, sizeof(local)))
		return NULL;
	(void)sts_mailbox_domain(path, len, domain);
	for (size_t i = 0; i < list->count; i++) {
		const struct element *e = &list->list[i];

		if (strcmp(e->local, local) == 0 && (e->domain[0] == '\0' || strcmp(e->domain, domain) == 0))
			return e->local;
	}
	return NULL;
}

const char *
sts_address_list_spares(const struct sts_address_list *list, const char *path, size_t len)
{
	const char *role = sts_mailbox_role(path, len);

	return role != NULL ? role : sts_address_list_find(list, path, len);
}
