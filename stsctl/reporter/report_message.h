/* SPDX-License-Identifier: ISC */
/*
 * report_message.h - a report as it travels: packed by gzip, and in a mail (RFC 8460 section 5).
 *
 * Pure (zlib, GMime): the time is passed in. report_message_init comes once before. One thread.
 */
#ifndef STSCTL_REPORTER_REPORT_MESSAGE_H
#define STSCTL_REPORTER_REPORT_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define REPORT_MESSAGE_TYPE "application/tlsrpt+gzip"

struct report_message {
	const char *domain, *submitter, *id;	/* what it is about, who sends it, the report's */
	int64_t begin, end;			/* seconds */
	const char *organization;
	const char *from, *to;			/* mailboxes */
	const void *packed;
	size_t packed_len;
};

void report_message_init(void);

/* gzip; the caller frees it. NULL: no memory. */
void *report_message_gzip(const char *json, size_t *len);

/* The whole mail, lines ended by LF; the caller frees it. NULL: no memory. */
char *report_message_mail(const struct report_message *message, int64_t now, size_t *len);

#endif
