/* SPDX-License-Identifier: ISC */
/*
 * stats_below.c - `stsctl stats --below VERSION`: whose mail uses an older TLS version, and would be lost once the server refuses that.
 *
 * Domains come from the counters; client networks come from the evidence, as far back as it reaches, if clients are kept.
 */
#include "config.h"

#include "stsctl/stats/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/judge/tls.h"
#include "stsctl/stats/client_networks.h"
#include "stsctl/stats/domain_ranking.h"
#include "stsctl/terminal/csv.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"
#include "stsctl/terminal/wrap.h"

/* The fields read for each domain: messages; for each older version, all messages and those of aligned clients. Their sum has a place
 * of its own. */
enum { OLD_MAX = 3, N_MESSAGES = 0, N_OLD = 1, N_ALIGNED = N_OLD + OLD_MAX, N_SUM = N_ALIGNED + OLD_MAX };

static const char *const old_names[OLD_MAX] = { "TLSv1", "TLSv1.1", "TLSv1.2" };
static const char *const old_fields[2][OLD_MAX] = {
	{ "tls:TLSv1", "tls:TLSv1.1", "tls:TLSv1.2" },
	{ "aligned:tls:TLSv1", "aligned:tls:TLSv1.1", "aligned:tls:TLSv1.2" },
};

static const char warning[] = "After a refused handshake most senders fall back to plaintext: none of their mail is encrypted any more. Only "
    "those that require TLS stay away.";

struct below {
	const struct stats_request *request;
	size_t old;			/* how many of old_names are older than the version */
	struct domain_ranking rows;
	struct client_networks networks;
	int64_t all, all_below, plaintext;	/* messages, in all mail */
};

size_t
stats_older_than(const char *version)
{
	if (strcmp(version, "TLSv1.3") == 0)
		return OLD_MAX;
	for (size_t n = 1; n < OLD_MAX; n++)
		if (strcmp(version, old_names[n]) == 0)
			return n;
	return 0;
}

/* ---- reading ---- */

static bool
take_row(void *arg, const struct sts_query_row *row)
{
	struct below *below = arg;
	struct sts_query_row summed = *row;

	for (size_t i = 0; i < OLD_MAX && i < below->old; i++)
		stats_add(&summed.n[N_SUM], row->n[N_OLD + i]);
	return summed.n[N_SUM] == 0 || domain_ranking_add(&below->rows, &summed);
}

static enum sts_status
read_domains(const struct settings_redis *redis, struct below *below)
{
	struct sts_query_walk query = {
		.fields = { [N_MESSAGES] = "messages" },
		.field_count = N_SUM,
		.since = below->request->since,
		.days = (const char (*)[STS_DAY_CAP])below->request->days,
		.day_count = below->request->day_count,
	};
	enum sts_status status;

	for (size_t i = 0; i < OLD_MAX; i++) {
		query.fields[N_OLD + i] = old_fields[0][i];
		query.fields[N_ALIGNED + i] = old_fields[1][i];
	}
	below->rows.key = N_SUM;
	status = sts_query_domains(redis->query, &query, take_row, below);
	if (status == STS_OK)
		status = below->rows.status;
	domain_ranking_settle(&below->rows);
	return status;
}

static enum sts_status
read_totals(const struct settings_redis *redis, struct below *below)
{
	struct sts_tally tally = { 0 };
	enum sts_status status = stats_read_totals(redis, below->request, &tally);

	below->all = sts_tally_get(&tally, "messages");
	below->plaintext = sts_tally_get(&tally, "tls:none");
	for (size_t i = 0; i < OLD_MAX && i < below->old; i++)
		stats_add(&below->all_below, sts_tally_get(&tally, old_fields[0][i]));
	sts_tally_fini(&tally);
	return status;
}

static bool
take_entry(void *arg, const struct sts_query_entry *entry)
{
	return client_networks_add(arg, entry);
}

static enum sts_status
read_networks(const struct settings_redis *redis, struct below *below)
{
	char id[STS_STREAM_ID_CAP], end[STS_STREAM_ID_CAP];
	enum sts_status status = sts_query_stream_end(redis->query, end);

	snprintf(id, sizeof(id), "%" PRId64 "-0", below->request->since * 1000);
	below->networks.min_rank = sts_tls_version_rank(below->request->below);
	/* New entries are left out, or there would be no end. */
	while (status == STS_OK && below->networks.status == STS_OK && sts_query_id_before(id, end))
		status = sts_query_stream(redis->query, 0, id, take_entry, &below->networks);
	if (status == STS_OK || status == STS_ENOTFOUND)
		status = below->networks.status;
	client_networks_settle(&below->networks);
	return status;
}

