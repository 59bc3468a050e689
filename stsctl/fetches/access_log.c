/* SPDX-License-Identifier: ISC */
/* access_log.c - parses lines of access logs, byte by byte. */
#include "config.h"

#include "stsctl/fetches/access_log.h"

#include <string.h>
#include <time.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

/* ---- the date ---- */

enum { TIME_LEN = 26, MINUTE = 60, HOUR = 60 * MINUTE };

/* The number in these digits; -1: not all are digits. */
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

/* The month, from 1; 0: none. Web servers write English names whatever the locale. */
static int
month_at(const char *text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(text, names + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

/* Midnight of a day, in seconds since the epoch. False: no such day; timegm() turns 31 April into 1 May, so the day of the month is
 * compared. */
static bool
midnight_of(int year, int month, int day, int64_t *out)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	time_t t = timegm(&tm);

	*out = (int64_t)t;
	return month > 0 && tm.tm_mday == day;
}

bool
access_log_time(const char *text, size_t len, int64_t *out)
{
	int day, month, year, hour, minute, second, zone_hour, zone_minute;
	int64_t midnight, offset;

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
	if (year < 1970 || day < 0 || !midnight_of(year, month, day, &midnight) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60 || zone_hour < 0 || zone_hour > 23 || zone_minute < 0 || zone_minute > 59)
		return false;
	offset = zone_hour * HOUR + zone_minute * MINUTE;
	*out = midnight + hour * HOUR + minute * MINUTE + second - (text[21] == '-' ? -offset : offset);
	return true;
}

/* ---- the line ---- */

/* The part of the line not parsed yet. */
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

/* Takes `"..."', where a backslash escapes the next byte, and a space behind it. */
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
cut_port(struct access_line *out)
{
	const char *colon = memchr(out->host.text, ':', out->host.len);
	unsigned long long port;

	if (colon == NULL)
		return;
	if (sts_text_parse_u64(colon + 1, out->host.len - (size_t)(colon - out->host.text) - 1, 5, &port))
		out->port = (unsigned)port;
	out->host.len = (size_t)(colon - out->host.text);
}

/* Takes `HOST[:PORT] CLIENT' or `CLIENT'. The client is the word that is an address. If neither is, the second word decides: `-' is
 * the identd user, which nobody has. */
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
	cut_port(out);
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
