/* SPDX-License-Identifier: ISC */
/*
 * log.h - four verbs, named after who must act: debug (developer), info (record), warn (operator, soon),
 * fatal (operator, at start only; does not exit by itself).
 *
 * A program chooses the sink once, before it starts threads; until then nothing is written. Text that came from
 * outside goes through sts_text_add_escaped() first; the sink replaces control bytes once more, as a last guard.
 * Any thread.
 */
#ifndef STS_BASE_LOG_H
#define STS_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum sts_log_level { STS_LOG_DEBUG, STS_LOG_INFO, STS_LOG_WARN, STS_LOG_FATAL };

/* Receives one line without line end. Must be callable from any thread. */
typedef void sts_log_sink(enum sts_log_level level, const char *line);

/* Call before threads start. NULL silences. Lines below min_level are not formatted. */
void sts_log_open(sts_log_sink *sink, enum sts_log_level min_level);

/* Whether a line of that level is written at all. */
bool sts_log_wants(enum sts_log_level level);

/* A sink counts here what it could not write, so that others can tell. */
void sts_log_count_lost(uint64_t lines);
uint64_t sts_log_lost(void);

/* One line that holds no control bytes, as it is: for what is logged with each message. */
void sts_log_text(enum sts_log_level level, const char *text);

void sts_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sts_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sts_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sts_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A limiter of one warning's rate, in the caller's storage (zeroed = fresh). At most one line a period; the lines
 * that were held back are counted. Not locked: guard it with the lock of the state it belongs to. */
struct sts_log_limit {
	int64_t next_ms;	/* nothing before this, on the caller's clock */
	unsigned long held;	/* lines held back since the last one written */
};

/* True when a line may be written now; *held_back is then how many were not since the last one. */
bool sts_log_allowed(struct sts_log_limit *limit, int64_t now_ms, int64_t period_ms, unsigned long *held_back);

#endif