/* ---- JSON ---- */

static int64_t
aligned_of(const struct below *below, const struct sts_query_row *row)
{
	int64_t sum = 0;

	for (size_t i = 0; i < OLD_MAX && i < below->old; i++)
		stats_add(&sum, row->n[N_ALIGNED + i]);
	return sum;
}

static json_t *
domain_to_json(const struct below *below, const struct sts_query_row *row)
{
	json_t *versions = json_object();

	for (size_t i = 0; i < OLD_MAX && i < below->old; i++)
		json_put(&versions, old_names[i], json_integer((json_int_t)row->n[N_OLD + i]));
	return json_pack("{s:s, s:I, s:I, s:I, s:o, s:I}", "domain", row->domain, "below", (json_int_t)row->n[N_SUM], "messages",
	    (json_int_t)row->n[N_MESSAGES], "below_aligned", (json_int_t)aligned_of(below, row), "versions", versions,
	    "last_seen", (json_int_t)row->last_seen);
}

static json_t *
domains_to_json(const struct below *below)
{
	json_t *list = json_array();
	bool good = list != NULL;

	for (size_t i = 0; good && i < below->rows.count && i < below->request->top; i++)
		good = json_array_append_new(list, domain_to_json(below, &below->rows.rows[i])) == 0;
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
networks_to_json(const struct below *below)
{
	json_t *list = json_array();
	bool good = list != NULL;
	size_t n = 0;

	for (const struct client_network *c = below->networks.networks; good && c != NULL && n < below->request->top; c = c->hh.next, n++)
		good = json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I}", "network", c->name, "below", (json_int_t)c->below,
		    "messages", (json_int_t)c->messages, "last_below", (json_int_t)(c->last_ms / 1000))) == 0;
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
below_to_json(const struct below *below)
{
	const struct client_networks *n = &below->networks;

	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:I, s:I}, s:I, s:o, s:s}", "version", below->request->below,
	    "messages", (json_int_t)below->all, "below", (json_int_t)below->all_below, "plaintext", (json_int_t)below->plaintext,
	    "domain_count", (json_int_t)below->rows.count, "domains", domains_to_json(below), "evidence", "since",
	    (json_int_t)(n->first_ms / 1000), "messages", (json_int_t)n->messages, "below", (json_int_t)n->below, "without_client",
	    (json_int_t)n->nameless, "network_count", (json_int_t)HASH_COUNT(n->networks), "networks", networks_to_json(below),
	    "warning", warning);
}

/* ---- CSV ---- */

/* Prints the domains only, from the counters. Networks come from evidence, which does not cover the same time. */
static void
print_csv(const struct below *below)
{
	struct csv csv = { .to = stdout };

	for (size_t i = 0; i < 4; i++)
		csv_text(&csv, (const char *const[]){ "domain", "below", "messages", "below_aligned" }[i]);
	for (size_t i = 0; i < OLD_MAX && i < below->old; i++)
		csv_text(&csv, old_names[i]);
	csv_head(&csv, (const char *const[]){ "last_seen", NULL });
	for (size_t i = 0; i < below->rows.count && i < below->request->top; i++) {
		const struct sts_query_row *row = &below->rows.rows[i];

		csv_text(&csv, row->domain);
		csv_number(&csv, row->n[N_SUM]);
		csv_number(&csv, row->n[N_MESSAGES]);
		csv_number(&csv, aligned_of(below, row));
		for (size_t k = 0; k < below->old; k++)
			csv_number(&csv, row->n[N_OLD + k]);
		csv_time(&csv, row->last_seen);
		csv_end(&csv);
	}
}

/* ---- for people ---- */

enum { VERSIONS_CAP = 96 };
static const char *
versions_text(const struct below *below, const struct sts_query_row *row, char out[VERSIONS_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, VERSIONS_CAP);
	for (size_t i = 0; i < OLD_MAX && i < below->old; i++)
		if (row->n[N_OLD + i] > 0)
			sts_text_addf(&text, "%s%s", text.len > 0 ? " " : "", old_names[i]);
	return out;
}

