/* SPDX-License-Identifier: ISC */
/* publish_output.c - prints what publish does, for people and as JSON. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stsctl/publish/publish_run.h"
#include "stsctl/publish/virtual_hosts.h"
#include "stsctl/terminal/human_numbers.h"
#include "stsctl/terminal/output.h"
#include "stsctl/terminal/paste.h"

enum { LINE_CAP = STS_DOMAIN_CAP + 16, COMMAND_CAP = 4096 };

static const char *
file_word(enum files_change change, bool written)
{
	if (change == FILES_SAME)
		return "unchanged";
	return written ? "written" : change == FILES_MISSING ? "missing" : "differs";
}

static void
add_to_report(struct publish_run *run, json_t *object)
{
	run->no_memory |= json_array_append_new(run->report, object) != 0;
}

/* Whether text has this line; lines end with CR LF. */
static bool
has_line(const char *text, const char *line, size_t len)
{
	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\r");

		if (n == len && memcmp(p, line, len) == 0)
			return true;
		p += n;
		p += strspn(p, "\r\n");
	}
	return false;
}

static void
print_lines(const char *text, const char *other, const char *mark, bool only_different)
{
	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\r");
		bool same = has_line(other, p, n);

		if (!same || !only_different)
			printf("    %s %.*s\n", same ? " " : mark, (int)n, p);
		p += n;
		p += strspn(p, "\r\n");
	}
}

/* ---- plan, apply ---- */

static bool
all_files_same(const struct publish_plan_result *result)
{
	for (size_t i = 0; i < result->files->count; i++)
		if (result->changes[i] != FILES_SAME)
			return false;
	return true;
}

/* Prints the next command, with the options of this run. */
static void
print_command(const struct publish_run *run, const char *verb, const struct publish_domain *domain)
{
	char line[COMMAND_CAP];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	paste_stsctl(&text, run->context);
	sts_text_addf(&text, " publish %s", verb);
	if (run->from != NULL) {
		sts_text_add(&text, " --from ");
		paste_word(&text, run->from);
	}
	if (run->dir != NULL) {
		sts_text_add(&text, " --output ");
		paste_word(&text, run->dir);
	}
	sts_text_addf(&text, " %s", domain->name);
	for (const char *p = line; *p != '\0'; p++)
		output_byte(*p, stdout);
}

static void
print_first_steps(const struct publish_run *run, const struct publish_domain *d)
{
	const struct publish_target target = publish_target_of(run->dir, run->spec->dns_server, d,
	    &(struct publish_history){ .written = 0 });

	if (run->dir == NULL && d->apache_dir[0] == '\0' && d->nginx_dir[0] == '\0')
		printf("  note     no virtual host was written, because neither apache_dir nor nginx_dir is set\n");
	printf("  next     1. an address for mta-sts.%s%s\n", d->name,
	    publish_has_records(&target.dns, PUBLISH_HOST_RECORDS) ? "; these records:" : "");
	publish_zone_lines(&target.dns, PUBLISH_HOST_RECORDS, stdout);
	printf("           2. the virtual host for HTTP; then the certificate: ");
	publish_certbot(d, stdout);
	printf("\n           3. the virtual host for HTTPS; then: ");
	print_command(run, "verify", d);
	putchar('\n');
}

static void
print_next(const struct publish_run *run, const struct publish_plan_result *result)
{
	if (result->gate == PUBLISH_REFUSED)
		printf("  refused  senders would not deliver to a mail exchanger that fails; fix it, or stay with mode = "
		    "testing (--force overrides)\n");
	else if (result->gate == PUBLISH_UNSURE)
		printf("  refused  not every mail exchanger could be checked; try again (--force overrides)\n");
	else if (!result->written && (result->plan->change != PUBLISH_SAME || !all_files_same(result))) {
		fputs("  next     ", stdout);
		print_command(run, "apply", result->domain);
		putchar('\n');
	} else if (result->plan->next.released != 0)
		printf("  next     nothing: this policy is published\n");
	else if (result->history->released == 0 && access(result->domain->certificate, F_OK) != 0)
		print_first_steps(run, result->domain);
	else {
		fputs("  next     ", stdout);
		print_command(run, "verify", result->domain);
		puts("    # the TXT record comes after that");
	}
}

static void
print_file(const char *word, const char *path)
{
	printf("  %-9s", word);
	for (const char *p = path; *p != '\0'; p++)
		output_byte(*p, stdout);
	putchar('\n');
}

static void
print_plan(const struct publish_run *run, const struct publish_plan_result *result)
{
	const struct publish_plan *plan = result->plan;

	printf("%s: policy %s, id %s\n", result->domain->name, publish_change_name(plan->change), plan->next.id);
	print_lines(result->history->text, plan->next.text, "-", true);
	print_lines(plan->next.text, result->history->text, "+", false);
	for (size_t i = 0; i < result->files->count; i++)
		print_file(file_word(result->changes[i], result->written), result->files->list[i].path);
	findings_print(result->findings, true, stdout);
	if (plan->next.retired != 0)
		printf("  note     the domain is being retired (stsctl publish retire); --force ends that\n");
	if (plan->strict_at_once)
		printf("  note     enforce without testing first: no reports show yet whether it would work\n");
	if (result->gate == PUBLISH_FORCED)
		printf("  forced   although mail exchangers fail, or could not be checked\n");
	print_next(run, result);
}

