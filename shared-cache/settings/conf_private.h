/* SPDX-License-Identifier: ISC */
/*
 * conf_private.h - what the files of sts_conf share: the table, and the whole of a struct sts_conf.
 *
 *   conf_file.c     splits a file into lines, names and values
 *   conf_table.c    the table of settings
 *   conf_number.c   types: numbers, times, choices
 *   conf_string.c   types: text
 *   conf_list.c     types: lists
 *   conf_enforce.c  types: actions, and the texts of replies
 *   conf_rules.c    reads the file of domain rules
 *   conf_redis.c    checks the settings of Redis against each other
 *   conf_names.c    finds settings by name
 *   conf.c          makes a struct sts_conf from file, overrides and defaults; reference counts
 *   conf_print.c    prints a struct sts_conf, or the defaults, as a file
 */
#ifndef STS_SETTINGS_CONF_PRIVATE_H
#define STS_SETTINGS_CONF_PRIVATE_H

#include <stdatomic.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/settings/conf_syntax.h"

enum { STS_SETTINGS_MAX = 96 };
extern const struct sts_setting sts_settings[];
extern const size_t sts_setting_count;

/* NULL: there is no setting of that name. */
const struct sts_setting *sts_setting_find(const char *name);
/* Reports an unknown name, and which one was probably meant. */
void sts_setting_complain_unknown(const struct sts_conf_place *place, const char *name);

/* The whole of a struct sts_conf; callers see the first member only. */
struct sts_conf_box {
	struct sts_conf conf;
	atomic_size_t refs;
	char *text[STS_SETTINGS_MAX];	/* the value of each setting as it is printed */
};

static inline const struct sts_conf_box *
sts_conf_box_of(const struct sts_conf *conf)
{
	return (const struct sts_conf_box *)conf;
}

/* Returns where a setting got its value, for reporting an error. */
typedef struct sts_conf_place sts_conf_place_fn(const void *arg, const char *name);
/* Reports settings of Redis that do not go together; sets the endpoint's TLS parameters. */
void sts_conf_check_redis(struct sts_conf *conf, sts_conf_place_fn *place_of, const void *arg);

#endif
