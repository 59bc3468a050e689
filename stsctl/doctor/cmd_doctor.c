/* SPDX-License-Identifier: ISC */
/*
 * cmd_doctor.c - stsctl doctor, which examines this machine part by part: the options, the order of the parts, the output.
 *
 * Each part has two halves. inspect_ asks the machine, and fills in facts. judge_ turns facts into findings; it does not touch the
 * machine, and is tested with tables. The parts for Postfix are in stsctl/smtpd/ and stsctl/outgoing/, the others beside this file.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/settings.h"
#include "stsctl/context/usage.h"
#include "stsctl/doctor/certbot.h"
#include "stsctl/doctor/domains.h"
#include "stsctl/doctor/milter.h"
#include "stsctl/doctor/redis.h"
#include "stsctl/doctor/rspamd.h"
#include "stsctl/doctor/tripwire.h"
#include "stsctl/outgoing/policy_maps.h"
#include "stsctl/outgoing/smtp_settings.h"
#include "stsctl/smtpd/certificate_files.h"
#include "stsctl/smtpd/header_checks.h"
#include "stsctl/smtpd/requiretls.h"
#include "stsctl/smtpd/smtpd_milters.h"
#include "stsctl/smtpd/tls.h"
#include "stsctl/smtpd/tls_offers.h"
#include "stsctl/terminal/output.h"

enum { POSTFIX, RSPAMD, DOMAINS, VERBOSE };

const struct cmd_option cmd_doctor_options[] = {
	[POSTFIX] = { "postfix", "DIR", "the instance of Postfix whose main.cf is in DIR (postconf -c)" },
	[RSPAMD] = { "rspamd", "DIR", "the directory with rspamd's local.d, and perhaps an rspamd.conf; /etc/rspamd by default" },
	[DOMAINS] = { "domains", NULL, "also look up what your own domains publish" },
	[VERBOSE] = { "verbose", NULL, "show which programs are run, on standard error" },
	CMD_OPTIONS_END,
};

/* The milter's settings. If they have mistakes, or this user may not read them (*guessed), the defaults replace them, so that the rest can
 * be examined. NULL: out of memory. */
static struct sts_conf *
read_settings(const struct cmd_context *context, bool *guessed, struct findings *out)
{
	const char *file = settings_file(context);
	struct sts_conf *conf = NULL;
	char *mistakes = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&mistakes, &len);

	if (errors == NULL)
		return NULL;
	if (settings_read(context, errors, &conf) != STS_OK && fflush(errors) == 0) {
		bool denied = mistakes != NULL && strstr(mistakes, "ermission denied") != NULL;

		findings_add(out, denied ? FINDING_INFO : FINDING_FAIL, "milter.settings", file, mistakes != NULL ? mistakes : "",
		    denied ? "run stsctl doctor as root" : "correct these lines; mta-sts-milter -t shows them again");
		if (denied)
			findings_set_unsure(out);
		*guessed = denied;
		(void)sts_conf_load(NULL, NULL, 0, errors, &conf);
	}
	fclose(errors);
	free(mistakes);
	return conf;
}

/* Queries DNS if asked to (--domains), if a key changes at renewal, or if the resolver is on this machine. */
static void
do_certbot(const struct cmd_context *context, const struct doctor_env *env, const struct doctor_postfix *pf,
    const struct doctor_chains *chains, struct findings *out)
{
	struct doctor_certbot certbot;

	inspect_certbot(chains, &certbot);
	inspect_resolver(env, postconf_get(pf->conf, "myhostname"), context->values[DOMAINS] != NULL || certbot_wants_dns(&certbot), &certbot);
	judge_certbot(&certbot, out);
}

