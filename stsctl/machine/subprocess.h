/* SPDX-License-Identifier: ISC */
/*
 * subprocess.h - another program's output: run without a shell, with a bounded output and within a time limit.
 *
 * The program is looked for in a fixed list of directories, /usr/sbin among them, whatever PATH says; it gets a fixed
 * environment (LC_ALL=C), no standard input, and a process group of its own, which is killed when the time is up.
 * Any thread, as long as nobody else waits for any child whatsoever.
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
	char *out, *err;	/* NUL-terminated; a NUL that the program wrote is replaced by `?' */
	int64_t ms;
};

/* argv[0]: a name without slash; argv ends with NULL. STS_ENOTFOUND: there is no such program. STS_EUNAVAILABLE: it did not end
 * in time. STS_EFULL: it says too much. STS_ESYS: it cannot be run. With STS_OK the caller gives *out back by
 * subprocess_output_fini, with anything else *out is empty. */
enum sts_status subprocess_run(const char *const argv[], int64_t timeout_ms, struct subprocess_output *out);
/* The same with len bytes of input on its standard input; argv[0] may be a path from the root. */
enum sts_status subprocess_feed(const char *const argv[], const char *input, size_t len, int64_t timeout_ms,
    struct subprocess_output *out);
void subprocess_output_fini(struct subprocess_output *out);

#endif
