/* SPDX-License-Identifier: ISC */
/* report_time.c - parses the times in reports, and rejects implausible ones. */
#include "config.h"

#include "shared-cache/tlsreport/report.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/date.h"

enum { DATE_LEN = 10, CLOCK_LEN = 8, DAY_S = 86400 };

static bool
two_digits(const char *s, int64_t below, int64_t *out)
{
	if (!sts_ascii_is_digit(s[0]) || !sts_ascii_is_digit(s[1]))
		return false;
	*out = (s[0] - '0') * 10 + (s[1] - '0');
	return *out < below;
}

/* "HH:MM:SS" -> seconds; a leap second counts as the last second of its minute. */
static bool
read_clock(const char *s, int64_t *out)
{
	int64_t h, m, sec;

	if (strlen(s) < CLOCK_LEN || s[2] != ':' || s[5] != ':' || !two_digits(s, 24, &h) || !two_digits(s + 3, 60, &m) ||
	    !two_digits(s + 6, 61, &sec))
		return false;
	*out = h * 3600 + m * 60 + (sec < 60 ? sec : 59);
	return true;
}

/* "", "Z", "UTC", "GMT", "+HH:MM", "+HHMM" -> seconds east of UTC. */
static bool
read_zone(const char *s, int64_t *out)
{
	int64_t h, m;
	size_t colon;

	*out = 0;
	if (s[0] == '\0' || ((s[0] == 'Z' || s[0] == 'z') && s[1] == '\0') || strcmp(s, "UTC") == 0 || strcmp(s, "GMT") == 0)
		return true;
	if (strlen(s) < 5)
		return false;
	colon = s[3] == ':';
	if ((s[0] != '+' && s[0] != '-') || !two_digits(s + 1, 24, &h) || !two_digits(s + 3 + colon, 60, &m) ||
	    s[5 + colon] != '\0')
		return false;
	*out = (s[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return true;
}

bool
sts_report_time(const char *text, int64_t *out)
{
	int64_t clock = 0, zone = 0;
	int32_t day;

	while (sts_ascii_is_wsp(*text))
		text++;
	if (strlen(text) < DATE_LEN || strlen(text) > 64 || !sts_date_parse(text, DATE_LEN, &day))
		return false;
	text += DATE_LEN;
	if (*text == 'T' || *text == 't' || *text == ' ') {
		if (!read_clock(text + 1, &clock))
			return false;
		text += 1 + CLOCK_LEN;
		if (*text == '.')
			for (text++; sts_ascii_is_digit(*text); text++)
				;
		while (*text == ' ')
			text++;
	}
	if (!read_zone(text, &zone))
		return false;
	*out = (int64_t)day * DAY_S + clock - zone;
	return *out >= 0;
}

enum sts_status
sts_report_check_time(const struct sts_report *report, int64_t now, struct sts_diag *diag)
{
	if (report->end < report->begin)
		sts_diag_error(diag, 0, "end-datetime is before start-datetime");
	else if (report->end - report->begin > STS_REPORT_SPAN_MAX_S)
		sts_diag_error(diag, 0, "the time reported on is longer than 8 days");
	else if (report->begin < now - STS_REPORT_AGE_MAX_S)
		sts_diag_error(diag, 0, "start-datetime is more than 400 days ago");
	else if (report->begin > now + STS_REPORT_AHEAD_MAX_S)
		sts_diag_error(diag, 0, "start-datetime is in the future");
	else
		return STS_OK;
	return STS_EINVAL;
}
