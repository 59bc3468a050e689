/* SPDX-License-Identifier: ISC */
/* contents.h - writes the document: what the data says, in words, tables and charts. Pure. Any thread. */
#ifndef STSCTL_PAGE_CONTENTS_H
#define STSCTL_PAGE_CONTENTS_H

#include "stsctl/page/document.h"
#include "stsctl/page/page_data.h"

/* Appends to *document, which owns what it points to, or points to literals. The caller checks document_is_whole, and calls
 * document_fini. */
void contents_write(const struct page_data *data, struct document *document);

#endif
