/* SPDX-License-Identifier: ISC */
/*
 * report_origin.h - what a mail says around the report itself: file name and subject of RFC 8460 section 5.1 and 5.3.
 *
 * Senders leave policy-domain out now and then; then the domain is in TLS-Report-Domain, in the name of the file, or in the
 * subject, in this order.
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_REPORT_ORIGIN_H
#define STS_TLSREPORT_REPORT_ORIGIN_H

#include <stdbool.h>

#include "shared-cache/names/domain.h"

struct sts_report_origin {
	char domain[STS_DOMAIN_CAP];	/* whom the report is about; "" when nothing says so */
	char submitter[STS_DOMAIN_CAP];	/* who sends it */
};

/* "submitter!domain!begin!end[!id].json[.gz]", with or without directories. Fills what is "" in out. */
void sts_report_origin_file(const char *name, struct sts_report_origin *out);
/* "Report Domain: D Submitter: S Report-ID: <...>", folded or not. The same. */
void sts_report_origin_subject(const char *subject, struct sts_report_origin *out);
/* A header's or a file name's word as a domain; out stays "" when it is none. */
void sts_report_origin_domain(const char *word, size_t len, char out[STS_DOMAIN_CAP]);

#endif
