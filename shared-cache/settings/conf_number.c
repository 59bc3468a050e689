/* SPDX-License-Identifier: ISC */
/* conf_number.c - settings that are numbers, times, modes or one of a few words. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "shared-cache/base/text.h"
#include "shared-cache/settings/conf_private.h"

/* "ms" comes first, so that it is not taken for "m". The others are in ascending order, which formatting relies on. */
static const struct unit {
	const char *suffix;
	int64_t factor;
} times[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } },
  sizes[] = { { "k", 1024 }, { "m", 1048576 } };

static const struct unit *
unit_of(const char *value, const struct unit *units, size_t count)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(units[i].suffix);

		if (len > n && strcmp(value + len - n, units[i].suffix) == 0)
			return &units[i];
	}
	return NULL;
}

/* Parses decimal digits, times factor; false for anything else, and when the result is out of range. */
static bool
parse_scaled(const char *value, size_t len, int64_t factor, int64_t *out)
{
	unsigned long long n;

	if (!sts_text_parse_u64(value, len, 18, &n))
		return false;
	return !__builtin_mul_overflow((int64_t)n, factor, out);
}

static void
format_int(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	snprintf(out, STS_CONF_NUMBER_CAP, "%lld", (long long)*(const int64_t *)field);
}

static void
format_time(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	int64_t ms = *(const int64_t *)field;
	const struct unit *best = &times[1];

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (ms != 0 && ms % times[i].factor == 0)
			best = &times[i];
	}
	snprintf(out, STS_CONF_NUMBER_CAP, "%lld%s", (long long)(ms / best->factor), best->suffix);
}

static void
format_mode(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	snprintf(out, STS_CONF_NUMBER_CAP, "%04llo", (unsigned long long)*(const int64_t *)field);
}

static void
format_bool(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	snprintf(out, STS_CONF_NUMBER_CAP, "%s", *(const bool *)field ? "yes" : "no");
}

static enum sts_status
store_bounded(const struct sts_setting *row, int64_t n, int64_t *field, const struct sts_conf_place *place)
{
	char lo[STS_CONF_NUMBER_CAP], hi[STS_CONF_NUMBER_CAP];

	if (n < row->lo || n > row->hi) {
		row->type->format(&row->lo, lo);
		row->type->format(&row->hi, hi);
		sts_conf_complain(place, "must be between %s and %s", lo, hi);
		return STS_EINVAL;
	}
	*field = n;
	return STS_OK;
}

static enum sts_status
refuse(const char *value, const char *wanted, const struct sts_conf_place *place)
{
	char quoted[STS_CONF_QUOTED_CAP];

	sts_conf_complain(place, "%s is not %s", sts_conf_quoted(value, strlen(value), quoted), wanted);
	return STS_EINVAL;
}

static enum sts_status
set_int(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	int64_t n;

	if (!parse_scaled(value, strlen(value), 1, &n))
		return refuse(value, "a whole number", place);
	return store_bounded(row, n, field, place);
}

static enum sts_status
set_size(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const struct unit *unit = unit_of(value, sizes, sizeof(sizes) / sizeof(sizes[0]));
	size_t len = strlen(value) - (unit == NULL ? 0 : strlen(unit->suffix));
	int64_t n;

	if (!parse_scaled(value, len, unit == NULL ? 1 : unit->factor, &n))
		return refuse(value, "a whole number (with k for 1024, m for 1048576)", place);
	return store_bounded(row, n, field, place);
}

/* Without a suffix: seconds, as for most of Postfix's times. */
static enum sts_status
set_time(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	const struct unit *unit = unit_of(value, times, sizeof(times) / sizeof(times[0]));
	size_t len = strlen(value) - (unit == NULL ? 0 : strlen(unit->suffix));
	int64_t n;

	if (!parse_scaled(value, len, unit == NULL ? 1000 : unit->factor, &n))
		return refuse(value, "a time (a whole number with ms, s, m, h or d)", place);
	return store_bounded(row, n, field, place);
}

static enum sts_status
set_mode(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	size_t len = strlen(value);
	int64_t n = 0;

	if (len < 3 || len > 4 || strspn(value, "01234567") != len)
		return refuse(value, "a mode of 3 or 4 octal digits", place);
	for (size_t i = 0; i < len; i++)
		n = n * 8 + (value[i] - '0');
	return store_bounded(row, n, field, place);
}

static enum sts_status
set_bool(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	bool yes = strcasecmp(value, "yes") == 0;

	(void)row;
	if (!yes && strcasecmp(value, "no") != 0)
		return refuse(value, "yes or no", place);
	*(bool *)field = yes;
	return STS_OK;
}

/* The index of value among names; false when it is not there. */
static bool
find_word(const char *const *names, size_t count, const char *value, size_t *out)
{
	for (*out = 0; *out < count; (*out)++)
		if (strcasecmp(value, names[*out]) == 0)
			return true;
	return false;
}

static const char *const client_addr_names[] = {
	[STS_CLIENT_MASKED] = "masked", [STS_CLIENT_FULL] = "full", [STS_CLIENT_NO] = "no"
};

static enum sts_status
set_client_addr(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	size_t i;

	(void)row;
	if (!find_word(client_addr_names, sizeof(client_addr_names) / sizeof(client_addr_names[0]), value, &i))
		return refuse(value, "masked, full or no", place);
	*(enum sts_client_addr *)field = (enum sts_client_addr)i;
	return STS_OK;
}

static void
format_client_addr(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	snprintf(out, STS_CONF_NUMBER_CAP, "%s", client_addr_names[*(const enum sts_client_addr *)field]);
}

static const char *const strip_forged_names[] = { [STS_STRIP_MILTER] = "milter", [STS_STRIP_POSTFIX] = "postfix" };

static enum sts_status
set_strip_forged(const struct sts_setting *row, const char *value, void *field, const struct sts_conf_place *place)
{
	size_t i;

	(void)row;
	if (!find_word(strip_forged_names, sizeof(strip_forged_names) / sizeof(strip_forged_names[0]), value, &i))
		return refuse(value, "milter or postfix", place);
	*(enum sts_strip_forged *)field = (enum sts_strip_forged)i;
	return STS_OK;
}

static void
format_strip_forged(const void *field, char out[STS_CONF_NUMBER_CAP])
{
	snprintf(out, STS_CONF_NUMBER_CAP, "%s", strip_forged_names[*(const enum sts_strip_forged *)field]);
}

const struct sts_setting_type sts_type_int = { .set = set_int, .format = format_int };
const struct sts_setting_type sts_type_size = { .set = set_size, .format = format_int };
const struct sts_setting_type sts_type_time = { .set = set_time, .format = format_time };
const struct sts_setting_type sts_type_mode = { .set = set_mode, .format = format_mode };
const struct sts_setting_type sts_type_bool = { .set = set_bool, .format = format_bool };
const struct sts_setting_type sts_type_client_addr = { .set = set_client_addr, .format = format_client_addr };
const struct sts_setting_type sts_type_strip_forged = { .set = set_strip_forged, .format = format_strip_forged };
