/* SPDX-License-Identifier: ISC */
/*
 * log.h - four log levels, by who must act: debug (a developer), info (nobody), warn (the operator, soon),
 * fatal (the operator, only at start; does not exit by itself).
 *
 * A program sets the sink once, before it starts threads; until then nothing is logged. Escape text from outside with
 * sts_text_add_escaped(); control bytes that are left are replaced here, as a last guard (but not by sts_log_text).
 * Any thread.
 */
#ifndef STS_BASE_LOG_H
#define STS_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum sts_log_level { STS_LOG_DEBUG, STS_LOG_INFO, STS_LOG_WARN, STS_LOG_FATAL };

/* Takes one line, without its line end. Must be callable from any thread. */
typedef void sts_log_sink(enum sts_log_level level, const char *line);

/* Call before threads start. A sink of NULL discards everything. Lines below min_level are not even formatted. */
void sts_log_open(sts_log_sink *sink, enum sts_log_level min_level);

/* Whether lines of that level are written. */
bool sts_log_wants(enum sts_log_level level);

/* Counter of the lines that the sink could not write; the sink adds to it, the metrics read it. */
void sts_log_count_lost(uint64_t lines);
uint64_t sts_log_lost(void);

/* Logs a line unformatted and unchecked: it must not hold control bytes. For the log line of each message. */
void sts_log_text(enum sts_log_level level, const char *text);

void sts_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sts_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sts_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sts_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Rate limit of one warning, in the caller's storage (initialise to zero). At most one line a period; suppressed lines
 * are counted. Not locked: guard it with the lock of the state that it belongs to. */
struct sts_log_limit {
	int64_t next_ms;	/* no line before this time, on the caller's clock */
	unsigned long held;	/* lines suppressed since the last one written */
};

/* True when a line may be written now; *held_back is then the number of lines suppressed since the last one. */
bool sts_log_allowed(struct sts_log_limit *limit, int64_t now_ms, int64_t period_ms, unsigned long *held_back);

#endif
