/* SPDX-License-Identifier: ISC */
/*
 * page_mail.h - a document as a mail: text, and the same as HTML for programs that show it.
 *
 * Mail programs reliably support neither style sheets nor SVG: the HTML uses tables and attributes. Pure (GMime), except for writing to
 * files; the caller passes the time. Call page_mail_init once, before page_mail_make. One thread.
 */
#ifndef STSCTL_PAGE_MAIL_PAGE_MAIL_H
#define STSCTL_PAGE_MAIL_PAGE_MAIL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "stsctl/page/document.h"

enum { PAGE_MAIL_WIDTH = 78 };

/* Prints ASCII, in lines of at most PAGE_MAIL_WIDTH columns unless a table's numbers need more. False: no memory for a table. */
bool page_mail_text(const struct document *document, FILE *to);
void page_mail_html(const struct document *document, FILE *to);

struct page_mail_headers {
	const char *name, *from;	/* a display name; a mailbox */
	const char *to;			/* a mailbox; NULL: no To field */
	int64_t now;			/* seconds */
	uint64_t random;		/* makes the Message-Id unique */
};

void page_mail_init(void);
/* Builds the whole mail (RFC 5322, multipart/alternative), with LF line ends; the caller frees it. NULL: no memory. */
char *page_mail_make(const struct document *document, const struct page_mail_headers *headers, size_t *len);

#endif
