/* SPDX-License-Identifier: ISC */
/* canonical_policy.c - normalises lines of policies. Knows of their meaning only that mx is a name. */
#include "config.h"

#include "shared-cache/tlsreport/canonical_policy.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

struct piece {
	const char *s;
	size_t len;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct piece
trimmed(const char *s, size_t len)
{
	while (len > 0 && is_blank(s[0])) {
		s++;
		len--;
	}
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	return (struct piece){ s, len };
}

static void
add_lower(struct sts_text *t, struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		char c = sts_ascii_lower(piece.s[i]);

		sts_text_add_bytes(t, &c, 1);
	}
}

static void
add_line(struct sts_text *t, struct piece line)
{
	const char *colon = memchr(line.s, ':', line.len);
	struct piece name, value;

	if (colon == NULL) {
		sts_text_add_bytes(t, line.s, line.len);
		return;
	}
	name = trimmed(line.s, (size_t)(colon - line.s));
	value = trimmed(colon + 1, line.len - (size_t)(colon - line.s) - 1);
	add_lower(t, name);
	sts_text_add(t, ": ");
	if (name.len == 2 && sts_ascii_same_letters(name.s, "mx", 2))
		add_lower(t, value);
	else
		sts_text_add_bytes(t, value.s, value.len);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Working space: the lines one after the other, each NUL-terminated. */
struct work {
	struct sts_text text;
	char *lines[STS_CANONICAL_POLICY_LINES_MAX];
	size_t count;
	bool full;
};

static void
take(struct work *w, const char *element)
{
	while (*element != '\0' && !w->full) {
		size_t len = strcspn(element, "\n");
		struct piece line = trimmed(element, len);

		element += len + (element[len] == '\n');
		if (line.len == 0)
			continue;
		if (w->count == STS_CANONICAL_POLICY_LINES_MAX) {
			w->full = true;
			return;
		}
		w->lines[w->count++] = w->text.buf + w->text.len;
		add_line(&w->text, line);
		sts_text_add_bytes(&w->text, "", 1);
		w->full = w->text.overflow;
	}
}

static char *
joined(const struct work *w)
{
	char *out = malloc(w->text.len + 1), *to = out;

	for (size_t i = 0; out != NULL && i < w->count; i++) {
		size_t len = strlen(w->lines[i]);

		memcpy(to, w->lines[i], len);
		to += len;
		*to++ = '\n';
	}
	if (out != NULL)
		*to = '\0';
	return out;
}

enum sts_status
sts_canonical_policy(const char *const *lines, size_t count, char **out)
{
	struct work *w = malloc(sizeof(*w));
	char *storage = malloc(STS_CANONICAL_POLICY_MAX);
	enum sts_status status = STS_ENOMEM;

	*out = NULL;
	if (w != NULL && storage != NULL) {
		sts_text_init(&w->text, storage, STS_CANONICAL_POLICY_MAX);
		w->count = 0;
		w->full = false;
		for (size_t i = 0; i < count; i++)
			take(w, lines[i]);
		qsort(w->lines, w->count, sizeof(w->lines[0]), compare);
		if (w->full)
			status = STS_EFULL;
		else if (w->count == 0)
			status = STS_ENOTFOUND;
		else if ((*out = joined(w)) != NULL)
			status = STS_OK;
	}
	free(storage);
	free(w);
	return status;
}

const char *
sts_canonical_policy_mode(const char *canon)
{
	static const char *const modes[] = { "enforce", "testing", "none" };

	for (const char *line = canon; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
		for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
			size_t len = strlen(modes[i]);

			if (strncmp(line, "mode: ", 6) == 0 && strncmp(line + 6, modes[i], len) == 0 && line[6 + len] == '\n')
				return modes[i];
		}
	return "other";
}
