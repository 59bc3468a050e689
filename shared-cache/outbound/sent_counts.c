/* SPDX-License-Identifier: ISC */
/* sent_counts.c - a hash table of rows. Knows neither sockets nor Redis. */
#include "config.h"

#include "shared-cache/outbound/sent_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/hash.h"

struct slot {
	struct sts_sent_row row;
	char key[STS_DAY_CAP + STS_DOMAIN_CAP];
	UT_hash_handle hh;
};

struct sts_sent_counts {
	size_t max;
	uint64_t dropped;
	size_t outcome_bytes;	/* of all rows */
	struct slot *table;
};

const char *
sts_sent_field_name(unsigned field, char out[STS_SENT_NAME_CAP])
{
	static const char *const outcomes[] = { "success", "failure" };

	if (field < STS_SENT_BY_TYPE)
		snprintf(out, STS_SENT_NAME_CAP, "%s", outcomes[field]);
	else if (field < STS_SENT_BY_RESULT)
		snprintf(out, STS_SENT_NAME_CAP, "%s:%s", sts_sent_type_name((field - STS_SENT_BY_TYPE) / 2),
		    outcomes[(field - STS_SENT_BY_TYPE) % 2]);
	else
		snprintf(out, STS_SENT_NAME_CAP, "failure:%s", sts_sent_result_name(field - STS_SENT_BY_RESULT));
	return out;
}

void
sts_sent_row_fini(struct sts_sent_row *row)
{
	for (size_t i = 0; i < row->outcome_count; i++)
		free(row->outcomes[i].name);
	free(row->outcomes);
	row->outcomes = NULL;
	row->outcome_count = 0;
}

enum sts_status
sts_sent_counts_new(size_t max_rows, struct sts_sent_counts **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return STS_ENOMEM;
	(*out)->max = max_rows;
	return STS_OK;
}

void
sts_sent_counts_free(struct sts_sent_counts **counts)
{
	struct slot *slot, *next;

	if (*counts == NULL)
		return;
	HASH_ITER(hh, (*counts)->table, slot, next) {
		HASH_DEL((*counts)->table, slot);
		sts_sent_row_fini(&slot->row);
		free(slot);
	}
	free(*counts);
	*counts = NULL;
}

static struct slot *
find_or_add(struct sts_sent_counts *c, const char *domain, const char *day)
{
	char key[STS_DAY_CAP + STS_DOMAIN_CAP];
	struct slot *slot;
	int len = snprintf(key, sizeof(key), "%s %s", day, domain);

	HASH_FIND(hh, c->table, key, (unsigned)len, slot);
	if (slot != NULL || HASH_COUNT(c->table) >= c->max)
		return slot;
	slot = calloc(1, sizeof(*slot));
	if (slot == NULL)
		return NULL;
	memcpy(slot->key, key, (size_t)len + 1);
	snprintf(slot->row.domain, sizeof(slot->row.domain), "%s", domain);
	snprintf(slot->row.day, sizeof(slot->row.day), "%s", day);
	HASH_ADD_KEYPTR(hh, c->table, slot->key, (unsigned)len, slot);
	if (slot->hh.tbl == NULL) {
		free(slot);
		return NULL;
	}
	return slot;
}

static void
count_failure(struct sts_sent_row *row, const struct sts_sent_policy *policy, int64_t now)
{
	/* A failure without details is a failure, too. */
	const struct sts_sent_detail *last = policy->detail_count > 0 ? &policy->details[policy->detail_count - 1] : NULL;

	row->last_failure = now;
	row->last_result = last != NULL ? last->result : STS_SENT_VALIDATION_FAILURE;
	snprintf(row->last_mx, sizeof(row->last_mx), "%s", last != NULL ? last->mx : "");
	row->n[STS_SENT_BY_RESULT + row->last_result]++;
}

static struct sts_sent_outcome *
find_outcome(const struct sts_sent_row *row, const char *name)
{
	for (size_t i = 0; i < row->outcome_count; i++)
		if (strcmp(row->outcomes[i].name, name) == 0)
			return &row->outcomes[i];
	return NULL;
}

/* Takes over the name. */
static void
count_outcome(struct sts_sent_counts *c, struct sts_sent_row *row, char *name)
{
	struct sts_sent_outcome *outcome = find_outcome(row, name), *grown;
	size_t len = strlen(name);

	if (outcome != NULL || row->outcome_count == STS_SENT_OUTCOMES_MAX || c->outcome_bytes + len > STS_SENT_OUTCOME_BYTES_MAX ||
	    (grown = realloc(row->outcomes, (row->outcome_count + 1) * sizeof(*grown))) == NULL) {
		if (outcome != NULL)
			outcome->n++;
		free(name);
		return;
	}
	row->outcomes = grown;
	row->outcomes[row->outcome_count++] = (struct sts_sent_outcome){ name, 1 };
	c->outcome_bytes += len;
}

static void
count_outcomes(struct sts_sent_counts *c, struct sts_sent_row *row, const struct sts_sent_policy *policy)
{
	char *names[STS_SENT_OUTCOMES_OF_POLICY];
	size_t count = sts_sent_outcome_names(policy, names);

	for (size_t i = 0; i < count; i++)
		count_outcome(c, row, names[i]);
}

void
sts_sent_counts_add(struct sts_sent_counts *c, const struct sts_sent_event *event, int64_t now)
{
	char day[STS_DAY_CAP];

	sts_day_of(now, day);
	for (size_t i = 0; i < event->policy_count; i++) {
		const struct sts_sent_policy *policy = &event->policies[i];
		struct slot *slot = find_or_add(c, event->domain, day);

		if (slot == NULL) {
			c->dropped++;
			continue;
		}
		slot->row.n[policy->failed ? STS_SENT_FAILURE : STS_SENT_SUCCESS]++;
		slot->row.n[STS_SENT_BY_TYPE + 2 * policy->type + policy->failed]++;
		if (policy->failed)
			count_failure(&slot->row, policy, now);
		else
			slot->row.last_success = now;
		count_outcomes(c, &slot->row, policy);
	}
}

bool
sts_sent_counts_take(struct sts_sent_counts *c, struct sts_sent_row *out)
{
	struct slot *slot = c->table;

	if (slot == NULL)
		return false;
	*out = slot->row;
	for (size_t i = 0; i < out->outcome_count; i++)
		c->outcome_bytes -= strlen(out->outcomes[i].name);
	HASH_DEL(c->table, slot);
	free(slot);
	return true;
}

uint64_t
sts_sent_counts_dropped(const struct sts_sent_counts *counts)
{
	return counts->dropped;
}
