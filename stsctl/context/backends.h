/* SPDX-License-Identifier: ISC */
/*
 * backends.h - opens the library's parts with the milter's settings, for commands that do what the milter does: Redis store, network
 * loop.
 *
 * Functions with a context print what failed. One thread: SIGPIPE is ignored from the first call on.
 */
#ifndef STSCTL_CONTEXT_BACKENDS_H
#define STSCTL_CONTEXT_BACKENDS_H

#include "shared-cache/network/net_loop.h"
#include "shared-cache/policy/refresh.h"
#include "shared-cache/settings/conf.h"
#include "shared-cache/store/store.h"
#include "shared-cache/store/store_link.h"
#include "stsctl/terminal/command.h"

/* The store of policies; *out is NULL with `redis = none`. Does not connect yet. Close it by sts_store_close. */
enum cmd_exit backends_open_store(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store **out);
/* The connection to what Postfix reported of outgoing mail, as sts_store_link_open; the caller closes *out. */
enum sts_status backends_open_link(const struct sts_conf *conf, struct sts_store_link **out);
enum cmd_exit backends_open_net(const struct cmd_context *context, const struct sts_conf *conf, struct sts_net_loop **out);
struct sts_refresh_rules backends_rules(const struct sts_conf *conf);

/* Prints why a call of the store failed, as settings_endpoint_error does. */
enum cmd_exit backends_store_error(const struct cmd_context *context, const struct sts_conf *conf, const struct sts_store *store,
    enum sts_status status);

#endif
