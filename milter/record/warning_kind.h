/* SPDX-License-Identifier: ISC */
/* warning_kind.h - warnings that may come again and again: each kind is limited to one log line a minute. Pure. Any thread. */
#ifndef MILTER_RECORD_WARNING_KIND_H
#define MILTER_RECORD_WARNING_KIND_H

enum warning_kind {
	WARNING_MEMORY,		/* out of memory */
	WARNING_REFUSED,	/* libmilter or the MTA refused a request of ours */
	WARNING_SIGNING,	/* OpenSSL cannot sign */
	WARNING_THREADS,	/* libmilter has no thread for a session */
	WARNING_PACKETS,	/* a packet that libmilter would not survive */
	WARNING_KINDS
};
/* The word in the metrics; "" beyond the last kind. */
const char *warning_kind_name(unsigned kind);

#endif
