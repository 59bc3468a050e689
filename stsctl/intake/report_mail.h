/* SPDX-License-Identifier: ISC */
/*
 * report_mail.h - a mail -> the parts that may hold reports, and the fields that say from whom it is.
 *
 * multipart/report or anything else, nested, forwarded, any transfer encoding. A part counts as a candidate unless it is text
 * that has no file name; what it is, unpack.h tells. Of forwarded mail (message/rfc822) the parts are taken, too, but
 * Authentication-Results only of the mail itself: what is inside, anybody may have written.
 * GMime sees no mail that is beyond mail_bounds.h.
 * The only file that knows GMime is report_mail.c. One thread.
 */
#ifndef STSCTL_INTAKE_REPORT_MAIL_H
#define STSCTL_INTAKE_REPORT_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/tlsreport/report_origin.h"
#include "shared-cache/tlsreport/report_trust.h"

enum {
	REPORT_MAIL_PARTS_MAX = 64,		/* candidates */
	REPORT_MAIL_DEPTH_MAX = 16,
};

struct report_part {
	char *data;
	size_t len;
	char *name;		/* file name, or NULL; hostile */
};

struct report_mail {
	struct report_part parts[REPORT_MAIL_PARTS_MAX];
	size_t part_count;
	size_t dropped;		/* candidates beyond that, or too deep */
	struct sts_report_origin origin;	/* of TLS-Report-Domain, -Submitter, Subject */
	struct sts_mail_field results[STS_TRUST_FIELDS_MAX];	/* Authentication-Results, from the top */
	size_t result_count;
	struct sts_mail_field signatures[STS_TRUST_FIELDS_MAX];	/* DKIM-Signature */
	size_t signature_count;
};

/* Before the first mail. */
void report_mail_init(void);

/* STS_EFULL: beyond the bounds, *why says which (a literal). out is to be freed whatever comes. */
enum sts_status report_mail_read(const char *bytes, size_t len, struct report_mail *out, const char **why);
void report_mail_fini(struct report_mail *mail);

#endif
