/* SPDX-License-Identifier: ISC */
/* log_sink.c - writes log lines to syslog or stderr, on a thread of its own. Knows nothing of their contents. */
#include "config.h"

#include "milter/log/log_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <paths.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "milter/log/syslog_override.h"
#include "milter/log/log_queue.h"
#include "milter/log/syslog_socket.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/thread.h"

#define IDENT "mta-sts-milter"

enum {
	BUFFER = 512 * 1024,		/* some 2,000 lines, in each of the queue's two buffers */
	REST_MS = 5,			/* pause between two rounds */
	LINE_CAP = 2048 + 64,
	BATCH_CAP = 16 * 1024,		/* lines for stderr that go into one write */
	START_MS = 1000,		/* most time for all lines together, without the thread, if the log does not accept them */
};

/* The words that Postfix uses, so that one search through a mail log finds both. */
static const struct {
	int priority;
	const char *word;
} levels[] = {
	[STS_LOG_DEBUG] = { LOG_DEBUG, "debug: " },
	[STS_LOG_INFO] = { LOG_INFO, "" },
	[STS_LOG_WARN] = { LOG_WARNING, "warning: " },
	[STS_LOG_FATAL] = { LOG_CRIT, "fatal: " },
};

/* Global, as log lines come without a context. Written before there are threads, and by the last one. */
static struct {
	bool use_stderr;
	struct log_queue *queue;
	pthread_t thread;
	struct syslog_socket syslog;		/* the thread's */
	uint64_t reported;				/* of the lost lines; the thread's */
	int patience_ms;			/* what is left of START_MS */
} log_thread;

/* ---- stderr ---- */

/* Writes whole lines in one call, so that lines of several threads do not mix. Waits even if stderr was made non-blocking.
 * Returns the number of bytes written. */
static size_t
write_whole(const char *bytes, size_t len)
{
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };
	size_t at = 0;

	while (at < len) {
		ssize_t n = write(STDERR_FILENO, bytes + at, len - at);

		if (n < 0 && errno == EAGAIN)
			(void)poll(&pfd, 1, -1);
		else if (n < 0 && errno != EINTR)
			return at;
		if (n > 0)
			at += (size_t)n;
	}
	return at;
}

static void
add_line(struct sts_text *out, enum sts_log_level level, const char *text)
{
	sts_text_add(out, IDENT ": ");
	sts_text_add(out, levels[level].word);
	sts_text_add(out, text);
	sts_text_add(out, "\n");
}

static bool
to_stderr(enum sts_log_level level, const char *text)
{
	char line[LINE_CAP];
	struct sts_text out;

	sts_text_init(&out, line, sizeof(line));
	add_line(&out, level, text);
	return write_whole(line, out.len) == out.len;
}

/* Writes the gathered lines; lines that were written only in part count as lost. */
static void
write_batch(struct sts_text *batch)
{
	size_t lost = 0;

	for (size_t at = write_whole(batch->buf, batch->len); at < batch->len; at++)
		lost += batch->buf[at] == '\n';
	sts_log_count_lost(lost);
	sts_text_init(batch, batch->buf, batch->cap);
}

static bool
to_syslog(const struct log_line *line)
{
	char storage[LINE_CAP];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_add(&text, levels[line->level].word);
	sts_text_add(&text, line->text);
	/* A fatal error is shown to whoever started the program, too. */
	if (line->level == STS_LOG_FATAL)
		(void)to_stderr(line->level, line->text);
	return syslog_socket_send(&log_thread.syslog, levels[line->level].priority, line->when, storage);
}

static bool
is_written(const struct log_line *line)
{
	return log_thread.use_stderr ? to_stderr(line->level, line->text) : to_syslog(line);
}

static void
write_line(const struct log_line *line)
{
	if (!is_written(line))
		sts_log_count_lost(1);
}

/* ---- the sinks ---- */

/* Starting must not wait for a log, just as mail does not. Whatever can be written at least in part is. */
static void
write_now(enum sts_log_level level, const char *text)
{
	const struct log_line line = { level, sts_clock_now(), text };
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };
	int64_t start_ms = sts_clock_mono_ms(), took_ms;

	if (log_thread.use_stderr && poll(&pfd, 1, log_thread.patience_ms) == 0)
		sts_log_count_lost(1);
	else
		write_line(&line);
	took_ms = sts_clock_mono_ms() - start_ms;
	log_thread.patience_ms = took_ms < log_thread.patience_ms ? log_thread.patience_ms - (int)took_ms : 0;
	log_thread.syslog.wait_ms = log_thread.patience_ms > 0 ? log_thread.patience_ms : 1;
}

static void
enqueue(enum sts_log_level level, const char *text)
{
	const struct log_line line = { level, sts_clock_now(), text };

	if (!log_queue_push(log_thread.queue, &line))
		sts_log_count_lost(1);
}

/* ---- the thread ---- */

/* Reports lost lines, as soon as the log accepts lines again. */
static void
report_lost(void)
{
	uint64_t lost = sts_log_lost();
	char text[128];
	const struct log_line line = { STS_LOG_WARN, sts_clock_now(), text };

	if (lost == log_thread.reported)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " log lines are lost: the log did not take them in time", lost - log_thread.reported);
	if (is_written(&line))
		log_thread.reported = lost;
}

static void
round_to_stderr(void)
{
	char storage[BATCH_CAP];
	struct sts_text batch;
	struct log_line line;

	sts_text_init(&batch, storage, sizeof(storage));
	while (log_queue_next(log_thread.queue, &line)) {
		if (batch.cap - batch.len < LINE_CAP)
			write_batch(&batch);
		add_line(&batch, line.level, line.text);
	}
	write_batch(&batch);
}

static void
round_to_syslog(void)
{
	struct log_line line;

	while (log_queue_next(log_thread.queue, &line))
		write_line(&line);
}

static void *
thread_main(void *arg)
{
	(void)arg;
	while (log_queue_take(log_thread.queue)) {
		if (log_thread.use_stderr)
			round_to_stderr();
		else
			round_to_syslog();
		report_lost();
		log_queue_gather(log_thread.queue, REST_MS);
	}
	return NULL;
}

/* ---- life cycle ---- */

void
log_sink_open(bool use_stderr)
{
	syslog_override_open(IDENT);
	log_thread.use_stderr = use_stderr;
	log_thread.syslog = (struct syslog_socket){ .path = _PATH_LOG, .ident = IDENT, .fd = -1, .wait_ms = START_MS };
	log_thread.patience_ms = START_MS;
	sts_log_open(write_now, STS_LOG_INFO);
}

enum sts_status
log_sink_start(void)
{
	enum sts_status status = log_queue_new(BUFFER, &log_thread.queue);

	/* The thread can wait as long as it takes. */
	syslog_socket_close(&log_thread.syslog);
	log_thread.syslog.wait_ms = 0;
	if (status == STS_OK)
		status = sts_thread_start("log", thread_main, NULL, &log_thread.thread);
	if (status == STS_OK)
		sts_log_open(enqueue, STS_LOG_INFO);
	else
		log_queue_free(&log_thread.queue);
	return status;
}

/* Does not wait for a thread that hangs in the log. The queue always stays, closed: lines logged later are lost. */
void
log_sink_stop(int64_t timeout_ms)
{
	if (log_thread.queue == NULL)
		return;
	log_queue_close(log_thread.queue);
	if (sts_thread_join(log_thread.thread, timeout_ms))
		syslog_socket_close(&log_thread.syslog);
}
