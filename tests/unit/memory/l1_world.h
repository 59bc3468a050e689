/* SPDX-License-Identifier: ISC */
/* l1_world.h - creates caches and entries, and looks them up. The test fails if one of these does not work. */
#ifndef L1_WORLD_H
#define L1_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/memory/l1.h"

#define TEXT "version: STSv1\nmode: enforce\nmx: mx.example\nmax_age: 86400\n"

enum { NOW = 1700000000, NEVER = INT32_MAX };

/* The caller frees it with sts_l1_free. */
struct sts_l1 *new_l1(size_t max_entries, size_t max_bytes);
/* An entry; if it is a policy, its text is TEXT and its id 1. The caller drops it with sts_entry_unref. */
struct sts_entry *make(enum sts_entry_state state, const char *domain, int64_t checked, int64_t expires);
/* Stores a policy that was checked now, lives `life' seconds, and is due for a refresh at `due'. */
void put(struct sts_l1 *l1, const char *domain, int64_t life, int64_t due, int64_t now);
/* Looks it up as a message does: counts as a use. */
bool has(struct sts_l1 *l1, const char *domain, int64_t now);

#endif
