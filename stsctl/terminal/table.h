/* SPDX-License-Identifier: ISC */
/*
 * table.h - prints aligned columns.
 *
 * The first column is text, and shrinks when the table is wider than the terminal; the others are as wide as their cells. If that is not
 * enough, the last columns go to a line of their own below. Control bytes and bytes beyond ASCII become `?'. A table belongs to one
 * thread.
 */
#ifndef STSCTL_TERMINAL_TABLE_H
#define STSCTL_TERMINAL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 8, TABLE_CELL_CAP = 256, TABLE_FIRST_MIN = 12 };

struct table;

/* columns: one letter each, l for left, r for right. NULL when memory ran out; the other functions accept NULL and do nothing. */
struct table *table_new(const char *columns);
void table_free(struct table **table);

/* Starts a row. Cells that are not set stay empty. */
void table_row(struct table *table);
/* Sets the next cell of the row. */
void table_text(struct table *table, const char *text);
void table_number(struct table *table, int64_t n);

/* Prints the table in at most width columns, unless a single column needs more. False: memory ran out while it was built; nothing is
 * printed. */
bool table_print(const struct table *table, size_t width, FILE *to);

#endif
