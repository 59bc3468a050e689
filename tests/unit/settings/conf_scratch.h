/* SPDX-License-Identifier: ISC */
/* conf_scratch.h - fixture: a directory with a configuration file, F, and the files that it names. */
#ifndef CONF_SCRATCH_H
#define CONF_SCRATCH_H

#include <stddef.h>

#include "shared-cache/settings/conf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* "~" in texts stands for the directory. */
struct scratch {
	char dir[64], file[128];	/* file: F */
};

/* For cmocka: the scratch directory is the test's state. */
int make_scratch(void **state);
int remove_scratch(void **state);

/* text with each ~ replaced by the directory; the caller frees it. */
char *expand(const struct scratch *s, const char *text);
void write_bytes(const struct scratch *s, const char *name, const char *bytes, size_t len);
void write_text(const struct scratch *s, const char *name, const char *text);

/* Loads F and overrides; errors gets the error messages, without the directory in paths. The caller frees it. */
enum sts_status load(const struct scratch *s, const char *const *overrides, size_t count, struct sts_conf **conf, char **errors);

/* The settings that differ from the defaults, as `-n' prints them; the caller frees it. */
void print_changed(const struct sts_conf *conf, char **out);

#endif
