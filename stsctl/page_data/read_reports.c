/* SPDX-License-Identifier: ISC */
/* read_reports.c - reads TLS reports about our domains, and what Postfix reported about outgoing mail. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/page_data/read_private.h"

enum { FAILURE_TYPES_MAX = 100, SENT_DOMAINS_MAX = 200000 };

/* ---- lists ---- */

enum sts_status
page_data_add_failure(struct page_data_peers *peers, const char *result, int64_t n)
{
	if (n == 0)
		return STS_OK;
	for (size_t i = 0; i < peers->failure_count; i++)
		if (strcmp(peers->failures[i].result, result) == 0) {
			page_data_add(&peers->failures[i].n, n);
			return STS_OK;
		}
	if (peers->failures == NULL &&
	    (peers->failures = calloc(FAILURE_TYPES_MAX, sizeof(*peers->failures))) == NULL)
		return STS_ENOMEM;
	if (peers->failure_count == FAILURE_TYPES_MAX)
		return STS_OK;
	snprintf(peers->failures[peers->failure_count].result, PAGE_DATA_NAME_CAP, "%s", result);
	peers->failures[peers->failure_count++].n = n;
	return STS_OK;
}

struct page_data_peer *
page_data_add_peer(struct page_data_peers *peers, size_t *cap, const char *domain)
{
	if (peers->count == *cap) {
		size_t more = *cap > 0 ? 2 * *cap : 64;
		struct page_data_peer *grown = realloc(peers->list, more * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		peers->list = grown;
		*cap = more;
	}
	memset(&peers->list[peers->count], 0, sizeof(*peers->list));
	snprintf(peers->list[peers->count].domain, STS_DOMAIN_CAP, "%s", domain);
	return &peers->list[peers->count++];
}

static int
by_failures(const void *a, const void *b)
{
	const struct page_data_peer *x = a, *y = b;

	for (size_t i = PAGE_DATA_OUTCOMES; i-- > 0; )
		if (x->n[i] != y->n[i])
			return x->n[i] > y->n[i] ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static int
by_number(const void *a, const void *b)
{
	const struct page_data_failure *x = a, *y = b;

	return x->n == y->n ? strcmp(x->result, y->result) : x->n > y->n ? -1 : 1;
}

void
page_data_settle_peers(struct page_data_peers *peers)
{
	if (peers->count > 0)
		qsort(peers->list, peers->count, sizeof(*peers->list), by_failures);
	if (peers->failure_count > 0)
		qsort(peers->failures, peers->failure_count, sizeof(*peers->failures), by_number);
	for (size_t i = 0; i < peers->count; i++) {
		page_data_add(&peers->reports, peers->list[i].reports);
		for (size_t k = 0; k < PAGE_DATA_OUTCOMES; k++)
			page_data_add(&peers->n[k], peers->list[i].n[k]);
	}
}

/* ---- reports received ---- */

static enum sts_status
take_any(void *arg, const struct sts_report_field *field)
{
	(void)field;
	*(bool *)arg = true;
	return STS_OK;
}

static enum sts_status
take_days(struct sts_query *query, const char *domain, struct page_data *out, struct summary *s)
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < out->day_count && status == STS_OK; i++) {
		int64_t success = s->success[STS_REPORT_STS], failure = s->failure[STS_REPORT_STS];
		struct page_data_day *day = &out->days[i];
		struct summary_day of_day = { s, day->day };

		status = sts_query_report(query, domain, day->day, true, summary_add_to_day, &of_day);
		page_data_add(&day->reported[PAGE_DATA_SUCCESS], s->success[STS_REPORT_STS] - success);
		page_data_add(&day->reported[PAGE_DATA_FAILURE], s->failure[STS_REPORT_STS] - failure);
	}
	return status;
}

static enum sts_status
take_summary(const struct summary *s, const char *domain, struct page_data *out, size_t *cap)
{
	struct page_data_peer *peer = page_data_add_peer(&out->reported, cap, domain);
	enum sts_status status = peer != NULL ? STS_OK : STS_ENOMEM;

	if (peer != NULL) {
		peer->reports = s->reports;
		peer->n[PAGE_DATA_SUCCESS] = s->success[STS_REPORT_STS];
		peer->n[PAGE_DATA_FAILURE] = s->failure[STS_REPORT_STS];
		page_data_add(&out->reported.dane[PAGE_DATA_SUCCESS], s->success[STS_REPORT_TLSA]);
		page_data_add(&out->reported.dane[PAGE_DATA_FAILURE], s->failure[STS_REPORT_TLSA]);
	}
	for (size_t i = 0; i < s->failure_count && status == STS_OK; i++)
		if (s->failures[i].kind == STS_REPORT_STS)
			status = page_data_add_failure(&out->reported, s->failures[i].result, s->failures[i].n);
	return status;
}

