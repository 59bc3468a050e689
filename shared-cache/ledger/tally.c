/* SPDX-License-Identifier: ISC */
/* tally.c - a sorted array of named numbers. Knows neither the store nor what the numbers count. */
#include "config.h"

#include "shared-cache/ledger/tally.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum { NUMBER_DIGITS = 15 };

static const int64_t number_max = INT64_C(999999999999999);

void
sts_tally_fini(struct sts_tally *tally)
{
	free(tally->fields);
	memset(tally, 0, sizeof(*tally));
}

bool
sts_tally_is_name(const char *name, size_t len)
{
	if (len == 0 || len >= STS_TALLY_NAME_CAP)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!sts_ascii_is_alnum(name[i]) && (name[i] == '\0' || strchr("._:+-", name[i]) == NULL))
			return false;
	}
	return true;
}

bool
sts_tally_number(const char *value, size_t len, int64_t *out)
{
	unsigned long long n;

	*out = 0;
	if (!sts_text_parse_u64(value, len, NUMBER_DIGITS, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

/* The index where name is, or belongs. */
static size_t
place_of(const struct sts_tally *tally, const char *name, bool *found)
{
	size_t low = 0, high = tally->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(tally->fields[middle].name, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum sts_status
make_room(struct sts_tally *tally)
{
	size_t cap = tally->cap > 0 ? 2 * tally->cap : 32;
	struct sts_tally_field *grown;

	if (tally->count < tally->cap)
		return STS_OK;
	if (tally->count >= STS_TALLY_FIELDS_MAX)
		return STS_EFULL;
	if ((grown = realloc(tally->fields, cap * sizeof(*grown))) == NULL)
		return STS_ENOMEM;
	tally->fields = grown;
	tally->cap = cap;
	return STS_OK;
}

/* Finds the number of a field, or adds the field with 0. */
static enum sts_status
find_or_make(struct sts_tally *tally, const char *name, int64_t **out, bool *found)
{
	size_t at = place_of(tally, name, found);
	struct sts_tally_field *field;
	enum sts_status status;

	if (!*found) {
		if ((status = make_room(tally)) != STS_OK)
			return status;
		field = &tally->fields[at];
		memmove(field + 1, field, (tally->count - at) * sizeof(*field));
		memset(field, 0, sizeof(*field));
		memcpy(field->name, name, strlen(name) + 1);
		tally->count++;
	}
	*out = &tally->fields[at].n;
	return STS_OK;
}

enum sts_status
sts_tally_take(struct sts_tally *tally, const char *name, size_t name_len, const char *value, size_t value_len)
{
	char copy[STS_TALLY_NAME_CAP];
	enum sts_status status;
	int64_t number, *n;
	bool found;

	if (!sts_tally_is_name(name, name_len) || !sts_tally_number(value, value_len, &number)) {
		tally->odd++;
		return STS_OK;
	}
	memcpy(copy, name, name_len);
	copy[name_len] = '\0';
	if ((status = find_or_make(tally, copy, &n, &found)) == STS_OK)
		*n = number;
	return status;
}

bool
sts_tally_is_time(const char *name)
{
	return strcmp(name, "first_seen") == 0 || strcmp(name, "last_seen") == 0 || strcmp(name, "last_plaintext") == 0;
}

static void
merge_number(const char *name, int64_t *n, int64_t more, bool found)
{
	if (!sts_tally_is_time(name))
		*n = *n + more > number_max ? number_max : *n + more;
	else if (!found || (strcmp(name, "first_seen") == 0 ? more < *n : more > *n))
		*n = more;
}

enum sts_status
sts_tally_merge(struct sts_tally *tally, const struct sts_tally *more)
{
	for (size_t i = 0; i < more->count; i++) {
		enum sts_status status;
		int64_t *n;
		bool found;

		if ((status = find_or_make(tally, more->fields[i].name, &n, &found)) != STS_OK)
			return status;
		merge_number(more->fields[i].name, n, more->fields[i].n, found);
	}
	tally->odd += more->odd;
	return STS_OK;
}

int64_t
sts_tally_get(const struct sts_tally *tally, const char *name)
{
	bool found;
	size_t at = place_of(tally, name, &found);

	return found ? tally->fields[at].n : 0;
}
