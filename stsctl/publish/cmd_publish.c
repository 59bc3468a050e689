/* SPDX-License-Identifier: ISC */
/* cmd_publish.c - stsctl publish: makes policy files, DNS records and virtual hosts for our own domains from one short file. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/backends.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/publish/publish_run.h"
#include "stsctl/publish/tlsa.h"
#include "stsctl/terminal/output.h"

enum { FROM, OUTPUT, FORCE, NEXT, STATE_MAX = 64 << 20 };

const struct cmd_option cmd_publish_options[] = {
	[FROM] = { "from", "FILE", "what to publish; " SYSCONFDIR "/mta-sts-milter/publish.conf by default" },
	[OUTPUT] = { "output", "DIR", "write everything below DIR, to copy it to another machine" },
	[FORCE] = { "force", NULL, "write even if a mail exchanger fails; end the retirement of a domain" },
	[NEXT] = { "next", "FILE,...", "tlsa: the next keys or certificates, whose records must be published before them" },
	CMD_OPTIONS_END,
};

static const char default_file[] = SYSCONFDIR "/mta-sts-milter/publish.conf";

struct verb {
	const char *name;
	publish_step_fn *step;
	bool asks_dns, fetches, remembers;
	bool wants_domain;
	unsigned options;
};
enum { PLACES = 1 << FROM | 1 << OUTPUT };
static const struct verb verbs[] = {
	{ "plan", publish_step_plan, true, false, false, false, PLACES | 1 << FORCE },
	{ "apply", publish_step_apply, true, true, true, false, PLACES | 1 << FORCE },
	{ "verify", publish_step_verify, false, true, true, false, PLACES },
	{ "retire", publish_step_retire, false, true, true, true, PLACES },
};

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* ---- preparing a run ---- */

static enum cmd_exit
load_spec(const struct cmd_context *context, struct publish_run *run)
{
	const char *file = context->values[FROM] != NULL ? context->values[FROM] : default_file;
	enum sts_status status;

	fflush(stdout);
	status = publish_spec_load(file, stderr, &run->spec);
	if (status == STS_OK)
		return CMD_FINE;
	if (status == STS_EINVAL)
		return output_error(context, CMD_USAGE, "%s has mistakes", file);
	return output_error(context, CMD_UNKNOWN, "%s: %s", file, sts_status_text(status));
}

static enum cmd_exit
name_state(const struct cmd_context *context, struct publish_run *run)
{
	if (run->dir != NULL ? asprintf(&run->state_path, "%s/publish.state", run->dir) < 0 :
	    (run->state_path = strdup(run->spec->state_file)) == NULL) {
		run->state_path = NULL;
		return output_error(context, CMD_UNKNOWN, "no memory");
	}
	return CMD_FINE;
}

/* Two runs at once would lose each other's changes. The lock is a file beside the state file, because saving replaces that. */
static enum cmd_exit
lock_state(const struct cmd_context *context, struct publish_run *run)
{
	char why[FILES_WHY_CAP] = "", *path;
	enum sts_status status;

	if (asprintf(&path, "%s.lock", run->state_path) < 0)
		return output_error(context, CMD_UNKNOWN, "no memory");
	status = files_lock(path, 0, &run->lock, why);
	free(path);
	if (status == STS_OK)
		return CMD_FINE;
	return output_error(context, CMD_UNKNOWN, "%s", status == STS_EFULL ? "another stsctl publish is running" : why);
}

static enum cmd_exit
load_state(const struct cmd_context *context, struct publish_run *run)
{
	char why[FILES_WHY_CAP] = "", *text = NULL;
	struct sts_diag diag;
	size_t len = 0;
	enum sts_status status = files_read(run->state_path, STATE_MAX, &text, &len, why);

	if (status != STS_OK && status != STS_ENOTFOUND)
		return output_error(context, CMD_UNKNOWN, "%s", why[0] != '\0' ? why : sts_status_text(status));
	sts_diag_init(&diag);
	status = publish_state_read(text != NULL ? text : "", len, &run->state, &diag);
	free(text);
	if (status != STS_OK)
		return output_error(context, CMD_UNKNOWN, "%s:%u: %s", run->state_path, diag.error.line, diag.error.text);
	return CMD_FINE;
}

