/* SPDX-License-Identifier: ISC */
/* report_intake.c - from bytes to reports: parses the mail or file, unpacks it, reads the report, and decides whom to trust. */
#include "config.h"

#include "stsctl/intake/report_intake.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/intake/incoming_mail.h"
#include "stsctl/intake/unpack.h"

/* The piece being read. */
struct reading {
	const struct report_intake *intake;
	const struct report_piece *piece;
	const struct incoming_mail *mail;		/* NULL: not a mail */
	struct sts_report_origin origin;	/* without what the parts' file names say */
	size_t reports;
	bool any_junk;				/* junk and why are set */
	enum report_junk junk;
	char why[STS_DIAG_TEXT];
};

const char *
report_junk_name(enum report_junk junk)
{
	static const char *const names[] = { "other", "broken", "too-big" };

	return names[junk];
}

static void
note_junk(struct reading *w, enum report_junk junk, const char *why)
{
	/* A damaged report says more than something that is no report, and one that was left out says more than either. */
	if (w->any_junk && w->junk != REPORT_JUNK_OTHER && (junk != REPORT_JUNK_TOO_BIG || w->junk == REPORT_JUNK_TOO_BIG))
		return;
	w->any_junk = true;
	w->junk = junk;
	snprintf(w->why, sizeof(w->why), "%s", why);
}

/* ---- trust ---- */

/* The domain of contact-info: an address, with or without mailto:. A URL says nothing. */
static void
contact_domain(const char *contact, char out[STS_DOMAIN_CAP])
{
	const char *at = strrchr(contact, '@');

	out[0] = '\0';
	if (at != NULL)
		sts_report_origin_domain(at + 1, strcspn(at + 1, "?>, \t"), out);
}

static void
judge(const struct reading *w, struct report_found *found)
{
	char contact[STS_DOMAIN_CAP];
	struct sts_trust_case c = {
		.authserv_ids = w->intake->authserv_ids,
		.trusted_reporters = w->intake->trusted_reporters,
		.organisations = w->intake->organisations,
		.names = { found->origin.submitter, contact },
	};

	if (w->intake->vouched != NULL) {
		found->verdict.trust = STS_TRUST_VERIFIED;
		snprintf(found->verdict.signer, sizeof(found->verdict.signer), "%s", w->intake->vouched);
		return;
	}
	found->verdict.trust = STS_TRUST_NOT_MAILED;
	if (w->mail == NULL)
		return;
	contact_domain(found->report->contact, contact);
	c.results = w->mail->results;
	c.result_count = w->mail->result_count;
	c.signatures = w->mail->signatures;
	c.signature_count = w->mail->signature_count;
	sts_trust_judge(&c, &found->verdict);
}

/* ---- texts ---- */

static enum sts_status
take_text(void *arg, const char *name, const char *text, size_t len)
{
	struct reading *w = arg;
	struct report_found found = { .piece = w->piece, .origin = w->origin };
	struct sts_report *report;
	struct sts_diag diag;
	enum sts_status status;

	sts_diag_init(&diag);
	status = sts_report_read(text, len, &report, &diag);
	if (status == STS_EINVAL) {
		note_junk(w, REPORT_JUNK_BROKEN, diag.error.text);
		return STS_OK;
	}
	if (status != STS_OK)
		return status;
	if (name != NULL)
		sts_report_origin_file(name, &found.origin);
	found.report = report;
	found.diag = &diag;
	judge(w, &found);
	w->reports++;
	status = w->intake->found(w->intake->arg, &found);
	sts_report_free(&report);
	return status;
}

static enum sts_status
take_bytes(struct reading *w, const char *bytes, size_t len, enum unpack_kind *kind)
{
	enum sts_status status = unpack(bytes, len, take_text, w, kind);

	if (status == STS_OK && *kind != UNPACK_JSON)
		note_junk(w, *kind == UNPACK_OTHER ? REPORT_JUNK_OTHER :
		    *kind == UNPACK_BROKEN ? REPORT_JUNK_BROKEN : REPORT_JUNK_TOO_BIG, unpack_kind_text(*kind));
	return status;
}

static enum sts_status
take_mail(struct reading *w)
{
	struct incoming_mail mail;
	const char *why;
	enum unpack_kind kind;
	enum sts_status status = incoming_mail_read(w->piece->bytes, w->piece->len, &mail, &why);

	w->any_junk = false;
	if (status == STS_EFULL) {
		note_junk(w, REPORT_JUNK_TOO_BIG, why);
		status = STS_OK;
	}
	w->mail = &mail;
	w->origin = mail.origin;
	for (size_t i = 0; i < mail.part_count && status == STS_OK; i++)
		status = take_bytes(w, mail.parts[i].data, mail.parts[i].len, &kind);
	if (mail.dropped > 0)
		note_junk(w, REPORT_JUNK_TOO_BIG, "more attachments, or deeper ones, than are looked at");
	if (w->reports == 0 && !w->any_junk)
		note_junk(w, REPORT_JUNK_OTHER, "a mail without a TLS report");
	w->mail = NULL;
	incoming_mail_fini(&mail);
	return status;
}

enum sts_status
report_intake_piece(const struct report_intake *intake, const struct report_piece *piece)
{
	struct reading w = { .intake = intake, .piece = piece };
	enum unpack_kind kind = UNPACK_OTHER;
	enum sts_status status = STS_OK;

	if (piece->bytes == NULL)
		note_junk(&w, REPORT_JUNK_TOO_BIG, "too long to be read");
	else {
		sts_report_origin_file(piece->name, &w.origin);
		if (!piece->mail)
			status = take_bytes(&w, piece->bytes, piece->len, &kind);
		if (status == STS_OK && kind == UNPACK_OTHER)
			status = take_mail(&w);
	}
	if (status == STS_OK && (w.reports == 0 || (w.any_junk && w.junk == REPORT_JUNK_TOO_BIG)))
		intake->junk(intake->arg, piece, w.junk, w.why);
	return status;
}
