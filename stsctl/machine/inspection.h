/* SPDX-License-Identifier: ISC */
/*
 * inspection.h - what the parts of doctor share: settings and options, running programs, adding findings. Changes nothing on the
 * machine. One thread.
 */
#ifndef STSCTL_MACHINE_INSPECTION_H
#define STSCTL_MACHINE_INSPECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/settings/conf.h"
#include "stsctl/findings/findings.h"
#include "stsctl/machine/subprocess.h"

enum { DOCTOR_TEXT = 4096, DOCTOR_LINE = 1024, DOCTOR_PROGRAM_MS = 20000, DOCTOR_ANSWER_MS = 3000 };

struct doctor_env {
	const struct sts_conf *conf;
	bool guessed;			/* conf has the defaults, because this user may not read the settings */
	const char *postfix_dir;	/* --postfix; "" for the default instance */
	const char *rspamd_dir;		/* --rspamd; "" for rspamd's default */
	bool verbose;			/* print the programs that are run on standard error */
	int64_t now;			/* seconds */
};

/* Runs a program, as subprocess_run does, within DOCTOR_PROGRAM_MS. */
enum sts_status doctor_run(const struct doctor_env *env, const char *const argv[], struct subprocess_output *out);

/* The same for a program of Postfix, with the examined instance: PROGRAM [-c DIR] WORDS. */
enum { DOCTOR_WORDS_MAX = 4 };
enum sts_status doctor_run_postfix(const struct doctor_env *env, const char *program, const char *const *words,
    struct subprocess_output *out);

/* Adds a finding; format makes its seen, which is cut at DOCTOR_TEXT. */
void doctor_add(struct findings *out, enum finding_level level, const char *id, const char *subject, const char *fix,
    const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