static void
do_postfix(const struct cmd_context *context, const struct doctor_env *env, const struct doctor_postfix *pf,
    const struct doctor_rspamd *rspamd, struct findings *out)
{
	const struct doctor_known_milters known = { pf, env->conf->milter_socket, rspamd };
	const struct doctor_smtpd_milters milters = { pf, env->conf->milter_socket, env->conf->policy_wait_ms,
		sts_conf_enforces(env->conf), doctor_identify_milter, &known };
	const struct doctor_strip_needs needs = { !sts_netlist_is_empty(env->conf->accept_header_from),
		env->conf->strip_forged == STS_STRIP_POSTFIX };
	struct doctor_header_checks strip;
	struct doctor_chains chains;
	struct doctor_tls_offers offers;
	struct doctor_smtp_settings smtp_settings;

	judge_tls(pf, out);
	inspect_certificate_files(env, pf, &chains);
	judge_certificate_files(pf, &chains, env->now, out);
	do_certbot(context, env, pf, &chains, out);
	inspect_tls_offers(env, pf, &offers);
	judge_tls_offers(&offers, out);
	judge_fronts(pf, out);
	if (!env->guessed)
		judge_smtpd_milters(&milters, out);
	inspect_header_checks(env, pf, &strip);
	judge_header_checks(pf, &strip, &needs, out);
	if (needs.depends)
		judge_header_checks_off(pf, out);
	judge_policy_maps(pf, doctor_file_exists, socketmap_ask, out);
	judge_requiretls(pf, out);
	inspect_smtp_settings(env, pf, &smtp_settings);
	judge_smtp_settings(pf, &smtp_settings, out);
}

static void
do_domains(const struct cmd_context *context, const struct doctor_env *env, const struct doctor_postfix *pf,
    struct findings *out)
{
	struct doctor_domains domains;

	inspect_domains(env, pf, &domains);
	if (context->values[DOMAINS] != NULL)
		inspect_policies(env, context, &domains);
	judge_domains(pf, &domains, out);
	doctor_domains_fini(&domains);
}

/* The parts that need the milter's settings. */
static void
do_milter(const struct cmd_context *context, const struct doctor_env *env, const struct doctor_postfix *pf,
    const struct doctor_rspamd *rspamd, struct findings *out)
{
	struct doctor_redis redis;
	struct doctor_socket socket;
	struct doctor_tripwires wires;

	inspect_milter(env, pf, &socket);
	judge_milter(env->conf, &socket, out);
	inspect_tripwires(env, &wires);
	judge_tripwires(&wires, out);
	judge_rspamd(env->conf, rspamd, out);
	inspect_redis(env, &redis);
	judge_redis(&redis, out);
	do_domains(context, env, pf, out);
}

static void
inspect_machine(const struct cmd_context *context, const struct doctor_env *env, struct findings *out)
{
	struct doctor_postfix pf;
	struct doctor_rspamd rspamd;

	inspect_postfix(env, &pf);
	inspect_rspamd(env, &rspamd);
	judge_postfix(&pf, out);
	if (pf.conf != NULL)
		do_postfix(context, env, &pf, &rspamd, out);
	if (!env->guessed)
		do_milter(context, env, &pf, &rspamd, out);
	findings_fill_in_command(out, context);
	doctor_postfix_fini(&pf);
	explicit_bzero(&rspamd.key, sizeof(rspamd.key));
}

static enum cmd_exit
report(const struct cmd_context *context, const struct sts_conf *conf, const struct findings *findings)
{
	enum cmd_exit code = findings_exit(findings);

	if (context->json)
		return output_json(context, code, json_pack("{s:o, s:s, s:o}", "domain", json_text(conf->authserv_id),
		    "verdict", finding_level_name(findings_verdict(findings)), "findings", findings_json(findings)));
	findings_print(findings, false, stdout);
	printf("%s: %zu fail, %zu warn, %zu info%s\n", finding_level_name(findings_verdict(findings)),
	    findings_count(findings, FINDING_FAIL), findings_count(findings, FINDING_WARN),
	    findings_count(findings, FINDING_INFO), findings->unsure ? "; not everything could be determined" : "");
	return code;
}

static const char *
given(const struct cmd_context *context, int option)
{
	return context->values[option] != NULL ? context->values[option] : "";
}

enum cmd_exit
cmd_doctor(const struct cmd_context *context, int argc, char **argv)
{
	struct findings findings;
	struct doctor_env env = { .postfix_dir = given(context, POSTFIX), .rspamd_dir = given(context, RSPAMD),
		.verbose = context->values[VERBOSE] != NULL, .now = sts_clock_now() };
	struct sts_conf *conf;
	enum cmd_exit code;

	if (argc > 0)
		return usage_no_operands(context, "doctor", argc, argv, "");
	findings_init(&findings);
	conf = read_settings(context, &env.guessed, &findings);
	if (conf == NULL) {
		findings_fini(&findings);
		return output_error(context, CMD_UNKNOWN, "settings: %s", sts_status_text(STS_ENOMEM));
	}
	env.conf = conf;
	signal(SIGPIPE, SIG_IGN);
	inspect_machine(context, &env, &findings);
	code = report(context, conf, &findings);
	findings_fini(&findings);
	sts_conf_unref(&conf);
	return code;
}
