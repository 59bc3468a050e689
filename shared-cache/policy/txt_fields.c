/* SPDX-License-Identifier: ISC */
/* txt_fields.c - picks a record by its version and splits it into fields. Knows nothing of DNS or of the fields' meanings. */
#include "config.h"

#include "shared-cache/policy/txt_fields.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum { NAME_MAX = 32 };

bool
sts_slice_is(struct sts_slice slice, const char *text)
{
	return slice.len == strlen(text) && memcmp(slice.s, text, slice.len) == 0;
}

const char *
sts_slice_shown(struct sts_slice slice, char storage[STS_TXT_FIELDS_SHOWN_CAP])
{
	struct sts_text t;

	sts_text_init(&t, storage, STS_TXT_FIELDS_SHOWN_CAP);
	sts_text_add_shown(&t, slice.s, slice.len, STS_TXT_FIELDS_SHOW_MAX);
	return storage;
}

static const char *
show(const char *s, size_t len, char storage[STS_TXT_FIELDS_SHOWN_CAP])
{
	return sts_slice_shown((struct sts_slice){ s, len }, storage);
}

/* ---- fields ---- */

static bool
is_name_byte(char c)
{
	return sts_ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool
is_extension_byte(struct sts_slice name, char c)
{
	(void)name;
	return c > 0x20 && c < 0x7f && c != '=' && c != ';';
}

static void
skip_blanks(const char **pos, const char *end)
{
	while (*pos < end && sts_ascii_is_wsp(**pos))
		++*pos;
}

void
sts_txt_fields_init(struct sts_txt_fields *fields, const struct sts_txt *txt, const struct sts_txtkind *kind, struct sts_diag *diag)
{
	*fields = (struct sts_txt_fields){ .pos = txt->data + strlen(kind->version), .end = txt->data + txt->len, .diag = diag };
}

/* field-delim = *WSP ";" *WSP. Consumes nothing when there is none. */
static bool
take_delim(struct sts_txt_fields *fields)
{
	const char *ahead = fields->pos;

	skip_blanks(&ahead, fields->end);
	if (ahead == fields->end || *ahead != ';')
		return false;
	ahead++;
	skip_blanks(&ahead, fields->end);
	fields->pos = ahead;
	return true;
}

/* Reads one field by the grammar of extensions, which covers every well-formed field, known or not. */
static bool
take_field(struct sts_txt_fields *fields, sts_txt_fields_byte_fn *is_value_byte)
{
	char shown[STS_TXT_FIELDS_SHOWN_CAP];
	const char *start = fields->pos;
	size_t rest = (size_t)(fields->end - start);

	while (fields->pos < fields->end && is_name_byte(*fields->pos))
		fields->pos++;
	fields->name = (struct sts_slice){ start, (size_t)(fields->pos - start) };
	if (fields->name.len == 0 && rest > 0 && *start == ';')
		sts_diag_error(fields->diag, 0, "an empty field (two semicolons in a row)");
	else if (fields->name.len == 0 || !sts_ascii_is_alnum(*start))
		sts_diag_error(fields->diag, 0, "a field name must begin with a letter or digit, at: %s",
		    show(start, rest, shown));
	else if (fields->name.len > NAME_MAX)
		sts_diag_error(fields->diag, 0, "a field name longer than 32 bytes: %s", sts_slice_shown(fields->name, shown));
	else if (fields->pos == fields->end || *fields->pos != '=')
		sts_diag_error(fields->diag, 0, "no \"=\" right after the field name, at: %s", show(start, rest, shown));
	else {
		const char *value = ++fields->pos;

		while (fields->pos < fields->end && is_value_byte(fields->name, *fields->pos))
			fields->pos++;
		fields->value = (struct sts_slice){ value, (size_t)(fields->pos - value) };
		if (fields->value.len > 0)
			return true;
		sts_diag_error(fields->diag, 0, "the field %s has no value", sts_slice_shown(fields->name, shown));
	}
	return false;
}

/* Reports what stands between the end of a field and the end of the record in place of a delimiter. */
static void
complain_of_rest(const struct sts_txt_fields *fields)
{
	char shown[STS_TXT_FIELDS_SHOWN_CAP];
	const char *ahead = fields->pos;

	skip_blanks(&ahead, fields->end);
	if (ahead == fields->end)
		sts_diag_error(fields->diag, 0, "white space at the end, without a semicolon before it");
	else
		sts_diag_error(fields->diag, 0, "neither a semicolon nor the end after a field, but: %s",
		    show(fields->pos, (size_t)(fields->end - fields->pos), shown));
}

enum sts_txt_fields_next
sts_txt_fields_next(struct sts_txt_fields *fields, sts_txt_fields_byte_fn *is_value_byte)
{
	if (fields->pos == fields->end)
		return STS_FIELDS_END;
	if (!take_delim(fields)) {
		complain_of_rest(fields);
		return STS_FIELDS_BAD;
	}
	if (fields->pos == fields->end)
		return STS_FIELDS_END;
	return take_field(fields, is_value_byte != NULL ? is_value_byte : is_extension_byte) ? STS_FIELD : STS_FIELDS_BAD;
}

/* ---- the one record ---- */

static bool
has_version(const struct sts_txt *txt, const char *version)
{
	size_t len = strlen(version);

	return txt->len > len && memcmp(txt->data, version, len) == 0 && txt->data[len] == ';';
}

/* Length of a leading quotation mark (straight, escaped or typographic) or of leading blanks; 0 when there are none. */
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

static bool
begins_with(struct sts_slice text, const char *letters, size_t len)
{
	return text.len >= len && sts_ascii_same_letters(text.s, letters, len);
}

/* Whether the record was meant to be of this kind, and what is wrong with its beginning. first is the record's first byte, text what
 * follows the junk at its start. */
static bool
is_near_miss(char first, struct sts_slice text, bool junk, const struct sts_txtkind *kind, struct sts_text *why)
{
	const char *version = kind->version;
	size_t len = strlen(version);

	if (begins_with(text, kind->first, strlen(kind->first)))
		sts_text_addf(why, "%s; must come first", version);
	else if (begins_with(text, "v =", 3))
		sts_text_add(why, "white space around \"=\"");
	else if (!begins_with(text, version, len - 2))
		return false;
	else if (junk && sts_ascii_is_wsp(first))
		sts_text_addf(why, "white space before %s", version);
	else if (junk)
		sts_text_add(why, "a quotation mark is part of the record's data");
	else if (!begins_with(text, version, len))
		sts_text_addf(why, "the only version is %s", version + strlen("v="));
	else if (memcmp(text.s, version, len) != 0)
		sts_text_addf(why, "the version must be spelt %s, in this case", version);
	else if (text.len == len)
		sts_text_addf(why, "there is no semicolon after %s", version);
	else if (sts_ascii_is_wsp(text.s[len]))
		sts_text_add(why, "white space before the first semicolon");
	else
		sts_text_addf(why, "%s must be followed by a semicolon", version);
	return true;
}

static void
warn_near_miss(const struct sts_txt *txt, const struct sts_txtkind *kind, struct sts_diag *diag)
{
	char shown[STS_TXT_FIELDS_SHOWN_CAP], storage[STS_DIAG_TEXT];
	struct sts_slice text = { txt->data, txt->len };
	struct sts_text why;
	size_t n;

	sts_text_init(&why, storage, sizeof(storage));
	while ((n = junk_before(text.s, text.len)) > 0)
		text = (struct sts_slice){ text.s + n, text.len - n };
	if (txt->len > 0 && is_near_miss(txt->data[0], text, text.len < txt->len, kind, &why))
		sts_diag_warn(diag, 0, "a record was discarded (%s): %s", storage, show(txt->data, txt->len, shown));
}

const struct sts_txt *
sts_txt_fields_pick(const struct sts_txt *rrset, size_t count, const struct sts_txtkind *kind, struct sts_diag *diag)
{
	const struct sts_txt *found = NULL;
	size_t matching = 0;

	for (size_t i = 0; i < count; i++) {
		if (!has_version(&rrset[i], kind->version)) {
			warn_near_miss(&rrset[i], kind, diag);
			continue;
		}
		matching++;
		found = &rrset[i];
	}
	if (matching == 1)
		return found;
	if (matching == 0)
		sts_diag_error(diag, 0, "no record begins with %s;", kind->version);
	else
		sts_diag_error(diag, 0, "%zu records begin with %s; where only one may", matching, kind->version);
	return NULL;
}
