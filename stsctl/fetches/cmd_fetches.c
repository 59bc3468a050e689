/* SPDX-License-Identifier: ISC */
/* cmd_fetches.c - stsctl fetches: who has fetched your policies, by the web server's logs. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "stsctl/context/domain_view.h"
#include "stsctl/fetches/fetch_logs.h"
#include "stsctl/fetches/own_addresses.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/paste.h"
#include "stsctl/terminal/table.h"
#include "stsctl/terminal/terminal.h"

enum { LOG, OWN, SHOWN_CAP = 4 * FETCH_CLIENTS_AGENT_CAP, CALL_CAP = 2048 };

const struct cmd_option cmd_fetches_options[] = {
	[LOG] = { "log", NULL, "read these logs; by default those of publish's virtual hosts in "
	    "/var/log/apache2 and /var/log/nginx" },	/* the files are operands, so that `--log A', `--log A B' and `--log A --log B'
							 * all work */
	[OWN] = { "own", "ADDRESSES", "your own addresses or networks, which do not count, besides this machine's" },
	CMD_OPTIONS_END,
};

/* The usual causes. %1$s: the domain; %2$s: stsctl as it was called. */
static const char causes[] =
    "    - the TXT record of _mta-sts is missing or malformed: %2$s check %1$s\n"
    "    - senders cache that there was none, for as long as the zone's SOA record says\n"
    "    - no mail comes from senders that use MTA-STS: send yourself one from a big provider\n"
    "    - the id is unchanged, so that senders keep the policy they have: %2$s publish plan\n"
    "    - this is not the log of the host that mta-sts.DOMAIN points to, or it was rotated: --log\n";

/* ---- reading ---- */

/* Reads a log. One that cannot be read is reported, and does not stop the others. */
static enum cmd_exit
read_one(const struct cmd_context *context, const char *path, struct fetch_clients *f)
{
	struct cmd_context text_only = *context;
	char why[FETCH_LOGS_WHY_CAP] = "";
	enum sts_status status = fetch_logs_read(path, f, why);

	text_only.json = false;
	if (status == STS_OK)
		return CMD_FINE;
	return output_error(&text_only, CMD_UNKNOWN, "%s", why[0] != '\0' ? why : sts_status_text(status));
}

/* Reads the files given, else those found. */
static enum cmd_exit
read_logs(const struct cmd_context *context, int argc, char **argv, struct fetch_clients *f)
{
	char **found = NULL;
	enum cmd_exit code = CMD_FINE;

	for (int i = 0; i < argc; i++)
		if (read_one(context, argv[i], f) != CMD_FINE)
			code = CMD_UNKNOWN;
	if (argc > 0)
		return code;
	found = fetch_logs_found();
	if (found == NULL || found[0] == NULL)
		code = CMD_UNKNOWN;
	for (size_t i = 0; found != NULL && found[i] != NULL; i++)
		if (read_one(context, found[i], f) != CMD_FINE)
			code = CMD_UNKNOWN;
	fetch_logs_free(found);
	return code;
}

/* ---- printing ---- */

static const char *
shown(const char *text, size_t cap, char out[SHOWN_CAP])
{
	struct sts_text to;

	sts_text_init(&to, out, SHOWN_CAP);
	sts_text_add_shown(&to, text, strlen(text), cap);
	return out;
}

static void
print_fetchers(const struct fetch_clients_domain *d)
{
	struct table *table = table_new("lrrlll");
	char text[SHOWN_CAP], last[HUMAN_TIME_CAP];

	table_row(table);
	for (size_t i = 0; i < 6; i++)
		table_text(table, ((const char *const[]){ "client", "fetched", "failed", "last", "sender", "user-agent" })[i]);
	for (const struct fetch_client *who = d->list; who != NULL; who = who->hh.next) {
		table_row(table);
		table_text(table, shown(who->who.client, FETCH_CLIENTS_CLIENT_CAP, text));
		table_number(table, (int64_t)who->fetched);
		table_number(table, (int64_t)who->failed);
		table_text(table, human_time(who->last, last));
		table_text(table, who->sender != NULL ? who->sender : "-");
		table_text(table, shown(who->who.agent, 60, text));
	}
	if (!table_print(table, terminal_width(), stdout))
		puts("  (no memory for the table)");
	table_free(&table);
}

static void
print_causes(const struct cmd_context *context, const char *warning, const char *domain)
{
	char call[CALL_CAP];
	struct sts_text text;

	sts_text_init(&text, call, sizeof(call));
	paste_stsctl(&text, context);
	printf("%s. Likely causes:\n", warning);
	printf(causes, domain, call);
}

