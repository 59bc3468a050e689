/* SPDX-License-Identifier: ISC */
/* read_senders.c - reads counters of incoming mail: by day, and by sender domain. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/hash.h"
#include "stsctl/page_data/read_private.h"
#include "stsctl/stats/domain_ranking.h"

/* ---- days ---- */

static void
take_day(const struct sts_tally *tally, struct page_data *out, struct page_data_day *day)
{
	enum page_data_tls tls;

	day->messages = sts_tally_get(tally, "messages");
	for (size_t i = 0; i < tally->count; i++)
		if (page_data_tls_of(tally->fields[i].name, &tls))
			page_data_add(&day->tls[tls], tally->fields[i].n);
	page_data_add(&out->messages, day->messages);
	for (size_t i = 0; i < PAGE_DATA_TLS; i++)
		page_data_add(&out->tls[i], day->tls[i]);
}

enum sts_status
page_data_read_messages(struct sts_query *query, struct page_data *out)
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < out->day_count && status == STS_OK; i++) {
		struct sts_tally tally = { 0 };

		status = sts_query_stats(query, out->days[i].day, &tally);
		if (status == STS_OK)
			take_day(&tally, out, &out->days[i]);
		else if (status == STS_ENOTFOUND)
			status = STS_OK;
		sts_tally_fini(&tally);
	}
	return status;
}

/* ---- sender domains ---- */

/* The fields read for each domain. The sum of its messages without adequate TLS has a place of its own behind them. */
enum {
	N_MESSAGES, N_TLS13, N_TLS12, N_TLS11, N_TLS10, N_PLAIN, N_POLICY, N_ALIGNED = N_POLICY + PAGE_DATA_POLICIES,
	N_ASKED = N_ALIGNED + 3, N_WEAK = N_ASKED,
};
_Static_assert((int)N_WEAK < (int)STS_QUERY_FIELDS_MAX, "a row has room for them");

static const char *const fields[N_ASKED] = {
	[N_MESSAGES] = "messages", [N_TLS13] = "tls:TLSv1.3", [N_TLS12] = "tls:TLSv1.2", [N_TLS11] = "tls:TLSv1.1",
	[N_TLS10] = "tls:TLSv1", [N_PLAIN] = "tls:none",
	[N_POLICY + PAGE_DATA_ENFORCE] = "policy:enforce", [N_POLICY + PAGE_DATA_TESTING] = "policy:testing",
	[N_POLICY + PAGE_DATA_NONE] = "policy:none", [N_POLICY + PAGE_DATA_ABSENT] = "policy:absent",
	[N_POLICY + PAGE_DATA_UNSURE] = "policy:unknown",
	[N_ALIGNED] = "aligned:tls:TLSv1.1", "aligned:tls:TLSv1", "aligned:tls:none",
};

/* The domains counted so far: one whose counters change during the walk comes again. */
struct seen {
	UT_hash_handle hh;
	int64_t messages, tls[PAGE_DATA_TLS];
	enum page_data_policy policy;
	char domain[];
};

enum { SEEN_MAX = 1000000 };

struct walk {
	struct domain_ranking weak;
	struct seen *seen;
	enum sts_status status;
};

static enum page_data_policy
policy_of(const struct sts_query_row *row)
{
	size_t most = PAGE_DATA_UNSURE;

	for (size_t i = 0; i < PAGE_DATA_POLICIES; i++)
		if (row->n[N_POLICY + i] > row->n[N_POLICY + most])
			most = i;
	return (enum page_data_policy)most;
}

/* Finds or adds a domain. NULL: no memory, or too many. */
static struct seen *
seen_of(struct walk *walk, const char *domain)
{
	size_t len = strlen(domain);
	struct seen *seen;

	HASH_FIND(hh, walk->seen, domain, len, seen);
	if (seen != NULL)
		return seen;
	if (HASH_COUNT(walk->seen) >= SEEN_MAX) {
		walk->status = STS_EFULL;
		return NULL;
	}
	if ((seen = calloc(1, sizeof(*seen) + len + 1)) != NULL) {
		memcpy(seen->domain, domain, len + 1);
		HASH_ADD_KEYPTR(hh, walk->seen, seen->domain, len, seen);
		if (seen->hh.tbl != NULL)
			return seen;
	}
	free(seen);
	walk->status = STS_ENOMEM;
	return NULL;
}