enum sts_status
page_data_read_reports(const struct settings_redis *redis, struct page_data *out)
{
	enum sts_status status = STS_OK;
	const char *domain;
	size_t cap = 0;

	out->own_domains = redis->conf->local_domains != NULL;
	for (size_t i = 0; status == STS_OK && out->own_domains &&
	    (domain = sts_domain_set_at(redis->conf->local_domains, i)) != NULL; i++) {
		struct summary s = { .only_org = NULL };
		bool any = false;

		/* among many domains, most have no report at all */
		status = sts_query_report(redis->query, domain, NULL, true, take_any, &any);
		if (status == STS_OK && any)
			status = take_days(redis->query, domain, out, &s);
		if (status == STS_OK && s.reports > 0)
			status = take_summary(&s, domain, out, &cap);
		summary_fini(&s);
	}
	page_data_settle_peers(&out->reported);
	return status;
}

/* ---- outgoing mail ---- */

struct names {
	char (*list)[STS_DOMAIN_CAP];
	size_t count, cap;
	bool no_memory;
};

static bool
note_name(void *arg, const char *domain)
{
	struct names *names = arg;

	if (names->count == names->cap) {
		size_t cap = names->cap == 0 ? 256 : 2 * names->cap;
		char (*list)[STS_DOMAIN_CAP] = realloc(names->list, cap * sizeof(*list));

		names->no_memory = list == NULL;
		if (list == NULL)
			return false;
		names->list = list;
		names->cap = cap;
	}
	snprintf(names->list[names->count++], STS_DOMAIN_CAP, "%s", domain);
	return true;
}

static int64_t
bounded(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static enum sts_status
take_sent_day(const struct sts_sent_row *row, struct page_data_day *day, struct page_data_peer *peer, struct page_data_peers *peers)
{
	enum sts_status status = STS_OK;

	page_data_add(&day->sent[PAGE_DATA_SUCCESS], bounded(row->n[STS_SENT_SUCCESS]));
	page_data_add(&day->sent[PAGE_DATA_FAILURE], bounded(row->n[STS_SENT_FAILURE]));
	page_data_add(&peer->n[PAGE_DATA_SUCCESS], bounded(row->n[STS_SENT_SUCCESS]));
	page_data_add(&peer->n[PAGE_DATA_FAILURE], bounded(row->n[STS_SENT_FAILURE]));
	for (unsigned i = 0; i < STS_SENT_RESULTS && status == STS_OK; i++)
		status = page_data_add_failure(peers, sts_sent_result_name(i), bounded(row->n[STS_SENT_BY_RESULT + i]));
	return status;
}

static enum sts_status
take_sent_domain(struct sts_store_link *link, const struct page_data_request *request, const char *domain, struct page_data *out,
    size_t *cap)
{
	struct sts_sent_row row = { .domain = "" };
	enum sts_status status = sts_sent_query_row(link, domain, NULL, &row);
	struct page_data_peer *peer;

	if (status == STS_ENOTFOUND ||
	    (status == STS_OK && row.last_success < request->days.since && row.last_failure < request->days.since))
		return STS_OK;
	if (status != STS_OK)
		return status;
	if ((peer = page_data_add_peer(&out->sent, cap, domain)) == NULL)
		return STS_ENOMEM;
	for (size_t i = 0; i < out->day_count && (status == STS_OK || status == STS_ENOTFOUND); i++) {
		memset(&row, 0, sizeof(row));
		status = sts_sent_query_row(link, domain, out->days[i].day, &row);
		if (status == STS_OK)
			status = take_sent_day(&row, &out->days[i], peer, &out->sent);
	}
	if (page_data_sum(peer->n, PAGE_DATA_OUTCOMES) == 0)
		out->sent.count--;
	return status == STS_ENOTFOUND ? STS_OK : status;
}

enum sts_status
page_data_read_sent(struct sts_store_link *link, const struct page_data_request *request, struct page_data *out)
{
	struct names names = { .list = NULL };
	enum sts_status status = sts_sent_query_domains(link, SENT_DOMAINS_MAX, note_name, &names);
	size_t cap = 0;

	if (status == STS_OK && names.no_memory)
		status = STS_ENOMEM;
	for (size_t i = 0; i < names.count && status == STS_OK; i++)
		status = take_sent_domain(link, request, names.list[i], out, &cap);
	free(names.list);
	page_data_settle_peers(&out->sent);
	return status;
}
