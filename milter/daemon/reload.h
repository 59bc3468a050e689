/* SPDX-License-Identifier: ISC */
/* reload.h - takes up changed settings while mail goes on. Leader thread only. */
#ifndef MILTER_DAEMON_RELOAD_H
#define MILTER_DAEMON_RELOAD_H

#include <stddef.h>

#include "milter/service/service.h"

/* Where settings come from; the same at start and at each reload. Borrowed. */
struct settings_source {
	const char *file;
	const char *const *overrides;
	size_t override_count;
};

/* Reads the settings again. With a mistake, each is logged and the old settings stay. Otherwise sessions to come use the new
 * ones; what differs from those that the daemon was started with and wants a restart is named. */
void reload(struct service *service, const struct settings_source *source, const struct sts_conf *started);

/* Reads them once more, now that root is given up, and drops them: what only root may read would keep a reload from being taken up,
 * and is warned of at once, each file with its setting. */
void reload_check_access(const struct settings_source *source);

#endif
