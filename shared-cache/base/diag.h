/* SPDX-License-Identifier: ISC */
/*
 * diag.h - diagnostics of a parser, for the person who wrote the text: one error, a few warnings.
 *
 * Bytes of the input appear escaped only, so messages are safe to log and print.
 * Pure. A struct sts_diag belongs to one thread.
 */
#ifndef STS_BASE_DIAG_H
#define STS_BASE_DIAG_H

#include <stddef.h>

enum { STS_DIAG_TEXT = 160, STS_DIAG_WARNINGS = 8 };

struct sts_diag_note {
	unsigned line;			/* from 1; 0: the text as a whole */
	char text[STS_DIAG_TEXT];
};

struct sts_diag {
	struct sts_diag_note error;	/* its text is "" when there is none */
	struct sts_diag_note warnings[STS_DIAG_WARNINGS];
	size_t warning_count;		/* stored; if there were more, the last one says so */
};

void sts_diag_init(struct sts_diag *d);

/* Sets the error, unless there is one already. d may be NULL in both. */
void sts_diag_error(struct sts_diag *d, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sts_diag_warn(struct sts_diag *d, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
