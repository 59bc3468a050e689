/* SPDX-License-Identifier: ISC */
/*
 * letter.h - a document as a mail: text, and HTML for programs that show it; both say the same.
 *
 * HTML in mail has neither style sheets nor SVG that one could count on: tables and attributes. Pure (GMime), but for the files: the
 * time is passed in. letter_init comes once before letter_mail. One thread.
 */
#ifndef STSCTL_LETTER_LETTER_H
#define STSCTL_LETTER_LETTER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "stsctl/page/document.h"

enum { LETTER_WIDTH = 78 };

/* ASCII, lines of at most LETTER_WIDTH columns but for tables whose numbers need more. False: no memory for a table. */
bool letter_text(const struct document *document, FILE *to);
void letter_html(const struct document *document, FILE *to);

struct letter {
	const char *name, *from;	/* a display name; a mailbox */
	const char *to;			/* a mailbox; NULL: the mail has none yet */
	int64_t now;			/* seconds */
	uint64_t random;		/* makes the Message-Id unique */
};

void letter_init(void);
/* The whole mail (RFC 5322, multipart/alternative), lines ended by LF; the caller frees it. NULL: no memory. */
char *letter_mail(const struct document *document, const struct letter *letter, size_t *len);

#endif
