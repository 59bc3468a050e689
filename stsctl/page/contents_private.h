/* SPDX-License-Identifier: ISC */
/* contents_private.h - what the files of contents.h have in common: its sections, and columns over time. */
#ifndef STSCTL_PAGE_CONTENTS_PRIVATE_H
#define STSCTL_PAGE_CONTENTS_PRIVATE_H

#include "stsctl/page/contents.h"

void contents_senders(const struct page_data *data, struct document *document);
void contents_postures(const struct page_data *data, struct document *document);
void contents_reports(const struct page_data *data, struct document *document);
void contents_sent(const struct page_data *data, struct document *document);
void contents_certificates(const struct page_data *data, struct document *document);
void contents_nodes(const struct page_data *data, struct document *document);

/* Columns: a day each, or, when there are more than CONTENTS_DAYS_MAX, a week. fill: the parts of such a sum of days. */
enum { CONTENTS_DAYS_MAX = 92, CONTENTS_WEEK = 7 };
typedef void contents_fill_fn(const struct page_data_day *sum, int64_t parts[DOCUMENT_SERIES]);
void contents_columns(const struct page_data *data, struct document *document, struct document_block *block, contents_fill_fn *fill);
/* "day" or "week"; the head of such a column. */
const char *contents_step(const struct page_data *data);
const char *const *contents_heads(const struct page_data *data);

#endif
