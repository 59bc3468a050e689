/* SPDX-License-Identifier: ISC */
/* log.c - formats a line and passes it to the sink. Knows neither syslog nor files. */
#include "config.h"

#include "shared-cache/base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

enum { LINE_CAP = 2048 };

/* One of the few file-scope variables of this library; sink and min_level are written before threads start. */
static struct {
	sts_log_sink *sink;
	enum sts_log_level min_level;
	atomic_uint_fast64_t lost;
} log_to;

void
sts_log_open(sts_log_sink *sink, enum sts_log_level min_level)
{
	log_to.sink = sink;
	log_to.min_level = min_level;
}

static void __attribute__((format(printf, 2, 0)))
log_line(enum sts_log_level level, const char *format, va_list ap)
{
	char line[LINE_CAP];

	if (!sts_log_wants(level))
		return;
	if (vsnprintf(line, sizeof(line), format, ap) < 0)
		return;
	for (char *p = line; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
	log_to.sink(level, line);
}

bool
sts_log_wants(enum sts_log_level level)
{
	return log_to.sink != NULL && level >= log_to.min_level;
}

void
sts_log_text(enum sts_log_level level, const char *text)
{
	if (sts_log_wants(level))
		log_to.sink(level, text);
}

#define VERB(name, level)                         \
	void name(const char *format, ...)        \
	{                                         \
		va_list ap;                       \
		va_start(ap, format);             \
		log_line(level, format, ap);      \
		va_end(ap);                       \
	}

VERB(sts_debug, STS_LOG_DEBUG)
VERB(sts_info, STS_LOG_INFO)
VERB(sts_warn, STS_LOG_WARN)
VERB(sts_fatal, STS_LOG_FATAL)

void
sts_log_count_lost(uint64_t lines)
{
	atomic_fetch_add(&log_to.lost, lines);
}

uint64_t
sts_log_lost(void)
{
	return atomic_load(&log_to.lost);
}

bool
sts_log_allowed(struct sts_log_limit *limit, int64_t now_ms, int64_t period_ms, unsigned long *held_back)
{
	if (now_ms < limit->next_ms) {
		limit->held++;
		return false;
	}
	*held_back = limit->held;
	limit->held = 0;
	limit->next_ms = now_ms + period_ms;
	return true;
}
