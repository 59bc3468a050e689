/* SPDX-License-Identifier: ISC */
/* fuzz_report.c - any bytes as a TLS report: a parsed report is as promised, and yields rows that are safe to print. */
#include "config.h"

#include <string.h>

#include "shared-cache/tlsreport/canonical_policy.h"
#include "shared-cache/tlsreport/report.h"
#include "shared-cache/tlsreport/report_advice.h"
#include "shared-cache/reportstats/report_counts.h"
#include "tests/fuzz/fuzz.h"

static bool
all_ours(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP])
{
	(void)arg;
	(void)kind;
	strcpy(out, domain[0] != '\0' ? domain : "example.org");
	return true;
}

static void
check_counts(const struct sts_domain_counts *counts)
{
	MUST(counts->row_count > 0 && strcmp(counts->rows[0].name, "reports") == 0);
	for (size_t i = 0; i < counts->row_count; i++) {
		MUST(counts->rows[i].n >= 0 && counts->rows[i].n <= STS_REPORT_COUNT_MAX);
		for (const char *s = counts->rows[i].name; *s != '\0'; s++)
			MUST((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
			    strchr("._+-:", *s) != NULL);
	}
	MUST(counts->text_count <= STS_REPORT_COUNTS_TEXTS_MAX);
}

static void
check_policy(const struct sts_report_policy *p)
{
	char *canon, *again;

	for (size_t i = 0; i < p->detail_count; i++)
		MUST(sts_advice_find(p->details[i].result, p->details[i].reason, "google.com") != NULL);
	if (sts_canonical_policy(p->text, p->text_count, &canon) != STS_OK)
		return;
	MUST(sts_canonical_policy((const char *const *)&canon, 1, &again) == STS_OK);
	MUST(strcmp(canon, again) == 0);
	free(canon);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sts_report_counts_params params = { "reporter.example", all_ours, NULL };
	struct sts_report *report;
	struct sts_report_counts counts;
	struct sts_diag diag;
	enum sts_status status;

	sts_diag_init(&diag);
	status = sts_report_read((const char *)data, size, &report, &diag);
	MUST((status == STS_OK) == (report != NULL));
	MUST((status == STS_EINVAL) == (diag.error.text[0] != '\0'));
	if (status != STS_OK)
		return 0;
	for (size_t i = 0; i < report->policy_count; i++)
		check_policy(&report->policies[i]);
	MUST(sts_report_counts_make(report, &params, &counts) == STS_OK);
	for (size_t i = 0; i < counts.count; i++)
		check_counts(&counts.list[i]);
	sts_report_counts_fini(&counts);
	sts_report_free(&report);
	return 0;
}
