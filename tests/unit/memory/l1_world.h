/* SPDX-License-Identifier: ISC */
/* l1_world.h - caches, entries in them, and questions to them. A test fails where one of these does not work. */
#ifndef L1_WORLD_H
#define L1_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/memory/l1.h"

#define TEXT "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"

enum { NOW = 1700000000, NEVER = INT32_MAX };

/* To be freed with sts_l1_free. */
struct sts_l1 *new_l1(size_t max_entries, size_t max_bytes);
/* An entry, whose policy, if it has one, is TEXT with the id 1; to be given back with sts_entry_unref. */
struct sts_entry *make(enum sts_entry_state state, const char *domain, int64_t checked, int64_t expires);
/* A policy that is checked now, lives that many seconds, and is due to be refreshed at that time. */
void put(struct sts_l1 *l1, const char *domain, int64_t life, int64_t due, int64_t now);
/* As a message does: it counts as a use. */
bool has(struct sts_l1 *l1, const char *domain, int64_t now);

#endif
