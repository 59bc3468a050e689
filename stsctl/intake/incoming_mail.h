/* SPDX-License-Identifier: ISC */
/*
 * incoming_mail.h - a mail -> the parts that may hold reports, and the fields that say from whom it is.
 *
 * multipart/report or anything else, nested, forwarded, any transfer encoding. A part counts as a candidate unless it is text
 * that has no file name; what it is, unpack.h tells. Of forwarded mail (message/rfc822) the parts are taken, too, but
 * Authentication-Results only of the mail itself: what is inside, anybody may have written.
 * GMime takes memory by the number of fields and parts, not by bytes, so that both are counted before it sees the mail.
 * The only file that knows GMime is incoming_mail.c. One thread.
 */
#ifndef STSCTL_INTAKE_INCOMING_MAIL_H
#define STSCTL_INTAKE_INCOMING_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/tlsreport/report_origin.h"
#include "shared-cache/tlsreport/report_trust.h"

enum {
	INCOMING_MAIL_MAX = 10 * 1024 * 1024,	/* bytes; Postfix's message_size_limit is 10240000 */
	INCOMING_MAIL_PARTS_MAX = 16,		/* candidates */
	INCOMING_MAIL_DEPTH_MAX = 16,
	INCOMING_MAIL_BOUNDARIES_MAX = 1000,	/* lines that begin with two hyphens */
	INCOMING_MAIL_COLONS_MAX = 40000,		/* lines that may be header fields */
};

struct incoming_part {
	char *data;
	size_t len;
	char *name;		/* file name, or NULL; hostile */
};

struct incoming_mail {
	struct incoming_part parts[INCOMING_MAIL_PARTS_MAX];
	size_t part_count;
	size_t dropped;		/* candidates beyond that, or too deep */
	struct sts_report_origin origin;	/* of TLS-Report-Domain, -Submitter, Subject */
	struct sts_mail_field results[STS_TRUST_FIELDS_MAX];	/* Authentication-Results, from the top */
	size_t result_count;
	struct sts_mail_field signatures[STS_TRUST_FIELDS_MAX];	/* DKIM-Signature */
	size_t signature_count;
};

/* Before the first mail. */
void incoming_mail_init(void);

/* STS_EFULL: beyond the bounds, *why says which (a literal). out is to be freed whatever comes. */
enum sts_status incoming_mail_read(const char *bytes, size_t len, struct incoming_mail *out, const char **why);
void incoming_mail_fini(struct incoming_mail *mail);

#endif
