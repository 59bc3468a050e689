/* SPDX-License-Identifier: ISC */
/* conf_file.c - reads a configuration file: bytes, lines, `name = value`. Knows no settings. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared-cache/base/read.h"
#include "shared-cache/base/text.h"
#include "shared-cache/settings/conf_private.h"

enum { FILE_MAX = 1 << 20 };

void
sts_conf_complain(const struct sts_conf_place *place, const char *format, ...)
{
	va_list ap;

	++*place->mistakes;
	if (place->errors == NULL)
		return;
	fputs(place->file, place->errors);
	if (place->line > 0)
		fprintf(place->errors, ":%u", place->line);
	if (place->name != NULL)
		fprintf(place->errors, ": %s", place->name);
	fputs(": ", place->errors);
	va_start(ap, format);
	vfprintf(place->errors, format, ap);
	va_end(ap);
	fputc('\n', place->errors);
}

const char *
sts_conf_quoted(const char *value, size_t len, char out[STS_CONF_QUOTED_CAP])
{
	size_t room = STS_CONF_QUOTED_CAP - sizeof("\"...\"");
	struct sts_text text;

	sts_text_init(&text, out, STS_CONF_QUOTED_CAP);
	sts_text_add(&text, "\"");
	for (size_t i = 0; i < len && i < room; i++)
		sts_text_add_bytes(&text, value[i] >= ' ' && value[i] < 0x7f ? value + i : "?", 1);
	sts_text_add(&text, len > room ? "...\"" : "\"");
	return out;
}

enum sts_status
sts_conf_slurp(const char *path, size_t max, const struct sts_conf_place *place, char **out, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *buf = malloc(max + 2);
	/* the position names the file already, unless this is another file, which a setting names */
	const char *what = strcmp(path, place->file) != 0 ? path : "";
	enum sts_status status = STS_EINVAL;
	ssize_t n = -1;

	*out = NULL;
	if (buf == NULL)
		status = STS_ENOMEM;
	else if (fd < 0 || (n = sts_read_up_to(fd, buf, max + 1)) < 0)
		sts_conf_complain(place, what[0] != '\0' ? "cannot read %s: %s (as user id %lu)" :
		    "%scannot be read: %s (as user id %lu)", what, strerror(errno), (unsigned long)geteuid());
	else if ((size_t)n > max)
		sts_conf_complain(place, "%s%sis longer than %zu bytes", what, what[0] != '\0' ? " " : "", max);
	else
		status = STS_OK;
	if (fd >= 0)
		close(fd);
	if (status != STS_OK) {
		free(buf);
		return status;
	}
	buf[n] = '\0';
	*len = (size_t)n;
	*out = buf;
	return STS_OK;
}

bool
sts_conf_next_line(char **text, size_t *len, char **line, size_t *line_len)
{
	char *end;

	if (*len == 0)
		return false;
	*line = *text;
	end = memchr(*text, '\n', *len);
	*line_len = end == NULL ? *len : (size_t)(end - *text);
	*text += *line_len;
	*len -= *line_len;
	if (end != NULL) {
		++*text;
		--*len;
	}
	if (*line_len > 0 && (*line)[*line_len - 1] == '\r')
		--*line_len;
	(*line)[*line_len] = '\0';
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *
trimmed(char *s, char *end)
{
	while (s < end && is_blank(*s))
		s++;
	while (end > s && is_blank(end[-1]))
		end--;
	*end = '\0';
	return s;
}

bool
sts_conf_split(char *text, char **name, char **value)
{
	char *equals = strchr(text, '=');

	if (equals == NULL)
		return false;
	*value = trimmed(equals + 1, equals + 1 + strlen(equals + 1));
	*name = trimmed(text, equals);
	return **name != '\0';
}

/* A setting being read: its lines so far, joined by single spaces. */
struct logical {
	char *text;		/* STS_CONF_LINE_MAX bytes and a NUL */
	size_t len;
	unsigned line;		/* where it began; 0: no setting is being read */
	bool broken;		/* an error has been reported: skip its continuation lines */
};

struct reader {
	struct sts_conf_place place;
	sts_conf_item_fn *fn;
	void *arg;
	struct logical item;
};

static enum sts_status
finish_item(struct reader *r)
{
	struct logical *item = &r->item;
	enum sts_status status = STS_OK;
	char *name, *value;

	if (item->line > 0 && !item->broken) {
		item->text[item->len] = '\0';
		r->place.line = item->line;
		if (sts_conf_split(item->text, &name, &value))
			status = r->fn(r->arg, name, value, item->line);
		else
			sts_conf_complain(&r->place, "this is not `name = value'");
	}
	item->line = 0;
	item->len = 0;
	item->broken = false;
	return status;
}

static void
add_to_item(struct reader *r, const char *line, size_t len)
{
	struct logical *item = &r->item;

	if (item->broken)
		return;
	if (item->len + 1 + len > STS_CONF_LINE_MAX) {
		sts_conf_complain(&r->place, "the setting is longer than %d bytes", (int)STS_CONF_LINE_MAX);
		item->broken = true;
		return;
	}
	if (item->len > 0)
		item->text[item->len++] = ' ';
	memcpy(item->text + item->len, line, len);
	item->len += len;
}

/* A byte that no text file contains; *found: whether there is one. UTF-8 is allowed, for comments and domain names. */
static unsigned char
control_byte_in(const char *line, size_t len, bool *found)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f) {
			*found = true;
			return c;
		}
	}
	*found = false;
	return 0;
}

static enum sts_status
take_line(struct reader *r, char *line, size_t len, unsigned number)
{
	const char *first = line;
	enum sts_status status = STS_OK;
	unsigned char c;
	bool bad;

	while (is_blank(*first))
		first++;
	/* As in main.cf, a setting may continue after comments and empty lines. */
	c = control_byte_in(line, len, &bad);
	if (!bad && (*first == '\0' || *first == '#'))
		return STS_OK;
	if (first == line) {
		status = finish_item(r);
		r->item.line = number;
	}
	r->place.line = number;
	if (bad) {
		sts_conf_complain(&r->place, "a control character (0x%02x): this is not a text file", (unsigned)c);
		r->item.broken = true;
	} else if (r->item.line == 0) {
		sts_conf_complain(&r->place, "the line begins with white space, but there is no setting to continue");
	} else {
		add_to_item(r, first, (size_t)(line + len - first));
	}
	return status;
}

enum sts_status
sts_conf_read_file(const char *path, const struct sts_conf_place *place, sts_conf_item_fn *fn, void *arg)
{
	struct reader r = { .place = *place, .fn = fn, .arg = arg };
	char *text, *rest, *line;
	size_t len, line_len;
	unsigned number = 0;
	enum sts_status status = sts_conf_slurp(path, FILE_MAX, place, &text, &len);

	if (status != STS_OK)
		return status;
	rest = text;
	r.item.text = malloc(STS_CONF_LINE_MAX + 1);
	if (r.item.text == NULL)
		status = STS_ENOMEM;
	while (status == STS_OK && sts_conf_next_line(&rest, &len, &line, &line_len))
		status = take_line(&r, line, line_len, ++number);
	if (status == STS_OK)
		status = finish_item(&r);
	free(r.item.text);
	free(text);
	return status;
}
