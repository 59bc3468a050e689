/* SPDX-License-Identifier: ISC */
/* reload.h - applies changed settings while mail goes on. Leader thread only. */
#ifndef MILTER_DAEMON_RELOAD_H
#define MILTER_DAEMON_RELOAD_H

#include <stddef.h>

#include "milter/service/service.h"

/* Where the settings come from; the same at the start and at each reload. Borrowed. */
struct settings_source {
	const char *file;
	const char *const *overrides;
	size_t override_count;
};

/* Reads the settings again. If there are errors, each is logged, and the old settings stay. Otherwise new sessions use the new
 * ones. Changes that need a restart are logged; started: the settings that the daemon was started with. */
void reload(struct service *service, const struct settings_source *source, const struct sts_conf *started);

/* Reads the settings once more after privileges were dropped, and discards them. A file that only root may read would make every
 * reload fail; each is reported at once, with its setting. */
void reload_check_access(const struct settings_source *source);

#endif
