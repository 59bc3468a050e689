/* SPDX-License-Identifier: ISC */
/* overview_json.h - status and top as JSON. Each function returns NULL when memory ran out. */
#ifndef STSCTL_OVERVIEW_OVERVIEW_JSON_H
#define STSCTL_OVERVIEW_OVERVIEW_JSON_H

#include <jansson.h>

#include "stsctl/overview/status_page.h"

/* A list of an object for each milter. */
json_t *overview_json_nodes(const struct snapshot *snapshot);
/* An object with "day", "messages", "over_tls", "counters". */
json_t *overview_json_today(const struct snapshot *snapshot);
/* The whole object of `stsctl status --json'. */
json_t *overview_json(const struct overview *overview);

#endif
