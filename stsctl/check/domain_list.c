/* SPDX-License-Identifier: ISC */
/* domain_list.c - reads and normalises lists of domains. */
#include "config.h"

#include "stsctl/check/domain_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "stsctl/context/files.h"
#include "stsctl/context/usage.h"
#include "stsctl/terminal/output.h"

enum { FILE_MAX = 16 << 20, CAP_MIN = 16 };

static enum cmd_exit
no_memory(const struct cmd_context *context)
{
	return output_error(context, CMD_UNKNOWN, "%s", sts_status_text(STS_ENOMEM));
}

static enum cmd_exit
add(const struct cmd_context *context, const char domain[STS_DOMAIN_CAP], struct domain_list *list)
{
	size_t cap = list->cap < CAP_MIN ? CAP_MIN : 2 * list->cap;
	char (*grown)[STS_DOMAIN_CAP];

	if (list->count == list->cap) {
		if ((grown = realloc(list->domains, cap * sizeof(*grown))) == NULL)
			return no_memory(context);
		list->domains = grown;
		list->cap = cap;
	}
	memcpy(list->domains[list->count++], domain, STS_DOMAIN_CAP);
	return CMD_FINE;
}

/* ---- duplicates ---- */

/* Equal names in the order of the list. */
static int
by_name_and_position(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	int order = strcmp(x, y);

	return order != 0 ? order : (x > y) - (x < y);
}

/* Keeps the first of equal names, and the order of the list. */
static enum cmd_exit
drop_duplicates(const struct cmd_context *context, struct domain_list *list)
{
	char **sorted = list->count > 1 ? calloc(list->count, sizeof(*sorted)) : NULL;
	size_t first = 0, kept = 0;

	if (list->count < 2)
		return CMD_FINE;
	if (sorted == NULL)
		return no_memory(context);
	for (size_t i = 0; i < list->count; i++)
		sorted[i] = list->domains[i];
	qsort(sorted, list->count, sizeof(*sorted), by_name_and_position);
	for (size_t i = 1; i < list->count; i++) {
		if (strcmp(sorted[i], sorted[first]) == 0)
			sorted[i][0] = '\0';
		else
			first = i;
	}
	free(sorted);
	for (size_t i = 0; i < list->count; i++)
		if (list->domains[i][0] != '\0')
			memmove(list->domains[kept++], list->domains[i], STS_DOMAIN_CAP);
	list->count = kept;
	return CMD_FINE;
}

/* ---- reading ---- */

enum cmd_exit
domain_list_operands(const struct cmd_context *context, int argc, char **argv, struct domain_list *out)
{
	char domain[STS_DOMAIN_CAP];
	enum cmd_exit code = CMD_FINE;

	for (int i = 0; i < argc && code == CMD_FINE; i++) {
		code = usage_domain(context, argv[i], domain);
		if (code == CMD_FINE)
			code = add(context, domain, out);
	}
	return code == CMD_FINE ? drop_duplicates(context, out) : code;
}

static bool
is_blank(char c)
{
	return sts_ascii_is_wsp(c) || c == '\r';
}

static enum cmd_exit
add_line(const struct cmd_context *context, const char *place, const char *line, size_t len, struct domain_list *list)
{
	const char *comment = memchr(line, '#', len);
	char domain[STS_DOMAIN_CAP];
	enum sts_domain_fault fault;

	len = comment != NULL ? (size_t)(comment - line) : len;
	for (; len > 0 && is_blank(line[0]); len--)
		line++;
	while (len > 0 && is_blank(line[len - 1]))
		len--;
	if (len == 0)
		return CMD_FINE;
	fault = sts_domain_normalise(line, len, domain);
	if (fault != STS_DOMAIN_OK)
		return output_error(context, CMD_USAGE, "%s: not a domain: %.*s: %s", place, (int)len, line,
		    sts_domain_fault_text(fault));
	return add(context, domain, list);
}

enum cmd_exit
domain_list_file(const struct cmd_context *context, const char *path, struct domain_list *out)
{
	char why[FILES_WHY_CAP] = "", place[FILES_WHY_CAP], *text, *line, *end;
	enum sts_status status;
	enum cmd_exit code = CMD_FINE;
	unsigned number = 0;
	size_t len;

	status = files_read(path, FILE_MAX, &text, &len, why);
	if (status != STS_OK)
		return output_error(context, CMD_UNKNOWN, "%s", status == STS_ENOTFOUND ? "--watch: there is no such file" :
		    why[0] != '\0' ? why : sts_status_text(status));
	for (line = text; line < text + len && code == CMD_FINE; line = end + 1) {
		end = memchr(line, '\n', (size_t)(text + len - line));
		end = end != NULL ? end : text + len;
		snprintf(place, sizeof(place), "%.200s:%u", path, ++number);
		code = add_line(context, place, line, (size_t)(end - line), out);
	}
	free(text);
	if (code == CMD_FINE && out->count == 0)
		code = output_error(context, CMD_USAGE, "%s: names no domain", path);
	return code == CMD_FINE ? drop_duplicates(context, out) : code;
}

void
domain_list_fini(struct domain_list *list)
{
	free(list->domains);
	*list = (struct domain_list){ 0 };
}
