/* SPDX-License-Identifier: ISC */
/* sent_query.c - converts hashes to rows. Knows nothing of how they are shown. */
#include "config.h"

#include "shared-cache/query/sent_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/ledger/tally.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/store/keys.h"

/* ---- a row ---- */

static bool
is_field(const struct sts_reply *name, const char *text)
{
	return name->len == strlen(text) && memcmp(name->text, text, name->len) == 0;
}

static void
take_number(struct sts_sent_row *row, const struct sts_reply *name, int64_t n, bool in_all)
{
	char field[STS_SENT_NAME_CAP];

	for (unsigned i = 0; i < STS_SENT_FIELDS; i++)
		if (is_field(name, sts_sent_field_name(i, field)))
			row->n[i] += (uint64_t)n;
	if (in_all && is_field(name, "last_success"))
		row->last_success = n;
	else if (in_all && is_field(name, "last_failure"))
		row->last_failure = n;
}

static void
take_text(struct sts_sent_row *row, const struct sts_reply *name, const struct sts_reply *value)
{
	if (is_field(name, "last_mx")) {
		if (sts_domain_normalise(value->text, value->len, row->last_mx) != STS_DOMAIN_OK)
			row->last_mx[0] = '\0';
		return;
	}
	for (unsigned i = 0; i < STS_SENT_RESULTS && is_field(name, "last_result"); i++)
		if (is_field(value, sts_sent_result_name(i)))
			row->last_result = (enum sts_sent_result)i;
}

enum sts_status
sts_sent_query_row(struct sts_store_link *link, const char *domain, const char *day, struct sts_sent_row *row)
{
	enum sts_status status = sts_redis_begin(link->redis);
	struct sts_reply reply;
	char key[STS_KEY_CAP];
	bool empty;

	if (status != STS_OK)
		return status;
	sts_redis_command(link->redis, 2);
	sts_redis_text(link->redis, "HGETALL");
	sts_redis_text(link->redis, sts_key_sent(link->prefix, domain, day, key));
	if ((status = sts_store_link_read(link, STS_REPLY_ARRAY, "sent", &reply)) != STS_OK)
		return status;
	empty = reply.count == 0;
	for (size_t i = 0; i + 1 < reply.count; i += 2) {
		struct sts_reply name = sts_reply_element(&reply, i), value = sts_reply_element(&reply, i + 1);
		int64_t n;

		if (name.kind != STS_REPLY_TEXT || value.kind != STS_REPLY_TEXT)
			continue;
		if (sts_tally_number(value.text, value.len, &n))
			take_number(row, &name, n, day == NULL);
		else if (day == NULL)
			take_text(row, &name, &value);
	}
	sts_reply_free(&reply);
	snprintf(row->domain, sizeof(row->domain), "%s", domain);
	return empty ? STS_ENOTFOUND : STS_OK;
}

/* ---- all domains ---- */

enum sts_status
sts_sent_query_domains(struct sts_store_link *link, size_t max, sts_sent_domain_fn *fn, void *arg)
{
	enum sts_status status = sts_redis_begin(link->redis);
	struct sts_reply reply;
	char key[STS_KEY_CAP], domain[STS_DOMAIN_CAP];
	bool go_on = true;

	if (status != STS_OK)
		return status;
	sts_redis_command(link->redis, 7);
	sts_redis_text(link->redis, "ZRANGEBYSCORE");
	sts_redis_text(link->redis, sts_key_sent_domains(link->prefix, key));
	sts_redis_text(link->redis, "-inf");
	sts_redis_text(link->redis, "+inf");
	sts_redis_text(link->redis, "LIMIT");
	sts_redis_number(link->redis, 0);
	sts_redis_number(link->redis, (int64_t)max);
	if ((status = sts_store_link_read(link, STS_REPLY_ARRAY, "sent", &reply)) != STS_OK)
		return status;
	for (size_t i = 0; i < reply.count && go_on; i++) {
		struct sts_reply name = sts_reply_element(&reply, i);

		if (name.kind == STS_REPLY_TEXT && sts_domain_normalise(name.text, name.len, domain) == STS_DOMAIN_OK)
			go_on = fn(arg, domain);
	}
	sts_reply_free(&reply);
	return STS_OK;
}
