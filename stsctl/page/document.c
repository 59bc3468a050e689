/* SPDX-License-Identifier: ISC */
/* document.c - builds blocks and rows. Knows neither what they say nor how they look. */
#include "config.h"

#include "stsctl/page/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/page/page_data.h"

static void
free_row(struct document_row *row)
{
	for (size_t i = 0; i < DOCUMENT_CELLS; i++)
		free(row->cells[i]);
	free(row->remark);
}

static void
free_block(struct document_block *block)
{
	for (size_t i = 0; i < block->row_count; i++)
		free_row(&block->rows[i]);
	free(block->rows);
	free(block->text);
	free(block->summary);
}

void
document_fini(struct document *document)
{
	for (size_t i = 0; i < document->count; i++)
		free_block(&document->blocks[i]);
	free(document->blocks);
	free_row(&document->spare);
	free_block(&document->spare_block);
	free(document->title);
	free(document->period);
	free(document->made);
	memset(document, 0, sizeof(*document));
}

bool
document_is_whole(const struct document *document)
{
	return !document->no_memory;
}

/* ---- texts ---- */

__attribute__((format(printf, 3, 0)))
static void
set_text(struct document *document, char **to, const char *format, va_list args)
{
	free(*to);
	if (vasprintf(to, format, args) >= 0)
		return;
	*to = NULL;
	document->no_memory = true;
}

void
document_set(struct document *document, char **to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(document, to, format, args);
	va_end(args);
}

void
document_cell(struct document *document, struct document_row *row, const char *format, ...)
{
	size_t i = 0;
	va_list args;

	while (i < DOCUMENT_CELLS && row->cells[i] != NULL)
		i++;
	if (i == DOCUMENT_CELLS)
		return;
	va_start(args, format);
	set_text(document, &row->cells[i], format, args);
	va_end(args);
}

/* ---- blocks and rows ---- */

/* Adds a zeroed element of size bytes. False: no memory. */
static bool
grow(void **list, size_t *count, size_t *cap, size_t size)
{
	if (*count == *cap) {
		size_t more = *cap > 0 ? 2 * *cap : 16;
		void *grown = realloc(*list, more * size);

		if (grown == NULL)
			return false;
		*list = grown;
		*cap = more;
	}
	memset((char *)*list + *count * size, 0, size);
	(*count)++;
	return true;
}

struct document_block *
document_add(struct document *document, enum document_kind kind, const char *format, ...)
{
	void *list = document->blocks;
	struct document_block *block = &document->spare_block;
	va_list args;

	if (grow(&list, &document->count, &document->cap, sizeof(*block))) {
		document->blocks = list;
		block = &document->blocks[document->count - 1];
	} else
		document->no_memory = true;
	block->kind = kind;
	va_start(args, format);
	set_text(document, &block->text, format, args);
	va_end(args);
	return block;
}

struct document_row *
document_row(struct document *document, struct document_block *block)
{
	void *list = block->rows;

	if (!grow(&list, &block->row_count, &block->row_cap, sizeof(*block->rows))) {
		document->no_memory = true;
		return &document->spare;
	}
	block->rows = list;
	return &block->rows[block->row_count - 1];
}

/* ---- sums ---- */

int64_t
document_row_sum(const struct document_block *block, const struct document_row *row)
{
	return page_data_sum(row->parts, block->series_count);
}

int64_t
document_greatest(const struct document_block *block)
{
	int64_t greatest = 0, n;

	for (size_t i = 0; i < block->row_count; i++)
		if ((n = document_row_sum(block, &block->rows[i])) > greatest)
			greatest = n;
	return greatest;
}

int64_t
document_bar_whole(const struct document_block *block, const struct document_row *row)
{
	return block->by_greatest ? document_greatest(block) : document_row_sum(block, row);
}

size_t
document_columns(const struct document_block *block)
{
	size_t n = 0;

	while (n < DOCUMENT_CELLS && block->heads != NULL && block->heads[n] != NULL)
		n++;
	return n;
}
