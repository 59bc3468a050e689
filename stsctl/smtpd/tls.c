/* SPDX-License-Identifier: ISC */
/* smtpd/tls.c - whether smtpd offers TLS, which versions, and which front ends come between the client and smtpd. Pure. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/smtpd/tls.h"

/* If the level is empty, two older settings decide. Wrapper mode is TLS whatever the level says. */
const char *
doctor_tls_level(const struct doctor_postfix *pf, const struct postconf_service *service)
{
	const char *level = postconf_get_of(pf->conf, service, "smtpd_tls_security_level");

	if (postfix_value_is_yes(postconf_get_of(pf->conf, service, "smtpd_tls_wrappermode")))
		return "wrapper mode";
	if (level[0] != '\0')
		return level;
	if (postfix_value_is_yes(postconf_get_of(pf->conf, service, "smtpd_enforce_tls")))
		return "encrypt";
	return postfix_value_is_yes(postconf_get_of(pf->conf, service, "smtpd_use_tls")) ? "may" : "";
}

static void
judge_levels(const struct doctor_postfix *pf, struct findings *out)
{
	struct doctor_services off = { .pf = pf }, on = { .pf = pf }, odd = { .pf = pf }, strict = { .pf = pf };

	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];
		const char *level;

		if (!doctor_service_is_smtpd(service) || doctor_service_role(service) == ROLE_INNER)
			continue;
		level = doctor_tls_level(pf, service);
		if (level[0] == '\0' || strcmp(level, "none") == 0)
			doctor_services_add(&off, service, "smtpd_tls_security_level", "may");
		else if (strcmp(level, "may") != 0 && strcmp(level, "encrypt") != 0 && strcmp(level, "wrapper mode") != 0)
			doctor_services_add(&odd, service, "smtpd_tls_security_level", "may");
		else
			doctor_services_add(&on, service, NULL, NULL);
		if (strcmp(level, "encrypt") == 0 && doctor_service_role(service) == ROLE_MX)
			doctor_services_add(&strict, service, "smtpd_tls_security_level", "may");
	}
	if (strict.count > 0)
		doctor_add(out, FINDING_WARN, "postfix.tls-reports", "smtpd_tls_security_level", strict.fix, "encrypt on %s",
		    strict.names);
	if (off.count > 0)
		doctor_add(out, FINDING_FAIL, "postfix.tls-level", "smtpd_tls_security_level", off.fix, "no TLS on %s",
		    off.names);
	if (odd.count > 0)
		doctor_add(out, FINDING_FAIL, "postfix.tls-level", "smtpd_tls_security_level", odd.fix,
		    "a level that smtpd does not have, on %s", odd.names);
	if (on.count > 0)
		doctor_add(out, FINDING_PASS, "postfix.tls-level", "smtpd_tls_security_level", NULL, "TLS on %s", on.names);
}

/* smtpd_tls_protocols applies to level may, smtpd_tls_mandatory_protocols to encrypt. */
static const char *
protocols_setting(const char *level)
{
	return strcmp(level, "may") == 0 ? "smtpd_tls_protocols" : "smtpd_tls_mandatory_protocols";
}

static void
judge_versions(const struct doctor_postfix *pf, struct findings *out)
{
	static const char value[] = ">=TLSv1.2";
	struct doctor_services none = { .pf = pf }, old = { .pf = pf };

	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];
		const char *level, *setting;
		unsigned versions;

		if (!doctor_service_is_smtpd(service) || doctor_service_role(service) == ROLE_INNER)
			continue;
		level = doctor_tls_level(pf, service);
		if (level[0] == '\0' || strcmp(level, "none") == 0)
			continue;
		setting = protocols_setting(level);
		versions = postfix_tls_versions(postconf_get_of(pf->conf, service, setting));
		if ((versions & (POSTFIX_TLS_1_2 | POSTFIX_TLS_1_3)) == 0)
			doctor_services_add(&none, service, setting, value);
		else if ((versions & (POSTFIX_TLS_SSL3 | POSTFIX_TLS_1_0 | POSTFIX_TLS_1_1)) != 0)
			doctor_services_add(&old, service, setting, value);
	}
	if (none.count > 0)
		doctor_add(out, FINDING_FAIL, "postfix.tls-versions", "smtpd_tls_protocols", none.fix,
		    "neither TLS 1.2 nor 1.3 on %s", none.names);
	if (old.count > 0)
		doctor_add(out, FINDING_INFO, "postfix.old-tls", "smtpd_tls_protocols", old.fix,
		    "TLS 1.1 or older is allowed on %s", old.names);
}

static void
judge_received(const struct doctor_postfix *pf, struct findings *out)
{
	char fix[DOCTOR_LINE];

	if (!postfix_value_is_yes(postconf_get(pf->conf, "smtpd_tls_received_header")))
		findings_add(out, FINDING_INFO, "postfix.received-header", "smtpd_tls_received_header", "no",
		    doctor_fix(pf, NULL, "smtpd_tls_received_header", "yes", fix));
}

void
judge_tls(const struct doctor_postfix *pf, struct findings *out)
{
	judge_levels(pf, out);
	judge_versions(pf, out);
	judge_received(pf, out);
}

/* ---- front ends ---- */

/* Lists the services for strangers that have a non-empty value of the setting. */
static void
name_services_with(const struct doctor_postfix *pf, const char *setting, struct doctor_services *list, const char **value)
{
	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];
		const char *v = postconf_get_of(pf->conf, service, setting);

		if (!doctor_service_is_smtpd(service) || doctor_service_role(service) != ROLE_MX || v[0] == '\0')
			continue;
		*value = v;
		doctor_services_add(list, service, setting, "");
	}
}

static void
judge_front(const struct doctor_postfix *pf, const char *id, const char *setting, enum finding_level level, struct findings *out)
{
	struct doctor_services list = { .pf = pf };
	const char *value = "";

	name_services_with(pf, setting, &list, &value);
	if (list.count > 0)
		doctor_add(out, level, id, setting, level == FINDING_INFO ? NULL : list.fix, "%s, on %s", value, list.names);
}

static void
judge_postscreen(const struct doctor_postfix *pf, struct findings *out)
{
	const char *proxy = postconf_get(pf->conf, "postscreen_upstream_proxy_protocol");

	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];

		if (strcmp(service->command, "postscreen") != 0)
			continue;
		if (proxy[0] != '\0')
			findings_add(out, FINDING_INFO, "postfix.haproxy", "postscreen_upstream_proxy_protocol", proxy, NULL);
		doctor_add(out, FINDING_PASS, "postfix.postscreen", "postscreen", NULL, "on %s/%s", service->name, service->type);
		return;
	}
}

void
judge_fronts(const struct doctor_postfix *pf, struct findings *out)
{
	judge_postscreen(pf, out);
	judge_front(pf, "postfix.haproxy", "smtpd_upstream_proxy_protocol", FINDING_INFO, out);
	judge_front(pf, "postfix.xclient", "smtpd_authorized_xclient_hosts", FINDING_INFO, out);
	judge_front(pf, "postfix.proxy-filter", "smtpd_proxy_filter", FINDING_WARN, out);
}
