/* SPDX-License-Identifier: ISC */
/*
 * document.h - a report's contents, block by block, before it has a form: page.h and page_mail.h print the same
 * document.
 *
 * Texts are plain: whoever prints them escapes them. Whoever adds never asks whether there was memory; document_is_whole does, in the
 * end. Pure. Belongs to one thread.
 */
#ifndef STSCTL_PAGE_DOCUMENT_H
#define STSCTL_PAGE_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum document_kind {
	DOCUMENT_HEADING,	/* text */
	DOCUMENT_TEXT,		/* text */
	DOCUMENT_NOTE,		/* text of less weight */
	DOCUMENT_TILES,		/* rows: what, number, and a word about it */
	DOCUMENT_TABLE,		/* text: caption; rows, each with a bar if there are series */
	DOCUMENT_COLUMNS,	/* text: caption; rows from left to right, parts stacked */
};

/* What a colour means, the same everywhere. */
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
	char *summary;			/* of a chart, in a sentence: what one sees who cannot see it */
	const char *const *heads;	/* of a table or of columns: the first cell's and so on; NULL at its end */
	const struct document_series *series;
	size_t series_count;
	bool percent;			/* columns: parts are hundredths of a percent; else numbers */
	bool by_greatest;		/* a table's bars: as long as the greatest is the widest; else each is a whole */
	struct document_row *rows;
	size_t row_count, row_cap;
};

struct document {
	char *title, *period, *made;	/* one line each */
	struct document_block *blocks;
	size_t count, cap;
	bool no_memory;
	struct document_row spare;	/* for those who add when memory has run out */
	struct document_block spare_block;
};

/* All bytes zero is an empty document. */
void document_fini(struct document *document);
bool document_is_whole(const struct document *document);

void document_set(struct document *document, char **to, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Adds a block; valid until the next is added. Never NULL. */
struct document_block *document_add(struct document *document, enum document_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a row; valid until the next is added. Never NULL. */
struct document_row *document_row(struct document *document, struct document_block *block);
/* Fills the row's next cell; one too many is left out. */
void document_cell(struct document *document, struct document_row *row, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sums of the parts; no overflow. */
int64_t document_row_sum(const struct document_block *block, const struct document_row *row);
int64_t document_greatest(const struct document_block *block);
/* The sum that a bar of full width stands for, in a table. */
int64_t document_bar_whole(const struct document_block *block, const struct document_row *row);
/* How many of the cells a table's rows have. */
size_t document_columns(const struct document_block *block);

#endif