static json_t *
files_json(const struct publish_plan_result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < result->files->count; i++)
		json_add(&list, json_pack("{s:o, s:s}", "path", json_text(result->files->list[i].path),
		    "state", file_word(result->changes[i], result->written)));
	return list;
}

void
publish_print_plan(struct publish_run *run, const struct publish_plan_result *result)
{
	const struct publish_plan *plan = result->plan;

	if (run->report == NULL) {
		print_plan(run, result);
		return;
	}
	add_to_report(run, json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:b, s:b, s:o, s:o}", "domain", result->domain->name,
	    "change", publish_change_name(plan->change), "mode", sts_mode_name(plan->mode), "max_age",
	    (json_int_t)plan->max_age_s, "id", plan->next.id, "policy", plan->next.text, "gate", publish_gate_name(result->gate),
	    "written", result->written, "released", plan->next.released != 0, "files", files_json(result), "findings",
	    findings_json(result->findings)));
}

/* ---- verify ---- */

void
publish_print_verified(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history,
    const char *why)
{
	const struct publish_target target = publish_target_of(run->dir, run->spec->dns_server, domain, history);
	char record[PUBLISH_RECORD_CAP];

	publish_record(history->id, record);
	if (run->report != NULL) {
		json_t *object = json_pack("{s:s, s:b, s:s}", "domain", domain->name, "verified", why[0] == '\0', "id", history->id);

		if (object != NULL && why[0] != '\0')
			json_put(&object, "why", json_text(why));
		else if (object != NULL)
			json_put(&object, "record", json_string(record));
		add_to_report(run, object);
		return;
	}
	if (why[0] != '\0') {
		printf("%s: not served as it was written: %s\n"
		    "  next     leave the TXT record as it is; fix this first\n", domain->name, why);
		return;
	}
	printf("%s: served as it was written. Its record:\n", domain->name);
	publish_zone_lines(&target.dns, PUBLISH_POLICY_RECORD, stdout);
	if (history->retired != 0) {
		fputs("  next     publish it; then: ", stdout);
		print_command(run, "retire", domain);
		putchar('\n');
	} else
		printf("  next     publish it; then: stsctl check %s\n", domain->name);
}

/* ---- retire ---- */

static void
print_removal(const struct publish_run *run, const struct publish_domain *d)
{
	const struct publish_target target = publish_target_of(run->dir, run->spec->dns_server, d,
	    &(struct publish_history){ .written = 0 });

	printf("%s: no sender has a policy in its cache any more. Remove, in this order:\n"
	    "  1. the record of _mta-sts.%s%s, as in this script for nsupdate:\n", d->name, d->name,
	    d->web_host[0] != '\0' ? " and those of mta-sts" : "");
	publish_nsupdate(&target.dns, PUBLISH_REMOVAL, stdout);
	printf("  2. the virtual hosts of mta-sts.%s, its certificate (certbot delete --cert-name mta-sts.%s), and %s\n"
	    "  3. the domain's stanza\n", d->name, d->name, d->web_root);
	printf("  TLS reports (_smtp._tls.%s) continue for as long as their record exists.\n", d->name);
}

void
publish_print_retirement(struct publish_run *run, const struct publish_domain *domain, const struct publish_history *history)
{
	int64_t when;
	enum publish_retirement state = publish_retirement(history, run->now, &when);
	char date[HUMAN_TIME_CAP];

	if (run->report != NULL) {
		json_t *object = json_pack("{s:s, s:s, s:s, s:I}", "domain", domain->name, "state", publish_retirement_name(state),
		    "id",
		    history->id, "longest_max_age", (json_int_t)history->longest_max_age_s);

		if (object != NULL && (state == PUBLISH_WAITING || state == PUBLISH_GONE))
			json_put(&object, "until", json_integer((json_int_t)when));
		add_to_report(run, object);
	} else if (state == PUBLISH_GONE) {
		print_removal(run, domain);
	} else if (state == PUBLISH_WAITING) {
		printf("%s: mode none is served. Senders may use older policies until %s (the longest max_age was %lld s).\n"
		    "  next     leave record, policy and host in place until then; then run the same command again\n", domain->name,
		    human_time(when, date), (long long)history->longest_max_age_s);
	} else {
		printf("%s: a policy of mode none is written, id %s; it has not been seen over HTTPS yet.\n"
		    "  next     ", domain->name, history->id);
		print_command(run, "verify", domain);
		puts("    # then publish the record that it prints");
	}
}
