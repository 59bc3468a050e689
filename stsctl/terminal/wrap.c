/* SPDX-License-Identifier: ISC */
/* wrap.c - breaks lines between words. */
#include "config.h"

#include "stsctl/terminal/wrap.h"

#include <string.h>

size_t
wrap_words(const char *text, size_t column, size_t indent, size_t width, FILE *to)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > indent && column + 1 + len > width) {
			fprintf(to, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			putc(' ', to);
			column++;
		}
		fwrite(text, 1, len, to);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	return column;
}
