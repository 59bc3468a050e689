/* SPDX-License-Identifier: ISC */
/* fake_mfapi.c - see fake_mfapi.h. */
#include "config.h"

#include "tests/fake/fake_mfapi.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CALLS = 64, CALL_CAP = 160, FAILURES = 4 };

static struct {
	struct smfiDesc filter;
	char calls[CALLS][CALL_CAP];
	size_t call_count;
	const char *failing[FAILURES];
	const char *starving;
	size_t starved_calls;
} milter;

void
fake_mfapi_reset(void)
{
	struct smfiDesc filter = milter.filter;

	memset(&milter, 0, sizeof(milter));
	milter.filter = filter;
}

const struct smfiDesc *
fake_mfapi_filter(void)
{
	return &milter.filter;
}

void
fake_mfapi_fail(const char *function)
{
	for (size_t i = 0; i < FAILURES; i++) {
		if (milter.failing[i] == NULL) {
			milter.failing[i] = function;
			return;
		}
	}
}

void
fake_mfapi_starve(const char *function, size_t calls)
{
	milter.starving = function;
	milter.starved_calls = calls;
}

size_t
fake_mfapi_call_count(void)
{
	return milter.call_count;
}

const char *
fake_mfapi_call(size_t n)
{
	return n < milter.call_count ? milter.calls[n] : "";
}

static int call(const char *function, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int
call(const char *function, const char *format, ...)
{
	va_list ap;
	size_t len;

	if (milter.call_count < CALLS) {
		char *text = milter.calls[milter.call_count++];

		len = (size_t)snprintf(text, CALL_CAP, "%s ", function);
		va_start(ap, format);
		vsnprintf(text + len, CALL_CAP - len, format, ap);
		va_end(ap);
	}
	if (milter.starved_calls > 0 && strcmp(milter.starving, function) == 0) {
		milter.starved_calls--;
		errno = ENOMEM;
		return MI_FAILURE;
	}
	for (size_t i = 0; i < FAILURES && milter.failing[i] != NULL; i++) {
		if (strcmp(milter.failing[i], function) == 0)
			return MI_FAILURE;
	}
	return MI_SUCCESS;
}

int
smfi_register(struct smfiDesc filter)
{
	milter.filter = filter;
	return MI_SUCCESS;
}

int
smfi_setconn(char *address)
{
	return call("setconn", "%s", address);
}

int
smfi_settimeout(int seconds)
{
	return call("settimeout", "%d", seconds);
}

int
smfi_opensocket(bool remove_stale)
{
	return call("opensocket", "%d", remove_stale);
}

int
smfi_main(void)
{
	return MI_SUCCESS;
}

int
smfi_stop(void)
{
	return MI_SUCCESS;
}

void *
smfi_getpriv(SMFICTX *ctx)
{
	return ctx->priv;
}

int
smfi_setpriv(SMFICTX *ctx, void *priv)
{
	ctx->priv = priv;
	return MI_SUCCESS;
}

char *
smfi_getsymval(SMFICTX *ctx, char *name)
{
	for (size_t i = 0; ctx->macros[i] != NULL; i += 2) {
		if (strcmp(ctx->macros[i], name) == 0)
			return (char *)ctx->macros[i + 1];
	}
	return NULL;
}

int
smfi_setsymlist(SMFICTX *ctx, int stage, char *names)
{
	(void)ctx;
	return call("setsymlist", "%d %s", stage, names);
}

int
smfi_chgheader(SMFICTX *ctx, char *name, int n, char *value)
{
	(void)ctx;
	return call("chgheader", "%s %d %s", name, n, value != NULL ? value : "NULL");
}

int
smfi_insheader(SMFICTX *ctx, int n, char *name, char *value)
{
	(void)ctx;
	return call("insheader", "%d %s %s", n, name, value);
}

int
smfi_setreply(SMFICTX *ctx, char *code, char *xcode, char *text)
{
	(void)ctx;
	return call("setreply", "%s %s %s", code, xcode, text);
}

int
smfi_quarantine(SMFICTX *ctx, char *reason)
{
	(void)ctx;
	return call("quarantine", "%s", reason);
}
