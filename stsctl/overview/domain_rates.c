/* SPDX-License-Identifier: ISC */
/* domain_rates.c - compares two readings. Knows neither Redis nor how rates are shown. */
#include "config.h"

#include "stsctl/overview/domain_rates.h"

#include <stdlib.h>
#include <string.h>

const char *const domain_columns[] = { "rate", "messages", "plaintext", "fail", "seen", "domain", NULL };

bool
domain_rates_add(struct domain_rates *rates, const struct domain_rate *row)
{
	size_t cap = rates->cap > 0 ? 2 * rates->cap : 64;
	struct domain_rate *grown;

	if (rates->count == rates->cap) {
		if ((grown = realloc(rates->list, cap * sizeof(*grown))) == NULL)
			return false;
		rates->list = grown;
		rates->cap = cap;
	}
	rates->list[rates->count++] = *row;
	return true;
}

double
domain_rates_of(int64_t before, int64_t now, int64_t elapsed_ms)
{
	return elapsed_ms <= 0 || now < before ? -1 : (double)(now - before) * 1000 / (double)elapsed_ms;
}

/* Sorts rows of the same name by messages, the most first: that row was read last. */
static int
by_name(const void *a, const void *b)
{
	const struct domain_rate *x = a, *y = b;
	int order = strcmp(x->domain, y->domain);

	if (order == 0 && x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return order;
}

static void
sort_by(struct domain_rates *rates, int (*compare)(const void *, const void *))
{
	if (rates->count > 1)
		qsort(rates->list, rates->count, sizeof(rates->list[0]), compare);
}

static void
drop_duplicates(struct domain_rates *rates)
{
	size_t kept = 0;

	for (size_t i = 0; i < rates->count; i++)
		if (kept == 0 || strcmp(rates->list[kept - 1].domain, rates->list[i].domain) != 0)
			rates->list[kept++] = rates->list[i];
	rates->count = kept;
}

/* Finds a domain in a list sorted by name. */
static const struct domain_rate *
find(const struct domain_rate *list, size_t count, const char *name)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(list[middle].domain, name);

		if (order == 0)
			return &list[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A domain that is not in the earlier reading gets no rate: today's messages may be hours old. */
void
domain_rates_settle(struct domain_rates *rates, const struct domain_rates *before)
{
	struct domain_rates sorted = { .list = NULL };
	int64_t elapsed_ms = rates->mono_ms - before->mono_ms;
	bool comparable = before->count > 0 && strcmp(before->day, rates->day) == 0;

	for (size_t i = 0; comparable && i < before->count; i++)
		comparable = domain_rates_add(&sorted, &before->list[i]);
	sort_by(&sorted, by_name);
	sort_by(rates, by_name);
	drop_duplicates(rates);
	for (size_t i = 0; i < rates->count; i++) {
		struct domain_rate *row = &rates->list[i];
		const struct domain_rate *old = comparable ? find(sorted.list, sorted.count, row->domain) : NULL;

		row->rate = old != NULL ? domain_rates_of(old->messages, row->messages, elapsed_ms) : -1;
	}
	domain_rates_fini(&sorted);
}

/* ---- order ---- */

static int
descending(double a, double b)
{
	return a > b ? -1 : a < b;
}

/* Breaks ties: by messages, then by name. */
static int
break_tie(int order, const struct domain_rate *x, const struct domain_rate *y)
{
	if (order == 0)
		order = descending((double)x->messages, (double)y->messages);
	return order != 0 ? order : strcmp(x->domain, y->domain);
}

#define COMPARE(NAME, MEMBER) \
static int \
NAME(const void *a, const void *b) \
{ \
	const struct domain_rate *x = a, *y = b; \
 \
	return break_tie(descending((double)x->MEMBER, (double)y->MEMBER), x, y); \
}
COMPARE(by_rate, rate)
COMPARE(by_messages, messages)
COMPARE(by_plaintext, plaintext)
COMPARE(by_fail, fail)
COMPARE(by_seen, last_seen)

void
domain_rates_sort(struct domain_rates *rates, enum domain_column by)
{
	static int (*const compare[DOMAIN_COLUMNS])(const void *, const void *) = {
		[DOMAIN_RATE] = by_rate,
		[DOMAIN_MESSAGES] = by_messages,
		[DOMAIN_PLAINTEXT] = by_plaintext,
		[DOMAIN_FAIL] = by_fail,
		[DOMAIN_SEEN] = by_seen,
		[DOMAIN_NAME] = by_name,
	};

	sort_by(rates, compare[by]);
}

void
domain_rates_fini(struct domain_rates *rates)
{
	free(rates->list);
	rates->list = NULL;
	rates->count = rates->cap = 0;
}
