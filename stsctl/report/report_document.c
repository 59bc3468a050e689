/* SPDX-License-Identifier: ISC */
/* report_document.c - options, data, document. */
#include "config.h"

#include "stsctl/report/report_document.h"

#include <string.h>

#include "shared-cache/base/clock.h"
#include "stsctl/context/usage.h"
#include "stsctl/page/contents.h"
#include "stsctl/report/report_command.h"
#include "stsctl/terminal/output.h"

enum { LIMIT_USUAL = 20, LIMIT_MAX = 1000 };

enum cmd_exit
report_document_options(const struct cmd_context *context, size_t days_usual, struct page_data_request *out)
{
	unsigned long long limit = LIMIT_USUAL, days = days_usual;
	enum cmd_exit code = usage_number(context, &cmd_report_options[REPORT_DAYS], context->values[REPORT_DAYS], SUMMARY_DAYS_MAX,
	    &days);

	if (code == CMD_FINE)
		code = usage_number(context, &cmd_report_options[REPORT_LIMIT], context->values[REPORT_LIMIT], LIMIT_MAX, &limit);
	out->now = sts_clock_now();
	out->certificates = context->values[REPORT_CERTIFICATES];
	summary_days_of((size_t)days, out->now, &out->days);
	out->limit = (size_t)limit;
	return code;
}

enum cmd_exit
report_document_make(const struct cmd_context *context, const struct settings_redis *redis, const struct page_data_request *request,
    struct document *out)
{
	struct page_data data = { .host = NULL };
	enum cmd_exit code = page_data_read(context, redis, request, &data);

	if (code == CMD_FINE)
		contents_write(&data, out);
	page_data_fini(&data);
	if (code == CMD_FINE && !document_is_whole(out))
		code = output_error(context, CMD_UNKNOWN, "no memory");
	return code;
}
