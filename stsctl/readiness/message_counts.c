/* SPDX-License-Identifier: ISC */
/* message_counts.c - walks over the evidence stream. */
#include "config.h"

#include "stsctl/readiness/message_counts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct counting {
	const char *domain;
	struct readiness_messages *out;
};

/* Whether the list "DOMAIN:POLICY,..." has the domain. */
static bool
lists(const struct sts_query_value *list, const char *domain)
{
	size_t len = strlen(domain), at = 0;

	while (at < list->len) {
		const char *end = memchr(list->value + at, ',', list->len - at);
		size_t part = end != NULL ? (size_t)(end - list->value) - at : list->len - at;

		if (part > len && memcmp(list->value + at, domain, len) == 0 && list->value[at + len] == ':')
			return true;
		at += part + 1;
	}
	return false;
}

static bool
is_word(const struct sts_query_value *value, const char *word)
{
	return value->len == strlen(word) && memcmp(value->value, word, value->len) == 0;
}

static bool
take(void *arg, const struct sts_query_entry *entry)
{
	struct counting *c = arg;
	const struct sts_query_value *list = sts_query_value_of(entry, "rcpts"), *tls = sts_query_value_of(entry, "tls");

	if (list == NULL || tls == NULL)
		return true;
	c->out->known = true;
	if (!lists(list, c->domain))
		return true;
	if (is_word(tls, "none"))
		c->out->plaintext++;
	else if (is_word(tls, "unknown"))
		c->out->unknown++;
	else
		c->out->tls++;
	return true;
}

enum sts_status
readiness_count_messages(struct sts_query *query, const char *domain, int64_t since, struct readiness_messages *out)
{
	struct counting counting = { domain, out };
	char id[STS_STREAM_ID_CAP], end[STS_STREAM_ID_CAP];
	enum sts_status status;

	*out = (struct readiness_messages){ .tls = 0 };
	snprintf(id, sizeof(id), "%" PRId64 "-0", since * 1000);
	/* only up to the present end, because mail keeps arriving */
	status = sts_query_stream_end(query, end);
	while (status == STS_OK && sts_query_id_before(id, end))
		status = sts_query_stream(query, 0, id, take, &counting);
	return status == STS_ENOTFOUND ? STS_OK : status;
}
