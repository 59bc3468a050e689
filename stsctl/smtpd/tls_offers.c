/* SPDX-License-Identifier: ISC */
/* tls_offers.c - probes the listening services of master.cf for TLS. */
#include "config.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "stsctl/smtpd/service.h"
#include "stsctl/smtpd/tls.h"
#include "stsctl/smtpd/tls_offers.h"
#include "stsctl/terminal/output.h"

/* postscreen(8) makes strangers wait for some seconds. */
enum { PATIENCE_MS = 15000 };

/* ---- addresses ---- */

static bool
read_port(const char *text, uint16_t *port)
{
	const struct servent *entry;
	unsigned long long number;

	if (sts_text_parse_u64(text, strlen(text), 5, &number)) {
		*port = (uint16_t)number;
		return number > 0 && number < 65536;
	}
	entry = getservbyname(text, "tcp");
	if (entry != NULL)
		*port = ntohs((uint16_t)entry->s_port);
	return entry != NULL;
}

/* The first address in inet_interfaces; the loopback address for "all" and "loopback-only". Names are not looked up. */
static bool
listening_address(const struct doctor_postfix *pf, struct sts_ipaddr *addr)
{
	const char *list = postconf_get(pf->conf, "inet_interfaces"), *e;
	const char *loopback = strcmp(postconf_get(pf->conf, "inet_protocols"), "ipv6") == 0 ? "::1" : "127.0.0.1";
	size_t len;

	if (postfix_value_lists(list, "all") || postfix_value_lists(list, "loopback-only") || postfix_value_lists(list, "localhost"))
		return sts_ipaddr_parse(loopback, strlen(loopback), addr);
	while ((e = postfix_value_next(&list, &len)) != NULL)
		if (sts_ipaddr_parse(e, len, addr))
			return true;
	return false;
}

bool
doctor_service_address(const struct doctor_postfix *pf, const struct postconf_service *service, struct sts_ipaddr *addr,
    uint16_t *port)
{
	const char *colon = strrchr(service->name, ':');

	if (!read_port(colon != NULL ? colon + 1 : service->name, port))
		return false;
	return colon != NULL ? sts_ipaddr_parse(service->name, (size_t)(colon - service->name), addr) : listening_address(pf, addr);
}

/* ---- probing ---- */

/* Whether the service should offer TLS to senders or to our own users. Services behind HAProxy are left out: the probe does not speak its
 * protocol. */
static bool
should_probe(const struct doctor_postfix *pf, const struct postconf_service *service)
{
	bool screen = strcmp(service->command, "postscreen") == 0;
	const char *proxy = screen ? "postscreen_upstream_proxy_protocol" : "smtpd_upstream_proxy_protocol";
	const char *level = doctor_tls_level(pf, service);

	return strcmp(service->type, "inet") == 0 && (screen || strcmp(service->command, "smtpd") == 0) &&
	    doctor_service_role(service) != ROLE_INNER && postconf_get_of(pf->conf, service, proxy)[0] == '\0' &&
	    level[0] != '\0' && strcmp(level, "none") != 0;
}

static void
trace_line(void *arg, const char *line)
{
	(void)arg;
	for (; *line != '\0'; line++)
		output_byte(*line, stderr);
	putc('\n', stderr);
}

static void
probe_service(const struct doctor_env *env, const struct doctor_postfix *pf, const struct postconf_service *service,
    struct doctor_tls_offer *out)
{
	char host[STS_DOMAIN_CAP], shown[46];
	const char *name = postconf_get(pf->conf, "myhostname");
	struct tls_probe_request request = {
		.smtp = !postfix_value_is_yes(postconf_get_of(pf->conf, service, "smtpd_tls_wrappermode")),
		.host = host,
		.ca_file = env->conf->ca_file,
		.allow_special = true,		/* it is this machine's own address */
		.now = env->now,
		.deadline_ms = sts_clock_mono_ms() + PATIENCE_MS,
		.trace = env->verbose ? trace_line : NULL,
	};

	if (sts_domain_normalise(name, strlen(name), host) != STS_DOMAIN_OK)
		snprintf(host, sizeof(host), "localhost");
	(void)doctor_service_address(pf, service, &request.addr, &request.port);
	sts_ipaddr_format(&request.addr, shown);
	snprintf(out->service, sizeof(out->service), "%.100s/%.20s %s:%u", service->name, service->type, shown,
	    (unsigned)request.port);
	tls_probe(&request, TLS_PROBE_MODERN, &out->result);
}

void
inspect_tls_offers(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_tls_offers *out)
{
	out->count = 0;
	for (size_t i = 0; i < pf->conf->service_count && out->count < DOCTOR_TLS_OFFERS_MAX; i++) {
		const struct postconf_service *service = &pf->conf->services[i];
		struct sts_ipaddr addr;
		uint16_t port;

		if (should_probe(pf, service) && doctor_service_address(pf, service, &addr, &port))
			probe_service(env, pf, service, &out->list[out->count++]);
	}
}

/* ---- judging ---- */

static void
judge_offer(const struct doctor_tls_offer *offer, struct findings *out)
{
	const struct tls_probe_result *r = &offer->result;

	switch (r->outcome) {
	case TLS_PROBE_OK:
		doctor_add(out, FINDING_PASS, "postfix.starttls", offer->service, NULL, "%s, %s", r->protocol, r->cipher);
		break;
	case TLS_PROBE_NOT_OFFERED:
	case TLS_PROBE_NOT_GRANTED:
	case TLS_PROBE_NO_TLS:
	case TLS_PROBE_NO_END:
		doctor_add(out, FINDING_FAIL, "postfix.starttls", offer->service, "grep smtpd.*TLS /var/log/mail.log", "%s: %s",
		    r->outcome == TLS_PROBE_NOT_OFFERED ? "STARTTLS is not offered" :
		    r->outcome == TLS_PROBE_NOT_GRANTED ? "STARTTLS is offered, but not granted" : "the handshake fails", r->why);
		break;
	case TLS_PROBE_NO_CONNECTION:
	case TLS_PROBE_NO_ROUTE:
	case TLS_PROBE_MUTE:
	case TLS_PROBE_NO_REPLY:
	case TLS_PROBE_REFUSED:
	case TLS_PROBE_GARBAGE:
		findings_add(out, FINDING_WARN, "postfix.down", offer->service, r->why, "postfix status\npostfix start");
		break;
	case TLS_PROBE_SPECIAL:
	case TLS_PROBE_TROUBLE:
		findings_add(out, FINDING_INFO, "postfix.starttls", offer->service, r->why, NULL);
		findings_set_unsure(out);
		break;
	}
}

void
judge_tls_offers(const struct doctor_tls_offers *offers, struct findings *out)
{
	for (size_t i = 0; i < offers->count; i++)
		judge_offer(&offers->list[i], out);
}
