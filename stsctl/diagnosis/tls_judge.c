/* SPDX-License-Identifier: ISC */
/* tls_judge.c - makes findings of probe results. The lines to paste are in fixes.c. */
#include "config.h"

#include "stsctl/diagnosis/tls_judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stsctl/findings/fixes.h"

enum { SEEN_CAP = 1200, DAY_S = 86400 };

/* The same faults have different ids on policy hosts and on mail exchangers. */
struct names {
	const char *ok, *address, *unreachable, *handshake, *version, *chain, *name, *expired, *expires_soon;
	fix_fn *certificate, *versions;
};
static const struct names web = {
	.ok = "tls.ok", .address = "host.address", .unreachable = "host.unreachable", .handshake = "tls.handshake",
	.version = "tls.version", .chain = "tls.chain", .name = "tls.name", .expired = "tls.expired",
	.expires_soon = "tls.expires-soon", .certificate = fix_web_certificate, .versions = fix_web_versions,
};
static const struct names smtp = {
	.ok = "smtp.ok", .address = "smtp.address", .unreachable = "smtp.connect", .handshake = "smtp.handshake",
	.version = "smtp.no-tls12", .chain = "smtp.chain", .name = "smtp.name", .expired = "smtp.expired",
	.expires_soon = "smtp.expires-soon", .certificate = fix_smtp_certificate, .versions = fix_smtp_versions,
};

enum finding_level
tls_judge_level(const struct sts_policy *policy)
{
	return policy != NULL && policy->mode == STS_MODE_ENFORCE ? FINDING_FAIL : FINDING_WARN;
}

/* ---- the certificate ---- */

static void
add_with_certificate_fix(const struct tls_judge_case *c, const struct names *names, enum finding_level level, const char *id,
    const char *seen, struct findings *out)
{
	char fix[FIX_CAP];

	findings_add(out, level, id, c->subject, seen, names->certificate(c->host, fix));
}

static void
judge_chain(const struct tls_judge_case *c, const struct names *names, struct findings *out)
{
	const struct tls_probe_result *r = c->modern;
	char seen[SEEN_CAP];

	if (r->chain_fault[0] == '\0')
		return;
	if (r->is_self_signed)
		snprintf(seen, sizeof(seen), "%s: self-signed by %s", r->chain_fault, r->cert.subject);
	else
		snprintf(seen, sizeof(seen), "%s: %s, issued by %s; the server sends %zu certificate%s%s", r->chain_fault, r->cert.subject,
		    r->cert.issuer, r->cert.chain_length, r->cert.chain_length == 1 ? "" : "s",
		    r->cert.chain_length == 1 ? ": is the authority's intermediate certificate missing?" : "");
	add_with_certificate_fix(c, names, c->bad, names->chain, seen, out);
}

static void
judge_name(const struct tls_judge_case *c, const struct names *names, struct findings *out)
{
	const struct certificate *cert = &c->modern->cert;
	char seen[SEEN_CAP];

	if (cert->has_name)
		return;
	if (cert->names[0] == '\0')
		snprintf(seen, sizeof(seen), "no DNS name in subjectAltName; the subject (%s) does not count",
		    cert->subject);
	else
		snprintf(seen, sizeof(seen), "the certificate is for %s", cert->names);
	add_with_certificate_fix(c, names, c->bad, names->name, seen, out);
}

static void
judge_age(const struct tls_judge_case *c, const struct names *names, struct findings *out)
{
	const struct certificate *cert = &c->modern->cert;
	int64_t days = certificate_days_left(cert, c->now);
	char seen[SEEN_CAP], date[CERTIFICATE_DATE_CAP];

	switch (certificate_age(cert, c->now)) {
	case CERTIFICATE_FRESH:
		break;
	case CERTIFICATE_EXPIRES_SOON:
		snprintf(seen, sizeof(seen), "expires on %s, in %" PRId64 " day%s; its lifetime is %" PRId64 " days",
		    certificate_date(cert->not_after, date), days, days == 1 ? "" : "s", (cert->not_after - cert->not_before) / DAY_S);
		add_with_certificate_fix(c, names, FINDING_WARN, names->expires_soon, seen, out);
		break;
	case CERTIFICATE_EXPIRED:
		snprintf(seen, sizeof(seen), "expired on %s", certificate_date(cert->not_after, date));
		add_with_certificate_fix(c, names, c->bad, names->expired, seen, out);
		break;
	case CERTIFICATE_NOT_YET:
		snprintf(seen, sizeof(seen), "not valid before %s", certificate_date(cert->not_before, date));
		add_with_certificate_fix(c, names, c->bad, names->chain, seen, out);
		break;
	}
}

