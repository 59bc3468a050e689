/* SPDX-License-Identifier: ISC */
/* log_sink.c - log lines to syslog or stderr. Knows nothing of what they say. */
#include "config.h"

#include "milter/daemon/log_sink.h"

#include <stdio.h>
#include <syslog.h>
#include <unistd.h>

#include "shared-cache/base/log.h"

#define IDENT "mta-sts-milter"

/* Words as Postfix has them, so that one look through a mail log finds both. */
static const struct {
	int priority;
	const char *word;
} levels[] = {
	[STS_LOG_DEBUG] = { LOG_DEBUG, "debug: " },
	[STS_LOG_INFO] = { LOG_INFO, "" },
	[STS_LOG_WARN] = { LOG_WARNING, "warning: " },
	[STS_LOG_FATAL] = { LOG_CRIT, "fatal: " },
};

/* One call, so that lines of several threads do not mix. */
static void
to_stderr(enum sts_log_level level, const char *line)
{
	dprintf(STDERR_FILENO, IDENT ": %s%s\n", levels[level].word, line);
}

/* What ends the program is shown to whoever started it, too. */
static void
to_syslog(enum sts_log_level level, const char *line)
{
	syslog(levels[level].priority, "%s%s", levels[level].word, line);
	if (level == STS_LOG_FATAL)
		to_stderr(level, line);
}

/* Syslog is opened in any case: libmilter writes there by itself. */
void
log_sink_open(bool use_stderr)
{
	openlog(IDENT, LOG_PID | LOG_NDELAY, LOG_MAIL);
	sts_log_open(use_stderr ? to_stderr : to_syslog, STS_LOG_INFO);
}
