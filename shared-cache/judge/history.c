/* SPDX-License-Identifier: ISC */
/* history.c - a ring of days. Knows neither the store nor which clients are aligned. */
#include "config.h"

#include "shared-cache/judge/history.h"

#include <string.h>
#include <time.h>

#include "shared-cache/base/date.h"
#include "shared-cache/base/text.h"

enum { NUMBER_DIGITS = 15, DATE_LEN = STS_HISTORY_DATE_CAP - 1 };

/* ---- days ---- */

int64_t
sts_history_day(int64_t now)
{
	return sts_date_day_of(now);
}

size_t
sts_history_place(int64_t day)
{
	int64_t place = day % STS_HISTORY_DAYS;

	return (size_t)(place < 0 ? place + STS_HISTORY_DAYS : place);
}

static void
start_at(struct sts_history_days *h, int64_t day)
{
	memset(h, 0, sizeof(*h));
	h->last = day;
}

/* Makes room for day, which becomes the last one if it is later. NULL: it is older than the days kept. */
static struct sts_history_day *
open_day(struct sts_history_days *h, int64_t day)
{
	if (day <= h->last - STS_HISTORY_DAYS)
		return NULL;
	if (day - h->last >= STS_HISTORY_DAYS)
		start_at(h, day);
	while (h->last < day)
		h->days[sts_history_place(++h->last)] = (struct sts_history_day){ 0 };
	return &h->days[sts_history_place(day)];
}

struct sts_history_day
sts_history_at(const struct sts_history_days *history, int64_t day)
{
	if (day > history->last || day <= history->last - STS_HISTORY_DAYS)
		return (struct sts_history_day){ 0 };
	return history->days[sts_history_place(day)];
}

void
sts_history_add(struct sts_history_days *history, int64_t now, enum sts_tls_state tls)
{
	int64_t today = sts_history_day(now);
	struct sts_history_day *day;
	uint32_t *n;

	if (tls == STS_TLS_UNKNOWN)
		return;
	if ((day = open_day(history, today)) == NULL) {
		start_at(history, today);
		day = open_day(history, today);
	}
	n = tls == STS_TLS_SECURED ? &day->tls : &day->plaintext;
	if (*n < UINT32_MAX)
		++*n;
}

static void
raise_to(struct sts_history_day *day, struct sts_history_day to)
{
	if (day->tls < to.tls)
		day->tls = to.tls;
	if (day->plaintext < to.plaintext)
		day->plaintext = to.plaintext;
}

void
sts_history_merge(struct sts_history_days *history, const struct sts_history_days *more)
{
	for (int64_t day = more->last - STS_HISTORY_DAYS + 1; day <= more->last; day++) {
		struct sts_history_day found = sts_history_at(more, day), *mine;

		if (found.tls + (uint64_t)found.plaintext > 0 && (mine = open_day(history, day)) != NULL)
			raise_to(mine, found);
	}
}

/* ---- the verdict ---- */

static uint32_t
number_of(struct sts_history_day day, enum sts_tls_state tls)
{
	return tls == STS_TLS_SECURED ? day.tls : tls == STS_TLS_NONE ? day.plaintext : 0;
}

void
sts_history_sum(const struct sts_history_days *history, enum sts_tls_state tls, int64_t now, struct sts_history_sum *out)
{
	int64_t today = sts_history_day(now), end = history->last < today ? history->last : today;
	int64_t day = (history->last > today ? history->last : today) - STS_HISTORY_DAYS + 1;
	size_t place = sts_history_place(day);

	/* This runs for each message: the days are visited in the order in which they lie in memory. */
	memset(out, 0, sizeof(*out));
	for (; day <= end; day++, place = place + 1 < STS_HISTORY_DAYS ? place + 1 : 0) {
		uint32_t n = number_of(history->days[place], tls);

		if (n == 0)
			continue;
		if (out->days++ == 0)
			out->first = day;
		out->last = day;
		out->messages += n;
	}
}

static int64_t
days_of_a_habit(const struct sts_history_rules *rules)
{
	return rules->days < 2 ? 1 : rules->days / 2;
}

enum sts_history
sts_history_judge(const struct sts_history_days *history, const struct sts_history_rules *rules, enum sts_tls_state tls,
    int64_t now)
{
	struct sts_history_sum secured, plaintext;
	int64_t today = sts_history_day(now);
	int64_t plaintext_days;

	if (tls == STS_TLS_UNKNOWN || rules->days <= 0 || rules->messages <= 0)
		return STS_HISTORY_NONE;
	sts_history_sum(history, STS_TLS_SECURED, now, &secured);
	if (secured.days < (uint64_t)rules->days || secured.messages < (uint64_t)rules->messages)
		return STS_HISTORY_NONE;
	sts_history_sum(history, STS_TLS_NONE, now, &plaintext);
	if (tls == STS_TLS_SECURED)
		return plaintext.messages == 0 ? STS_HISTORY_ALWAYS_TLS : STS_HISTORY_NONE;
	/* Today does not count, so that all messages of a day are judged alike. */
	plaintext_days = plaintext.days - (sts_history_at(history, today).plaintext > 0);
	return plaintext_days < days_of_a_habit(rules) ? STS_HISTORY_DOWNGRADE : STS_HISTORY_NONE;
}

/* ---- what is stored ---- */

const char *
sts_history_date(int64_t day, char out[STS_HISTORY_DATE_CAP])
{
	time_t t = (time_t)(day * STS_HISTORY_DAY_S);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < 0 || tm.tm_year > 9999 - 1900 ||
	    strftime(out, STS_HISTORY_DATE_CAP, "%Y-%m-%d", &tm) != DATE_LEN)
		strcpy(out, "1970-01-01");
	return out;
}

static bool
read_name(const char *name, size_t len, enum sts_tls_state *tls, int32_t *day)
{
	static const struct {
		const char *word;
		enum sts_tls_state tls;
	} kinds[] = { { "tls:", STS_TLS_SECURED }, { "plaintext:", STS_TLS_NONE } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t word = strlen(kinds[i].word);

		if (len < word || memcmp(name, kinds[i].word, word) != 0)
			continue;
		*tls = kinds[i].tls;
		return sts_date_parse(name + word, len - word, day);
	}
	return false;
}

bool
sts_history_take(struct sts_history_days *history, const char *name, size_t name_len, const char *value, size_t value_len,
    int64_t now)
{
	int64_t latest = sts_history_day(now) + 1;
	struct sts_history_day *place;
	enum sts_tls_state tls;
	unsigned long long n;
	int32_t day;

	if (!read_name(name, name_len, &tls, &day) || !sts_text_parse_u64(value, value_len, NUMBER_DIGITS, &n) ||
	    day > latest || day <= latest - STS_HISTORY_DAYS || (place = open_day(history, day)) == NULL)
		return false;
	*(tls == STS_TLS_SECURED ? &place->tls : &place->plaintext) = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
	return true;
}
