/* SPDX-License-Identifier: ISC */
/* fetch_logs.c - finds and reads log files. Knows nothing of what a line says. */
#include "config.h"

#include "stsctl/fetches/fetch_logs.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

/* ---- finding logs ---- */

char **
fetch_logs_found(void)
{
	static const char *const patterns[] = {
		"/var/log/apache2/mta-sts.*_access.log*", "/var/log/nginx/mta-sts.*_access.log*",
	};
	glob_t found = { .gl_pathc = 0 };
	char **list;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		(void)glob(patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
	list = calloc(found.gl_pathc + 1, sizeof(*list));
	for (size_t i = 0; list != NULL && i < found.gl_pathc; i++) {
		list[i] = strdup(found.gl_pathv[i]);
		if (list[i] == NULL)
			break;
	}
	globfree(&found);
	return list;
}

void
fetch_logs_free(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

/* ---- lines ---- */

/* The part of the current line that has been read. */
struct lines {
	char buf[FETCH_LOGS_LINE_MAX];
	size_t len;
	bool too_long;			/* the rest of the line is skipped */
};

/* Hands the line over. It may hold any byte, even NUL. */
static void
end_line(struct lines *lines, const struct fetch_log *log, struct fetch_clients *to)
{
	if (lines->too_long)
		to->unreadable++;
	else if (lines->len > 0)
		fetch_clients_add_line(to, log, lines->buf, lines->len);
	lines->len = 0;
	lines->too_long = false;
}

static void
take(struct lines *lines, const char *bytes, size_t len)
{
	if (lines->too_long || len > sizeof(lines->buf) - lines->len) {
		lines->too_long = true;
		return;
	}
	memcpy(lines->buf + lines->len, bytes, len);
	lines->len += len;
}

static void
feed(gzFile file, const struct fetch_log *log, struct fetch_clients *to, struct lines *lines)
{
	char chunk[4096];
	int n;

	while ((n = gzread(file, chunk, sizeof(chunk))) > 0) {
		const char *at = chunk, *end = chunk + n, *stop;

		while ((stop = memchr(at, '\n', (size_t)(end - at))) != NULL) {
			take(lines, at, (size_t)(stop - at));
			end_line(lines, log, to);
			at = stop + 1;
		}
		take(lines, at, (size_t)(end - at));
	}
	end_line(lines, log, to);
}

/* Opens regular files only: reading a pipe or a device could block. */
static int
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

enum sts_status
fetch_logs_read(const char *path, struct fetch_clients *to, char why[FETCH_LOGS_WHY_CAP])
{
	struct fetch_log log;
	struct lines *lines;
	int fd = open_file(path), error = Z_OK;
	gzFile file;

	if (fd < 0) {
		snprintf(why, FETCH_LOGS_WHY_CAP, "%s: cannot be read: %s", path, strerror(errno));
		return STS_ESYS;
	}
	lines = calloc(1, sizeof(*lines));
	file = lines == NULL ? NULL : gzdopen(fd, "r");
	if (file == NULL) {
		free(lines);
		close(fd);
		return STS_ENOMEM;
	}
	fetch_clients_read_name(path, &log);
	if (log.domain[0] != '\0')
		fetch_clients_add_domain(to, log.domain);
	feed(file, &log, to, lines);
	(void)gzerror(file, &error);
	gzclose(file);
	free(lines);
	if (error == Z_OK || error == Z_STREAM_END)
		return STS_OK;
	snprintf(why, FETCH_LOGS_WHY_CAP, "%s: cannot be read to its end", path);
	return STS_ESYS;
}
