/* SPDX-License-Identifier: ISC */
/* syslog_override.c - replaces the C library's syslog(3). Does not include <syslog.h>, which would define parts of it inline. */
#include "config.h"

#include "milter/log/syslog_override.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"

enum {
	TEXT_CAP = 512,
	MINUTE_MS = 60000,
	PRIORITY_BITS = 7,	/* the rest is the facility */
	ERRORS = 4,		/* log LOG_WARNING and more severe; drop LOG_NOTICE and below */
};

/* One state for all libraries, as syslog(3) does not know its caller. */
static struct {
	const char *ident;
	pthread_mutex_t mutex;		/* guards the rest */
	int64_t until_ms;		/* end of the current minute */
	unsigned logged;			/* lines logged in it */
	unsigned long held;		/* lines dropped since the last one logged */
} syslog_override = { .ident = "", .mutex = PTHREAD_MUTEX_INITIALIZER };

void
syslog_override_open(const char *ident)
{
	syslog_override.ident = ident;
}

static bool
is_within_limit(unsigned long *held)
{
	int64_t now_ms = sts_clock_mono_ms();
	bool may;

	pthread_mutex_lock(&syslog_override.mutex);
	if (now_ms >= syslog_override.until_ms) {
		syslog_override.until_ms = now_ms + MINUTE_MS;
		syslog_override.logged = 0;
	}
	may = syslog_override.logged < SYSLOG_OVERRIDE_LINES;
	syslog_override.logged += may;
	syslog_override.held += !may;
	*held = syslog_override.held;
	if (may)
		syslog_override.held = 0;
	pthread_mutex_unlock(&syslog_override.mutex);
	return may;
}

static void __attribute__((format(printf, 2, 0)))
log_message(int priority, const char *format, va_list ap)
{
	size_t len = strlen(syslog_override.ident);
	char storage[TEXT_CAP], *text = storage;
	unsigned long held;

	if ((priority & PRIORITY_BITS) > ERRORS || vsnprintf(storage, sizeof(storage), format, ap) < 0 || !is_within_limit(&held))
		return;
	if (len > 0 && strncmp(text, syslog_override.ident, len) == 0 && strncmp(text + len, ": ", 2) == 0)
		text += len + 2;
	text[strcspn(text, "\n")] = '\0';
	sts_warn("libmilter: %s unreported=%lu", text, held);
}

/* ---- called by libraries; the names are the C library's ---- */

/* NOLINTBEGIN(bugprone-reserved-identifier) */
void syslog(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void vsyslog(int priority, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
void __syslog_chk(int priority, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
void __vsyslog_chk(int priority, int flag, const char *format, va_list ap) __attribute__((format(printf, 3, 0)));

void
syslog(int priority, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_message(priority, format, ap);
	va_end(ap);
}

void
vsyslog(int priority, const char *format, va_list ap)
{
	log_message(priority, format, ap);
}

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, format);
	log_message(priority, format, ap);
	va_end(ap);
}

void
__vsyslog_chk(int priority, int flag, const char *format, va_list ap)
{
	(void)flag;
	log_message(priority, format, ap);
}
/* NOLINTEND(bugprone-reserved-identifier) */
