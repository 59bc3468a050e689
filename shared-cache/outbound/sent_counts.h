/* SPDX-License-Identifier: ISC */
/*
 * sent_counts.h - sums up Postfix's events about TLS sessions by domain and day, until they are written.
 *
 * Bounded: of domains beyond the limit only the total of events is kept. Times are seconds since the epoch, passed in.
 * Pure. Belongs to one thread at a time.
 */
#ifndef STS_OUTBOUND_SENT_COUNTS_H
#define STS_OUTBOUND_SENT_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/ledger/counts.h"
#include "shared-cache/outbound/sent_event.h"
#include "shared-cache/outbound/sent_outcome.h"

/* The numbers of a row: sessions in total, by policy type, and failures by result type. */
enum {
	STS_SENT_SUCCESS,
	STS_SENT_FAILURE,
	STS_SENT_BY_TYPE,					/* two for each enum sts_sent_type: success, failure */
	STS_SENT_BY_RESULT = STS_SENT_BY_TYPE + 2 * STS_SENT_TYPES,
	STS_SENT_FIELDS = STS_SENT_BY_RESULT + STS_SENT_RESULTS,
};
enum { STS_SENT_NAME_CAP = 64 };
/* The name in Redis: "success", "failure", "sts:success", "failure:certificate-expired", ... Returns out. */
const char *sts_sent_field_name(unsigned field, char out[STS_SENT_NAME_CAP]);

struct sts_sent_row {
	char domain[STS_DOMAIN_CAP];
	char day[STS_DAY_CAP];
	uint64_t n[STS_SENT_FIELDS];
	int64_t last_success, last_failure;	/* 0: none */
	char last_mx[STS_DOMAIN_CAP];		/* of the last failure; "" when unknown */
	enum sts_sent_result last_result;
	struct sts_sent_outcome *outcomes;	/* for TLS reports; NULL when there are none */
	size_t outcome_count;
};

/* Limits: outcomes of a row, and bytes of the names in all rows. What exceeds them is in the numbers only. */
enum { STS_SENT_OUTCOMES_MAX = 32, STS_SENT_OUTCOME_BYTES_MAX = 16 << 20 };

/* Frees the outcomes. */
void sts_sent_row_fini(struct sts_sent_row *row);

struct sts_sent_counts;

enum sts_status sts_sent_counts_new(size_t max_rows, struct sts_sent_counts **out);
void sts_sent_counts_free(struct sts_sent_counts **counts);

void sts_sent_counts_add(struct sts_sent_counts *counts, const struct sts_sent_event *event, int64_t now);
/* Takes a row out; the caller passes it to sts_sent_row_fini. False when there is none. */
bool sts_sent_counts_take(struct sts_sent_counts *counts, struct sts_sent_row *out);
/* Number of policies in events for which there was no row. */
uint64_t sts_sent_counts_dropped(const struct sts_sent_counts *counts);

#endif
