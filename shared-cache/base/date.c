/* SPDX-License-Identifier: ISC */
/* date.c - converts between dates and day numbers. No clock, no time zones. */
#include "config.h"

#include "shared-cache/base/date.h"

#include "shared-cache/base/text.h"

enum { SECONDS_A_DAY = 86400, DATE_LEN = 10, EPOCH = 719468 };	/* EPOCH: days from 0000-03-01 to 1970-01-01 */

static bool
number_at(const char *digits, size_t len, int *out)
{
	unsigned long long n;

	if (!sts_text_parse_u64(digits, len, (unsigned)len, &n))
		return false;
	*out = (int)n;
	return true;
}

static int
days_in(int year, int month)
{
	static const char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return lengths[month - 1] + (leap && month == 2 ? 1 : 0);
}

/* Counts years from March: the leap day is then the last one, and a linear formula gives the first day of each month. */
static int32_t
days_since_epoch(int year, int month, int day)
{
	int from_march = (month + 9) % 12;
	int y = month <= 2 ? year - 1 : year;

	return (int32_t)(y * 365 + y / 4 - y / 100 + y / 400 + (from_march * 153 + 2) / 5 + day - 1 - EPOCH);
}

bool
sts_date_parse(const char *text, size_t len, int32_t *out)
{
	int year, month, day;

	if (len != DATE_LEN || text[4] != '-' || text[7] != '-' || !number_at(text, 4, &year) ||
	    !number_at(text + 5, 2, &month) || !number_at(text + 8, 2, &day))
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
		return false;
	*out = days_since_epoch(year, month, day);
	return true;
}

int32_t
sts_date_day_of(int64_t seconds)
{
	int64_t day = seconds / SECONDS_A_DAY;

	if (seconds % SECONDS_A_DAY < 0)
		day--;
	if (day < INT32_MIN)
		return INT32_MIN;
	return day > INT32_MAX ? INT32_MAX : (int32_t)day;
}
