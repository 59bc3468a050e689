/* SPDX-License-Identifier: ISC */
/* cmd_check.c - stsctl check: the options, the order of the parts, and what becomes of what they find. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/check/ask.h"
#include "stsctl/check/check.h"
#include "stsctl/check/domain_list.h"
#include "stsctl/check/report.h"
#include "stsctl/check/state.h"
#include "stsctl/check/textfile.h"
#include "stsctl/context/files.h"
#include "stsctl/context/settings.h"
#include "stsctl/diagnosis/drift.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/terminal.h"

enum { RESOLVER, PUBLIC, STATE, WATCH, METRICS, VERBOSE, QUIET };

const struct cmd_option cmd_check_options[] = {
	[RESOLVER] = { "resolver", true },
	[PUBLIC] = { "public", false },
	[STATE] = { "state", true },
	[WATCH] = { "watch", true },
	[METRICS] = { "metrics", true },
	[VERBOSE] = { "verbose", false },
	[QUIET] = { "quiet", false },
	{ NULL, false },
};

static const char *const public_resolvers[] = { "8.8.8.8", "1.1.1.1", "208.67.222.222" };

struct run {
	const struct cmd_context *context;
	struct check_means means;
	char *resolvers;		/* storage of the means' */
	struct domain_list list;
	struct check_state *state;	/* NULL: nothing is remembered */
	struct textfile metrics;
};

/* ---- what goes on, on standard error ---- */

static void
tell(void *arg, const char *line)
{
	(void)arg;
	flockfile(stderr);
	fputs("  ", stderr);
	for (const char *c = line; *c != '\0'; c++)
		output_byte(*c, stderr);
	putc('\n', stderr);
	funlockfile(stderr);
}

static void
show_progress(const struct run *run, size_t which, const char *part)
{
	if (!terminal_is_watched() || run->means.tell != NULL)
		return;
	if (part == NULL)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r\033[K%s (%zu of %zu): %s", run->list.domains[which], which + 1, run->list.count, part);
	fflush(stderr);
}

/* ---- one domain ---- */

typedef void part_fn(const struct check_means *means, struct check_facts *facts, struct findings *out);

/* In this order: each uses what those before have learnt. */
static const struct part {
	const char *name;
	part_fn *run;
} parts[] = {
	{ "the record", check_record },
	{ "the policy host", check_web },
	{ "MX records", check_mx },
	{ "mail exchangers", check_smtp },
	{ "TLS reports", check_tlsrpt },
};

static enum cmd_exit
remember(struct run *run, const struct check_facts *facts, const struct check_memory *memory, const struct findings *found)
{
	enum sts_status status = STS_OK;

	if (run->state != NULL)
		status = check_state_put(run->state, facts->domain, memory, found);
	if (status == STS_OK && run->context->values[METRICS] != NULL)
		status = textfile_add(&run->metrics, facts, found);
	return status == STS_OK ? CMD_FINE : output_error(run->context, CMD_UNKNOWN, "%s", sts_status_text(status));
}

/* Of two exit codes that which matters more: a problem, then not knowing. */
static enum cmd_exit
worse(enum cmd_exit a, enum cmd_exit b)
{
	return a == CMD_NO || (a == CMD_UNKNOWN && b != CMD_NO) ? a : b;
}

static enum cmd_exit
check_domain(struct run *run, size_t which)
{
	const char *domain = run->list.domains[which];
	struct check_memory memory = { .id = "" };
	struct check_facts facts;
	struct findings found;
	enum cmd_exit code;

	check_facts_init(&facts, domain);
	findings_init(&found);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		show_progress(run, which, parts[i].name);
		parts[i].run(&run->means, &facts, &found);
	}
	if (run->state != NULL) {
		check_state_get(run->state, domain, &memory);
		check_drift(&facts, run->means.now, &memory, &found);
	}
	show_progress(run, which, NULL);
	if (run->context->values[WATCH] != NULL)
		code = check_report_changes(run->context, domain, &found, run->state);
	else
		code = check_report(run->context, domain, &found, run->context->values[QUIET] != NULL);
	fflush(stdout);
	code = worse(code, remember(run, &facts, &memory, &found));
	findings_fini(&found);
	check_facts_fini(&facts);
	return code;
}

/* ---- before and after ---- */

