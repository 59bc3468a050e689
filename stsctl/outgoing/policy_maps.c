/* SPDX-License-Identifier: ISC */
/* policy_maps.c - finds faulty tables in smtp_tls_policy_maps, and whether any of them resolves MTA-STS policies. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/text.h"
#include "stsctl/outgoing/policy_maps.h"

int
doctor_file_exists(const char *path)
{
	if (access(path, F_OK) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

/* Whether types, the output of `postconf -m', lists the type. */
static bool
is_type(const char *types, const char *type)
{
	size_t len = strlen(type);

	for (const char *c = types; len > 0 && (c = strstr(c, type)) != NULL; c += len)
		if ((c == types || c[-1] == '\n') && (c[len] == '\n' || c[len] == '\0'))
			return true;
	return false;
}

/* The list without this element, in a form to paste. */
static char *
without(const char *list, const char *element, char *out, size_t cap)
{
	struct sts_text text;
	const char *e;
	size_t len;

	sts_text_init(&text, out, cap);
	while ((e = postfix_value_next(&list, &len)) != NULL) {
		if (e == element)
			continue;
		sts_text_add(&text, text.len > 0 ? ", " : "");
		sts_text_add_bytes(&text, e, len);
	}
	return out;
}

struct maps {
	const struct doctor_postfix *pf;
	const char *list;		/* the setting */
	doctor_exists_fn *exists;
	doctor_ask_fn *ask;
	struct findings *out;
};

static void
add_fault(const struct maps *maps, const char *id, const char *element, const char *seen, const char *before)
{
	char value[DOCTOR_LINE], line[DOCTOR_LINE], fix[3 * DOCTOR_LINE];

	without(maps->list, element, value, sizeof(value));
	snprintf(fix, sizeof(fix), "%s%s", before, doctor_fix(maps->pf, NULL, "smtp_tls_policy_maps", value, line));
	findings_add(maps->out, FINDING_FAIL, id, "smtp_tls_policy_maps", seen, fix);
}

enum verdict { MAP_PLAIN, MAP_RESOLVER, MAP_SILENT, MAP_BROKEN };

/* Asks the socketmap's server. */
static enum verdict
judge_socketmap(const struct maps *maps, const char *element, const struct postfix_table *table)
{
	char seen[2 * DOCTOR_LINE], why[DOCTOR_LINE];

	switch (maps->ask(maps->pf, table->name, why)) {
	case SOCKETMAP_SERVES:
		return MAP_RESOLVER;
	case SOCKETMAP_COMPLAINS:
		snprintf(seen, sizeof(seen), "socketmap:%s answers: %s", table->name, why);
		findings_add(maps->out, FINDING_WARN, "postfix.policy-map-silent", "smtp_tls_policy_maps", seen,
		    "check the log of the server that listens there");
		return MAP_RESOLVER;
	case SOCKETMAP_CLOSED:
		snprintf(seen, sizeof(seen), "socketmap:%s: %s", table->name, why);
		findings_add(maps->out, FINDING_FAIL, "postfix.policy-map-silent", "smtp_tls_policy_maps", seen,
		    "give Postfix's user access to the socket: its directory, group and mode (socketmap_mode)");
		return MAP_SILENT;
	case SOCKETMAP_DENIED:
		snprintf(seen, sizeof(seen), "socketmap:%s could not be tried: %s", table->name, why);
		findings_add(maps->out, FINDING_INFO, "postfix.policy-map-silent", "smtp_tls_policy_maps", seen,
		    "run stsctl doctor as root");
		findings_set_unsure(maps->out);
		return MAP_RESOLVER;
	case SOCKETMAP_SILENT:
		break;
	}
	snprintf(seen, sizeof(seen), "socketmap:%s: nothing answers: %s", table->name, why);
	add_fault(maps, "postfix.policy-map-silent", element, seen, "start the server that should listen there, one of\n"
	    "systemctl restart mta-sts-milter\nsystemctl restart postfix-mta-sts-resolver\nor do without it:\n");
	return MAP_SILENT;
}

