/* SPDX-License-Identifier: ISC */
/*
 * table.h - aligned columns. The first column is text and gives way when the table is wider than the terminal; the others are as
 * wide as what is in them, and the last of them go to a line of their own, below, where that is not enough. Control bytes and what
 * is not ASCII become `?'.
 * A table belongs to one thread.
 */
#ifndef STSCTL_TERMINAL_TABLE_H
#define STSCTL_TERMINAL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 8, TABLE_CELL_CAP = 256, TABLE_FIRST_MIN = 12 };

struct table;

/* One letter a column: l left, r right. NULL when memory runs out; the other functions do nothing with NULL. */
struct table *table_new(const char *columns);
void table_free(struct table **table);

/* Starts a row; cells that are not set stay empty. */
void table_row(struct table *table);
/* Puts the next cell of the row. */
void table_text(struct table *table, const char *text);
void table_number(struct table *table, int64_t n);

/* In at most width columns, if no other column is wider by itself. False when memory ran out for some of it: nothing is printed. */
bool table_print(const struct table *table, size_t width, FILE *to);

#endif
