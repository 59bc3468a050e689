/* SPDX-License-Identifier: ISC */
/* cmd_check.c - stsctl check: the options, the order of the output, the state and metrics files. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "stsctl/check/check.h"
#include "stsctl/check/check_output.h"
#include "stsctl/check/dns_lookup.h"
#include "stsctl/check/domain_list.h"
#include "stsctl/check/metrics_textfile.h"
#include "stsctl/check/state.h"
#include "stsctl/check/worker_pool.h"
#include "stsctl/context/files.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/diagnosis/drift.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/terminal.h"

enum { RESOLVER, PUBLIC, STATE, WATCH, METRICS, VERBOSE, QUIET, JOBS, TIME };
enum { TIME_S = 15, TIME_MAX_S = 3600 };	/* for one domain */
enum { LONG_WAIT_MS = 120000, SHORT_WAIT_MS = 3000 };	/* for another run to release the state */

const struct cmd_option cmd_check_options[] = {
	[RESOLVER] = { "resolver", "ADDR[:PORT],...", "query these resolvers: the first one for everything, the others for "
	    "the TXT record; the default is the system's, or those of dns_servers" },
	[PUBLIC] = { "public", NULL, "also query 8.8.8.8, 1.1.1.1 and 208.67.222.222 for the TXT record" },
	[STATE] = { "state", "FILE", "where to remember the results for the next run; none: nowhere" },
	[WATCH] = { "watch", "FILE", "check the domains in FILE, one per line, and print only what has changed since the "
	    "last run" },
	[METRICS] = { "metrics", "FILE", "write FILE for the textfile collector of Prometheus' node_exporter" },
	[VERBOSE] = { "verbose", NULL, "show every DNS answer, every handshake and every fetch on standard error" },
	[QUIET] = { "quiet", NULL, "leave out passes" },
	[JOBS] = { "jobs", "N", "check N domains at the same time, 1 to 16; 16 by default, with --verbose 1" },
	[TIME] = { "time", "SECONDS", "the time limit for one domain, 1 to 3600; 15 by default" },
	CMD_OPTIONS_END,
};

static const char *const public_resolvers[] = { "8.8.8.8", "1.1.1.1", "208.67.222.222" };

struct run {
	const struct cmd_context *context;
	struct check_env env;
	char *resolvers;		/* the text that env.resolvers point into */
	struct domain_list list;
	size_t jobs;
	int64_t time_ms;		/* for one domain */
	bool shows_progress;
	struct check_state *state;	/* NULL: none */
	struct metrics_textfile metrics;
};

/* ---- progress, on standard error ---- */

static void
trace_line(void *arg, const char *line)
{
	(void)arg;
	flockfile(stderr);
	fputs("  ", stderr);
	for (const char *c = line; *c != '\0'; c++)
		output_byte(*c, stderr);
	putc('\n', stderr);
	funlockfile(stderr);
}

/* Shows the current part on one line. Any thread. */
static void
show_part(void *arg, size_t which, const char *part)
{
	const struct run *run = arg;

	fprintf(stderr, "\r\033[K%s (%zu of %zu): %s", run->list.domains[which], which + 1, run->list.count, part);
}

/* ---- one domain ---- */

static enum cmd_exit
remember(struct run *run, const struct check_facts *facts, const struct check_baseline *baseline, const struct findings *found)
{
	enum sts_status status = STS_OK;

	if (run->state != NULL)
		status = check_state_put(run->state, facts->domain, baseline, found);
	if (status == STS_OK && run->context->values[METRICS] != NULL)
		status = metrics_textfile_add(&run->metrics, facts, found);
	return status == STS_OK ? CMD_FINE : output_error(run->context, CMD_UNKNOWN, "%s", sts_status_text(status));
}

/* The exit code that matters more: a problem, then an unknown. */
static enum cmd_exit
worse(enum cmd_exit a, enum cmd_exit b)
{
	return a == CMD_NO || (a == CMD_UNKNOWN && b != CMD_NO) ? a : b;
}

