/* SPDX-License-Identifier: ISC */
/* sent_store.c - runs one script for each row, and maintains the list of domains. Knows neither Postfix's sockets nor threads. */
#include "config.h"

#include "shared-cache/sent/sent_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "shared-cache/store/keys.h"
#include "shared-cache/store/scripts.h"
#include "shared-cache/store/store_link.h"

enum { DAY_S = 86400, REPORT_DAYS = 4, DOMAINS_MAX = 200000, ID_CAP = 48 };

struct sts_sent_store {
	struct sts_store_link *link;
	char node[256];
	uint64_t incarnation;
	int64_t days;
};

enum sts_status
sts_sent_store_open(const struct sts_store_params *params, struct sts_sent_store **out)
{
	struct sts_sent_store *s = calloc(1, sizeof(*s));
	enum sts_status status;

	*out = NULL;
	if (s == NULL)
		return STS_ENOMEM;
	snprintf(s->node, sizeof(s->node), "%s", params->node);
	s->days = params->stats_days;
	(void)!getrandom(&s->incarnation, sizeof(s->incarnation), 0);
	status = sts_store_link_open(params, &s->link);
	if (status == STS_OK)
		*out = s;
	else
		free(s);
	return status;
}

void
sts_sent_store_close(struct sts_sent_store **store)
{
	if (*store == NULL)
		return;
	sts_store_link_close(&(*store)->link);
	free(*store);
	*store = NULL;
}

static size_t
count_set(const struct sts_sent_row *row)
{
	size_t count = 0;

	for (unsigned i = 0; i < STS_SENT_FIELDS; i++)
		count += row->n[i] != 0;
	return count;
}

static void
add_number(struct sts_redis *redis, const char *name, int64_t n)
{
	sts_redis_text(redis, name);
	sts_redis_number(redis, n);
}

static void
queue_row(struct sts_sent_store *s, const struct sts_sent_row *row, const char *id)
{
	size_t counts = count_set(row), texts = (size_t)(row->last_success != 0) + 3 * (size_t)(row->last_failure != 0);
	char key[STS_KEY_CAP], name[STS_SENT_NAME_CAP];

	sts_redis_command(s->link->redis, 3 + 3 + 7 + 2 * (counts + row->outcome_count + texts));
	sts_redis_text(s->link->redis, "EVAL");
	sts_redis_text(s->link->redis, sts_script_text(STS_SCRIPT_SENT));
	sts_redis_number(s->link->redis, 3);
	sts_redis_text(s->link->redis, sts_key_sent(s->link->prefix, row->domain, row->day, key));
	sts_redis_text(s->link->redis, sts_key_sent(s->link->prefix, row->domain, NULL, key));
	sts_redis_text(s->link->redis, sts_key_sent_report(s->link->prefix, row->domain, row->day, key));
	sts_redis_text(s->link->redis, s->node);
	sts_redis_text(s->link->redis, id);
	sts_redis_number(s->link->redis, s->days * DAY_S);
	sts_redis_number(s->link->redis, s->days * DAY_S);
	sts_redis_number(s->link->redis, REPORT_DAYS * DAY_S);
	sts_redis_number(s->link->redis, (int64_t)counts);
	sts_redis_number(s->link->redis, (int64_t)row->outcome_count);
	for (unsigned i = 0; i < STS_SENT_FIELDS; i++)
		if (row->n[i] != 0)
			add_number(s->link->redis, sts_sent_field_name(i, name), (int64_t)row->n[i]);
	for (size_t i = 0; i < row->outcome_count; i++)
		add_number(s->link->redis, row->outcomes[i].name, (int64_t)row->outcomes[i].n);
	if (row->last_success != 0)
		add_number(s->link->redis, "last_success", row->last_success);
	if (row->last_failure == 0)
		return;
	add_number(s->link->redis, "last_failure", row->last_failure);
	sts_redis_text(s->link->redis, "last_mx");
	sts_redis_text(s->link->redis, row->last_mx);
	sts_redis_text(s->link->redis, "last_result");
	sts_redis_text(s->link->redis, sts_sent_result_name(row->last_result));
}

/* The list of domains has a hash slot of its own. */
static void
queue_domain(struct sts_sent_store *s, const struct sts_sent_row *row, int64_t now)
{
	char key[STS_KEY_CAP];

	sts_redis_command(s->link->redis, 4);
	sts_redis_text(s->link->redis, "ZADD");
	sts_redis_text(s->link->redis, sts_key_sent_domains(s->link->prefix, key));
	sts_redis_number(s->link->redis, now);
	sts_redis_text(s->link->redis, row->domain);
	sts_redis_command(s->link->redis, 4);
	sts_redis_text(s->link->redis, "ZREMRANGEBYRANK");
	sts_redis_text(s->link->redis, key);
	sts_redis_number(s->link->redis, 0);
	sts_redis_number(s->link->redis, -DOMAINS_MAX - 1);
	sts_redis_command(s->link->redis, 3);
	sts_redis_text(s->link->redis, "EXPIRE");
	sts_redis_text(s->link->redis, key);
	sts_redis_number(s->link->redis, s->days * DAY_S);
}

/* The script's reply decides; that of the list does not matter. */
static enum sts_status
read_replies(struct sts_sent_store *s)
{
	enum sts_status status = STS_OK;

	for (int i = 0; i < 4; i++) {
		struct sts_reply reply;
		enum sts_status got = sts_redis_read(s->link->redis, &reply);

		if (got != STS_OK)
			return i == 0 ? got : status;
		if (i == 0 && reply.kind == STS_REPLY_INTEGER)
			status = reply.integer < 0 ? STS_EINVAL : STS_OK;
		else if (i == 0)
			status = STS_EUNAVAILABLE;
		if (i == 0 && status != STS_OK)
			sts_redis_set_why(s->link->redis, "sent", &reply);
		sts_reply_free(&reply);
	}
	return status;
}

enum sts_status
sts_sent_store_add(struct sts_sent_store *s, const struct sts_sent_row *row, uint64_t number, int64_t now)
{
	enum sts_status status = sts_redis_begin(s->link->redis);
	char id[ID_CAP];

	if (status != STS_OK)
		return status;
	snprintf(id, sizeof(id), "%016" PRIx64 "-%" PRIu64, s->incarnation, number);
	queue_row(s, row, id);
	queue_domain(s, row, now);
	return read_replies(s);
}

const char *
sts_sent_store_why(const struct sts_sent_store *store)
{
	return sts_redis_why(store->link->redis);
}
