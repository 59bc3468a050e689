/* SPDX-License-Identifier: ISC */
/* dane_judge.c - which record matches which certificate, and what follows from that. The lines to paste are in fixes.c. */
#include "config.h"

#include "stsctl/diagnosis/dane_judge.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/findings/fixes.h"

/* Microsoft gives up on larger sets. */
enum { MANY = 12 };
enum { DAY_S = 86400, RENEWED_WITHIN_DAYS = 400, SEEN_CAP = 1600 };

/* ---- the records by themselves ---- */

typedef bool wanted_fn(const struct dane_records *records, const struct dane_seen *seen, size_t index);

/* Appends the wanted records to the text. Returns how many there are. */
static size_t
list_records(const struct dane_records *records, const struct dane_seen *seen, wanted_fn *wanted, struct sts_text *text)
{
	char shown[DANE_SHOWN_CAP];
	size_t count = 0;

	for (size_t i = 0; i < records->count; i++)
		if (wanted(records, seen, i))
			sts_text_addf(text, "%s%s", count++ > 0 ? ", " : "", dane_record_show(&records->list[i], shown));
	return count;
}

static bool
is_pkix(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	(void)seen;
	return dane_record_use(&records->list[i]) == DANE_PKIX;
}

static bool
is_malformed(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	(void)seen;
	return dane_record_use(&records->list[i]) == DANE_MALFORMED;
}

static bool
is_usable(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	(void)seen;
	return dane_record_use(&records->list[i]) == DANE_USABLE;
}

static bool
has_usable(const struct dane_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		if (is_usable(records, NULL, i))
			return true;
	return false;
}

void
dane_judge_records(const char *host, const struct dane_records *records, struct findings *out)
{
	char seen[SEEN_CAP];
	struct sts_text text;

	sts_text_init(&text, seen, sizeof(seen));
	if (list_records(records, NULL, is_pkix, &text) > 0) {
		sts_text_add(&text, has_usable(records) ? "" : ": there are no other records, so senders encrypt without checking the "
		    "certificate");
		findings_add(out, FINDING_WARN, "dane.pkix", host, seen, "publish records with usage 3 (3 1 1) or 2 instead");
	}
	sts_text_init(&text, seen, sizeof(seen));
	sts_text_add(&text, "malformed, ignored by senders: ");
	if (list_records(records, NULL, is_malformed, &text) > 0)
		findings_add(out, FINDING_WARN, "dane.mismatch", host, seen, "remove the record: its digest has the wrong length, or "
		    "its numbers are not among those of RFC 6698 section 7");
	if (records->published > MANY) {
		snprintf(seen, sizeof(seen), "%zu TLSA records", records->published);
		findings_add(out, FINDING_WARN, "dane.too-many", host, seen,
		    "keep only the records of keys that are in use, and of those that come next");
	}
}

/* ---- one certificate ---- */

/* Why senders reject the certificate although a record with usage 2 matches: the other conditions of RFC 7672 section 3.1.2. "" when they
 * accept it. */
static const char *
objection(const struct dane_case *c, const struct tls_probe_result *shown)
{
	enum certificate_age age = certificate_age(&shown->cert, c->now);

	if (!shown->cert.has_name && !shown->has_domain)
		return "matches, but the certificate is for another name";
	if (age == CERTIFICATE_EXPIRED)
		return "matches, but the certificate has expired";
	return age == CERTIFICATE_NOT_YET ? "matches, but the certificate is not valid yet" : "";
}

static void
describe(const struct dane_record *record, int depth, const char *but, struct sts_text *text)
{
	char shown[DANE_SHOWN_CAP];
	const char *what = record->selector == DANE_KEY ? "key" : "certificate";

	sts_text_addf(text, "; %s ", dane_record_show(record, shown));
	if (but[0] != '\0')
		sts_text_add(text, but);
	else if (depth == 0)
		sts_text_addf(text, "matches its %s", what);
	else
		sts_text_addf(text, "matches its issuer's %s", what);
}

/* Appends the records that match to the text. Returns whether senders accept the certificate. *issuers_alone: no usable record has usage
 * 3. */
static bool
match_records(const struct dane_case *c, const struct tls_probe_result *shown, struct dane_seen *seen, struct sts_text *text,
    bool *issuers_alone)
{
	bool found = false;

	*issuers_alone = true;
	for (size_t i = 0; i < c->records->count; i++) {
		const struct dane_record *record = &c->records->list[i];
		const char *but;
		int depth;

		if (dane_record_use(record) != DANE_USABLE)
			continue;
		*issuers_alone = *issuers_alone && record->usage == DANE_TA;
		depth = dane_record_match(record, &shown->chain);
		if (depth < 0)
			continue;
		but = record->usage == DANE_TA ? objection(c, shown) : "";
		describe(record, depth, but, text);
		if (but[0] == '\0')
			found = seen->matched[i] = true;
	}
	return found;
}

