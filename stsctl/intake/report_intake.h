/* SPDX-License-Identifier: ISC */
/*
 * report_intake.h - reads the TLS reports in a mail or a file, each with who vouched for it, or says what the input was instead.
 *
 * Unexpected input is not an error: DMARC reports and junk in the same mailbox are reported by kind, and the next piece is read. No
 * Redis, no DNS, no clock. One thread.
 */
#ifndef STSCTL_INTAKE_REPORT_INTAKE_H
#define STSCTL_INTAKE_REPORT_INTAKE_H

#include "shared-cache/names/domain_set.h"
#include "shared-cache/tlsreport/report.h"
#include "shared-cache/tlsreport/report_origin.h"
#include "shared-cache/tlsreport/report_trust.h"
#include "stsctl/intake/report_source.h"

struct report_found {
	const struct report_piece *piece;
	const struct sts_report *report;
	const struct sts_diag *diag;		/* the report's warnings */
	struct sts_report_origin origin;
	struct sts_trust_verdict verdict;
};

enum report_junk {
	REPORT_JUNK_OTHER,	/* not a TLS report: a DMARC report, or any other mail */
	REPORT_JUNK_BROKEN,	/* looks like one, but cannot be read */
	REPORT_JUNK_TOO_BIG,	/* beyond a bound */
};
const char *report_junk_name(enum report_junk junk);	/* "other", "broken", "too-big": the names of counters */

struct report_intake {
	const struct sts_domain_set *authserv_ids, *trusted_reporters;
	const struct sts_organisations *organisations;	/* as in report_trust.h */
	const char *vouched;	/* the operator vouches that input comes from this domain; NULL: nobody does */
	enum sts_status (*found)(void *arg, const struct report_found *found);
	/* There was no report; or beside reports there was something too big to be looked at. */
	void (*junk)(void *arg, const struct report_piece *piece, enum report_junk junk, const char *why);
	void *arg;
};

/* Reads a piece: calls found for each report, or junk. Returns STS_ENOMEM, or what found returned. */
enum sts_status report_intake_piece(const struct report_intake *intake, const struct report_piece *piece);

#endif