static void
add_ok(const struct tls_judge_case *c, const struct names *names, struct findings *out)
{
	const struct tls_probe_result *r = c->modern;
	char seen[SEEN_CAP], date[CERTIFICATE_DATE_CAP];

	snprintf(seen, sizeof(seen), "%s %s; certificate by %s, valid until %s (%" PRId64 " days), %s", r->protocol, r->cipher,
	    r->cert.issuer, certificate_date(r->cert.not_after, date), certificate_days_left(&r->cert, c->now), r->cert.key);
	findings_add(out, FINDING_PASS, names->ok, c->subject, seen, NULL);
}

/* ---- connection and handshake ---- */

static void
add_trouble(const struct tls_judge_case *c, struct findings *out)
{
	findings_add(out, FINDING_WARN, "check.trouble", c->subject, c->modern->why, NULL);
	findings_set_unsure(out);
}

/* The handshake failed; the probe with old versions says whether the version is the reason. */
static void
judge_no_tls(const struct tls_judge_case *c, const struct names *names, struct findings *out)
{
	char seen[SEEN_CAP], fix[FIX_CAP];
	bool is_old = c->old != NULL && c->old->outcome == TLS_PROBE_OK;

	if (is_old)
		snprintf(seen, sizeof(seen), "nothing newer than %s (%s)", c->old->protocol, c->old->cipher);
	else
		snprintf(seen, sizeof(seen), "the TLS handshake failed: %s", c->modern->why);
	findings_add(out, c->bad, is_old ? names->version : names->handshake, c->subject, seen,
	    is_old ? names->versions(c->host, fix) : NULL);
}

static void
judge_unconnected(const struct tls_judge_case *c, const struct names *names, struct findings *out)
{
	char seen[SEEN_CAP];

	if (c->modern->outcome == TLS_PROBE_SPECIAL) {
		findings_add(out, c->bad, names->address, c->subject, c->modern->why, NULL);
	} else if (c->modern->outcome == TLS_PROBE_NO_ROUTE) {
		snprintf(seen, sizeof(seen), "not tried, this machine has no route there: %s", c->modern->why);
		findings_add(out, FINDING_INFO, names->unreachable, c->subject, seen, NULL);
	} else {
		findings_add(out, c->bad, names->unreachable, c->subject, c->modern->why, NULL);
	}
}

/* ---- policy hosts ---- */

bool
tls_judge_web(const struct tls_judge_case *c, struct findings *out)
{
	size_t before = out->count, bad = findings_count(out, c->bad);

	switch (c->modern->outcome) {
	case TLS_PROBE_OK:
		judge_chain(c, &web, out);
		judge_name(c, &web, out);
		judge_age(c, &web, out);
		if (out->count == before)
			add_ok(c, &web, out);
		return findings_count(out, c->bad) == bad;
	case TLS_PROBE_NO_TLS:
	case TLS_PROBE_NO_END:
		judge_no_tls(c, &web, out);
		return false;
	case TLS_PROBE_TROUBLE:
		add_trouble(c, out);
		return false;
	default:
		judge_unconnected(c, &web, out);
		return false;
	}
}

/* ---- mail exchangers ---- */

static void
judge_old(const struct tls_judge_case *c, struct findings *out)
{
	char seen[SEEN_CAP], fix[FIX_CAP];

	if (c->old == NULL || c->old->outcome != TLS_PROBE_OK)
		return;
	snprintf(seen, sizeof(seen), "%s is still offered (%s)", c->old->protocol, c->old->cipher);
	findings_add(out, FINDING_WARN, "smtp.old-tls", c->subject, seen, fix_smtp_versions(c->host, fix));
}

