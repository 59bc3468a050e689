/* SPDX-License-Identifier: ISC */
/* report_metrics.c - writes the counters of reports for Prometheus. doc/metrics.md describes the names. */
#include "config.h"

#include "stsctl/report/report_metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/query/query_reports.h"
#include "stsctl/context/files.h"
#include "stsctl/report/import_batch.h"
#include "stsctl/terminal/output.h"

enum { SUCCESS, FAILURE, OUTCOMES };

struct sums {
	int64_t sessions[STS_REPORT_KINDS][OUTCOMES], failures[STS_REPORT_KINDS][STS_REPORT_RESULTS];
	int64_t reports, newest, received, unverified, intake[IMPORT_COUNTS];
};

/* ---- reading ---- */

/* Adds a counter success, failure or failure:RESULT of one kind. name comes without the kind's prefix, which sts does not have. */
static void
take_column(struct sums *s, enum sts_report_kind kind, const char *name, int64_t n)
{
	if (strcmp(name, "success") == 0)
		s->sessions[kind][SUCCESS] += n;
	else if (strcmp(name, "failure") == 0)
		s->sessions[kind][FAILURE] += n;
	else if (strncmp(name, "failure:", 8) == 0)
		s->failures[kind][sts_report_result_find(name + 8)] += n;
}

static enum sts_status
take_total(void *arg, const struct sts_report_field *field)
{
	struct sums *s = arg;

	if (field->text != NULL)
		return STS_OK;
	if (strcmp(field->name, "reports") == 0)
		s->reports += field->n;
	else if (strcmp(field->name, "newest") == 0)
		s->newest = field->n > s->newest ? field->n : s->newest;
	else if (strcmp(field->name, "received") == 0)
		s->received = field->n > s->received ? field->n : s->received;
	else if (strncmp(field->name, "tlsa:", 5) == 0)
		take_column(s, STS_REPORT_TLSA, field->name + 5, field->n);
	else if (strncmp(field->name, "none:", 5) == 0)
		take_column(s, STS_REPORT_NONE, field->name + 5, field->n);
	else
		take_column(s, STS_REPORT_STS, field->name, field->n);
	return STS_OK;
}

static enum sts_status
take_unverified(void *arg, const struct sts_report_field *field)
{
	struct sums *s = arg;

	if (strcmp(field->name, "reports") == 0)
		s->unverified += field->n;
	return STS_OK;
}

static enum sts_status
take_intake(void *arg, const struct sts_report_field *field)
{
	struct sums *s = arg;

	for (size_t i = 0; i < IMPORT_COUNTS; i++)
		if (field->text == NULL && strcmp(field->name, import_count_name((enum import_count)i)) == 0)
			s->intake[i] = field->n;
	return STS_OK;
}

static enum sts_status
read_sums(const struct settings_redis *redis, struct sums *s)
{
	enum sts_status status = sts_query_intake_read(redis->query, take_intake, s);
	const char *domain;

	for (size_t i = 0; status == STS_OK && (domain = sts_domain_set_at(redis->conf->local_domains, i)) != NULL; i++) {
		status = sts_query_report(redis->query, domain, NULL, true, take_total, s);
		if (status == STS_OK)
			status = sts_query_report(redis->query, domain, NULL, false, take_unverified, s);
	}
	return status;
}

/* ---- writing ---- */

static void
head(FILE *to, const char *name, const char *type, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_one(FILE *to, const char *name, const char *type, const char *help, int64_t n)
{
	head(to, name, type, help);
	fprintf(to, "%s %" PRId64 "\n", name, n);
}

static void
put_sessions(const struct sums *s, FILE *to)
{
	static const char *const outcomes[] = { "success", "failure" };

	head(to, "mta_sts_reports_sessions_total", "counter", "Sessions in verified reports, by the policy that was applied.");
	for (size_t k = 0; k < STS_REPORT_KINDS; k++)
		for (size_t o = 0; o < OUTCOMES; o++)
			fprintf(to, "mta_sts_reports_sessions_total{policy_type=\"%s\",outcome=\"%s\"} %" PRId64 "\n",
			    sts_report_kind_name((enum sts_report_kind)k), outcomes[o], s->sessions[k][o]);
	head(to, "mta_sts_reports_failures_total", "counter", "Failed sessions in the details of verified reports, by result type.");
	for (size_t k = 0; k < STS_REPORT_KINDS; k++)
		for (size_t r = 0; r < STS_REPORT_RESULTS; r++)
			fprintf(to, "mta_sts_reports_failures_total{policy_type=\"%s\",result_type=\"%s\"} %" PRId64 "\n",
			    sts_report_kind_name((enum sts_report_kind)k), sts_report_result_name(r), s->failures[k][r]);
}

static void
put_all(const struct sums *s, FILE *to)
{
	put_one(to, "mta_sts_reports_verified_total", "counter", "Verified reports that were counted, one for each domain in them.",
	    s->reports);
	put_one(to, "mta_sts_reports_unverified_total", "counter", "Reports that nobody has vouched for.", s->unverified);
	put_sessions(s, to);
	put_one(to, "mta_sts_reports_newest_timestamp_seconds", "gauge", "The latest day that a verified report is about.",
	    s->newest);
	put_one(to, "mta_sts_reports_received_timestamp_seconds", "gauge", "When a verified report has last come in.",
	    s->received);
	head(to, "mta_sts_reports_intake_total", "counter", "What came in, by what it was and what became of it.");
	for (size_t i = 0; i < IMPORT_COUNTS; i++)
		fprintf(to, "mta_sts_reports_intake_total{kind=\"%s\"} %" PRId64 "\n", import_count_name((enum import_count)i),
		    s->intake[i]);
	put_one(to, "mta_sts_reports_last_run_timestamp_seconds", "gauge", "When this file was written.", sts_clock_now());
}

enum cmd_exit
report_metrics(const struct cmd_context *context, const struct settings_redis *redis, const char *file)
{
	struct sums s = { .reports = 0 };
	enum sts_status status = read_sums(redis, &s);
	char why[FILES_WHY_CAP] = "", *text = NULL;
	size_t len = 0;
	FILE *to;

	if (status != STS_OK)
		return settings_redis_error(context, redis, status);
	to = open_memstream(&text, &len);
	if (to != NULL) {
		put_all(&s, to);
		status = fclose(to) == 0 ? files_write(file, text, len, why) : STS_ENOMEM;
	} else
		status = STS_ENOMEM;
	free(text);
	return status == STS_OK ? CMD_FINE :
	    output_error(context, CMD_UNKNOWN, "%s", why[0] != '\0' ? why : sts_status_text(status));
}
