/* SPDX-License-Identifier: ISC */
/* report_command.h - the subcommands of `stsctl report', and the list of all their options. */
#ifndef STSCTL_REPORT_REPORT_COMMAND_H
#define STSCTL_REPORT_REPORT_COMMAND_H

#include "stsctl/terminal/command.h"

enum report_option {
	REPORT_DRY_RUN, REPORT_TRUST,				/* import */
	REPORT_DAYS, REPORT_ORG, REPORT_CSV, REPORT_LOG, REPORT_METRICS, REPORT_FROM,	/* show */
	REPORT_JITTER, REPORT_BCC,				/* send; REPORT_DRY_RUN, too */
	REPORT_LIMIT, REPORT_CERTIFICATES,			/* html, mail; REPORT_DAYS, too */
	REPORT_TO,						/* mail */
	REPORT_OPTIONS
};

/* Exit code for a mail server's pipe: try again later (EX_TEMPFAIL of sysexits.h). */
enum { REPORT_TRY_AGAIN = 75 };

/* argv: the operands after the subcommand. */
cmd_fn report_html;
cmd_fn report_import;
cmd_fn report_mail;
cmd_fn report_send;
cmd_fn report_show;

#endif
