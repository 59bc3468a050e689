/* SPDX-License-Identifier: ISC */
/*
 * incoming_mail.h - extracts from a mail the parts that may hold reports, and the header fields that say whom it is from.
 *
 * Any structure is accepted: multipart/report or not, nested, forwarded, any transfer encoding. Every part is a candidate, except text
 * without a file name that does not look like a report; unpack.h finds out what it is. Parts of a forwarded mail (message/rfc822) count, too, but Authentication-Results
 * only of the mail itself: anybody can have written those inside.
 *
 * GMime sees only mails within the bounds of mail_bounds.h. Only incoming_mail.c knows GMime. One thread.
 */
#ifndef STSCTL_INTAKE_INCOMING_MAIL_H
#define STSCTL_INTAKE_INCOMING_MAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/tlsreport/report_origin.h"
#include "shared-cache/tlsreport/report_trust.h"

enum {
	INCOMING_MAIL_PARTS_MAX = 64,		/* candidates */
	INCOMING_MAIL_DEPTH_MAX = 16,
};

struct incoming_part {
	char *data;
	size_t len;
	char *name;		/* file name, or NULL; hostile */
};

struct incoming_mail {
	struct incoming_part parts[INCOMING_MAIL_PARTS_MAX];
	size_t part_count;
	size_t dropped;		/* candidates beyond the bound, or nested too deeply */
	struct sts_report_origin origin;	/* from TLS-Report-Domain, TLS-Report-Submitter, Subject */
	struct sts_mail_field results[STS_TRUST_FIELDS_MAX];	/* Authentication-Results, from the top */
	size_t result_count;
	struct sts_mail_field signatures[STS_TRUST_FIELDS_MAX];	/* DKIM-Signature */
	size_t signature_count;
};

/* To be called once, before the first mail. */
void incoming_mail_init(void);

/* Reads a mail. STS_EFULL: beyond a bound; *why (a literal) says which. STS_ENOMEM. Call incoming_mail_fini in any case. */
enum sts_status incoming_mail_read(const char *bytes, size_t len, struct incoming_mail *out, const char **why);
void incoming_mail_fini(struct incoming_mail *mail);

#endif