static enum cmd_exit
open_dns(const struct cmd_context *context, struct publish_run *run)
{
	enum sts_status status = dns_query_new(run->conf->dns_servers, true, run->conf->dns_timeout_ms, &run->dns);

	return status == STS_OK ? CMD_FINE : output_error(context, CMD_UNKNOWN, "network: %s (dns_servers)",
	    sts_status_text(status));
}

static void
close_run(struct publish_run *run)
{
	json_decref(run->report);
	if (run->loop != NULL)
		sts_net_loop_free(&run->loop);
	if (run->dns != NULL)
		dns_query_free(&run->dns);
	publish_state_fini(&run->state);
	publish_spec_free(&run->spec);
	free(run->state_path);
	if (run->lock >= 0)
		close(run->lock);
	sts_conf_unref(&run->conf);
}

/* ---- the domains, in turn ---- */

/* CMD_NO outweighs CMD_UNKNOWN. */
static enum cmd_exit
worse(enum cmd_exit a, enum cmd_exit b)
{
	if (a == CMD_NO || b == CMD_NO)
		return CMD_NO;
	return a != CMD_FINE ? a : b;
}

static enum cmd_exit
run_named(struct publish_run *run, const struct verb *verb, int argc, char **argv)
{
	const struct publish_domain **list = calloc((size_t)argc + 1, sizeof(const struct publish_domain *));
	enum cmd_exit code = list == NULL ? output_error(run->context, CMD_UNKNOWN, "no memory") : CMD_FINE;
	char domain[STS_DOMAIN_CAP];

	for (int i = 0; i < argc && code == CMD_FINE; i++) {
		code = usage_domain(run->context, argv[i], domain);
		if (code == CMD_FINE && (list[i] = publish_spec_find(run->spec, domain)) == NULL)
			code = output_error(run->context, CMD_USAGE, "%s: the file has no such domain", domain);
	}
	for (int i = 0; i < argc && list != NULL && list[i] != NULL && code != CMD_USAGE; i++)
		code = worse(code, verb->step(run, list[i]));
	free(list);
	return code;
}

static enum cmd_exit
run_domains(struct publish_run *run, const struct verb *verb, int argc, char **argv)
{
	enum cmd_exit code = CMD_FINE;

	if (argc > 0)
		code = run_named(run, verb, argc, argv);
	for (size_t i = 0; argc == 0 && i < run->spec->count; i++)
		code = worse(code, verb->step(run, &run->spec->domains[i]));
	if (run->report != NULL && code != CMD_USAGE)
		code = output_json(run->context, code, run->no_memory ? NULL : json_pack("{s:O}", "domains", run->report));
	return code;
}

enum cmd_exit
cmd_publish(const struct cmd_context *context, int argc, char **argv)
{
	const struct verb *verb = argc > 0 ? find_verb(argv[0]) : NULL;
	struct publish_run run = { .context = context, .dir = context->values[OUTPUT], .from = context->values[FROM],
		.force = context->values[FORCE] != NULL,
		.now = sts_clock_now(), .lock = -1 };
	enum cmd_exit code = usage_options(context, "publish", argv[0], cmd_publish_options, verb != NULL ? verb->options : 1 << NEXT);

	if (code != CMD_FINE)
		return code;
	if (verb == NULL)	/* tlsa, which does not need the file; the table of commands allows no other word */
		return publish_tlsa(context, argc - 1, argv + 1, context->values[NEXT]);
	if (verb->wants_domain && argc < 2)
		return output_error(context, CMD_USAGE, "publish %s: expects a DOMAIN", verb->name);
	if (run.dir != NULL && run.dir[0] == '\0')
		return output_error(context, CMD_USAGE, "--output: expects a directory");
	code = settings_load(context, &run.conf);
	if (code == CMD_FINE)
		code = load_spec(context, &run);
	if (code == CMD_FINE)
		code = name_state(context, &run);
	if (code == CMD_FINE && verb->remembers)
		code = lock_state(context, &run);
	if (code == CMD_FINE)
		code = load_state(context, &run);
	if (code == CMD_FINE && verb->asks_dns)
		code = open_dns(context, &run);
	if (code == CMD_FINE && verb->fetches)
		code = backends_open_net(context, run.conf, &run.loop);
	if (code == CMD_FINE && context->json && (run.report = json_array()) == NULL)
		code = output_error(context, CMD_UNKNOWN, "no memory");
	if (code == CMD_FINE)
		code = run_domains(&run, verb, argc - 1, argv + 1);
	close_run(&run);
	return code;
}
