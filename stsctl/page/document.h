/* SPDX-License-Identifier: ISC */
/*
 * document.h - a document as blocks of text, tables and charts, before it has a format: page.h and page_mail.h print the same document.
 *
 * Texts are plain; the printer escapes them. The functions that add never fail: at the end, document_is_whole says whether memory
 * sufficed. Pure. Belongs to one thread.
 */
#ifndef STSCTL_PAGE_DOCUMENT_H
#define STSCTL_PAGE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum document_kind {
	DOCUMENT_HEADING,	/* text */
	DOCUMENT_TEXT,		/* text */
	DOCUMENT_NOTE,		/* text in small print */
	DOCUMENT_TILES,		/* rows: name, number, remark */
	DOCUMENT_TABLE,		/* text: the caption; rows, with a bar each if there are series */
	DOCUMENT_COLUMNS,	/* text: the caption; rows are columns from left to right, with stacked parts */
};

/* What a colour stands for, in all charts. */
enum document_tone { TONE_TLS13, TONE_TLS12, TONE_OLD, TONE_PLAIN, TONE_UNKNOWN, TONE_GOOD, TONE_BAD, DOCUMENT_TONES };

enum { DOCUMENT_CELLS = 6, DOCUMENT_SERIES = 5, DOCUMENT_WHOLE = 10000 };

struct document_series {
	const char *name;	/* a literal */
	enum document_tone tone;
};

struct document_row {
	char *cells[DOCUMENT_CELLS];
	char *remark;			/* below the first cell; may be NULL */
	int64_t parts[DOCUMENT_SERIES];
};

struct document_block {
	enum document_kind kind;
	char *text;
	char *summary;			/* of a chart, in a sentence, for those who cannot see it */
	const char *const *heads;	/* the heads of a table's cells, or of a chart's; ends with NULL */
	const struct document_series *series;
	size_t series_count;
	bool percent;			/* in a chart: parts are hundredths of a percent; else numbers */
	bool by_greatest;		/* a table's bars: the greatest row has the full width; else each row has */
	struct document_row *rows;
	size_t row_count, row_cap;
};

struct document {
	char *title, *period, *made;	/* one line each */
	struct document_block *blocks;
	size_t count, cap;
	bool no_memory;
	struct document_row spare;	/* returned when memory has run out */
	struct document_block spare_block;
};

/* All bytes zero is an empty document. */
void document_fini(struct document *document);
bool document_is_whole(const struct document *document);

/* Sets a text of the document, a block or a row, and frees the old one. */
void document_set(struct document *document, char **to, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds a block. The pointer is valid until the next block is added, and never NULL. */
struct document_block *document_add(struct document *document, enum document_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a row. The pointer is valid until the next row is added, and never NULL. */
struct document_row *document_row(struct document *document, struct document_block *block);
/* Sets the row's next cell. Beyond DOCUMENT_CELLS, it is ignored. */
void document_cell(struct document *document, struct document_row *row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The sum of a row's parts, and the greatest such sum of a block. They do not overflow. */
int64_t document_row_sum(const struct document_block *block, const struct document_row *row);
int64_t document_greatest(const struct document_block *block);
/* The sum that a bar of full width stands for, in a table. */
int64_t document_bar_whole(const struct document_block *block, const struct document_row *row);
/* How many cells a row of the table has. */
size_t document_columns(const struct document_block *block);

#endif
