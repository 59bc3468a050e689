/* SPDX-License-Identifier: ISC */
/* conf_scratch.c - writes configuration files and loads them. */
#include "config.h"

#include "tests/unit/settings/conf_scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int
make_scratch(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(s);
	snprintf(s->dir, sizeof(s->dir), "%s/test_conf.XXXXXX", tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->file, sizeof(s->file), "%s/F", s->dir);
	*state = s;
	return 0;
}

int
remove_scratch(void **state)
{
	static const char *const names[] = { "F", "D", "P", "E", "K", "R" };
	struct scratch *s = *state;
	char path[128];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->dir, names[i]);
		unlink(path);
	}
	rmdir(s->dir);
	free(s);
	return 0;
}

char *
expand(const struct scratch *s, const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	assert_non_null(f);
	for (; *text != '\0'; text++) {
		if (*text == '~')
			fputs(s->dir, f);
		else
			fputc(*text, f);
	}
	fclose(f);
	return out;
}

void
write_bytes(const struct scratch *s, const char *name, const char *bytes, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void
write_text(const struct scratch *s, const char *name, const char *text)
{
	char *expanded = expand(s, text);

	write_bytes(s, name, expanded, strlen(expanded));
	free(expanded);
}

/* Loads F and overrides; errors gets the error messages, without the directory in paths. The caller frees it. */
enum sts_status
load(const struct scratch *s, const char *const *overrides, size_t count, struct sts_conf **conf, char **errors)
{
	char *raw = NULL, *p;
	size_t len, dir_len = strlen(s->dir) + 1;
	FILE *f = open_memstream(&raw, &len);
	enum sts_status status;

	assert_non_null(f);
	status = sts_conf_load(s->file, overrides, count, f, conf);
	fclose(f);
	while ((p = strstr(raw, s->dir)) != NULL)
		memmove(p, p + dir_len, strlen(p + dir_len) + 1);
	*errors = raw;
	return status;
}

void
print_changed(const struct sts_conf *conf, char **out)
{
	size_t len;
	FILE *f = open_memstream(out, &len);

	assert_non_null(f);
	sts_conf_print_changed(conf, f);
	fclose(f);
}
