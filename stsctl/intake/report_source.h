/* SPDX-License-Identifier: ISC */
/*
 * report_source.h - operands of `report import' -> one piece of bytes after the other: a mail, or a file that may hold a report.
 *
 * A file, standard input, a Maildir (its new/ and cur/), a folder of files; an mbox is told by its first line and read mail by
 * mail. At most one piece is in memory. One thread.
 */
#ifndef STSCTL_INTAKE_REPORT_SOURCE_H
#define STSCTL_INTAKE_REPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

enum { REPORT_PIECE_MAX = 10 * 1024 * 1024 };	/* bytes; of a longer one, nothing is looked at */

struct report_piece {
	const char *name;	/* of the file; "-" for standard input */
	size_t number;		/* in an mbox, from 1; else 0 */
	const char *bytes;	/* during the call only; NULL when it is too long */
	size_t len;
	bool mail;		/* known to be one, for it stood in an mbox */
};

/* Returns false to end it all. */
typedef bool report_piece_fn(void *arg, const struct report_piece *piece);
/* Told of what cannot be read. */
typedef void report_trouble_fn(void *arg, const char *name, const char *why);

struct report_source {
	report_piece_fn *take;
	report_trouble_fn *trouble;
	void *arg;
};

/* False when take has ended it. */
bool report_source_read(const struct report_source *source, const char *operand);

#endif
