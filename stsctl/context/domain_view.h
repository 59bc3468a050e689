/* SPDX-License-Identifier: ISC */
/* domain_view.h - prints a domain's cache entry, as text and as JSON. */
#ifndef STSCTL_CONTEXT_DOMAIN_VIEW_H
#define STSCTL_CONTEXT_DOMAIN_VIEW_H

#include <stdint.h>

#include <jansson.h>

#include "shared-cache/policy/entry.h"
#include "stsctl/terminal/command.h"

/* An object with the state ("policy", "absent", "failed"), the policy's mode, and so on. NULL when memory ran out. */
json_t *domain_view_json(const struct sts_entry *entry);
/* Prints lines of "name: value". now: seconds. */
void domain_view_text(const struct sts_entry *entry, int64_t now);
/* The exit code for an entry: CMD_FINE: a policy; CMD_NO: none; CMD_UNKNOWN: it could not be found out. */
enum cmd_exit domain_view_exit(const struct sts_entry *entry);

#endif
