/* SPDX-License-Identifier: ISC */
/* smtp_settings.c - reads and judges the settings and the resolver of Postfix's smtp(8) client. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/names/ipaddr.h"
#include "stsctl/outgoing/smtp_settings.h"
#include "stsctl/smtpd/service.h"

enum { RESOLV_MAX = 65536 };

static const struct postconf_service *
find_smtp(const struct doctor_postfix *pf)
{
	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];

		if (strcmp(service->name, "smtp") == 0 && strcmp(service->type, "unix") == 0)
			return service;
	}
	return NULL;
}

static bool
smtp_is_chrooted(const struct doctor_postfix *pf)
{
	const struct postconf_service *service = find_smtp(pf);

	return service != NULL && doctor_service_is_chrooted(pf, service);
}

/* ---- resolv.conf ---- */

static void
read_option_line(char *line, struct doctor_resolver *out)
{
	char *rest = line, *word;

	while ((word = strsep(&rest, " \t")) != NULL)
		out->trust_ad = out->trust_ad || strcmp(word, "trust-ad") == 0;
}

static void
read_server(const char *text, struct doctor_resolver *out)
{
	struct sts_ipaddr addr;
	bool ok = sts_ipaddr_parse(text, strcspn(text, " \t"), &addr);
	const char *kind = ok ? sts_ipaddr_special_kind(&addr) : NULL;

	out->remote = out->remote || kind == NULL || strstr(kind, "loopback") == NULL;
}

void
doctor_read_resolver(const char *text, struct doctor_resolver *out)
{
	char *copy = strdup(text), *rest = copy, *line;

	out->trust_ad = out->remote = false;
	out->read = copy != NULL;
	while (copy != NULL && (line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "options", 7) == 0 && sts_ascii_is_wsp(line[7]))
			read_option_line(line + 8, out);
		else if (strncmp(line, "nameserver", 10) == 0 && sts_ascii_is_wsp(line[10]))
			read_server(line + 10 + strspn(line + 10, " \t"), out);
	}
	free(copy);
}

static void
inspect_resolver(const struct doctor_postfix *pf, struct doctor_resolver *out)
{
	char text[RESOLV_MAX];
	size_t len;
	FILE *file;

	snprintf(out->path, sizeof(out->path), "%s/etc/resolv.conf",
	    smtp_is_chrooted(pf) ? postconf_get(pf->conf, "queue_directory") : "");
	file = fopen(out->path, "re");
	if (file == NULL)
		return;
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	doctor_read_resolver(text, out);
}

void
inspect_smtp_settings(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_smtp_settings *out)
{
	const char *list = postconf_get(pf->conf, "smtp_tls_policy_maps"), *e;
	size_t len;

	memset(out, 0, sizeof(*out));
	out->dane = env->conf->socketmap_listen[0] != '\0' && env->conf->dane == STS_DANE_AUTO;
	while (out->count < DOCTOR_SOCKETMAPS && (e = postfix_value_next(&list, &len)) != NULL) {
		struct doctor_socketmap *map = &out->maps[out->count];
		struct postfix_table table;

		if (!postfix_table_parse(e, len, &table) || strcmp(table.type, "socketmap") != 0 ||
		    postfix_table_socketmap_fault(table.name) != NULL)
			continue;
		snprintf(map->text, sizeof(map->text), "%.*s", (int)len, e);
		snprintf(map->name, sizeof(map->name), "%.40s", strrchr(table.name, ':') + 1);
		out->count++;
	}
	if (out->count > 0)
		inspect_resolver(pf, &out->resolver);
}

/* ---- judging ---- */

static bool
is_report_name(const char *name)
{
	return strcmp(name, "tlsrpt") == 0 || strcmp(name, "QUERYwithTLSRPT") == 0;
}

static void
judge_map(const struct doctor_postfix *pf, const struct doctor_socketmap *map, struct findings *out)
{
	const char *version = postconf_get(pf->conf, "mail_version");
	int number = doctor_postfix_version(pf);

	if (number == 0)
		return;
	if (is_report_name(map->name) && number < DOCTOR_POSTFIX_REPORTS)
		doctor_add(out, FINDING_FAIL, "postfix.outbound-version", "smtp_tls_policy_maps",
		    "end the map's name with postfix", "%s with Postfix %s, which does not know policy_type", map->text,
		    version);
	else if (strcmp(map->name, "postfix") == 0 && number >= DOCTOR_POSTFIX_REPORTS)
		doctor_add(out, FINDING_INFO, "postfix.outbound-version", "smtp_tls_policy_maps",
		    "end the map's name with tlsrpt", "%s with Postfix %s, which could check MX names and report",
		    map->text, version);
}

static void
judge_certificates(const struct doctor_postfix *pf, struct findings *out)
{
	char fix[DOCTOR_LINE];

	if (postconf_get(pf->conf, "smtp_tls_CAfile")[0] != '\0' || postconf_get(pf->conf, "smtp_tls_CApath")[0] != '\0' ||
	    postfix_value_is_yes(postconf_get(pf->conf, "tls_append_default_CA")))
		return;
	findings_add(out, FINDING_FAIL, "postfix.outbound-ca", "smtp_tls_CAfile", "empty, and so is smtp_tls_CApath",
	    doctor_fix(pf, NULL, "smtp_tls_CAfile", "/etc/ssl/certs/ca-certificates.crt", fix));
}

static void
judge_dane(const struct doctor_postfix *pf, const struct doctor_smtp_settings *settings, struct findings *out)
{
	const char *support = postconf_get(pf->conf, "smtp_dns_support_level");
	const char *mx_policy = postconf_get(pf->conf, "smtp_tls_dane_insecure_mx_policy");
	const struct doctor_resolver *resolver = &settings->resolver;
	char fix[DOCTOR_LINE];

	if (strcmp(support, "dnssec") != 0) {
		doctor_add(out, FINDING_FAIL, "postfix.outbound-dnssec", "smtp_dns_support_level",
		    doctor_fix(pf, NULL, "smtp_dns_support_level", "dnssec", fix), "%s",
		    support[0] != '\0' ? support : "empty");
		return;
	}
	if (resolver->read && (resolver->remote || !resolver->trust_ad))
		doctor_add(out, FINDING_WARN, "postfix.outbound-resolver", resolver->path,
		    "nameserver 127.0.0.1\noptions trust-ad\nwith a validating resolver, unbound for example, there; "
		    "or dane = off in mta-sts-milter.conf", "%s%s%s",
		    resolver->remote ? "a name server that is not on this machine" : "",
		    resolver->remote && !resolver->trust_ad ? ", and " : "", resolver->trust_ad ? "" : "no trust-ad");
	if (strcmp(mx_policy, "dane") != 0)
		doctor_add(out, FINDING_INFO, "postfix.outbound-insecure-mx", "smtp_tls_dane_insecure_mx_policy",
		    doctor_fix(pf, NULL, "smtp_tls_dane_insecure_mx_policy", "dane", fix), "%s", mx_policy);
}

void
judge_smtp_settings(const struct doctor_postfix *pf, const struct doctor_smtp_settings *settings, struct findings *out)
{
	for (size_t i = 0; i < settings->count; i++)
		judge_map(pf, &settings->maps[i], out);
	if (settings->count == 0)
		return;
	judge_certificates(pf, out);
	if (settings->dane)
		judge_dane(pf, settings, out);
}
