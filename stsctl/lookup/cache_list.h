/* SPDX-License-Identifier: ISC */
/* cache_list.h - stsctl cache list: all domains about which Redis knows something, in their order. */
#ifndef STSCTL_LOOKUP_CACHE_LIST_H
#define STSCTL_LOOKUP_CACHE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/store/store.h"
#include "stsctl/terminal/command.h"

/* Of limit domains at most. as_map: lines `DOMAIN MTA_STS` of domains with a policy of mode enforce or testing, as a multimap of
 * rspamd reads them. */
enum cmd_exit cache_list(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store *store, size_t limit,
    bool as_map);

#endif
