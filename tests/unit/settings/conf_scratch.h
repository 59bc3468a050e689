/* SPDX-License-Identifier: ISC */
/* conf_scratch.h - a directory with a file of settings, F, and the files that it names; what reading it gives. */
#ifndef CONF_SCRATCH_H
#define CONF_SCRATCH_H

#include <stddef.h>

#include "shared-cache/settings/conf.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* "~" in texts stands for its directory. */
struct scratch {
	char dir[64], file[128];	/* file: F */
};

/* For cmocka: a scratch directory for a test, as its state. */
int make_scratch(void **state);
int remove_scratch(void **state);

/* text with each ~ replaced by the directory; the caller frees it. */
char *expand(const struct scratch *s, const char *text);
void write_bytes(const struct scratch *s, const char *name, const char *bytes, size_t len);
void write_text(const struct scratch *s, const char *name, const char *text);

/* Loads F and overrides; errors has what was complained of, the directory cut off each path. The caller frees it. */
enum sts_status load(const struct scratch *s, const char *const *overrides, size_t count, struct sts_conf **conf, char **errors);

/* What differs from the defaults, as `-n' prints it; the caller frees it. */
void print_changed(const struct sts_conf *conf, char **out);

#endif