static enum cmd_exit
finish_domain(struct run *run, struct checked_domain *domain)
{
	struct check_baseline baseline = { .id = "" };
	const char *name = domain->facts.domain;
	enum cmd_exit code;

	if (run->state != NULL) {
		check_state_get(run->state, name, &baseline);
		check_drift(&domain->facts, run->env.now, &baseline, &domain->found);
	}
	/* keeps progress lines out of the output */
	flockfile(stderr);
	if (run->shows_progress)
		fputs("\r\033[K", stderr);
	if (run->context->values[WATCH] != NULL)
		code = check_print_changes(run->context, name, &domain->found, run->state);
	else
		code = check_print(run->context, name, &domain->found, run->context->values[QUIET] != NULL);
	fflush(stdout);
	funlockfile(stderr);
	return worse(code, remember(run, &domain->facts, &baseline, &domain->found));
}

/* ---- before and after ---- */

/* Splits "ADDR[:PORT],..." in place. */
static enum cmd_exit
list_resolvers(struct run *run)
{
	const char *given = run->context->values[RESOLVER];
	struct check_env *env = &run->env;
	char *rest;

	run->resolvers = strdup(given != NULL ? given : "");
	if (run->resolvers == NULL)
		return output_error(run->context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	if (given == NULL)
		env->resolvers[env->resolver_count++] = env->conf->dns_servers;
	rest = run->resolvers;
	for (char *one; given != NULL && (one = strsep(&rest, ", ")) != NULL;) {
		if (env->resolver_count == CHECK_RESOLVERS_MAX)
			return output_error(run->context, CMD_USAGE, "--resolver: more than %d", (int)CHECK_RESOLVERS_MAX);
		if (one[0] != '\0')
			env->resolvers[env->resolver_count++] = one;
	}
	for (size_t i = 0; i < sizeof(public_resolvers) / sizeof(public_resolvers[0]); i++)
		if (run->context->values[PUBLIC] != NULL && env->resolver_count < CHECK_RESOLVERS_MAX)
			env->resolvers[env->resolver_count++] = public_resolvers[i];
	return env->resolver_count > 0 ? CMD_FINE : output_error(run->context, CMD_USAGE, "--resolver: names none");
}

/* Parses all resolvers first, so that nothing is queried if one of them is wrong. */
static enum cmd_exit
try_resolvers(struct run *run)
{
	for (size_t i = 0; i < run->env.resolver_count; i++) {
		struct dns_query *dns = check_dns_open(&run->env, run->env.resolvers[i], true);
		bool good = dns != NULL;

		dns_query_free(&dns);
		if (!good)
			return output_error(run->context, CMD_USAGE, "--resolver: expects ADDR, ADDR:PORT or [ADDR]:PORT, not: %s",
			    run->env.resolvers[i]);
	}
	return CMD_FINE;
}

/* Waits for another run to finish: long if the user asked for the state with an option, briefly if not, because then the answer matters
 * more. */
static enum cmd_exit
open_state(struct run *run)
{
	const char *given = run->context->values[STATE];
	bool asked = given != NULL || run->context->values[WATCH] != NULL;
	char *place = given != NULL ? strdup(given) : check_state_path(geteuid() == 0, getenv("XDG_STATE_HOME"), getenv("HOME"));
	char why[CHECK_STATE_WHY_CAP];
	enum cmd_exit code = CMD_FINE;
	enum sts_status status = STS_OK;

	if (place != NULL && strcmp(place, "none") != 0)
		status = check_state_open(place, asked ? LONG_WAIT_MS : SHORT_WAIT_MS, &run->state, why);
	if (status == STS_EFULL && !asked)
		fprintf(stderr, "stsctl: not remembered for the next run: %s\n", why);
	else if (status != STS_OK)
		code = output_error(run->context, CMD_UNKNOWN, "--state: %s", why);
	free(place);
	if (code == CMD_FINE && run->state == NULL && run->context->values[WATCH] != NULL)
		code = output_error(run->context, CMD_USAGE, "--watch: needs a --state to compare with");
	return code;
}

/* Failing to write the default state file is not an error, because nobody asked for it. */
static enum cmd_exit
save_state(const struct run *run)
{
	const struct cmd_context *context = run->context;
	char why[CHECK_STATE_WHY_CAP];

	if (run->state == NULL || check_state_save(run->state, why) == STS_OK)
		return CMD_FINE;
	if (context->values[STATE] != NULL || context->values[WATCH] != NULL)
		return output_error(context, CMD_UNKNOWN, "--state: %s", why);
	fprintf(stderr, "stsctl: not remembered for the next run: %s\n", why);
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
	text = metrics_textfile_text(&run->metrics, sts_clock_now());
	status = text != NULL ? files_write(path, text, strlen(text), why) : STS_ENOMEM;
	free(text);
	return status == STS_OK ? CMD_FINE : output_error(run->context, CMD_UNKNOWN, "--metrics: %s",
	    why[0] != '\0' ? why : sts_status_text(status));
}

/* Checks several domains at the same time; prints them in the order of the list. */
static enum cmd_exit
check_all(struct run *run)
{
	const struct worker_pool_params params = { .env = &run->env, .domains = (const char (*)[STS_DOMAIN_CAP])run->list.domains,
		.count = run->list.count, .jobs = run->jobs, .time_ms = run->time_ms,
		.show = run->shows_progress ? show_part : NULL, .show_arg = run };
	struct worker_pool *pool = worker_pool_start(&params);
	enum cmd_exit code = CMD_FINE;

	for (size_t i = 0; pool != NULL && i < run->list.count; i++) {
		struct checked_domain *domain = worker_pool_wait(pool, i);

		code = worse(code, domain != NULL ? finish_domain(run, domain) :
		    output_error(run->context, CMD_UNKNOWN, "%s: %s", run->list.domains[i], sts_status_text(STS_ENOMEM)));
		checked_domain_free(&domain);
	}
	if (pool == NULL)
		code = output_error(run->context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
	worker_pool_free(&pool);
	code = worse(code, save_state(run));
	return worse(code, save_metrics(run));
}

/* With --verbose, domains are checked one after the other unless --jobs says otherwise, because their lines cannot be told apart. */
static enum cmd_exit
read_limits(struct run *run)
{
	const char *const *values = run->context->values;
	unsigned long long jobs = values[VERBOSE] != NULL ? 1 : WORKER_POOL_MAX, seconds = TIME_S;

	enum cmd_exit code = usage_number(run->context, &cmd_check_options[JOBS], values[JOBS], WORKER_POOL_MAX, &jobs);

	if (code == CMD_FINE)
		code = usage_number(run->context, &cmd_check_options[TIME], values[TIME], TIME_MAX_S, &seconds);
	run->jobs = (size_t)jobs;
	run->time_ms = (int64_t)seconds * 1000;
	run->shows_progress = terminal_is_watched() && values[VERBOSE] == NULL;
	return code;
}

enum cmd_exit
cmd_check(const struct cmd_context *context, int argc, char **argv)
{
	struct run run = { .context = context, .env = { .authoritative = true, .now = sts_clock_now() } };
	struct sts_conf *conf = NULL;
	enum cmd_exit code;

	if ((argc > 0) == (context->values[WATCH] != NULL))
		return output_error(context, CMD_USAGE, "check: expects DOMAIN..., or --watch FILE");
	if (context->values[VERBOSE] != NULL)
		run.env.trace = trace_line;
	if (argc > 0)
		code = domain_list_operands(context, argc, argv, &run.list);
	else
		code = domain_list_file(context, context->values[WATCH], &run.list);
	if (code == CMD_FINE)
		code = read_limits(&run);
	if (code == CMD_FINE)
		code = settings_load(context, &conf);
	run.env.conf = conf;
	if (code == CMD_FINE)
		code = list_resolvers(&run);
	if (code == CMD_FINE)
		code = try_resolvers(&run);
	if (code == CMD_FINE)
		code = open_state(&run);
	if (code == CMD_FINE)
		code = check_all(&run);
	check_state_free(&run.state);
	metrics_textfile_fini(&run.metrics);
	domain_list_fini(&run.list);
	free(run.resolvers);
	sts_conf_unref(&conf);
	return code;
}
