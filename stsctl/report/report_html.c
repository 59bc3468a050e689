/* SPDX-License-Identifier: ISC */
/* report_html.c - stsctl report html: writes the page into a directory, or to standard output. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/context/files.h"
#include "stsctl/page/page.h"
#include "stsctl/report/report_command.h"
#include "stsctl/report/report_document.h"
#include "stsctl/terminal/output.h"

enum { DAYS_USUAL = 30 };

static const char name[] = "index.html";

/* Renders the page. NULL: no memory. */
static char *
render(const struct document *document, size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);
	bool failed;

	if (to == NULL)
		return NULL;
	page_print(document, to);
	failed = ferror(to) != 0;
	if (fclose(to) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

/* Replaces the page atomically. */
static enum cmd_exit
put_page(const struct cmd_context *context, const char *dir, const char *text, size_t len)
{
	char why[FILES_WHY_CAP] = "", *path;
	enum sts_status status;

	if (strcmp(dir, "-") == 0) {
		(void)fwrite(text, 1, len, stdout);	/* main() checks for errors */
		return CMD_FINE;
	}
	if (asprintf(&path, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name) < 0)
		return output_error(context, CMD_UNKNOWN, "no memory");
	status = files_write(path, text, len, why);
	if (status != STS_OK) {
		free(path);
		return output_error(context, CMD_UNKNOWN, "%s", why[0] != '\0' ? why : sts_status_text(status));
	}
	if (context->json) {
		json_t *object = json_pack("{s:o, s:I}", "page", json_text(path), "bytes", (json_int_t)len);

		free(path);
		return output_json(context, CMD_FINE, object);
	}
	free(path);
	return CMD_FINE;
}

static enum cmd_exit
write_page(const struct cmd_context *context, const char *dir, const struct document *document)
{
	size_t len = 0;
	char *text = render(document, &len);
	enum cmd_exit code = text != NULL ? put_page(context, dir, text, len) : output_error(context, CMD_UNKNOWN, "no memory");

	free(text);
	return code;
}

enum cmd_exit
report_html(const struct cmd_context *context, int argc, char **argv)
{
	struct settings_redis redis = { .conf = NULL };
	struct document document = { .title = NULL };
	struct page_data_request request;
	enum cmd_exit code;

	if (argc != 1 || argv[0][0] == '\0')
		return output_error(context, CMD_USAGE, "report html: expects a directory, or - for standard output");
	if (context->json && strcmp(argv[0], "-") == 0)
		return output_error(context, CMD_USAGE, "report html: --json needs a directory; the page itself is not JSON");
	code = report_document_options(context, DAYS_USUAL, &request);
	if (code == CMD_FINE)
		code = settings_open_redis(context, 0, &redis);
	if (code == CMD_FINE)
		code = report_document_make(context, &redis, &request, &document);
	if (code == CMD_FINE)
		code = write_page(context, argv[0], &document);
	document_fini(&document);
	settings_close_redis(&redis);
	return code;
}
