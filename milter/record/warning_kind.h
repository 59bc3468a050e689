/* SPDX-License-Identifier: ISC */
/* warning_kind.h - what may go wrong again and again, each with its own limit of one log line a minute. Pure. Any thread. */
#ifndef MILTER_RECORD_WARNING_KIND_H
#define MILTER_RECORD_WARNING_KIND_H

enum service_trouble {
	SERVICE_MEMORY,		/* out of memory */
	SERVICE_REFUSED,	/* libmilter or the MTA refused something we asked for */
	SERVICE_SIGNING,	/* OpenSSL cannot sign */
	SERVICE_THREADS,	/* libmilter has no thread for a session */
	SERVICE_TROUBLES
};
/* The word in the metrics; "" beyond the last. */
const char *service_trouble_name(unsigned trouble);

#endif
