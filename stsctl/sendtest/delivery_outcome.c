/* SPDX-License-Identifier: ISC */
/* delivery_outcome.c - judges a server like smtp(8). */
#include "config.h"

#include "stsctl/sendtest/delivery_outcome.h"

#include <stdarg.h>
#include <stdio.h>

#include "stsctl/probe/certificate.h"

const char *
send_outcome_name(unsigned outcome)
{
	static const char *const names[SEND_OUTCOMES] = {
		[SEND_PROTECTED] = "protected", [SEND_UNVERIFIED] = "unverified", [SEND_PLAINTEXT] = "plaintext",
		[SEND_WAITS] = "waits", [SEND_BOUNCES] = "bounces", [SEND_UNKNOWN] = "unknown",
	};

	return outcome < SEND_OUTCOMES ? names[outcome] : "";
}

bool
send_outcome_goes(enum send_outcome outcome)
{
	return outcome <= SEND_PLAINTEXT;
}

static void set_verdict(struct send_verdict *out, enum send_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
set_verdict(struct send_verdict *out, enum send_outcome outcome, const char *format, ...)
{
	va_list ap;

	out->outcome = outcome;
	va_start(ap, format);
	vsnprintf(out->why, sizeof(out->why), format, ap);
	va_end(ap);
}

/* ---- before connecting ---- */

/* Postfix uses TLSA records even if the MX record is not signed, except at level dane-only. */
static bool
is_passed_over_by_dane(const struct send_case *c, struct send_verdict *out)
{
	bool only = c->required->level == STS_SEND_DANE_ONLY;

	if (c->dane == STS_DANE_HOST_FAILED) {
		set_verdict(out, SEND_WAITS, "DNS does not answer whether there are TLSA records");
		return true;
	}
	if (!only || (c->mx_signed && c->dane == STS_DANE_HOST_USABLE))
		return false;
	set_verdict(out, SEND_WAITS, !c->mx_signed ? "dane-only, and the MX records are not signed" :
	    c->dane == STS_DANE_HOST_UNUSABLE ? "dane-only, and the TLSA records cannot be used" : "dane-only, and there are no signed TLSA records");
	return true;
}

bool
send_judge_host(const struct send_case *c, struct send_verdict *out)
{
	enum sts_send_level level = c->required->level;

	if (c->required->defers) {
		set_verdict(out, SEND_WAITS, "the socketmap answers TEMP");
		return true;
	}
	if (c->dane == STS_DANE_HOST_DEAD) {
		set_verdict(out, SEND_BOUNCES, "no address");
		return true;
	}
	if (!required_tls_allows_host(c->required, c->host)) {
		set_verdict(out, SEND_WAITS, "not among the policy's mx");
		return true;
	}
	return (level == STS_SEND_DANE || level == STS_SEND_DANE_ONLY) && is_passed_over_by_dane(c, out);
}

/* ---- the certificate ---- */

static const char *
fault_of_dates(const struct send_case *c)
{
	enum certificate_age age = certificate_age(&c->probe->cert, c->now);

	return age == CERTIFICATE_EXPIRED ? "the certificate has expired" :
	    age == CERTIFICATE_NOT_YET ? "the certificate is not valid yet" : NULL;
}

static void
judge_secure(const struct send_case *c, struct send_verdict *out)
{
	const struct tls_probe_result *p = c->probe;
	const char *dates = fault_of_dates(c);

	if (p->chain_fault[0] != '\0')
		set_verdict(out, SEND_WAITS, "the certificate is not trusted: %s", p->chain_fault);
	else if (dates != NULL)
		set_verdict(out, SEND_WAITS, "%s", dates);
	else if (!c->name_fits)
		set_verdict(out, SEND_WAITS, "the certificate is for another name: %s", p->cert.names[0] != '\0' ? p->cert.names : "none");
	else
		set_verdict(out, SEND_PROTECTED, "%s, the certificate fits", p->protocol);
}

/* Usage 3 compares only the certificate or key; usage 2 also checks name and dates (RFC 7672 sections 3.1.1, 3.1.2). */
static bool
has_tlsa_match(const struct send_case *c)
{
	const struct tls_probe_result *p = c->probe;

	for (size_t i = 0; i < c->tlsa->count; i++) {
		const struct dane_record *record = &c->tlsa->list[i];

		if (dane_record_use(record) != DANE_USABLE || dane_record_match(record, &p->chain) < 0)
			continue;
		if (record->usage == DANE_EE || ((p->cert.has_name || p->has_domain) && fault_of_dates(c) == NULL))
			return true;
	}
	return false;
}

static void
judge_dane(const struct send_case *c, struct send_verdict *out)
{
	const char *protocol = c->probe->protocol;

	if (!has_tlsa_match(c))
		set_verdict(out, SEND_WAITS, "the certificate does not match the TLSA records");
	else if (!c->mx_signed)
		set_verdict(out, SEND_UNVERIFIED, "%s, the certificate matches a TLSA record, but the MX records are not signed", protocol);
	else
		set_verdict(out, SEND_PROTECTED, "%s, the certificate matches a TLSA record", protocol);
}

/* ---- one address ---- */

/* The level that applies to this host, which level dane makes depend on its TLSA records. */
static enum sts_send_level
level_for_host(const struct send_case *c)
{
	if (c->required->level != STS_SEND_DANE || c->dane == STS_DANE_HOST_USABLE)
		return c->required->level;
	return c->dane == STS_DANE_HOST_UNUSABLE ? STS_SEND_ENCRYPT : STS_SEND_MAY;
}

static void
judge_tls(const struct send_case *c, enum sts_send_level level, struct send_verdict *out)
{
	if (level == STS_SEND_SECURE)
		judge_secure(c, out);
	else if (level == STS_SEND_DANE || level == STS_SEND_DANE_ONLY)
		judge_dane(c, out);
	else
		set_verdict(out, SEND_UNVERIFIED, "%s, the certificate is not checked", c->probe->protocol);
}

/* Without STARTTLS, or after a failed handshake. At level may, Postfix then defers the mail once, and the next try does not use TLS. */
static void
judge_without_tls(const struct send_case *c, enum sts_send_level level, struct send_verdict *out)
{
	enum send_outcome outcome = level > STS_SEND_MAY ? SEND_WAITS : SEND_PLAINTEXT;
	const char *later = outcome == SEND_PLAINTEXT ? ", and the next try does not use TLS" : "";

	if (c->probe->outcome == TLS_PROBE_NOT_OFFERED)
		set_verdict(out, outcome, "no STARTTLS");
	else if (c->probe->outcome == TLS_PROBE_NOT_GRANTED)
		set_verdict(out, outcome, "STARTTLS is refused: %s", c->probe->why);
	else
		set_verdict(out, outcome, "the handshake fails%s: %s", later, c->probe->why);
}

void
send_judge_address(const struct send_case *c, struct send_verdict *out)
{
	enum sts_send_level level = level_for_host(c);

	switch (c->probe->outcome) {
	case TLS_PROBE_SPECIAL:
	case TLS_PROBE_TROUBLE:
		set_verdict(out, SEND_UNKNOWN, "not tried: %s", c->probe->why);
		return;
	case TLS_PROBE_NO_ROUTE:
	case TLS_PROBE_NO_CONNECTION:
	case TLS_PROBE_MUTE:
		set_verdict(out, SEND_WAITS, "cannot connect: %s", c->probe->why);
		return;
	case TLS_PROBE_NO_REPLY:
	case TLS_PROBE_REFUSED:
	case TLS_PROBE_GARBAGE:
		set_verdict(out, SEND_WAITS, "%s", c->probe->why);
		return;
	case TLS_PROBE_OK:
	case TLS_PROBE_NOT_OFFERED:
	case TLS_PROBE_NOT_GRANTED:
	case TLS_PROBE_NO_TLS:
	case TLS_PROBE_NO_END:
		break;
	}
	if (level == STS_SEND_NONE)
		set_verdict(out, SEND_PLAINTEXT, "TLS is off at level none");
	else if (c->probe->outcome == TLS_PROBE_OK)
		judge_tls(c, level, out);
	else
		judge_without_tls(c, level, out);
}

/* ---- sums ---- */

/* The weakest outcome with delivery at one preference. False: there is none. */
static bool
weakest_at(const struct send_try *tries, size_t count, unsigned preference, enum send_outcome *out)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if (tries[i].preference != preference || !send_outcome_goes(tries[i].outcome))
			continue;
		if (!any || tries[i].outcome > *out)
			*out = tries[i].outcome;
		any = true;
	}
	return any;
}

