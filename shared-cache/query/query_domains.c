/* SPDX-License-Identifier: ISC */
/*
 * query_domains.c - walks over all sender domains: pages of `domains', and for each page a pipeline that reads its domains' fields.
 *
 * Pages go by time, not by rank, because ranks move while mail comes in. They go upwards, so that a domain seen meanwhile comes
 * once more instead of never. An offset tells domains of the same second apart; Redis skips them one by one, so pages grow with
 * their number.
 */
#include "config.h"

#include "shared-cache/query/query.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/query/query_private.h"

enum {
	PAGE_MIN = 200, PAGE_MAX = 10000,	/* rows */
	PAGES_MAX = 20000,		/* several times the domains that the milter keeps in `domains' */
	PIPELINE_MAX = 1000,		/* commands */
	SCORE_DIGITS = 13,
};

struct page {
	struct sts_query_row rows[PAGE_MAX];
	size_t asked;		/* the most that Redis may list */
	size_t count;		/* of valid rows */
	size_t listed;		/* that Redis has listed, valid or not */
	int64_t since;		/* where the page begins: a time, */
	size_t offset;		/* and how many rows of that time to skip */
	int64_t last;		/* time of the last row listed */
	size_t last_count;	/* rows listed with that time */
};

/* ---- the domains ---- */

/* Normalising would turn nearly anything into a domain; only a name that is already normal may become part of a key. */
static bool
take_domain(const struct sts_reply *name, struct sts_query_row *row)
{
	return name->kind == STS_REPLY_TEXT && name->len <= STS_DOMAIN_MAX &&
	    sts_domain_normalise(name->text, name->len, row->domain) == STS_DOMAIN_OK &&
	    strlen(row->domain) == name->len && memcmp(row->domain, name->text, name->len) == 0;
}

/* A score is a double; ours are integers. */
static bool
take_score(const struct sts_reply *score, int64_t *out)
{
	return score->kind == STS_REPLY_TEXT && score->len <= SCORE_DIGITS && sts_tally_number(score->text, score->len, out);
}

static void
take_rows(const struct sts_reply *reply, struct page *page)
{
	page->count = page->last_count = 0;
	page->listed = reply->count / 2;
	for (size_t i = 0; i + 1 < reply->count && page->count < page->asked; i += 2) {
		struct sts_reply name = sts_reply_element(reply, i), score = sts_reply_element(reply, i + 1);
		struct sts_query_row *row = &page->rows[page->count];
		int64_t seen;

		memset(row, 0, sizeof(*row));
		if (!take_score(&score, &seen))
			seen = page->last;	/* an invalid row counts as one of the same time, and is skipped */
		else if (take_domain(&name, row)) {
			row->last_seen = seen;
			page->count++;
		}
		page->last_count = seen == page->last ? page->last_count + 1 : 1;
		page->last = seen;
	}
}

static enum sts_status
list_page(struct sts_query *q, struct page *page)
{
	enum sts_status status = sts_redis_begin(q->redis);
	struct sts_reply reply;
	char key[STS_KEY_CAP];

	if (status != STS_OK)
		return status;
	sts_redis_command(q->redis, 8);
	sts_redis_text(q->redis, "ZRANGEBYSCORE");
	sts_redis_text(q->redis, sts_key_domains(q->prefix, key));
	sts_redis_number(q->redis, page->since);
	sts_redis_text(q->redis, "+inf");
	sts_redis_text(q->redis, "WITHSCORES");
	sts_redis_text(q->redis, "LIMIT");
	sts_redis_number(q->redis, (int64_t)page->offset);
	sts_redis_number(q->redis, (int64_t)page->asked);
	if ((status = sts_query_read(q, "domains", STS_REPLY_ARRAY, &reply)) != STS_OK)
		return status;
	page->last = page->since;
	take_rows(&reply, page);
	sts_reply_free(&reply);
	return STS_OK;
}