/* Splits "ADDR[:PORT],..." in place. */
static enum cmd_exit
list_resolvers(struct run *run)
{
	const char *given = run->context->values[RESOLVER];
	struct check_means *means = &run->means;
	char *rest;

	run->resolvers = strdup(given != NULL ? given : "");
	if (run->resolvers == NULL)
		return output_error(run->context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	if (given == NULL)
		means->resolvers[means->resolver_count++] = means->conf->dns_servers;
	rest = run->resolvers;
	for (char *one; given != NULL && (one = strsep(&rest, ", ")) != NULL;) {
		if (means->resolver_count == CHECK_RESOLVERS_MAX)
			return output_error(run->context, CMD_USAGE, "--resolver: more than %d", (int)CHECK_RESOLVERS_MAX);
		if (one[0] != '\0')
			means->resolvers[means->resolver_count++] = one;
	}
	for (size_t i = 0; i < sizeof(public_resolvers) / sizeof(public_resolvers[0]); i++)
		if (run->context->values[PUBLIC] != NULL && means->resolver_count < CHECK_RESOLVERS_MAX)
			means->resolvers[means->resolver_count++] = public_resolvers[i];
	return means->resolver_count > 0 ? CMD_FINE : output_error(run->context, CMD_USAGE, "--resolver: names none");
}

/* All are tried here, so that nothing is asked when one of them cannot be read. */
static enum cmd_exit
open_resolvers(struct run *run)
{
	for (size_t i = run->means.resolver_count; i-- > 0;) {
		dns_query_free(&run->means.dns);
		run->means.dns = check_ask_open(&run->means, run->means.resolvers[i], true);
		if (run->means.dns == NULL)
			return output_error(run->context, CMD_USAGE, "--resolver: wants ADDR, ADDR:PORT or [ADDR]:PORT, not: %s",
			    run->means.resolvers[i]);
	}
	return CMD_FINE;
}

static enum cmd_exit
open_state(struct run *run)
{
	const char *given = run->context->values[STATE];
	char *place = given != NULL ? strdup(given) : check_state_place(), why[CHECK_STATE_WHY_CAP];
	enum cmd_exit code = CMD_FINE;

	if (place != NULL && strcmp(place, "none") != 0 && check_state_open(place, &run->state, why) != STS_OK)
		code = output_error(run->context, CMD_UNKNOWN, "--state: %s", why);
	free(place);
	if (code == CMD_FINE && run->state == NULL && run->context->values[WATCH] != NULL)
		code = output_error(run->context, CMD_USAGE, "--watch: wants a --state to compare with");
	return code;
}

/* That the usual place cannot be written to is said, and no more: nobody has asked for it. */
static enum cmd_exit
save_state(const struct run *run)
{
	const struct cmd_context *context = run->context;
	char why[CHECK_STATE_WHY_CAP];

	if (run->state == NULL || check_state_save(run->state, why) == STS_OK)
		return CMD_FINE;
	if (context->values[STATE] != NULL || context->values[WATCH] != NULL)
		return output_error(context, CMD_UNKNOWN, "--state: %s", why);
	fprintf(stderr, "stsctl: not remembered for the next time: %s\n", why);
	return CMD_FINE;
}

static enum cmd_exit
save_metrics(const struct run *run)
{
	const char *path = run->context->values[METRICS];
	char why[FILES_WHY_CAP] = "", *text;
	enum sts_status status;

	if (path == NULL)
		return CMD_FINE;
	text = textfile_text(&run->metrics, sts_clock_now());
	status = text != NULL ? files_write(path, text, strlen(text), why) : STS_ENOMEM;
	free(text);
	return status == STS_OK ? CMD_FINE : output_error(run->context, CMD_UNKNOWN, "--metrics: %s",
	    why[0] != '\0' ? why : sts_status_text(status));
}

static enum cmd_exit
check_all(struct run *run)
{
	enum cmd_exit code = CMD_FINE;

	for (size_t i = 0; i < run->list.count; i++)
		code = worse(code, check_domain(run, i));
	code = worse(code, save_state(run));
	return worse(code, save_metrics(run));
}

enum cmd_exit
cmd_check(const struct cmd_context *context, int argc, char **argv)
{
	struct run run = { .context = context, .means = { .authoritative = true, .now = sts_clock_now() } };
	struct sts_conf *conf = NULL;
	enum cmd_exit code;

	if ((argc > 0) == (context->values[WATCH] != NULL))
		return output_error(context, CMD_USAGE, "check: wants DOMAIN..., or --watch FILE");
	if (context->values[VERBOSE] != NULL)
		run.means.tell = tell;
	if (argc > 0)
		code = domain_list_operands(context, argc, argv, &run.list);
	else
		code = domain_list_file(context, context->values[WATCH], &run.list);
	if (code == CMD_FINE)
		code = settings_load(context, &conf);
	run.means.conf = conf;
	if (code == CMD_FINE)
		code = list_resolvers(&run);
	if (code == CMD_FINE)
		code = open_resolvers(&run);
	if (code == CMD_FINE)
		code = open_state(&run);
	if (code == CMD_FINE)
		code = check_all(&run);
	dns_query_free(&run.means.dns);
	check_state_free(&run.state);
	textfile_fini(&run.metrics);
	domain_list_fini(&run.list);
	free(run.resolvers);
	sts_conf_unref(&conf);
	return code;
}
