/* SPDX-License-Identifier: ISC */
/* domain_view.h - what is known of a domain, for people and as JSON. */
#ifndef STSCTL_SHOW_H
#define STSCTL_SHOW_H

#include <stdint.h>

#include <jansson.h>

#include "shared-cache/policy/entry.h"
#include "stsctl/terminal/command.h"

/* "policy", "absent", "failed", the policy's own mode and so on; NULL when memory ran out. */
json_t *show_json(const struct sts_entry *entry);
/* Lines of "name: value". now: seconds. */
void show_text(const struct sts_entry *entry, int64_t now);
/* CMD_FINE for a policy; CMD_NO when there is none to be had; CMD_UNKNOWN when that could not be found out. */
enum cmd_exit show_exit(const struct sts_entry *entry);

/* A point in time as 2025-08-09T12:00:00Z. */
enum { SHOW_TIME_CAP = 24 };
char *show_time(int64_t time, char out[SHOW_TIME_CAP]);

#endif
