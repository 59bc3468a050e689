/* SPDX-License-Identifier: ISC */
/* report_source.c - reads files, Maildirs and mboxes. Knows neither MIME nor reports. */
#include "config.h"

#include "stsctl/intake/report_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared-cache/base/ascii.h"

enum { CHUNK = 65536, PATH_CAP = 4096, DEPTH_MAX = 8 };

/* ---- streams ---- */

struct buffer {
	char *data;
	size_t len, cap;
	bool over;		/* the piece is too long; the rest of it is skipped */
};

static bool
buffer_add(struct buffer *p, const char *bytes, size_t len)
{
	if (p->over || p->len + len > REPORT_PIECE_MAX) {
		p->over = true;
		return true;
	}
	if (p->len + len > p->cap) {
		size_t cap = p->cap > 0 ? p->cap : CHUNK;
		char *data;

		while (cap < p->len + len)
			cap *= 2;
		data = realloc(p->data, cap);
		if (data == NULL)
			return false;
		p->data = data;
		p->cap = cap;
	}
	memcpy(p->data + p->len, bytes, len);
	p->len += len;
	return true;
}

static bool
give(const struct report_source *s, const char *name, size_t number, struct buffer *p)
{
	const char *bytes = p->len > 0 ? p->data : "";
	const struct report_piece piece = { name, number, p->over ? NULL : bytes, p->over ? 0 : p->len, number > 0 };
	bool more = s->take(s->arg, &piece);

	p->len = 0;
	p->over = false;
	return more;
}

/* "From ADDRESS Thu Nov 19 00:00:00 2026". Programs that omit the empty line before it still write the date, which no line of a mail's text
 * is likely to have. */
static bool
is_dated(const char *line)
{
	const char *clock = strchr(line, ':'), *end = line + strcspn(line, "\r\n");

	while (end > line && end[-1] == ' ')
		end--;
	return clock != NULL && clock - line > 2 && sts_ascii_is_digit(clock[-1]) && sts_ascii_is_digit(clock[-2]) &&
	    sts_ascii_is_digit(clock[1]) && sts_ascii_is_digit(clock[2]) && end - line > 4 && end[-5] == ' ' &&
	    sts_ascii_is_digit(end[-4]) && sts_ascii_is_digit(end[-3]) && sts_ascii_is_digit(end[-2]) && sts_ascii_is_digit(end[-1]);
}

/* A mail begins with a "From " line that is the first of the file, or follows an empty line, or has a date. */
static bool
read_mbox(const struct report_source *s, const char *name, FILE *from, struct buffer *p)
{
	char line[CHUNK];
	bool whole = true, blank = true, more = true;	/* whole: the next read starts a line */
	size_t number = 0;

	while (more && fgets(line, sizeof(line), from) != NULL) {
		size_t len = strlen(line);	/* the rest of a line with a NUL is lost; no valid mail has one */

		if (whole && strncmp(line, "From ", 5) == 0 && (blank || is_dated(line))) {
			if (p->len > 0 || p->over)
				more = give(s, name, number, p);
			number++;
		} else if (!buffer_add(p, line, len)) {
			s->trouble(s->arg, name, "no memory");
			return true;
		}
		blank = whole && (strcmp(line, "\n") == 0 || strcmp(line, "\r\n") == 0);
		whole = len > 0 && line[len - 1] == '\n';
	}
	return more ? give(s, name, number, p) : false;
}

static bool
read_whole(const struct report_source *s, const char *name, FILE *from, struct buffer *p)
{
	char chunk[CHUNK];
	size_t len;

	/* Reads to the end even if the input is too long: the writer of a pipe must not be cut off. */
	while ((len = fread(chunk, 1, sizeof(chunk), from)) > 0)
		if (!buffer_add(p, chunk, len)) {
			s->trouble(s->arg, name, "no memory");
			return true;
		}
	if (ferror(from)) {
		s->trouble(s->arg, name, "cannot be read to its end");
		return true;
	}
	return give(s, name, 0, p);
}

static bool
begins_mbox(FILE *from)
{
	char first[5];
	size_t len = fread(first, 1, sizeof(first), from);

	for (size_t i = len; i > 0; i--)
		ungetc((unsigned char)first[i - 1], from);
	return len == sizeof(first) && memcmp(first, "From ", 5) == 0;
}

static bool
read_stream(const struct report_source *s, const char *name, FILE *from)
{
	struct buffer p = { .data = NULL };
	char *buffer = malloc(CHUNK);
	bool more;

	/* More than one byte is pushed back, which the standard does not guarantee: glibc allows it. */
	if (buffer != NULL)
		setvbuf(from, buffer, _IOFBF, CHUNK);
	more = begins_mbox(from) ? read_mbox(s, name, from, &p) : read_whole(s, name, from, &p);
	free(p.data);
	if (from != stdin)
		fclose(from);
	else
		setvbuf(from, NULL, _IONBF, 0);
	free(buffer);
	return more;
}

/* ---- files and directories ---- */

static bool
read_file(const struct report_source *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	FILE *from;

	if (fd < 0 || fstat(fd, &st) != 0) {
		s->trouble(s->arg, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return true;
	}
	/* A pipe without a writer, or a device, is not what the operator means. */
	from = S_ISREG(st.st_mode) ? fdopen(fd, "rb") : NULL;
	if (from != NULL)
		return read_stream(s, path, from);
	s->trouble(s->arg, path, "not a regular file");
	close(fd);
	return true;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool read_folder(const struct report_source *s, const char *path, unsigned depth);

static bool
read_entry(const struct report_source *s, const char *folder, const char *name, unsigned depth)
{
	char path[PATH_CAP];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path)) {
		s->trouble(s->arg, folder, "holds a name that is too long");
		return true;
	}
	if (is_folder(path))
		return depth < DEPTH_MAX ? read_folder(s, path, depth + 1) : true;
	return read_file(s, path);
}

/* Reads in the order of names, so that an interrupted run can be repeated in the same order. A Maildir's tmp/ holds incomplete mails:
 * skipped. */
static bool
read_folder(const struct report_source *s, const char *path, unsigned depth)
{
	struct dirent **names = NULL;
	int count = scandir(path, &names, is_visible, alphasort);
	bool more = true;
	char other[PATH_CAP];
	bool maildir;

	snprintf(other, sizeof(other), "%.4000s/cur", path);
	maildir = is_folder(other);
	snprintf(other, sizeof(other), "%.4000s/new", path);
	maildir = maildir || is_folder(other);
	if (count < 0)
		s->trouble(s->arg, path, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (more && !(maildir && strcmp(names[i]->d_name, "tmp") == 0))
			more = read_entry(s, path, names[i]->d_name, depth);
		free(names[i]);
	}
	free(names);
	return more;
}

bool
report_source_read(const struct report_source *source, const char *operand)
{
	if (strcmp(operand, "-") == 0)
		return read_stream(source, "-", stdin);
	return is_folder(operand) ? read_folder(source, operand, 0) : read_file(source, operand);
}