static void
forget(struct walk *walk)
{
	struct seen *seen, *next;

	HASH_ITER(hh, walk->seen, seen, next) {
		HASH_DEL(walk->seen, seen);
		free(seen);
	}
}

static void
take_tls(const struct sts_query_row *row, struct seen *seen)
{
	int64_t known;

	seen->tls[PAGE_DATA_TLS13] = row->n[N_TLS13];
	seen->tls[PAGE_DATA_TLS12] = row->n[N_TLS12];
	seen->tls[PAGE_DATA_OLD] = row->n[N_TLS11];
	page_data_add(&seen->tls[PAGE_DATA_OLD], row->n[N_TLS10]);
	seen->tls[PAGE_DATA_PLAIN] = row->n[N_PLAIN];
	seen->tls[PAGE_DATA_UNKNOWN] = 0;
	known = page_data_sum(seen->tls, PAGE_DATA_TLS);
	if (row->n[N_MESSAGES] > known)
		seen->tls[PAGE_DATA_UNKNOWN] = row->n[N_MESSAGES] - known;
}

static bool
take_sender(void *arg, const struct sts_query_row *row)
{
	struct walk *walk = arg;
	struct sts_query_row weak = *row;
	struct seen *seen;

	if (row->n[N_MESSAGES] == 0)
		return true;
	if ((seen = seen_of(walk, row->domain)) == NULL)
		return false;
	seen->messages = row->n[N_MESSAGES];
	seen->policy = policy_of(row);
	take_tls(row, seen);
	weak.n[N_WEAK] = seen->tls[PAGE_DATA_PLAIN];
	page_data_add(&weak.n[N_WEAK], seen->tls[PAGE_DATA_OLD]);
	return weak.n[N_WEAK] == 0 || domain_ranking_add(&walk->weak, &weak);
}

static void
sum_postures(const struct walk *walk, struct page_data *out)
{
	for (const struct seen *seen = walk->seen; seen != NULL; seen = seen->hh.next) {
		struct page_data_posture *posture = &out->postures[seen->policy];

		out->domains++;
		out->senders_all += seen->tls[PAGE_DATA_PLAIN] > 0 || seen->tls[PAGE_DATA_OLD] > 0;
		posture->domains++;
		page_data_add(&posture->messages, seen->messages);
		for (size_t k = 0; k < PAGE_DATA_TLS; k++)
			page_data_add(&posture->tls[k], seen->tls[k]);
	}
}

static enum sts_status
list_senders(const struct walk *walk, const struct page_data_request *request, struct page_data *out)
{
	size_t count = walk->weak.count < request->limit ? walk->weak.count : request->limit;

	if ((out->senders = calloc(count + 1, sizeof(*out->senders))) == NULL)
		return STS_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct sts_query_row *row = &walk->weak.rows[i];
		struct page_data_sender *to = &out->senders[i];

		memcpy(to->domain, row->domain, sizeof(to->domain));
		to->policy = policy_of(row);
		to->messages = row->n[N_MESSAGES];
		to->plain = row->n[N_PLAIN];
		to->old = row->n[N_TLS11];
		page_data_add(&to->old, row->n[N_TLS10]);
		to->aligned = page_data_sum(&row->n[N_ALIGNED], 3);
		to->last_seen = row->last_seen;
	}
	out->sender_count = count;
	return STS_OK;
}

enum sts_status
page_data_read_senders(struct sts_query *query, const struct page_data_request *request, struct page_data *out)
{
	struct sts_query_walk asked = { .field_count = N_ASKED, .since = request->days.since,
		.days = (const char (*)[STS_DAY_CAP])request->days.list, .day_count = request->days.count };
	struct walk walk = { .weak = { .keep = request->limit, .key = N_WEAK } };
	enum sts_status status;

	memcpy(asked.fields, fields, sizeof(fields));
	status = sts_query_domains(query, &asked, take_sender, &walk);
	if (status == STS_OK)
		status = walk.status != STS_OK ? walk.status : walk.weak.status;
	domain_ranking_settle(&walk.weak);
	if (status == STS_OK) {
		sum_postures(&walk, out);
		status = list_senders(&walk, request, out);
	}
	domain_ranking_fini(&walk.weak);
	forget(&walk);
	return status;
}
