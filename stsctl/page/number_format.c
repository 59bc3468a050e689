/* SPDX-License-Identifier: ISC */
/* number_format.c - formats numbers, and rounds them for charts. */
#include "config.h"

#include "stsctl/page/number_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stsctl/page/document.h"

const char *
number_format(int64_t n, char out[NUMBER_FORMAT_CAP])
{
	char digits[24];
	size_t len, at = 0;

	snprintf(digits, sizeof(digits), "%" PRId64, n < 0 ? 0 : n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *
number_format_short(int64_t n, char out[NUMBER_FORMAT_CAP])
{
	static const char units[] = " kMGTPE";
	size_t unit = 0;
	int64_t rest = 0;

	while (n >= 1000 && unit + 2 < sizeof(units)) {
		rest = n % 1000;
		n /= 1000;
		unit++;
	}
	if (unit == 0)
		snprintf(out, NUMBER_FORMAT_CAP, "%" PRId64, n);
	else if (n < 10 && rest >= 100)
		snprintf(out, NUMBER_FORMAT_CAP, "%d.%d%c", (int)n, (int)(rest / 100), units[unit]);
	else
		snprintf(out, NUMBER_FORMAT_CAP, "%" PRId64 "%c", n, units[unit]);
	return out;
}

const char *
number_format_hundredths(int64_t n, char out[NUMBER_FORMAT_CAP])
{
	size_t len;

	snprintf(out, NUMBER_FORMAT_CAP, "%" PRId64 ".%02d", n / 100, (int)(n % 100));
	for (len = strlen(out); out[len - 1] == '0'; len--)
		continue;
	if (out[len - 1] == '.')
		len--;
	out[len] = '%';
	out[len + 1] = '\0';
	return out;
}

int64_t
number_share(int64_t n, int64_t whole)
{
	int64_t parts;

	if (n <= 0 || whole <= 0)
		return 0;
	if (n >= whole)
		return DOCUMENT_WHOLE;
	parts = (int64_t)((double)n / (double)whole * (double)DOCUMENT_WHOLE + 0.5);
	return parts == 0 ? 1 : parts;
}

int64_t
number_axis_end(int64_t greatest)
{
	static const int steps[] = { 2, 3, 4, 5, 6, 8, 10 };
	int64_t power = 1;

	for (;;) {
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			if (steps[i] > INT64_MAX / power)
				return INT64_MAX;
			if (steps[i] * power >= greatest && steps[i] * power % 2 == 0)
				return steps[i] * power;
		}
		power *= 10;
	}
}