/* The lowest preference with delivery. False: there is none. */
static bool
first_that_goes(const struct send_try *tries, size_t count, unsigned *preference)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if (!send_outcome_goes(tries[i].outcome) || (any && tries[i].preference >= *preference))
			continue;
		*preference = tries[i].preference;
		any = true;
	}
	return any;
}

enum send_outcome
send_sum(const struct send_try *tries, size_t count, enum sts_send_level level)
{
	bool strict = level == STS_SEND_SECURE || level == STS_SEND_DANE_ONLY;
	enum send_outcome outcome = SEND_BOUNCES;
	unsigned preference = 0;
	bool goes = first_that_goes(tries, count, &preference);

	if (goes)
		(void)weakest_at(tries, count, preference, &outcome);
	for (size_t i = 0; i < count; i++) {
		if (!goes && tries[i].outcome == SEND_WAITS && outcome == SEND_BOUNCES)
			outcome = SEND_WAITS;
		if (tries[i].outcome == SEND_UNKNOWN && (!goes || (outcome == SEND_PROTECTED && !strict &&
		    tries[i].preference <= preference)))
			return SEND_UNKNOWN;
	}
	return outcome;
}

enum send_outcome
send_weakest(const struct send_try *tries, size_t count)
{
	enum send_outcome weakest = SEND_WAITS;

	for (size_t i = 0; i < count; i++)
		if (send_outcome_goes(tries[i].outcome) && (weakest == SEND_WAITS || tries[i].outcome > weakest))
			weakest = tries[i].outcome;
	return weakest;
}
