/* SPDX-License-Identifier: ISC */
/* backends.h - the milter's own parts, made of the milter's own settings, for commands that do what it does. */
#ifndef STSCTL_CONTEXT_BACKENDS_H
#define STSCTL_CONTEXT_BACKENDS_H

#include "shared-cache/network/net_loop.h"
#include "shared-cache/policy/refresh.h"
#include "shared-cache/settings/conf.h"
#include "shared-cache/store/store.h"
#include "shared-cache/store/store_link.h"
#include "stsctl/terminal/command.h"

/* NULL in *out when the settings say `redis = none`. Connects to nothing yet. */
enum cmd_exit backends_open_store(const struct cmd_context *context, const struct sts_conf *conf, struct sts_store **out);
/* For what was sent, and reports of it; the caller closes *out. As sts_store_link_open. */
enum sts_status backends_open_link(const struct sts_conf *conf, struct sts_store_link **out);
enum cmd_exit backends_open_net(const struct cmd_context *context, const struct sts_conf *conf, struct sts_net_loop **out);
struct sts_refresh_rules backends_rules(const struct sts_conf *conf);

/* Why a call failed, as settings_endpoint_error says it. */
enum cmd_exit backends_store_error(const struct cmd_context *context, const struct sts_conf *conf, const struct sts_store *store,
    enum sts_status status);

#endif
