/* SPDX-License-Identifier: ISC */
/* cache_list.h - stsctl cache list: prints all domains of which Redis holds something, sorted. */
#ifndef STSCTL_LOOKUP_CACHE_LIST_H
#define STSCTL_LOOKUP_CACHE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/store/store.h"
#include "stsctl/terminal/command.h"

/* Prints at most limit domains. as_map: lines `DOMAIN MTA_STS` for domains with a policy of mode enforce or testing, as an rspamd
 * multimap reads them. */
enum cmd_exit cache_list(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store *store, size_t limit,
    bool as_map);

#endif