/* Postfix offers anonymous ciphers by default. They do no harm: a sender that checks certificates never offers them. */
static void
judge_weak(const struct tls_judge_case *c, struct findings *out)
{
	char seen[SEEN_CAP], fix[FIX_CAP];

	if (c->weak == NULL || c->weak->outcome != TLS_PROBE_OK)
		return;
	snprintf(seen, sizeof(seen), "%s is offered%s", c->weak->cipher, c->weak->is_harmless
	    ? ": no authentication, used only by senders that would not check the certificate anyway" : "");
	findings_add(out, c->weak->is_harmless ? FINDING_INFO : FINDING_WARN, "smtp.weak-cipher", c->subject, seen,
	    fix_smtp_ciphers(c->host, fix));
}

static void
judge_versions(const struct tls_judge_case *c, struct findings *out)
{
	char seen[SEEN_CAP], fix[FIX_CAP];

	if (strcmp(c->modern->protocol, "TLSv1.2") == 0) {
		findings_add(out, FINDING_INFO, "smtp.no-tls13", c->subject, "TLSv1.2 is the newest that is offered",
		    fix_smtp_versions(c->host, fix));
	} else if (c->only_12 != NULL && c->only_12->outcome == TLS_PROBE_NO_TLS) {
		snprintf(seen, sizeof(seen), "TLSv1.2 is not offered (%s)", c->only_12->why);
		findings_add(out, FINDING_WARN, "smtp.no-tls12", c->subject, seen, fix_smtp_versions(c->host, fix));
	}
}

/* The first probe succeeded, and a later one got neither a handshake nor a failed one: most likely a limit on connections. */
static void
judge_gaps(const struct tls_judge_case *c, struct findings *out)
{
	const struct tls_probe_result *more[] = { c->other, c->only_12, c->old, c->weak };
	char seen[SEEN_CAP];

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if (more[i] == NULL || more[i]->outcome == TLS_PROBE_OK || more[i]->outcome == TLS_PROBE_NO_TLS)
			continue;
		snprintf(seen, sizeof(seen), "not all versions and ciphers could be tried: %s", more[i]->why);
		findings_add(out, FINDING_INFO, "smtp.refused", c->subject, seen, NULL);
		findings_set_unsure(out);
		return;
	}
}

static void
judge_session(const struct tls_judge_case *c, struct findings *out)
{
	size_t before = out->count;

	judge_chain(c, &smtp, out);
	judge_name(c, &smtp, out);
	judge_age(c, &smtp, out);
	if (out->count == before)
		add_ok(c, &smtp, out);
	judge_versions(c, out);
	judge_old(c, out);
	judge_weak(c, out);
	judge_gaps(c, out);
}

static void
judge_talk(const struct tls_judge_case *c, struct findings *out)
{
	bool is_offered = c->modern->outcome == TLS_PROBE_NOT_GRANTED;
	char seen[SEEN_CAP], fix[FIX_CAP];

	switch (c->modern->outcome) {
	case TLS_PROBE_REFUSED:
		findings_add(out, FINDING_WARN, "smtp.refused", c->subject, c->modern->why, NULL);
		findings_set_unsure(out);
		break;
	case TLS_PROBE_GARBAGE:
		findings_add(out, c->bad, "smtp.protocol", c->subject, c->modern->why, NULL);
		break;
	default:
		snprintf(seen, sizeof(seen), "STARTTLS %s: %s", is_offered ? "is offered and then refused" : "is not offered",
		    c->modern->why);
		findings_add(out, c->bad, "smtp.no-starttls", c->subject, seen, fix_smtp_starttls(c->host, fix));
		break;
	}
}

void
tls_judge_smtp(const struct tls_judge_case *c, struct findings *out)
{
	switch (c->modern->outcome) {
	case TLS_PROBE_OK:
		judge_session(c, out);
		break;
	case TLS_PROBE_NO_TLS:
	case TLS_PROBE_NO_END:
		judge_no_tls(c, &smtp, out);
		judge_old(c, out);
		break;
	case TLS_PROBE_REFUSED:
	case TLS_PROBE_GARBAGE:
	case TLS_PROBE_NOT_OFFERED:
	case TLS_PROBE_NOT_GRANTED:
		judge_talk(c, out);
		break;
	case TLS_PROBE_TROUBLE:
		add_trouble(c, out);
		break;
	default:
		judge_unconnected(c, &smtp, out);
		break;
	}
}
