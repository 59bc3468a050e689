/* SPDX-License-Identifier: ISC */
/* inspection.c - runs programs and adds findings for all parts of doctor. */
#include "config.h"

#include "stsctl/machine/inspection.h"

#include <stdarg.h>
#include <stdio.h>

#include "stsctl/terminal/output.h"

enum sts_status
doctor_run(const struct doctor_env *env, const char *const argv[], struct subprocess_output *out)
{
	enum sts_status status = subprocess_run(argv, DOCTOR_PROGRAM_MS, out);

	if (!env->verbose)
		return status;
	for (size_t i = 0; argv[i] != NULL; i++) {
		putc(i == 0 ? '+' : ' ', stderr);
		for (const char *c = argv[i]; *c != '\0'; c++)
			output_byte(*c, stderr);
	}
	if (status == STS_OK)
		fprintf(stderr, "  (status %d, %d ms)\n", out->status, (int)out->ms);
	else
		fprintf(stderr, "  (%s)\n", sts_status_text(status));
	return status;
}

enum sts_status
doctor_run_postfix(const struct doctor_env *env, const char *program, const char *const *words, struct subprocess_output *out)
{
	const char *argv[DOCTOR_WORDS_MAX + 4] = { program };
	size_t n = 1;

	if (env->postfix_dir[0] != '\0') {
		argv[n++] = "-c";
		argv[n++] = env->postfix_dir;
	}
	for (size_t i = 0; i < DOCTOR_WORDS_MAX && words[i] != NULL; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	return doctor_run(env, argv, out);
}

void
doctor_add(struct findings *out, enum finding_level level, const char *id, const char *subject, const char *fix,
    const char *format, ...)
{
	char seen[DOCTOR_TEXT];
	va_list ap;

	va_start(ap, format);
	if (vsnprintf(seen, sizeof(seen), format, ap) < 0)
		seen[0] = '\0';
	va_end(ap);
	findings_add(out, level, id, subject, seen, fix);
}
