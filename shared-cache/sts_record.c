/* SPDX-License-Identifier: ISC */
/* sts_record.c - picks and reads the STSv1 record. Knows nothing of DNS or of where the strings came from. */
#include "config.h"

#include "shared-cache/sts_record.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/sts_ascii.h"
#include "shared-cache/sts_text.h"

enum { EXT_NAME_MAX = 32, SHOW_MAX = 32, SHOW_CAP = 4 * SHOW_MAX + 4 };

static const char prefix[] = "v=STSv1;";
enum { PREFIX_LEN = sizeof(prefix) - 1, VERSION_LEN = PREFIX_LEN - 1 };

/* Reads from the front; pos never passes end. */
struct cursor {
	const char *pos, *end;
};

struct slice {
	const char *s;
	size_t len;
};

static bool
is_name_byte(char c)
{
	return sts_ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* sts-ext-value: visible ASCII without "=" and ";". */
static bool
is_value_byte(char c)
{
	return c > 0x20 && c < 0x7f && c != '=' && c != ';';
}

static bool
slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

/* Escapes for a message; storage is the caller's, returned for printing. */
static const char *
show(char storage[SHOW_CAP], const char *s, size_t len)
{
	struct sts_text t;

	sts_text_init(&t, storage, SHOW_CAP);
	sts_text_add_shown(&t, s, len, SHOW_MAX);
	return storage;
}

static struct slice
take_while(struct cursor *c, bool (*wanted)(char))
{
	struct slice s = { c->pos, 0 };

	while (c->pos < c->end && wanted(*c->pos))
		c->pos++;
	s.len = (size_t)(c->pos - s.s);
	return s;
}

/* sts-field-delim = *WSP ";" *WSP. Takes nothing when there is none. */
static bool
take_delim(struct cursor *c)
{
	struct cursor ahead = *c;

	take_while(&ahead, sts_ascii_is_wsp);
	if (ahead.pos == ahead.end || *ahead.pos != ';')
		return false;
	ahead.pos++;
	take_while(&ahead, sts_ascii_is_wsp);
	*c = ahead;
	return true;
}

/* One field in the grammar of sts-extension, which holds every well-formed field, known or not. */
static bool
take_field(struct cursor *c, struct slice *name, struct slice *value, struct sts_diag *diag)
{
	char shown[SHOW_CAP];
	const char *start = c->pos;
	size_t rest = (size_t)(c->end - start);

	*name = take_while(c, is_name_byte);
	if (name->len == 0 && rest > 0 && *start == ';')
		sts_diag_error(diag, 0, "an empty field (two semicolons in a row)");
	else if (name->len == 0 || !sts_ascii_is_alnum(name->s[0]))
		sts_diag_error(diag, 0, "a field name must begin with a letter or digit, at: %s",
		    show(shown, start, rest));
	else if (name->len > EXT_NAME_MAX)
		sts_diag_error(diag, 0, "a field name longer than 32 bytes: %s", show(shown, name->s, name->len));
	else if (c->pos == c->end || *c->pos != '=')
		sts_diag_error(diag, 0, "no \"=\" right after the field name, at: %s", show(shown, start, rest));
	else {
		c->pos++;
		*value = take_while(c, is_value_byte);
		if (value->len > 0)
			return true;
		sts_diag_error(diag, 0, "the field %s has no value", show(shown, name->s, name->len));
	}
	return false;
}

static bool
check_id(struct slice value, char id[STS_ID_CAP], struct sts_diag *diag)
{
	char shown[SHOW_CAP];

	for (size_t i = 0; i < value.len; i++) {
		if (!sts_ascii_is_alnum(value.s[i])) {
			sts_diag_error(diag, 0, "id must hold letters and digits only, not: %s",
			    show(shown, value.s, value.len));
			return false;
		}
	}
	if (value.len > STS_ID_MAX) {
		sts_diag_error(diag, 0, "id is longer than 32 bytes: %s", show(shown, value.s, value.len));
		return false;
	}
	memcpy(id, value.s, value.len);
	id[value.len] = '\0';
	return true;
}

/* What stands between the end of a field and the end of the record, when no delimiter does. */
static void
complain_of_rest(const struct cursor *c, struct sts_diag *diag)
{
	char shown[SHOW_CAP];
	struct cursor ahead = *c;

	take_while(&ahead, sts_ascii_is_wsp);
	if (ahead.pos == ahead.end)
		sts_diag_error(diag, 0, "white space at the end, without a semicolon before it");
	else
		sts_diag_error(diag, 0, "neither a semicolon nor the end after a field, but: %s",
		    show(shown, c->pos, (size_t)(c->end - c->pos)));
}

/* Fields after the version. A repeated id or v is ignored (RFC 8461 section 3.2: all entries but the first), but must be
 * a well-formed field. */
static bool
parse_fields(struct cursor *c, char id[STS_ID_CAP], struct sts_diag *diag)
{
	struct slice name, value;
	bool seen_id = false;

	while (c->pos < c->end) {
		if (!take_delim(c)) {
			complain_of_rest(c, diag);
			return false;
		}
		if (c->pos == c->end)
			break;
		if (!take_field(c, &name, &value, diag))
			return false;
		if (slice_is(name, "v"))
			sts_diag_warn(diag, 0, "v is given again; the first one counts");
		else if (slice_is(name, "id") && seen_id)
			sts_diag_warn(diag, 0, "id is given again; the first one counts");
		else if (slice_is(name, "id")) {
			if (!check_id(value, id, diag))
				return false;
			seen_id = true;
		} else if (name.len == 2 && sts_ascii_same_letters(name.s, "id", 2))
			sts_diag_warn(diag, 0, "a field %.2s is unknown; the name of id is in lower case", name.s);
	}
	if (!seen_id)
		sts_diag_error(diag, 0, "id is missing");
	return seen_id;
}

static enum sts_record_result
parse_record(const struct sts_txt *txt, char id[STS_ID_CAP], struct sts_diag *diag)
{
	struct cursor c = { txt->data + VERSION_LEN, txt->data + txt->len };

	if (parse_fields(&c, id, diag))
		return STS_RECORD_VALID;
	id[0] = '\0';
	return STS_RECORD_INVALID;
}

static bool
is_stsv1(const struct sts_txt *txt)
{
	return txt->len >= PREFIX_LEN && memcmp(txt->data, prefix, PREFIX_LEN) == 0;
}

/* Length of a quotation mark (straight, escaped or typographic) or blanks at the front; 0 when there is none. */
static size_t
junk_before(const char *s, size_t len)
{
	static const char *const marks[] = {
		"\"", "'", "\\\"", " ", "\t", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xe2\x80\x98",
		"\xe2\x80\x99", "\xc2\xab", "\xc2\xbb", "\xc2\xa0", "\xef\xbb\xbf",
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t n = strlen(marks[i]);

		if (len >= n && memcmp(s, marks[i], n) == 0)
			return n;
	}
	return 0;
}

/* What is wrong with the beginning of a discarded record that somebody probably meant; NULL when it is something else
 * altogether. first is the record's first byte, s what follows the junk there. */
static const char *
why_discarded(char first, const char *s, size_t len, bool junk)
{
	if (len >= 3 && sts_ascii_same_letters(s, "id=", 3))
		return "v=STSv1; must come first";
	if (len >= 3 && sts_ascii_same_letters(s, "v =", 3))
		return "white space around \"=\"";
	if (len < 5 || !sts_ascii_same_letters(s, "v=STS", 5))
		return NULL;
	if (junk)
		return sts_ascii_is_wsp(first) ? "white space before v=STSv1"
		    : "a quotation mark is part of the record's data";
	if (len < VERSION_LEN || !sts_ascii_same_letters(s, prefix, VERSION_LEN))
		return "the only version is STSv1";
	if (memcmp(s, prefix, VERSION_LEN) != 0)
		return "the version must be spelt v=STSv1, in this case";
	if (len == VERSION_LEN)
		return "there is no semicolon after v=STSv1";
	return sts_ascii_is_wsp(s[VERSION_LEN]) ? "white space before the first semicolon"
	    : "v=STSv1 must be followed by a semicolon";
}

static void
warn_near_miss(const struct sts_txt *txt, struct sts_diag *diag)
{
	char shown[SHOW_CAP];
	const char *why;
	size_t junk = 0, n;

	if (txt->len == 0)
		return;
	while ((n = junk_before(txt->data + junk, txt->len - junk)) > 0)
		junk += n;
	if ((why = why_discarded(txt->data[0], txt->data + junk, txt->len - junk, junk > 0)) != NULL)
		sts_diag_warn(diag, 0, "a record was discarded (%s): %s", why, show(shown, txt->data, txt->len));
}

enum sts_record_result
sts_record_select(const struct sts_txt *rrset, size_t count, char id[STS_ID_CAP], struct sts_diag *diag)
{
	const struct sts_txt *found = NULL;
	size_t matching = 0;

	id[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (!is_stsv1(&rrset[i])) {
			warn_near_miss(&rrset[i], diag);
			continue;
		}
		matching++;
		found = &rrset[i];
	}
	if (matching == 1)
		return parse_record(found, id, diag);
	if (matching == 0)
		sts_diag_error(diag, 0, "no record begins with v=STSv1;");
	else
		sts_diag_error(diag, 0, "%zu records begin with v=STSv1; where only one may", matching);
	return STS_RECORD_NONE;
}

const char *
sts_record_result_name(enum sts_record_result result)
{
	switch (result) {
	case STS_RECORD_VALID:
		return "valid";
	case STS_RECORD_NONE:
		return "none";
	case STS_RECORD_INVALID:
		return "invalid";
	}
	return "none";
}
