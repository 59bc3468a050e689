/* SPDX-License-Identifier: ISC */
/* diag.c - collects one error and a few warnings. */
#include "config.h"

#include "shared-cache/base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
sts_diag_init(struct sts_diag *d)
{
	memset(d, 0, sizeof(*d));
}

static void __attribute__((format(printf, 3, 0)))
note(struct sts_diag_note *n, unsigned line, const char *format, va_list ap)
{
	n->line = line;
	if (vsnprintf(n->text, sizeof(n->text), format, ap) < 0)
		n->text[0] = '\0';
}

void
sts_diag_error(struct sts_diag *d, unsigned line, const char *format, ...)
{
	va_list ap;

	if (d == NULL || d->error.text[0] != '\0')
		return;
	va_start(ap, format);
	note(&d->error, line, format, ap);
	va_end(ap);
}

void
sts_diag_warn(struct sts_diag *d, unsigned line, const char *format, ...)
{
	va_list ap;

	if (d == NULL)
		return;
	if (d->warning_count == STS_DIAG_WARNINGS) {
		d->warnings[STS_DIAG_WARNINGS - 1] = (struct sts_diag_note){ .text = "there are more warnings than these" };
		return;
	}
	va_start(ap, format);
	note(&d->warnings[d->warning_count++], line, format, ap);
	va_end(ap);
}
