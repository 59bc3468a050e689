/* SPDX-License-Identifier: ISC */
/*
 * parcel.h - a report as it travels: packed by gzip, and in a mail (RFC 8460 section 5).
 *
 * Pure (zlib, GMime): the time is passed in. parcel_init comes once before. One thread.
 */
#ifndef STSCTL_REPORTER_PARCEL_H
#define STSCTL_REPORTER_PARCEL_H

#include <stddef.h>
#include <stdint.h>

#define PARCEL_TYPE "application/tlsrpt+gzip"

struct parcel {
	const char *domain, *submitter, *id;	/* what it is about, who sends it, the report's */
	int64_t begin, end;			/* seconds */
	const char *organization;
	const char *from, *to;			/* mailboxes */
	const void *packed;
	size_t packed_len;
};

void parcel_init(void);

/* gzip; the caller frees it. NULL: no memory. */
void *parcel_pack(const char *json, size_t *len);

/* The whole mail, lines ended by LF; the caller frees it. NULL: no memory. */
char *parcel_mail(const struct parcel *parcel, int64_t now, size_t *len);

#endif
