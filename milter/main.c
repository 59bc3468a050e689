/* SPDX-License-Identifier: ISC */
/* main.c - the command line of mta-sts-milter. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/daemon/daemon.h"
#include "milter/log/log_sink.h"
#include "milter/daemon/version.h"
#include "shared-cache/base/log.h"
#include "shared-cache/settings/conf.h"

enum { OVERRIDES_MAX = 128 };

enum task { TASK_SERVE, TASK_CHECK, TASK_PRINT_CHANGED, TASK_PRINT_DEFAULTS, TASK_PRINT_VERSION };

struct command {
	enum task task;
	bool to_stderr;
	const char *overrides[OVERRIDES_MAX];
	struct settings_source source;
};

static int
usage(void)
{
	fputs("usage: mta-sts-milter [-e] [-c FILE] [-o name=value]...    serve, in the foreground\n"
	      "       mta-sts-milter -t [-c FILE] [-o name=value]...      check the settings\n"
	      "       mta-sts-milter -n [-c FILE] [-o name=value]...      print settings that are not the default\n"
	      "       mta-sts-milter -d                                   print all defaults\n"
	      "       mta-sts-milter -V                                   print versions\n"
	      "  -c FILE  settings, by default " SYSCONFDIR "/mta-sts-milter/mta-sts-milter.conf\n"
	      "  -e       log to stderr, not to syslog\n"
	      "See mta-sts-milter(8), mta-sts-milter.conf(5).\n", stderr);
	return EX_USAGE;
}

/* The last of -t, -n, -d, -V counts. 0 or EX_USAGE. */
static int
parse_command(int argc, char **argv, struct command *out)
{
	int c;

	*out = (struct command){ .source = { .file = SYSCONFDIR "/mta-sts-milter/mta-sts-milter.conf" } };
	out->source.overrides = out->overrides;
	while ((c = getopt(argc, argv, "c:etndVo:")) != -1) {
		if (c == 'c')
			out->source.file = optarg;
		else if (c == 'e')
			out->to_stderr = true;
		else if (c == 't')
			out->task = TASK_CHECK;
		else if (c == 'n')
			out->task = TASK_PRINT_CHANGED;
		else if (c == 'd')
			out->task = TASK_PRINT_DEFAULTS;
		else if (c == 'V')
			out->task = TASK_PRINT_VERSION;
		else if (c == 'o' && out->source.override_count < OVERRIDES_MAX)
			out->overrides[out->source.override_count++] = optarg;
		else
			return usage();
	}
	return optind == argc ? 0 : usage();
}

/* Output that could not be written is a failure: somebody redirects it into a file. */
static int
printed(void)
{
	return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : EX_IOERR;
}

static int
load(const struct settings_source *source, struct sts_conf **out)
{
	enum sts_status status = sts_conf_load(source->file, source->overrides, source->override_count, stderr, out);

	if (status == STS_OK)
		return 0;
	if (status != STS_EINVAL)
		fprintf(stderr, "mta-sts-milter: %s\n", sts_status_text(status));
	return status == STS_EINVAL ? EX_CONFIG : EX_OSERR;
}

static int
run_with_settings(const struct command *command)
{
	struct sts_conf *conf;
	int rc = load(&command->source, &conf);

	if (command->task == TASK_CHECK)
		rc = rc == 0 ? 0 : 1;
	else if (command->task == TASK_SERVE && rc == EX_CONFIG)
		sts_fatal("the settings have mistakes; mta-sts-milter -t names them");
	if (conf == NULL)
		return rc;
	if (command->task == TASK_SERVE)
		return daemon_run(conf, &command->source);
	if (command->task == TASK_PRINT_CHANGED) {
		sts_conf_print_changed(conf, stdout);
		rc = printed();
	}
	sts_conf_unref(&conf);
	return rc;
}

int
main(int argc, char **argv)
{
	struct command command;

	if (parse_command(argc, argv, &command) != 0)
		return EX_USAGE;
	log_sink_open(command.to_stderr);
	if (command.task == TASK_PRINT_DEFAULTS) {
		sts_conf_print_defaults(stdout);
		return printed();
	}
	if (command.task == TASK_PRINT_VERSION) {
		version_print(stdout);
		return printed();
	}
	return run_with_settings(&command);
}
