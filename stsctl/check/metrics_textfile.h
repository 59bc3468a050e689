/* SPDX-License-Identifier: ISC */
/*
 * metrics_textfile.h - the results of check as metrics, for the textfile collector of Prometheus' node_exporter.
 *
 * A zeroed struct is empty. One thread.
 */
#ifndef STSCTL_CHECK_METRICS_TEXTFILE_H
#define STSCTL_CHECK_METRICS_TEXTFILE_H

#include "shared-cache/base/status.h"
#include "stsctl/check/check.h"

struct metrics_textfile_sample {
	char domain[STS_DOMAIN_CAP];
	size_t counts[FINDING_FAIL + 1];	/* by level */
	enum finding_level verdict;
	bool unsure;
	struct check_cert *certs;		/* owned */
	size_t cert_count;
};

struct metrics_textfile {
	struct metrics_textfile_sample *samples;
	size_t count;
};

enum sts_status metrics_textfile_add(struct metrics_textfile *metrics, const struct check_facts *facts, const struct findings *found);
/* The content of the file, which the caller frees. now: seconds. NULL when memory ran out. */
char *metrics_textfile_text(const struct metrics_textfile *metrics, int64_t now);
void metrics_textfile_fini(struct metrics_textfile *metrics);

#endif