/* The next page begins at the time of the last row, after the rows of that time that were listed. */
static void
next_page(struct page *page)
{
	page->offset = page->last == page->since ? page->offset + page->listed : page->last_count;
	page->since = page->last;
	page->asked = page->offset < PAGE_MIN ? PAGE_MIN : page->offset < PAGE_MAX ? page->offset : PAGE_MAX;
}

/* ---- their fields ---- */

static size_t
hashes_per_row(const struct sts_query_walk *walk)
{
	return walk->days != NULL ? walk->day_count : 1;
}

static void
ask_row(struct sts_query *q, const struct sts_query_walk *walk, const struct sts_query_row *row)
{
	char key[STS_KEY_CAP];

	for (size_t i = 0; i < hashes_per_row(walk); i++) {
		sts_redis_command(q->redis, 2 + walk->field_count);
		sts_redis_text(q->redis, "HMGET");
		sts_redis_text(q->redis, sts_key_domain(q->prefix, row->domain, walk->days != NULL ? walk->days[i] : NULL, key));
		for (size_t k = 0; k < walk->field_count; k++)
			sts_redis_text(q->redis, walk->fields[k]);
	}
}

static void
add_numbers(const struct sts_query_walk *walk, const struct sts_reply *reply, struct sts_query_row *row)
{
	for (size_t i = 0; i < walk->field_count && i < reply->count; i++) {
		struct sts_reply value = sts_reply_element(reply, i);
		int64_t n;

		if (value.kind != STS_REPLY_TEXT || !sts_tally_number(value.text, value.len, &n))
			continue;
		if (!sts_tally_is_time(walk->fields[i]))
			row->n[i] += n;
		else if (n > row->n[i])
			row->n[i] = n;
	}
}

/* A domain whose key is not a hash has no fields. */
static enum sts_status
read_row(struct sts_query *q, const struct sts_query_walk *walk, struct sts_query_row *row)
{
	for (size_t i = 0; i < hashes_per_row(walk); i++) {
		struct sts_reply reply;
		enum sts_status status = sts_redis_read(q->redis, &reply);

		if (status != STS_OK)
			return status;
		if (reply.kind == STS_REPLY_ARRAY)
			add_numbers(walk, &reply, row);
		else if (!sts_reply_is_refusal(&reply, "WRONGTYPE"))
			return sts_query_refuse(q, "counters", &reply);
		sts_reply_free(&reply);
	}
	return STS_OK;
}

/* All rows in one exchange. */
static enum sts_status
fill_rows(struct sts_query *q, const struct sts_query_walk *walk, struct sts_query_row *rows, size_t count)
{
	enum sts_status status = sts_redis_begin(q->redis);

	for (size_t i = 0; i < count && status == STS_OK; i++)
		ask_row(q, walk, &rows[i]);
	for (size_t i = 0; i < count && status == STS_OK; i++)
		status = read_row(q, walk, &rows[i]);
	return status;
}

static enum sts_status
fill_page(struct sts_query *q, const struct sts_query_walk *walk, struct page *page)
{
	size_t step = PIPELINE_MAX / hashes_per_row(walk);
	enum sts_status status = STS_OK;

	if (step == 0)
		step = 1;
	for (size_t i = 0; i < page->count && status == STS_OK; i += step)
		status = fill_rows(q, walk, page->rows + i, page->count - i < step ? page->count - i : step);
	return status;
}

enum sts_status
sts_query_domains(struct sts_query *query, const struct sts_query_walk *walk, sts_query_row_fn *fn, void *arg)
{
	struct page *page = calloc(1, sizeof(*page));
	enum sts_status status = STS_OK;
	unsigned pages = 0;
	bool more = true;

	if (page == NULL)
		return STS_ENOMEM;
	page->since = walk->since;
	page->asked = PAGE_MIN;
	while (status == STS_OK && more) {
		status = pages++ < PAGES_MAX ? list_page(query, page) : STS_EFULL;
		if (status == STS_OK)
			status = fill_page(query, walk, page);
		for (size_t i = 0; status == STS_OK && more && i < page->count; i++)
			more = fn(arg, &page->rows[i]);
		more = more && page->listed == page->asked;
		next_page(page);
	}
	free(page);
	return status;
}
