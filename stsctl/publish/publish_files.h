/* SPDX-License-Identifier: ISC */
/*
 * publish_files.h - the files that publish makes for a domain: their paths and contents. With a directory, all of them go there;
 * without, to the paths in the spec, if it names any. Writes nothing. Any thread.
 */
#ifndef STSCTL_PUBLISH_PUBLISH_FILES_H
#define STSCTL_PUBLISH_PUBLISH_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/plan/plan.h"
#include "stsctl/publish/zone_records.h"

enum publish_stage {
	PUBLISH_FIRST,		/* the policy, the virtual hosts, the host's records */
	PUBLISH_LAST,		/* the policy's record */
	PUBLISH_CLEARING,	/* the script that removes the records */
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

/* Where the files go, and what they contain. dir: NULL for the spec's paths. policy: its text. */
struct publish_target {
	const char *dir;
	struct publish_dns dns;
	const char *policy;
};
/* dir: of the run, dns_server: of the spec; NULL or "" as there. Borrows its arguments, which must outlive the result. */
struct publish_target publish_target_of(const char *dir, const char *dns_server, const struct publish_domain *domain,
    const struct publish_history *history);
void publish_files_make(const struct publish_target *target, enum publish_stage stage, struct publish_files *out);
void publish_files_fini(struct publish_files *files);

#endif
