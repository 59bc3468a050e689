/* SPDX-License-Identifier: ISC */
/* time_argument.c - parses dates, times and ages. */
#include "config.h"

#include "stsctl/terminal/time_argument.h"

#include <string.h>

#include "shared-cache/base/date.h"
#include "shared-cache/base/text.h"

enum { DATE_LEN = 10, DAY_S = 86400, COUNT_DIGITS = 9 };

/* "2h" */
static bool
parse_age(const char *text, size_t len, int64_t now, int64_t *out)
{
	static const struct { char letter; int64_t seconds; } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY_S } };
	unsigned long long n;

	if (len < 2 || !sts_text_parse_u64(text, len - 1, COUNT_DIGITS, &n))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].letter != text[len - 1])
			continue;
		*out = now - (int64_t)n * units[i].seconds;
		return *out >= 0;
	}
	return false;
}

/* Two digits, below a bound. */
static bool
parse_two(const char *text, unsigned below, int64_t *out)
{
	unsigned long long n;

	if (!sts_text_parse_u64(text, 2, 2, &n) || n >= below)
		return false;
	*out = (int64_t)n;
	return true;
}

/* "HH:MM", "HH:MM:SS" */
static bool
parse_clock(const char *text, size_t len, int64_t *out)
{
	int64_t hours, minutes, seconds = 0;

	if ((len != 5 && len != 8) || text[2] != ':' || !parse_two(text, 24, &hours) || !parse_two(text + 3, 60, &minutes))
		return false;
	if (len == 8 && (text[5] != ':' || !parse_two(text + 6, 60, &seconds)))
		return false;
	*out = hours * 3600 + minutes * 60 + seconds;
	return true;
}

bool
time_argument_parse(const char *text, int64_t now, int64_t *out)
{
	size_t len = strlen(text);
	int64_t clock = 0;
	int32_t day;

	if (parse_age(text, len, now, out))
		return true;
	if (len < DATE_LEN || !sts_date_parse(text, DATE_LEN, &day))
		return false;
	if (len > DATE_LEN) {
		len -= text[len - 1] == 'Z';
		if ((text[DATE_LEN] != 'T' && text[DATE_LEN] != ' ') || len <= DATE_LEN ||
		    !parse_clock(text + DATE_LEN + 1, len - DATE_LEN - 1, &clock))
			return false;
	}
	*out = (int64_t)day * DAY_S + clock;
	return true;
}