/* Judges one element of the list. Any socketmap counts as one that resolves MTA-STS policies. */
static enum verdict
judge_map(const struct maps *maps, const char *element, size_t len)
{
	char path[POSTFIX_VALUE_CAP], seen[DOCTOR_LINE], before[DOCTOR_LINE] = "";
	struct postfix_table table;
	const char *fault;

	if (!postfix_table_parse(element, len, &table))
		return MAP_PLAIN;
	if (!is_type(maps->pf->types, table.type)) {
		snprintf(seen, sizeof(seen), "%.*s: this Postfix has no tables of type \"%s\"", (int)len, element, table.type);
		add_fault(maps, "postfix.policy-map-type", element, seen, before);
		return MAP_BROKEN;
	}
	if (strcmp(table.type, "socketmap") == 0) {
		if ((fault = postfix_table_socketmap_fault(table.name)) == NULL)
			return judge_socketmap(maps, element, &table);
		snprintf(seen, sizeof(seen), "socketmap:%s: %s\n(fatal: need service transport:endpoint)", table.name, fault);
		add_fault(maps, "postfix.policy-map-socketmap", element, seen, before);
		return MAP_BROKEN;
	}
	if (postfix_table_file(&table, path) == NULL || maps->exists(path) != 0)
		return MAP_PLAIN;
	snprintf(seen, sizeof(seen), "%.*s: there is no %s\n(open database: No such file or directory)", (int)len, element, path);
	if (maps->exists(table.name) == 1)
		snprintf(before, sizeof(before), "postmap '%s:%s'\nor\n", table.type, table.name);
	add_fault(maps, "postfix.policy-map-file", element, seen, before);
	return MAP_BROKEN;
}

static void
judge_resolved(const struct doctor_postfix *pf, const char *maps, bool resolved, struct findings *out)
{
	char value[DOCTOR_LINE], line[DOCTOR_LINE], fix[3 * DOCTOR_LINE];
	const char *name = doctor_postfix_version(pf) >= DOCTOR_POSTFIX_REPORTS ? "tlsrpt" : "postfix";

	if (resolved) {
		findings_add(out, FINDING_PASS, "postfix.outbound", "smtp_tls_policy_maps", maps, NULL);
		return;
	}
	snprintf(value, sizeof(value), "%s%ssocketmap:unix:/run/mta-sts-milter/socketmap.sock:%s", maps,
	    maps[0] != '\0' ? ", " : "", name);
	doctor_fix(pf, NULL, "smtp_tls_policy_maps", value, line);
	snprintf(fix, sizeof(fix), "socketmap_listen = unix:/run/mta-sts-milter/socketmap.sock in mta-sts-milter.conf, and then\n%s\n"
	    "doc/outbound.md says more, also about a chrooted smtp", line);
	findings_add(out, FINDING_INFO, "postfix.outbound", "smtp_tls_policy_maps", maps[0] != '\0' ? maps : "empty", fix);
}

void
judge_policy_maps(const struct doctor_postfix *pf, doctor_exists_fn *exists, doctor_ask_fn *ask, struct findings *out)
{
	const char *list = postconf_get(pf->conf, "smtp_tls_policy_maps"), *e;
	const struct maps maps = { pf, list, exists, ask, out };
	bool resolved = false, silent = false, broken = false;
	size_t len;

	while ((e = postfix_value_next(&list, &len)) != NULL) {
		enum verdict verdict = judge_map(&maps, e, len);

		resolved = resolved || verdict == MAP_RESOLVER;
		silent = silent || verdict == MAP_SILENT;
		broken = broken || verdict == MAP_BROKEN;
	}
	if (!silent || resolved)
		judge_resolved(pf, broken ? "" : maps.list, resolved, out);
}
