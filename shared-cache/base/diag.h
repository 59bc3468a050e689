/* SPDX-License-Identifier: ISC */
/*
 * diag.h - what a parser has to say to the person who wrote the text.
 *
 * Messages hold no bytes of the input except escaped ones, so they may be logged and printed.
 * Pure. One diagnosis belongs to one thread.
 */
#ifndef STS_BASE_DIAG_H
#define STS_BASE_DIAG_H

#include <stddef.h>

enum { STS_DIAG_TEXT = 160, STS_DIAG_WARNINGS = 8 };

struct sts_diag_note {
	unsigned line;			/* from 1; 0 when it concerns the whole */
	char text[STS_DIAG_TEXT];
};

struct sts_diag {
	struct sts_diag_note error;	/* text "" when there is none */
	struct sts_diag_note warnings[STS_DIAG_WARNINGS];
	size_t warning_count;		/* stored; when there are more, the last one says so */
};

void sts_diag_init(struct sts_diag *d);

/* Sets the error. The first one is kept. d may be NULL in both. */
void sts_diag_error(struct sts_diag *d, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sts_diag_warn(struct sts_diag *d, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
