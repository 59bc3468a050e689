/* SPDX-License-Identifier: ISC */
/*
 * inspection.h - how doctor looks at this machine: by which settings, running which programs, and how it says what it has found.
 * Nothing is changed. One thread.
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
	bool guessed;			/* conf has the defaults, for somebody who may not read the settings */
	const char *postfix_dir;	/* --postfix, "" for the default instance */
	const char *rspamd_dir;		/* --rspamd, "" for rspamd's own */
	bool verbose;			/* say on standard error what is run */
	int64_t now;			/* seconds */
};

/* Runs a program as doctor does; with verbose, says so. */
enum sts_status doctor_run(const struct doctor_env *env, const char *const argv[], struct subprocess_output *out);

/* The same of a program of Postfix', for the instance that is looked at: PROGRAM [-c DIR] WORDS. */
enum { DOCTOR_WORDS_MAX = 4 };
enum sts_status doctor_run_postfix(const struct doctor_env *env, const char *program, const char *const *words,
    struct subprocess_output *out);

/* Adds a finding whose seen is formatted; cut at DOCTOR_TEXT. */
void doctor_add(struct findings *out, enum finding_level level, const char *id, const char *subject, const char *fix,
    const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
