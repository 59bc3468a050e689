/* SPDX-License-Identifier: ISC */
/*
 * report_source.h - reads the operands of `report import', piece by piece: each a mail, or a file that may hold a report.
 *
 * An operand is a file, standard input, a Maildir (its new/ and cur/), or a directory of files. An mbox is recognised by its first line,
 * and read mail by mail. At most one piece is in memory. One thread.
 */
#ifndef STSCTL_INTAKE_REPORT_SOURCE_H
#define STSCTL_INTAKE_REPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

enum { REPORT_PIECE_MAX = 10 * 1024 * 1024 };	/* bytes; a longer piece is not read */

struct report_piece {
	const char *name;	/* the file's; "-" for standard input */
	size_t number;		/* in an mbox, from 1; else 0 */
	const char *bytes;	/* valid during the call; NULL: the piece is too long */
	size_t len;
	bool mail;		/* certainly a mail, as it came from an mbox */
};

/* Takes a piece. Returns false to stop. */
typedef bool report_piece_fn(void *arg, const struct report_piece *piece);
/* Reports what cannot be read. */
typedef void report_trouble_fn(void *arg, const char *name, const char *why);

struct report_source {
	report_piece_fn *take;
	report_trouble_fn *trouble;
	void *arg;
};

/* Reads an operand. False: take returned false. */
bool report_source_read(const struct report_source *source, const char *operand);

#endif
