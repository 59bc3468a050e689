/* SPDX-License-Identifier: ISC */
/*
 * conf_private.h - what the files of sts_conf share among themselves: the table, and a struct
 * sts_conf as it is made.
 *
 *   conf_file.c    a file -> its lines -> name, value, line
 *   conf_table.c   the table
 *   conf_number.c  types that are numbers, times, choices
 *   conf_string.c  types that are text
 *   conf_list.c    types that are lists
 *   conf_enforce.c types that say what is done to mail, and with which words
 *   conf_rules.c   the file of domain rules
 *   conf_redis.c   what settings of Redis have to do with one another
 *   conf_names.c   names of settings
 *   conf.c         file, overrides and defaults -> struct sts_conf; counting
 *   conf_print.c   struct sts_conf or the table -> a file
 */
#ifndef STS_SETTINGS_CONF_PRIVATE_H
#define STS_SETTINGS_CONF_PRIVATE_H

#include <stdatomic.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/settings/conf_syntax.h"

enum { STS_SETTINGS_MAX = 96 };
extern const struct sts_setting sts_settings[];
extern const size_t sts_setting_count;

/* NULL: there is none of that name. */
const struct sts_setting *sts_setting_find(const char *name);
/* Says that there is none, and which was probably meant. */
void sts_setting_complain_unknown(const struct sts_conf_place *place, const char *name);

/* A struct sts_conf as it is made: the caller sees the first member only. */
struct sts_conf_box {
	struct sts_conf conf;
	atomic_size_t refs;
	char *text[STS_SETTINGS_MAX];	/* the value of each setting, in the form that is printed */
};

static inline const struct sts_conf_box *
sts_conf_box_of(const struct sts_conf *conf)
{
	return (const struct sts_conf_box *)conf;
}

/* Where a setting got its value: the place to complain of it. */
typedef struct sts_conf_place sts_conf_place_fn(const void *arg, const char *name);
/* Complains of settings of Redis that do not go together; the endpoint learns what it is to be spoken to with. */
void sts_conf_check_redis(struct sts_conf *conf, sts_conf_place_fn *place_of, const void *arg);

#endif
