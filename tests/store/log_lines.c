/* SPDX-License-Identifier: ISC */
/* log_lines.c - a log sink that keeps all lines. */
#include "config.h"

#include "log_lines.h"

#include <pthread.h>
#include <string.h>

#include "shared-cache/base/log.h"

enum { TEXT_CAP = 64 * 1024 };

static struct {
	pthread_mutex_t mutex;
	char text[TEXT_CAP];	/* each line preceded by a line feed */
	size_t len;
} lines = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void
sink(enum sts_log_level level, const char *line)
{
	size_t len = strlen(line);

	(void)level;
	pthread_mutex_lock(&lines.mutex);
	if (lines.len + len + 2 < TEXT_CAP) {
		lines.text[lines.len++] = '\n';
		memcpy(lines.text + lines.len, line, len + 1);
		lines.len += len;
	}
	pthread_mutex_unlock(&lines.mutex);
}

void
log_lines_open(void)
{
	sts_log_open(sink, STS_LOG_INFO);
}

void
log_lines_clear(void)
{
	pthread_mutex_lock(&lines.mutex);
	lines.len = 0;
	lines.text[0] = '\0';
	pthread_mutex_unlock(&lines.mutex);
}

size_t
log_lines_with(const char *words)
{
	size_t count = 0;

	pthread_mutex_lock(&lines.mutex);
	for (const char *line = strchr(lines.text, '\n'); line != NULL; line = strchr(line + 1, '\n')) {
		const char *found = strstr(line, words), *end = strchr(line + 1, '\n');

		count += found != NULL && (end == NULL || found < end);
	}
	pthread_mutex_unlock(&lines.mutex);
	return count;
}

const char *
log_lines_text(void)
{
	return lines.text;
}