static void
judge_certificate(const struct dane_case *c, const struct tls_probe_result *shown, struct dane_seen *seen, struct findings *out)
{
	char line[SEEN_CAP], fix[FIX_CAP];
	struct sts_text text;
	bool issuers_alone;

	seen->shown = true;
	seen->renewed = seen->renewed || shown->cert.not_after - shown->cert.not_before <= RENEWED_WITHIN_DAYS * (int64_t)DAY_S;
	sts_text_init(&text, line, sizeof(line));
	sts_text_addf(&text, "%s, %s", shown->cert.subject, shown->cert.key);
	if (match_records(c, shown, seen, &text, &issuers_alone)) {
		findings_add(out, FINDING_PASS, "dane.match", c->subject, line, NULL);
		return;
	}
	if (text.len == strlen(shown->cert.subject) + 2 + strlen(shown->cert.key)) {
		sts_text_add(&text, "; matches none of: ");
		(void)list_records(c->records, NULL, is_usable, &text);
	}
	if (issuers_alone)
		sts_text_addf(&text, "; %zu certificate%s sent", shown->cert.chain_length, shown->cert.chain_length == 1 ? "" : "s");
	fix_tlsa(c->records->owner, shown->chain.list[0].key_256, fix);
	findings_add(out, FINDING_FAIL, issuers_alone ? "dane.issuer" : "dane.mismatch", c->subject, line, fix);
}

/* ---- one address ---- */

static bool
is_same(const struct tls_probe_result *a, const struct tls_probe_result *b)
{
	return memcmp(a->chain.list[0].whole_256, b->chain.list[0].whole_256, CERTIFICATE_SHA256_LEN) == 0;
}

static void
judge_no_certificate(const struct dane_case *c, struct findings *out)
{
	char seen[SEEN_CAP], fix[FIX_CAP];

	switch (c->modern->outcome) {
	case TLS_PROBE_NOT_OFFERED:
	case TLS_PROBE_NOT_GRANTED:
		snprintf(seen, sizeof(seen), "TLSA records require STARTTLS, which is not available: %s", c->modern->why);
		findings_add(out, FINDING_FAIL, "dane.mismatch", c->subject, seen, fix_smtp_starttls(c->host, fix));
		break;
	case TLS_PROBE_NO_TLS:
		snprintf(seen, sizeof(seen), "TLSA records require TLS, and the handshake fails: %s", c->modern->why);
		findings_add(out, FINDING_FAIL, "dane.mismatch", c->subject, seen, fix_smtp_versions(c->host, fix));
		break;
	default:
		break;
	}
}

void
dane_judge_address(const struct dane_case *c, struct dane_seen *seen, struct findings *out)
{
	if (c->modern->outcome != TLS_PROBE_OK) {
		judge_no_certificate(c, out);
		return;
	}
	if (!has_usable(c->records) || c->modern->chain.count == 0)
		return;
	judge_certificate(c, c->modern, seen, out);
	if (c->other != NULL && c->other->outcome == TLS_PROBE_OK && c->other->chain.count > 0 && !is_same(c->modern, c->other))
		judge_certificate(c, c->other, seen, out);
}

/* ---- the host ---- */

static bool
is_spare(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	return is_usable(records, seen, i) && !seen->matched[i] && records->list[i].usage == DANE_EE;
}

static bool
is_lost_issuer(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	return is_usable(records, seen, i) && !seen->matched[i] && records->list[i].usage == DANE_TA;
}

static bool
is_match(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	return is_usable(records, seen, i) && seen->matched[i];
}

static bool
outlives_certificate(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	return is_match(records, seen, i) && (records->list[i].usage == DANE_TA || records->list[i].selector == DANE_KEY);
}

static bool
outlives_key(const struct dane_records *records, const struct dane_seen *seen, size_t i)
{
	return is_match(records, seen, i) && records->list[i].usage == DANE_TA;
}

static bool
any(const struct dane_records *records, const struct dane_seen *seen, wanted_fn *wanted)
{
	for (size_t i = 0; i < records->count; i++)
		if (wanted(records, seen, i))
			return true;
	return false;
}

static void
judge_rollover(const char *host, const struct dane_records *records, const struct dane_seen *seen, struct findings *out)
{
	char line[SEEN_CAP];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	sts_text_add(&text, "for the next key, or left over: ");
	if (list_records(records, seen, is_spare, &text) > 0) {
		findings_add(out, FINDING_PASS, "dane.rollover", host, line, NULL);
	} else if (!any(records, seen, outlives_key)) {
		sts_text_init(&text, line, sizeof(line));
		sts_text_add(&text, "all records are for the key in use: ");
		(void)list_records(records, seen, is_match, &text);
		findings_add(out, FINDING_INFO, "dane.rollover", host, line,
		    "publish the next key's record (3 1 1) a day before its certificate is used, or the issuer's record (2 1 1) as well");
	}
}

static enum finding_level
full_cert_level(const struct dane_seen *seen)
{
	return seen->renewed ? FINDING_WARN : FINDING_INFO;
}

void
dane_judge_host(const char *host, const struct dane_records *records, const struct dane_seen *seen, struct findings *out)
{
	char line[SEEN_CAP];
	struct sts_text text;

	if (!seen->shown || !any(records, seen, is_match))
		return;
	judge_rollover(host, records, seen, out);
	sts_text_init(&text, line, sizeof(line));
	if (!any(records, seen, outlives_certificate) && list_records(records, seen, is_match, &text) > 0)
		findings_add(out, full_cert_level(seen), "dane.full-cert", host, line, "publish the key's record (3 1 1) instead, and keep "
		    "the key at renewal");
	sts_text_init(&text, line, sizeof(line));
	sts_text_add(&text, "not among the certificates that the server sends: ");
	if (list_records(records, seen, is_lost_issuer, &text) > 0)
		findings_add(out, FINDING_INFO, "dane.issuer", host, line, NULL);
}
