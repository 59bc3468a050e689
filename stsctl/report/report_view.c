/* SPDX-License-Identifier: ISC */
/* report_view.c - options -> figures -> document. */
#include "config.h"

#include "stsctl/report/report_view.h"

#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "stsctl/page/contents.h"
#include "stsctl/report/report_command.h"
#include "stsctl/terminal/output.h"

enum { LIMIT_USUAL = 20, LIMIT_MAX = 1000 };

enum cmd_exit
report_view_options(const struct cmd_context *context, size_t days_usual, struct gather_request *out)
{
	const char *limit = context->values[REPORT_LIMIT];
	unsigned long long n = LIMIT_USUAL;

	out->now = sts_clock_now();
	out->certificates = context->values[REPORT_CERTIFICATES];
	if (!collect_days_of(context->values[REPORT_DAYS], days_usual, out->now, &out->days))
		return output_error(context, CMD_USAGE, "--days: wants a number from 1 to %d", (int)COLLECT_DAYS_MAX);
	if (limit != NULL && (!sts_text_parse_u64(limit, strlen(limit), 4, &n) || n < 1 || n > LIMIT_MAX))
		return output_error(context, CMD_USAGE, "--limit: wants a number from 1 to %d", (int)LIMIT_MAX);
	out->limit = (size_t)n;
	return CMD_FINE;
}

enum cmd_exit
report_view_make(const struct cmd_context *context, const struct settings_redis *redis, const struct gather_request *request,
    struct document *out)
{
	struct figures figures = { .host = NULL };
	enum cmd_exit code = gather_figures(context, redis, request, &figures);

	if (code == CMD_FINE)
		contents_write(&figures, out);
	figures_fini(&figures);
	if (code == CMD_FINE && !document_is_whole(out))
		code = output_error(context, CMD_UNKNOWN, "no memory");
	return code;
}
