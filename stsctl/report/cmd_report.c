/* SPDX-License-Identifier: ISC */
/* cmd_report.c - stsctl report: finds the subcommand, and refuses options of others. */
#include "config.h"

#include <string.h>

#include "stsctl/context/usage.h"
#include "stsctl/report/report_command.h"
#include "stsctl/terminal/output.h"

const struct cmd_option cmd_report_options[] = {
	[REPORT_DRY_RUN] = { "dry-run", NULL, "import: print what the reports say, and count nothing; send: print the reports, and "
	    "send nothing" },
	[REPORT_TRUST] = { "trust", "DOMAIN", "import: you vouch that the reports come from DOMAIN" },
	[REPORT_DAYS] = { "days", "N", "show, html, mail: the last N days; 30 by default, mail: 7" },
	[REPORT_ORG] = { "org", "ORG", "show: only the reports of this organisation; a verified one is known by the signing domain" },
	[REPORT_CSV] = { "csv", NULL, "show: comma-separated values" },
	[REPORT_LOG] = { "log", "FILE", "show: the web server's access log, for failures to fetch; by default those that fetches finds" },
	[REPORT_METRICS] = { "metrics", "FILE", "show: write FILE for the textfile collector of Prometheus' node_exporter" },
	[REPORT_FROM] = { "from", "FILE", "show: publish's configuration file, whose state file knows what was published" },
	[REPORT_JITTER] = { "jitter", "TIME", "send: at a time within TIME after midnight UTC, another for each domain; 4h "
	    "by default, 0 on a terminal" },
	[REPORT_BCC] = { "bcc", "ADDRESS", "send: copy each mail to ADDRESS" },
	[REPORT_LIMIT] = { "limit", "N", "html, mail: at most N domains in a list; 20 by default" },
	[REPORT_CERTIFICATES] = { "certificates", "FILE", "html, mail: the file that check --metrics wrote; by default the one of its timer" },
	[REPORT_TO] = { "to", "ADDRESS", "mail: send it there by sendmail(1); otherwise it is printed" },
	CMD_OPTIONS_END,
};

#define BIT(option) (1U << (option))

static const struct {
	const char *name;
	cmd_fn *run;
	unsigned options;
} subcommands[] = {
	{ "html", report_html, BIT(REPORT_DAYS) | BIT(REPORT_LIMIT) | BIT(REPORT_CERTIFICATES) },
	{ "mail", report_mail, BIT(REPORT_DAYS) | BIT(REPORT_LIMIT) | BIT(REPORT_CERTIFICATES) | BIT(REPORT_TO) },
	{ "import", report_import, BIT(REPORT_DRY_RUN) | BIT(REPORT_TRUST) },
	{ "send", report_send, BIT(REPORT_DRY_RUN) | BIT(REPORT_JITTER) | BIT(REPORT_BCC) },
	{ "show", report_show, BIT(REPORT_DAYS) | BIT(REPORT_ORG) | BIT(REPORT_CSV) | BIT(REPORT_LOG) | BIT(REPORT_METRICS) |
	    BIT(REPORT_FROM) },
};

enum cmd_exit
cmd_report(const struct cmd_context *context, int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : "";
	enum cmd_exit code;

	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		if (strcmp(name, subcommands[i].name) != 0)
			continue;
		code = usage_options(context, "report", name, cmd_report_options, subcommands[i].options);
		return code == CMD_FINE ? subcommands[i].run(context, argc - 1, argv + 1) : code;
	}
	return CMD_USAGE;	/* the table of commands lets nothing else through */
}
