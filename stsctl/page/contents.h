/* SPDX-License-Identifier: ISC */
/* contents.h - figures -> the document that says them. Pure. Any thread. */
#ifndef STSCTL_PAGE_CONTENTS_H
#define STSCTL_PAGE_CONTENTS_H

#include "stsctl/page/document.h"
#include "stsctl/page/page_data.h"

/* *document is empty, or becomes longer; the caller gives it to document_fini, and asks document_is_whole. What it points to is its
 * own, or literals. */
void contents_write(const struct page_data *data, struct document *document);

#endif
