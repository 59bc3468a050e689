/* SPDX-License-Identifier: ISC */
/* terminal.c - queries the environment and the terminal. */
#include "config.h"

#include "stsctl/terminal/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "shared-cache/base/text.h"

enum { USUAL_WIDTH = 80, WIDTH_MIN = 40, WIDTH_MAX = 500 };

size_t
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	unsigned long long width = 0;
	struct winsize size;

	if (columns == NULL || !sts_text_parse_u64(columns, strlen(columns), 4, &width) || width == 0)
		width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_WIDTH;
	return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : (size_t)width;
}

/* The first variable that is set decides, as in setlocale(3). */
bool
terminal_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return strcasestr(value, "UTF-8") != NULL || strcasestr(value, "UTF8") != NULL;
	}
	return false;
}

bool
terminal_is_watched(void)
{
	return isatty(STDERR_FILENO) == 1;
}
