/* SPDX-License-Identifier: ISC */
/*
 * publish/publish_files.h - the files of a domain: which there are, where each goes, what is in it. With a directory, all of them go
 * there; without, to the paths that the spec names, if it does. Touches nothing. Any thread.
 */
#ifndef STSCTL_PUBLISH_PUBLISH_FILES_H
#define STSCTL_PUBLISH_PUBLISH_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/plan/plan.h"
#include "stsctl/publish/zone_records.h"

enum publish_stage {
	PUBLISH_FIRST,		/* the policy, the hosts, the records that come first */
	PUBLISH_LAST,		/* the policy's record */
	PUBLISH_CLEARING,	/* what removes the records */
};

struct publish_file {
	char *path;
	char *text;
	size_t len;
};

enum { PUBLISH_FILES_MAX = 8 };
struct publish_files {
	struct publish_file list[PUBLISH_FILES_MAX];
	size_t count;
	bool no_memory;
};

/* dir: NULL for the spec's paths. policy: its text. */
struct publish_target {
	const char *dir;
	struct publish_dns dns;
	const char *policy;
};
/* dir and dns_server: of the run and of the spec; NULL or "" as there. What is borrowed must outlive the result. */
struct publish_target publish_target_of(const char *dir, const char *dns_server, const struct publish_domain *domain,
    const struct publish_history *history);
void publish_files_make(const struct publish_target *target, enum publish_stage stage, struct publish_files *out);
void publish_files_fini(struct publish_files *files);

#endif
