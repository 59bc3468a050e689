/* SPDX-License-Identifier: ISC */
/*
 * report_origin.h - finds domain and submitter of a report outside of it: in the file name and the subject of its mail (RFC 8460
 * sections 5.1 and 5.3).
 *
 * Now and then senders leave out policy-domain; then the domain is taken from TLS-Report-Domain, the file name, or the
 * subject, in this order.
 * Pure. Any thread.
 */
#ifndef STS_TLSREPORT_REPORT_ORIGIN_H
#define STS_TLSREPORT_REPORT_ORIGIN_H

#include <stdbool.h>

#include "shared-cache/names/domain.h"

struct sts_report_origin {
	char domain[STS_DOMAIN_CAP];	/* the domain that the report is about; "" when unknown */
	char submitter[STS_DOMAIN_CAP];	/* the sender of the report; "" when unknown */
};

/* Parses "submitter!domain!begin!end[!id].json[.gz]", with or without directories. Sets only what is "" in out. */
void sts_report_origin_file(const char *name, struct sts_report_origin *out);
/* The same for "Report Domain: D Submitter: S Report-ID: <...>", folded or not. */
void sts_report_origin_subject(const char *subject, struct sts_report_origin *out);
/* Normalises a word of a header or file name; out is "" when it is not a domain. */
void sts_report_origin_domain(const char *word, size_t len, char out[STS_DOMAIN_CAP]);

#endif