static void
print_domain(const struct cmd_context *context, const struct fetch_clients_domain *d, int64_t now)
{
	char last[HUMAN_TIME_CAP];

	printf("%s: ", d->name[0] != '\0' ? d->name : "(the logs do not say which domain)");
	if (d->last != 0)
		printf("last fetched by others %s", human_time(d->last, last));
	else
		printf("never fetched by others");
	if (d->own > 0)
		printf("; left out: %zu of our own", d->own);
	putchar('\n');
	if (d->list != NULL)
		print_fetchers(d);
	if (fetch_clients_is_silent(d, now))
		print_causes(context, "  warning: nobody in the last 48 hours", d->name[0] != '\0' ? d->name : "DOMAIN");
}

static void
print_rest(const struct fetch_clients *f)
{
	if (f->unreadable > 0)
		printf("%zu line%s in an unknown format, neither Apache's nor nginx's.\n", f->unreadable,
		    f->unreadable == 1 ? " is" : "s are");
	if (f->dropped > 0)
		printf("%zu fetches of further clients or domains are not shown.\n", f->dropped);
}

static json_t *
fetch_clients_json(const struct fetch_clients_domain *d)
{
	json_t *list = json_array();

	for (const struct fetch_client *who = d->list; list != NULL && who != NULL; who = who->hh.next)
		json_add(&list, json_pack("{s:o, s:o, s:s?, s:I, s:I, s:i, s:I, s:I}", "client",
		    json_text(who->who.client), "agent", json_text(who->who.agent), "sender", who->sender, "fetched",
		    (json_int_t)who->fetched, "failed", (json_int_t)who->failed, "last_status", (int)who->last_status, "first",
		    (json_int_t)who->first, "last", (json_int_t)who->last));
	return list;
}

static json_t *
all_json(const struct fetch_clients *f, int64_t now)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < f->domain_count; i++) {
		const struct fetch_clients_domain *d = &f->domains[i];

		json_add(&list, json_pack("{s:s, s:b, s:I, s:I, s:o}", "domain", d->name, "silent",
		    fetch_clients_is_silent(d, now), "last", (json_int_t)d->last, "own", (json_int_t)d->own, "fetchers",
		    fetch_clients_json(d)));
	}
	return json_pack("{s:o, s:I, s:I}", "domains", list, "unreadable", (json_int_t)f->unreadable, "dropped",
	    (json_int_t)f->dropped);
}

static enum cmd_exit
report(const struct cmd_context *context, struct fetch_clients *f, enum cmd_exit code)
{
	int64_t now = sts_clock_now();

	fetch_clients_sort(f);
	/* If a log could not be read, the answer is unknown, not no. If no line is about a policy, and no log's name names a domain,
	 * nobody has fetched any policy: no. */
	if (f->domain_count == 0 && code == CMD_FINE)
		code = CMD_NO;
	for (size_t i = 0; i < f->domain_count && code == CMD_FINE; i++)
		if (fetch_clients_is_silent(&f->domains[i], now))
			code = CMD_NO;
	if (f->no_memory) {
		struct cmd_context text_only = *context;

		text_only.json = false;
		code = output_error(&text_only, CMD_UNKNOWN, "no memory for all clients and domains: some are missing");
	}
	if (context->json)
		return output_json(context, code, all_json(f, now));
	for (size_t i = 0; i < f->domain_count; i++)
		print_domain(context, &f->domains[i], now);
	if (f->domain_count == 0)
		print_causes(context, "No requests to a policy host in these logs.\n  warning: nobody has asked for a policy", "DOMAIN");
	print_rest(f);
	return code;
}

enum cmd_exit
cmd_fetches(const struct cmd_context *context, int argc, char **argv)
{
	struct own_addresses *own = NULL;
	struct fetch_clients f;
	struct sts_diag diag;
	enum sts_status status;
	enum cmd_exit code;

	if (context->values[LOG] != NULL && argc == 0)
		return output_error(context, CMD_USAGE, "--log: expects a FILE");
	sts_diag_init(&diag);
	status = own_addresses_new(context->values[OWN], &own, &diag);
	if (status == STS_EINVAL)
		return output_error(context, CMD_USAGE, "--own: %s", diag.error.text);
	if (status != STS_OK)
		return output_error(context, CMD_UNKNOWN, "%s", sts_status_text(status));
	fetch_clients_init(&f, own_addresses_has, own);
	code = read_logs(context, argc, argv, &f);
	if (code == CMD_FINE || f.domain_count > 0)
		code = report(context, &f, code);
	else
		code = output_error(context, code, argc > 0 ? "none of the logs can be read" :
		    "no readable log of a policy host in /var/log/apache2 or /var/log/nginx; see --log");
	fetch_clients_fini(&f);
	own_addresses_free(&own);
	return code;
}
