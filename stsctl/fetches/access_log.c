/* SPDX-License-Identifier: ISC */
/* access_log.c - lines of access logs, byte by byte. */
#include "config.h"

#include "stsctl/fetches/access_log.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

/* ---- the date ---- */

enum { TIME_LEN = 26, MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* The digits at text, all of them; -1 for something else. */
static int
number_at(const char *text, size_t digits)
{
	int n = 0;

	for (size_t i = 0; i < digits; i++) {
		if (!sts_ascii_is_digit(text[i]))
			return -1;
		n = n * 10 + (text[i] - '0');
	}
	return n;
}

/* From 1; 0 for none. Web servers write English names whatever the locale. */
static int
month_at(const char *text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(text, names + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

/* Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is the last of its year. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t days_before_month = (153 * ((month + 9) % 12) + 2) / 5;

	return y * 365 + y / 4 - y / 100 + y / 400 + days_before_month + day - 1 - 719468;
}

static bool
day_exists(int year, int month, int day)
{
	static const char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month > 0 && day >= 1 && day <= lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool
access_log_time(const char *text, size_t len, int64_t *out)
{
	int day, month, year, hour, minute, second, zone_hour, zone_minute;
	int64_t offset;

	if (len != TIME_LEN || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' || text[17] != ':' ||
	    text[20] != ' ' || (text[21] != '+' && text[21] != '-'))
		return false;
	day = number_at(text, 2);
	month = month_at(text + 3);
	year = number_at(text + 7, 4);
	hour = number_at(text + 12, 2);
	minute = number_at(text + 15, 2);
	second = number_at(text + 18, 2);
	zone_hour = number_at(text + 22, 2);
	zone_minute = number_at(text + 24, 2);
	if (year < 1970 || !day_exists(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60 || zone_hour < 0 || zone_hour > 23 || zone_minute < 0 || zone_minute > 59)
		return false;
	offset = zone_hour * HOUR + zone_minute * MINUTE;
	*out = days_of(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second - (text[21] == '-' ? -offset : offset);
	return true;
}

/* ---- the line ---- */

/* What is left of it. */
struct rest {
	const char *at, *end;
};

static bool
take_word(struct rest *r, struct access_part *out)
{
	const char *space = memchr(r->at, ' ', (size_t)(r->end - r->at));

	if (space == NULL || space == r->at)
		return false;
	*out = (struct access_part){ r->at, (size_t)(space - r->at) };
	r->at = space + 1;
	return true;
}

/* `"..."', in which a backslash protects the next byte; a space after it is taken, too. */
static bool
take_quoted(struct rest *r, struct access_part *out)
{
	const char *p;

	if (r->at == r->end || *r->at != '"')
		return false;
	for (p = r->at + 1; p < r->end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < r->end)
			p++;
	if (p >= r->end)
		return false;
	*out = (struct access_part){ r->at + 1, (size_t)(p - r->at - 1) };
	r->at = p + 1;
	if (r->at < r->end && *r->at == ' ')
		r->at++;
	return true;
}

static bool
take_date(struct rest *r, int64_t *out)
{
	static const char end_of_date[] = "] \"";
	const char *end = memmem(r->at, (size_t)(r->end - r->at), end_of_date, sizeof(end_of_date) - 1);

	if (end == NULL || end - r->at <= TIME_LEN || end[-TIME_LEN - 1] != '[' ||
	    !access_log_time(end - TIME_LEN, TIME_LEN, out))
		return false;
	r->at = end + 2;
	return true;
}

static void
cut_port(struct access_part *host)
{
	const char *colon = memchr(host->text, ':', host->len);

	if (colon != NULL)
		host->len = (size_t)(colon - host->text);
}

/* Of `HOST[:PORT] CLIENT' and `CLIENT' the client is an address, if one of the two is; else the second word says: it is the name
 * of the user by identd, which nobody has. */
static bool
take_client(struct rest *r, struct access_line *out)
{
	struct access_part first, second;

	if (!take_word(r, &first))
		return false;
	out->client = first;
	if (sts_ipaddr_parse(first.text, first.len, &out->addr))
		return true;
	out->addr.family = 0;
	if (!take_word(r, &second))
		return false;
	if (second.len == 1 && second.text[0] == '-')
		return true;
	out->client = second;
	out->host = first;
	cut_port(&out->host);
	if (!sts_ipaddr_parse(second.text, second.len, &out->addr))
		out->addr.family = 0;
	return true;
}

static void
split_request(const struct access_part *request, struct access_line *out)
{
	struct rest r = { request->text, request->text + request->len };

	if (!take_word(&r, &out->method) || !take_word(&r, &out->path)) {
		out->method.len = 0;
		out->path.len = 0;
	}
}

static bool
take_status(struct rest *r, unsigned *out)
{
	struct access_part word;
	unsigned long long n;

	if (!take_word(r, &word) || word.len != 3 || !sts_text_parse_u64(word.text, word.len, 3, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

bool
access_log_parse(const char *line, size_t len, struct access_line *out)
{
	struct rest r = { line, line + len };
	struct access_part request, size, referrer;

	*out = (struct access_line){ .status = 0 };
	if (!take_client(&r, out) || !take_date(&r, &out->time) || !take_quoted(&r, &request) || !take_status(&r, &out->status))
		return false;
	split_request(&request, out);
	if (!take_word(&r, &size))
		return r.at < r.end && memchr(r.at, '"', (size_t)(r.end - r.at)) == NULL;	/* the common format */
	return !take_quoted(&r, &referrer) || take_quoted(&r, &out->agent);
}
