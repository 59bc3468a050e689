/* SPDX-License-Identifier: ISC */
#include "config.h"
#include "stsctl/report/report_command.h"
#include "stsctl/terminal/output.h"
enum cmd_exit
report_show(const struct cmd_context *context, int argc, char **argv)
{
	(void)argc; (void)argv;
	return output_error(context, CMD_USAGE, "not yet");
}
