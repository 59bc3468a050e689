/* SPDX-License-Identifier: ISC */
/* conf_print.c - prints defaults or a configuration in the syntax of the file; compares two configurations. */
#include "config.h"

#include "shared-cache/settings/conf.h"

#include <string.h>

#include "shared-cache/settings/conf_private.h"

enum { COLUMNS = 78 };

/* Prints a paragraph as comment lines no longer than COLUMNS. */
static void
print_comment(FILE *out, const char *text)
{
	size_t column = 0, len;

	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
		len = strcspn(text, " ");
		if (column > 0 && column + 1 + len > COLUMNS) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0)
			column = (size_t)fprintf(out, "#");
		column += (size_t)fprintf(out, " %.*s", (int)len, text);
		text += len;
	}
	if (column > 0)
		fputc('\n', out);
}

static void
print_bounds(FILE *out, const struct sts_setting *row)
{
	char lo[STS_CONF_NUMBER_CAP], hi[STS_CONF_NUMBER_CAP];

	if (row->lo == 0 && row->hi == 0)
		return;
	row->type->format(&row->lo, lo);
	row->type->format(&row->hi, hi);
	fprintf(out, "# (%s to %s)\n", lo, hi);
}

static void
print_setting(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s =%s%s\n", name, value[0] == '\0' ? "" : " ", value);
}

void
sts_conf_print_defaults(FILE *out)
{
	print_comment(out, "Settings of mta-sts-milter and stsctl, with their defaults. See mta-sts-milter.conf(5).");
	print_comment(out, "The syntax is that of Postfix's main.cf: a line that begins with white space continues the previous one; "
	    "list elements are separated by commas or white space; times take ms, s, m, h or d, sizes k or m. Settings marked "
	    "(restart) need a restart of the milter; the others take effect at a reload.");
	for (size_t i = 0; i < sts_setting_count; i++) {
		const struct sts_setting *row = &sts_settings[i];

		fputc('\n', out);
		print_comment(out, row->help);
		print_bounds(out, row);
		if (row->restart)
			fputs("# (restart)\n", out);
		print_setting(out, row->name, row->dflt);
	}
}

bool
sts_conf_print_default(const char *name, FILE *out)
{
	for (size_t i = 0; i < sts_setting_count; i++) {
		if (strcmp(sts_settings[i].name, name) != 0)
			continue;
		print_setting(out, name, sts_settings[i].dflt);
		return true;
	}
	return false;
}

const char *
sts_conf_setting_name(size_t index)
{
	return index < sts_setting_count ? sts_settings[index].name : NULL;
}

void
sts_conf_print_changed(const struct sts_conf *conf, FILE *out)
{
	const struct sts_conf_box *box = sts_conf_box_of(conf);

	for (size_t i = 0; i < sts_setting_count; i++) {
		if (strcmp(box->text[i], sts_settings[i].dflt) != 0)
			print_setting(out, sts_settings[i].name, box->text[i]);
	}
}

/* A secret may change while the name of its file stays the same. */
static bool
differs(const struct sts_conf *a, const struct sts_conf *b, size_t i)
{
	if (strcmp(sts_conf_box_of(a)->text[i], sts_conf_box_of(b)->text[i]) != 0)
		return true;
	return strcmp(sts_settings[i].name, "redis_password_file") == 0 && strcmp(a->redis_password, b->redis_password) != 0;
}

void
sts_conf_restart_needed(const struct sts_conf *old_conf, const struct sts_conf *new_conf,
    void (*fn)(void *arg, const char *name), void *arg)
{
	for (size_t i = 0; i < sts_setting_count; i++) {
		if (sts_settings[i].restart && differs(old_conf, new_conf, i))
			fn(arg, sts_settings[i].name);
	}
}
