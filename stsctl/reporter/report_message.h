/* SPDX-License-Identifier: ISC */
/*
 * report_message.h - a report in transit: compressed by gzip, and as a mail (RFC 8460 section 5).
 *
 * Pure (zlib, GMime): the caller passes the time. Call report_message_init once, first. One thread.
 */
#ifndef STSCTL_REPORTER_REPORT_MESSAGE_H
#define STSCTL_REPORTER_REPORT_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define REPORT_MESSAGE_TYPE "application/tlsrpt+gzip"

struct report_message {
	const char *domain, *submitter, *id;	/* the policy domain, the submitter's domain, the report id */
	int64_t begin, end;			/* of the period, in seconds */
	const char *organization;
	const char *from, *to;			/* mailboxes */
	const void *packed;
	size_t packed_len;
};

void report_message_init(void);

/* Compresses json by gzip; the caller frees it. NULL: no memory. */
void *report_message_gzip(const char *json, size_t *len);

/* Builds the whole mail, with LF line ends; the caller frees it. NULL: no memory. now: seconds. */
char *report_message_mail(const struct report_message *message, int64_t now, size_t *len);

#endif