static bool
print_domains(const struct below *below)
{
	struct table *table = table_new("lrrrll");
	char text[VERSIONS_CAP], share[HUMAN_PERCENT_CAP], time[HUMAN_TIME_CAP];
	bool good;

	table_row(table);
	for (size_t i = 0; i < 6; i++)
		table_text(table, (const char *const[]){ "domain", "below", "share", "aligned", "last seen", "with" }[i]);
	for (size_t i = 0; i < below->rows.count && i < below->request->top; i++) {
		const struct sts_query_row *row = &below->rows.rows[i];

		table_row(table);
		table_text(table, row->domain);
		table_number(table, row->n[N_SUM]);
		table_text(table, human_percent(row->n[N_SUM], row->n[N_MESSAGES], share));
		table_number(table, aligned_of(below, row));
		table_text(table, human_time(row->last_seen, time));
		table_text(table, versions_text(below, row, text));
	}
	good = table_print(table, terminal_width(), stdout);
	table_free(&table);
	if (below->rows.count > below->request->top)
		printf("(and %zu more domains)\n", below->rows.count - below->request->top);
	return good;
}

static bool
print_network_table(const struct below *below)
{
	struct table *table = table_new("lrrrl");
	char share[HUMAN_PERCENT_CAP], time[HUMAN_TIME_CAP];
	size_t count = HASH_COUNT(below->networks.networks), n = 0;
	bool good;

	table_row(table);
	for (size_t i = 0; i < 5; i++)
		table_text(table, (const char *const[]){ "client network", "below", "share", "messages", "last below" }[i]);
	for (const struct client_network *c = below->networks.networks; c != NULL && n < below->request->top; c = c->hh.next, n++) {
		table_row(table);
		table_text(table, c->name);
		table_number(table, c->below);
		table_text(table, human_percent(c->below, c->messages, share));
		table_number(table, c->messages);
		table_text(table, human_time(c->last_ms / 1000, time));
	}
	good = table_print(table, terminal_width(), stdout);
	table_free(&table);
	if (count > below->request->top)
		printf("(and %zu more networks)\n", count - below->request->top);
	return good;
}

static bool
print_networks(const struct below *below)
{
	const struct client_networks *networks = &below->networks;
	char time[HUMAN_TIME_CAP];

	if (networks->messages == 0) {
		puts("\nno evidence from this time: client networks are unknown");
		return true;
	}
	printf("\nevidence since %s, %" PRId64 " messages, %" PRId64 " of them below:\n", human_time(networks->first_ms / 1000, time),
	    networks->messages, networks->below);
	if (networks->networks != NULL && !print_network_table(below))
		return false;
	if (networks->nameless > 0)
		printf("(of %" PRId64 " messages the client is not kept: evidence_client_addr)\n", networks->nameless);
	return true;
}

static bool
print_below(const struct below *below)
{
	char share[HUMAN_PERCENT_CAP], plaintext[HUMAN_PERCENT_CAP];

	printf("mail over TLS below %s, ", below->request->below);
	stats_print_period(below->request);
	if (below->rows.count == 0)
		puts("no domain");
	else if (!print_domains(below))
		return false;
	if (!print_networks(below))
		return false;
	printf("\n%" PRId64 " of all %" PRId64 " messages (%s) came over TLS below %s; %" PRId64 " (%s) in plaintext.\n",
	    below->all_below, below->all, human_percent(below->all_below, below->all, share), below->request->below, below->plaintext,
	    human_percent(below->plaintext, below->all, plaintext));
	(void)wrap_words(warning, 0, 0, terminal_width(), stdout);
	putchar('\n');
	return true;
}

enum cmd_exit
stats_below(const struct cmd_context *context, const struct settings_redis *redis, const struct stats_request *request)
{
	struct below below = { .request = request, .old = stats_older_than(request->below) };
	enum sts_status status = read_domains(redis, &below);
	enum cmd_exit code = CMD_FINE;

	if (status == STS_OK)
		status = read_totals(redis, &below);
	if (status == STS_OK)
		status = read_networks(redis, &below);
	if (status != STS_OK)
		code = settings_redis_error(context, redis, status);
	else if (context->json)
		code = output_json(context, code, below_to_json(&below));
	else if (request->csv)
		print_csv(&below);
	else if (!print_below(&below))
		code = output_error(context, CMD_UNKNOWN, "no memory");
	client_networks_fini(&below.networks);
	domain_ranking_fini(&below.rows);
	return code;
}
