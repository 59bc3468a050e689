/* SPDX-License-Identifier: ISC */
/* import_batch.c - sends report counters in batches. Knows nothing of where reports come from. */
#include "config.h"

#include "stsctl/report/import_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_REPORTS = 64, BATCH_DOMAINS = 256, BATCH_ROWS = 5000, TRIES = 2, DAY_S = 86400 };

struct held {
	struct sts_report_counts counts;
	char id[STS_TEXT_HASH_CAP], day[STS_DAY_CAP];
	int64_t day_start;
	bool verified;
};

struct import_batch {
	struct sts_query *query;
	int64_t now;
	struct held held[BATCH_REPORTS];
	size_t held_count, domain_count, row_count;
	int64_t counts[IMPORT_COUNTS];
};

const char *
import_count_name(enum import_count count)
{
	static const char *const names[IMPORT_COUNTS] = {
		[IMPORT_PIECES] = "pieces", [IMPORT_REPORTS] = "reports", [IMPORT_COUNTED] = "counted",
		[IMPORT_UNVERIFIED] = "unverified", [IMPORT_DUPLICATE] = "duplicate", [IMPORT_FULL] = "full",
		[IMPORT_FOREIGN] = "foreign", [IMPORT_REFUSED] = "refused", [IMPORT_OLD] = "old", [IMPORT_OTHER] = "other",
		[IMPORT_BROKEN] = "broken", [IMPORT_TOO_BIG] = "too-big",
	};

	return names[count];
}

enum sts_status
import_batch_new(struct sts_query *query, int64_t now, struct import_batch **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return STS_ENOMEM;
	(*out)->query = query;
	(*out)->now = now;
	return STS_OK;
}

static void
drop_held(struct import_batch *b)
{
	for (size_t i = 0; i < b->held_count; i++)
		sts_report_counts_fini(&b->held[i].counts);
	b->held_count = b->domain_count = b->row_count = 0;
}

void
import_batch_free(struct import_batch **batch)
{
	if (*batch == NULL)
		return;
	drop_held(*batch);
	free(*batch);
	*batch = NULL;
}

int64_t *
import_batch_counts(struct import_batch *batch)
{
	return batch->counts;
}

/* ---- sending ---- */

static void
count_outcome(struct import_batch *b, bool verified, enum sts_report_counted outcome)
{
	switch (outcome) {
	case STS_REPORT_COUNTED:
		b->counts[verified ? IMPORT_COUNTED : IMPORT_UNVERIFIED]++;
		break;
	case STS_REPORT_KNOWN:
		b->counts[IMPORT_DUPLICATE]++;
		break;
	default:
		b->counts[IMPORT_FULL]++;
		break;
	}
}

/* Sends one list. A report's counters may need several, each an exchange of its own. */
static enum sts_status
send_list(struct import_batch *b, const struct sts_query_report *list, size_t count)
{
	enum sts_report_counted outcomes[BATCH_DOMAINS];
	enum sts_status status = STS_EUNAVAILABLE;

	for (int i = 0; i < TRIES && status == STS_EUNAVAILABLE && count > 0; i++)
		status = sts_query_import(b->query, list, count, b->now, outcomes);
	if (count == 0)
		return STS_OK;
	for (size_t i = 0; i < count && status == STS_OK; i++)
		count_outcome(b, list[i].verified, outcomes[i]);
	return status;
}

static enum sts_status
flush(struct import_batch *b)
{
	struct sts_query_report list[BATCH_DOMAINS];
	enum sts_status status = STS_OK;
	size_t n = 0;

	for (size_t h = 0; h < b->held_count; h++) {
		const struct held *held = &b->held[h];

		for (size_t s = 0; s < held->counts.count && status == STS_OK; s++) {
			list[n++] = (struct sts_query_report){ &held->counts.list[s], held->day, held->day_start, held->id,
				held->verified };
			if (n == BATCH_DOMAINS) {
				status = send_list(b, list, n);
				n = 0;
			}
		}
	}
	if (status == STS_OK)
		status = send_list(b, list, n);
	drop_held(b);
	return status;
}

/* ---- adding ---- */

/* Names a report for recognising duplicates. Without an id, only its time and its claimed sender identify it. */
static enum sts_status
name_report(const struct sts_report *report, const char *signer, char out[STS_TEXT_HASH_CAP])
{
	char times[64];
	const char *parts[] = { signer, report->id, "", "" };

	if (report->id[0] == '\0') {
		snprintf(times, sizeof(times), "%lld %lld", (long long)report->begin, (long long)report->end);
		parts[2] = times;
		parts[3] = report->organization;
	}
	return sts_text_hash(parts, sizeof(parts) / sizeof(parts[0]), out);
}

enum sts_status
import_batch_add(struct import_batch *b, const struct sts_report *report, const char *signer, struct sts_report_counts *counts)
{
	struct held *held = &b->held[b->held_count];
	enum sts_status status = name_report(report, signer, held->id);

	if (status != STS_OK || counts->count == 0) {
		sts_report_counts_fini(counts);
		return status;
	}
	held->counts = *counts;
	*counts = (struct sts_report_counts){ .list = NULL };
	held->verified = signer[0] != '\0';
	held->day_start = report->begin / DAY_S * DAY_S;
	sts_day_of(held->day_start, held->day);
	b->held_count++;
	b->domain_count += held->counts.count;
	for (size_t i = 0; i < held->counts.count; i++)
		b->row_count += held->counts.list[i].row_count;
	if (b->held_count < BATCH_REPORTS && b->domain_count < BATCH_DOMAINS && b->row_count < BATCH_ROWS)
		return STS_OK;
	return flush(b);
}

enum sts_status
import_batch_end(struct import_batch *b)
{
	struct sts_query_intake list[IMPORT_COUNTS];
	enum sts_status status = flush(b);
	size_t n = 0;

	for (size_t i = 0; i < IMPORT_COUNTS; i++)
		if (b->counts[i] > 0)
			list[n++] = (struct sts_query_intake){ import_count_name((enum import_count)i), b->counts[i] };
	/* Junk does not justify sending the mail back, or again, even if Redis cannot count it. */
	if (status == STS_OK && n > 0)
		(void)sts_query_intake_add(b->query, list, n);
	return status;
}
