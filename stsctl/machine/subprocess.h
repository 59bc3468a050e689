/* SPDX-License-Identifier: ISC */
/*
 * subprocess.h - runs a program, without a shell, and reads its output: bounded in size, and within a time limit.
 *
 * The program is looked up in a fixed list of directories, among them /usr/sbin, whatever PATH says. It gets a fixed environment
 * (LC_ALL=C), no standard input, and its own process group, which is killed when the time is up.
 * Any thread, as long as nothing else in the process waits for arbitrary children.
 */
#ifndef STSCTL_MACHINE_SUBPROCESS_H
#define STSCTL_MACHINE_SUBPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"

enum { SUBPROCESS_OUTPUT_MAX = 4 << 20 };	/* of each of the two streams */

struct subprocess_output {
	int status;		/* exit status; 128 + n when signal n ended it */
	char *out, *err;	/* NUL-terminated; each NUL that the program wrote becomes `?' */
	int64_t ms;
};

/* argv[0]: a name without a slash, or an absolute path; argv ends with NULL. STS_ENOTFOUND: there is no such program. STS_EUNAVAILABLE:
 * it did not end in time. STS_EFULL: too much output. STS_ESYS: it cannot be run. With STS_OK the caller frees *out with
 * subprocess_output_fini; with anything else *out is empty. */
enum sts_status subprocess_run(const char *const argv[], int64_t timeout_ms, struct subprocess_output *out);
/* The same, with len bytes of input on its standard input. */
enum sts_status subprocess_feed(const char *const argv[], const char *input, size_t len, int64_t timeout_ms,
    struct subprocess_output *out);
void subprocess_output_fini(struct subprocess_output *out);

#endif
