/* SPDX-License-Identifier: ISC */
/* simulation_result.c - adds replays up. Knows neither settings nor how results are printed. */
#include "config.h"

#include "stsctl/simulate/simulation_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"

enum { KEY_CAP = STS_DOMAIN_CAP + 32, WORD_MAX = 40 };

static struct simulation_row *
find_row(struct simulation_row **table, const char *key, const char *domain)
{
	struct simulation_row *row;

	HASH_FIND_STR(*table, key, row);
	if (row != NULL || HASH_COUNT(*table) >= SIMULATION_ROWS_MAX)
		return row;
	if ((row = calloc(1, sizeof(*row))) == NULL)
		return NULL;
	row->key = strdup(key);
	if (row->key != NULL)
		HASH_ADD_KEYPTR(hh, *table, row->key, strlen(row->key), row);
	if (row->key == NULL || row->hh.tbl == NULL) {
		free(row->key);
		free(row);
		return NULL;
	}
	snprintf(row->domain, sizeof(row->domain), "%s", domain);
	return row;
}

static void
take_word(const struct sts_query_entry *entry, const char *name, char out[SIMULATION_WORD_CAP])
{
	const struct sts_query_value *value = sts_query_value_of(entry, name);
	struct sts_text text;

	sts_text_init(&text, out, SIMULATION_WORD_CAP);
	if (value == NULL || value->len == 0)
		sts_text_add(&text, "-");
	else
		sts_text_add_escaped(&text, value->value, value->len, WORD_MAX);
}

/* Entries come in the order of the stream: later ones replace the earliest. */
static void
add_example(struct simulation_row *row, const struct sts_query_entry *entry, const struct replay *replay)
{
	struct simulation_example *example = &row->examples[row->messages % SIMULATION_EXAMPLES];

	example->ts_ms = replay->ts_ms;
	example->lacks = replay->lacks;
	take_word(entry, "queue_id", example->queue_id);
	take_word(entry, "client", example->client);
}

static enum sts_status
add_row(struct simulation_result *outcome, const struct sts_query_entry *entry, const struct replay *replay)
{
	const struct sts_enforce_decision *d = &replay->decision;
	struct simulation_row *row;
	char key[KEY_CAP];

	snprintf(key, sizeof(key), "%s %d %d %d", replay->domain, (int)d->action, (int)d->wanted, (int)d->cause);
	row = find_row(&outcome->rows, key, replay->domain);
	if (row == NULL)
		return HASH_COUNT(outcome->rows) >= SIMULATION_ROWS_MAX ? STS_EFULL : STS_ENOMEM;
	row->decision = *d;
	add_example(row, entry, replay);
	row->messages++;
	outcome->unsure += replay->unsure;
	outcome->only_wanted += d->action == STS_ACTION_ACCEPT;
	return STS_OK;
}

enum sts_status
simulation_result_add(struct simulation_result *outcome, const struct sts_query_entry *entry, const struct replay *replay)
{
	struct simulation_row *total = find_row(&outcome->totals, replay->domain, replay->domain);

	if (total == NULL)
		return HASH_COUNT(outcome->totals) >= SIMULATION_ROWS_MAX ? STS_EFULL : STS_ENOMEM;
	total->messages++;
	if (outcome->messages == 0 || replay->ts_ms < outcome->first_ms)
		outcome->first_ms = replay->ts_ms;
	if (replay->ts_ms > outcome->last_ms)
		outcome->last_ms = replay->ts_ms;
	outcome->messages++;
	outcome->actions[replay->decision.action]++;
	return replay->decision.wanted == STS_ACTION_ACCEPT ? STS_OK : add_row(outcome, entry, replay);
}

static int
by_messages(const struct simulation_row *a, const struct simulation_row *b)
{
	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	return strcmp(a->key, b->key);
}

static int
by_time(const void *left, const void *right)
{
	const struct simulation_example *a = left, *b = right;

	return a->ts_ms > b->ts_ms ? -1 : a->ts_ms < b->ts_ms;
}

void
simulation_result_settle(struct simulation_result *outcome)
{
	struct simulation_row *total;

	HASH_SORT(outcome->rows, by_messages);
	for (struct simulation_row *row = outcome->rows; row != NULL; row = row->hh.next) {
		total = find_row(&outcome->totals, row->domain, row->domain);
		row->of = total != NULL ? total->messages : row->messages;
		qsort(row->examples, row->messages < SIMULATION_EXAMPLES ? row->messages : SIMULATION_EXAMPLES,
		    sizeof(row->examples[0]), by_time);
	}
}

static void
free_rows(struct simulation_row **rows)
{
	struct simulation_row *row, *next;

	HASH_ITER(hh, *rows, row, next) {
		HASH_DEL(*rows, row);
		free(row->key);
		free(row);
	}
}

void
simulation_result_fini(struct simulation_result *outcome)
{
	free_rows(&outcome->rows);
	free_rows(&outcome->totals);
}
