/* SPDX-License-Identifier: ISC */
/* mail_bounds.c - a mail measured line by line. */
#include "config.h"

#include "stsctl/intake/mail_bounds.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/base/ascii.h"

struct measure {
	size_t boundaries, colon_lines;
	size_t field, field_marks;		/* bytes and marks of the field in hand; 0: there is none */
	size_t field_max, field_marks_max;
	size_t fields, marks;			/* of all of them */
};

/* "Name:", in which blanks may stand before the colon. */
static bool
begins_field(const char *line, size_t len)
{
	size_t i = 0;

	while (i < len && (sts_ascii_is_alnum(line[i]) || line[i] == '-' || line[i] == '_'))
		i++;
	if (i == 0)
		return false;
	while (i < len && sts_ascii_is_wsp(line[i]))
		i++;
	return i < len && line[i] == ':';
}

static size_t
count_marks(const char *line, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += line[i] == ':' || line[i] == ',' || line[i] == ';';
	return n;
}

static void
take_field(struct measure *m, const char *line, size_t len)
{
	size_t marks = count_marks(line, len);

	m->field += len + 1;
	m->fields += len + 1;
	m->field_marks += marks;
	m->marks += marks;
	if (m->field > m->field_max)
		m->field_max = m->field;
	if (m->field_marks > m->field_marks_max)
		m->field_marks_max = m->field_marks;
}

static void
take_line(struct measure *m, const char *line, size_t len)
{
	bool begins = begins_field(line, len);

	m->boundaries += len >= 2 && line[0] == '-' && line[1] == '-';
	m->colon_lines += memchr(line, ':', len) != NULL;
	if (begins || len == 0 || !sts_ascii_is_wsp(line[0]))
		m->field = m->field_marks = 0;
	if (begins || m->field > 0)
		take_field(m, line, len);
}

enum sts_status
mail_bounds_check(const char *bytes, size_t len, const char **why)
{
	const char *end = bytes + len;
	struct measure m = { .fields = 0 };

	if (len > MAIL_MAX) {
		*why = "a mail of more than 10 MiB";
		return STS_EFULL;
	}
	while (bytes < end) {
		const char *eol = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = eol != NULL ? eol : end;

		take_line(&m, bytes, (size_t)(stop - bytes));
		bytes = stop + 1;
	}
	if (m.boundaries > MAIL_BOUNDARIES_MAX)
		*why = "a mail with too many parts";
	else if (m.field_max > MAIL_FIELD_MAX || m.field_marks_max > MAIL_FIELD_MARKS_MAX)
		*why = "a mail with a header field that is too long";
	else if (m.colon_lines > MAIL_COLON_LINES_MAX || m.fields > MAIL_FIELDS_MAX || m.marks > MAIL_MARKS_MAX)
		*why = "a mail with too many header fields";
	else
		return STS_OK;
	return STS_EFULL;
}
