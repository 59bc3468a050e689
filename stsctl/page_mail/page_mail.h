/* SPDX-License-Identifier: ISC */
/*
 * page_mail.h - a document as a mail: text, and HTML for programs that show it; both say the same.
 *
 * HTML in mail has neither style sheets nor SVG that one could count on: tables and attributes. Pure (GMime), but for the files: the
 * time is passed in. page_mail_init comes once before page_mail_make. One thread.
 */
#ifndef STSCTL_PAGE_MAIL_PAGE_MAIL_H
#define STSCTL_PAGE_MAIL_PAGE_MAIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "stsctl/page/document.h"

enum { PAGE_MAIL_WIDTH = 78 };

/* ASCII, lines of at most LETTER_WIDTH columns but for tables whose numbers need more. False: no memory for a table. */
bool page_mail_text(const struct document *document, FILE *to);
void page_mail_html(const struct document *document, FILE *to);

struct page_mail_headers {
	const char *name, *from;	/* a display name; a mailbox */
	const char *to;			/* a mailbox; NULL: the mail has none yet */
	int64_t now;			/* seconds */
	uint64_t random;		/* makes the Message-Id unique */
};

void page_mail_init(void);
/* The whole mail (RFC 5322, multipart/alternative), lines ended by LF; the caller frees it. NULL: no memory. */
char *page_mail_make(const struct document *document, const struct page_mail_headers *headers, size_t *len);

#endif
