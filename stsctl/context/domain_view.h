/* SPDX-License-Identifier: ISC */
/* domain_view.h - what is known of a domain, for people and as JSON. */
#ifndef STSCTL_CONTEXT_DOMAIN_VIEW_H
#define STSCTL_CONTEXT_DOMAIN_VIEW_H

#include <stdint.h>

#include <jansson.h>

#include "shared-cache/policy/entry.h"
#include "stsctl/terminal/command.h"

/* "policy", "absent", "failed", the policy's own mode and so on; NULL when memory ran out. */
json_t *domain_view_json(const struct sts_entry *entry);
/* Lines of "name: value". now: seconds. */
void domain_view_text(const struct sts_entry *entry, int64_t now);
/* CMD_FINE for a policy; CMD_NO when there is none to be had; CMD_UNKNOWN when that could not be found out. */
enum cmd_exit domain_view_exit(const struct sts_entry *entry);

#endif
