/* SPDX-License-Identifier: ISC */
/* cache_list.c - walks through Redis in bounded steps, which do not hold up the milters, and prints the entries sorted. */
#include "config.h"

#include "stsctl/lookup/cache_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/reason.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/domain_view.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { PROGRESS_STEP = 10000 };

struct names {
	char **names;
	size_t count, cap, limit;
	bool more;		/* there are more than limit */
	bool no_memory;
	bool watched;
};

static void
add_name(void *arg, const char *domain)
{
	struct names *n = arg;

	if (n->count == n->limit) {
		n->more = true;
		return;
	}
	if (n->count == n->cap) {
		size_t cap = n->cap == 0 ? 256 : 2 * n->cap;
		char **grown = realloc(n->names, cap * sizeof(*grown));

		if (grown == NULL) {
			n->no_memory = true;
			return;
		}
		n->names = grown;
		n->cap = cap;
	}
	n->names[n->count] = strdup(domain);
	if (n->names[n->count] == NULL)
		n->no_memory = true;
	else if (++n->count % PROGRESS_STEP == 0 && n->watched)
		fprintf(stderr, "\r%zu names", n->count);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorts, and removes duplicates: SCAN may return a key twice. */
static void
sort_names(struct names *n)
{
	size_t kept = 0;

	if (n->count == 0)
		return;
	qsort(n->names, n->count, sizeof(n->names[0]), by_name);
	for (size_t i = 1; i < n->count; i++) {
		if (strcmp(n->names[i], n->names[kept]) == 0)
			free(n->names[i]);
		else
			n->names[++kept] = n->names[i];
	}
	n->count = kept + 1;
}

static void
free_names(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->names[i]);
	free(n->names);
}

static void
clear_progress(const struct names *n)
{
	if (n->watched && n->count >= PROGRESS_STEP)
		fputs("\r\033[K", stderr);
}

static enum sts_status
collect(struct sts_store *store, struct names *n)
{
	enum sts_status status;
	uint64_t cursor = 0;

	do {
		status = sts_store_scan(store, &cursor, add_name, n);
		if (n->no_memory)
			status = STS_ENOMEM;
	} while (status == STS_OK && cursor != 0 && !n->more);
	if (status != STS_OK)
		clear_progress(n);
	sort_names(n);
	return status;
}

/* ---- printing ---- */

static bool
is_for_map(const struct sts_entry *entry)
{
	return entry->state == STS_STATE_POLICY && entry->policy->mode != STS_MODE_NONE &&
	    sts_entry_is_live(entry, sts_clock_now());
}

static const char *const head[] = { "domain", "state", "mode or reason", "id", "expires" };

static void
add_cells(struct table *table, const char *const cells[5])
{
	table_row(table);
	for (size_t i = 0; i < 5; i++)
		table_text(table, cells[i]);
}

static void
add_line(struct table *table, const struct sts_entry *entry)
{
	char expires[HUMAN_TIME_CAP];

	add_cells(table, (const char *const[]){ entry->domain, sts_entry_state_name(entry->state),
	    entry->policy != NULL ? sts_mode_name(entry->policy->mode) : entry->reason != STS_REASON_NONE ?
	    sts_reason_name(entry->reason) : "-", entry->id[0] != '\0' ? entry->id : "-",
	    human_time(entry->expires, expires) });
}

/* Where the entries go: list for --json, table for people, neither for the map. */
struct printout {
	struct table *table;
	json_t *list;
	size_t done;
	bool watched;
};

static enum sts_status
print_one(struct printout *p, const struct sts_entry *entry)
{
	if (p->list != NULL)
		return json_array_append_new(p->list, domain_view_json(entry)) == 0 ? STS_OK : STS_ENOMEM;
	if (p->table != NULL)
		add_line(p->table, entry);
	else if (is_for_map(entry))
		printf("%s MTA_STS\n", entry->domain);
	return STS_OK;
}

/* Reads and prints entries in one exchange with Redis: count is at most STS_STORE_CALLS. */
static enum sts_status
print_some(struct sts_store *store, char *const *names, size_t count, struct printout *p)
{
	struct sts_store_call gets[STS_STORE_CALLS], *calls[STS_STORE_CALLS];
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < count; i++) {
		gets[i] = (struct sts_store_call){ .kind = STS_STORE_GET, .domain = names[i] };
		calls[i] = &gets[i];
	}
	sts_store_calls(store, calls, count, sts_clock_now());
	for (size_t i = 0; i < count; i++) {
		/* an entry not found has expired meanwhile, or does not parse */
		if (status == STS_OK && gets[i].status == STS_OK)
			status = print_one(p, gets[i].entry);
		else if (status == STS_OK && gets[i].status != STS_ENOTFOUND)
			status = gets[i].status;
		sts_entry_unref(&gets[i].entry);
		if (++p->done % PROGRESS_STEP == 0 && p->watched)
			fprintf(stderr, "\r%zu domains", p->done);
	}
	return status;
}

static enum sts_status
print_all(struct sts_store *store, const struct names *n, struct printout *p)
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < n->count && status == STS_OK; i += STS_STORE_CALLS)
		status = print_some(store, n->names + i, n->count - i < STS_STORE_CALLS ? n->count - i : STS_STORE_CALLS, p);
	clear_progress(n);
	return status;
}

static enum sts_status
print_table(const struct table *table, size_t count)
{
	if (count == 0) {
		puts("nothing is stored");
		return STS_OK;
	}
	return table_print(table, terminal_width(), stdout) ? STS_OK : STS_ENOMEM;
}

static enum cmd_exit
print_names(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store *store, const struct names *n,
    bool as_map)
{
	json_t *list = context->json ? json_array() : NULL;
	struct table *table = context->json || as_map ? NULL : table_new("lllll");
	struct printout printout = { .table = table, .list = list, .watched = n->watched };
	enum sts_status status = STS_ENOMEM;

	if (table != NULL)
		add_cells(table, head);
	if (context->json ? list != NULL : as_map || table != NULL)
		status = print_all(store, n, &printout);
	if (status == STS_OK && table != NULL)
		status = print_table(table, n->count);
	table_free(&table);
	if (status != STS_OK) {
		json_decref(list);
		return backends_store_error(context, conf, store, status);
	}
	if (n->more)
		fprintf(stderr, "stsctl: there are more than %zu; see --limit\n", n->limit);
	if (context->json)
		return output_json(context, CMD_FINE, json_pack("{s:o, s:b}", "domains", list, "more", n->more));
	return CMD_FINE;
}

enum cmd_exit
cache_list(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store *store, size_t limit, bool as_map)
{
	struct names names = { .limit = limit, .watched = terminal_is_watched() };
	enum sts_status status;
	enum cmd_exit code;

	if (as_map && context->json)
		return output_error(context, CMD_USAGE, "cache list: --map or --json, not both");
	status = collect(store, &names);
	if (status == STS_OK)
		code = print_names(context, conf, store, &names, as_map);
	else
		code = backends_store_error(context, conf, store, status);
	free_names(&names);
	return code;
}
