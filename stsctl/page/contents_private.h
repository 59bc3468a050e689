/* SPDX-License-Identifier: ISC */
/* contents_private.h - shared by the files of contents.h: its sections, and charts over time. */
#ifndef STSCTL_PAGE_CONTENTS_PRIVATE_H
#define STSCTL_PAGE_CONTENTS_PRIVATE_H

#include "stsctl/page/contents.h"

/* Each appends its section. */
void contents_senders(const struct page_data *data, struct document *document);
void contents_postures(const struct page_data *data, struct document *document);
void contents_reports(const struct page_data *data, struct document *document);
void contents_sent(const struct page_data *data, struct document *document);
void contents_certificates(const struct page_data *data, struct document *document);
void contents_nodes(const struct page_data *data, struct document *document);

/* Adds a chart's columns: one for each day, or for each week if there are more than CONTENTS_DAYS_MAX days. fill turns the sum of a
 * column's days into its parts. */
enum { CONTENTS_DAYS_MAX = 92, CONTENTS_WEEK = 7 };
typedef void contents_fill_fn(const struct page_data_day *sum, int64_t parts[DOCUMENT_SERIES]);
void contents_columns(const struct page_data *data, struct document *document, struct document_block *block, contents_fill_fn *fill);
/* "day" or "week": what a column stands for; the heads of its table. */
const char *contents_step(const struct page_data *data);
const char *const *contents_heads(const struct page_data *data);

#endif
