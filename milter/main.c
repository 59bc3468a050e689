/* SPDX-License-Identifier: ISC */
/* main.c - the command line of mta-sts-milter. */
#include "config.h"

#include <getopt.h>
#include <signal.h>
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

enum task { TASK_SERVE, TASK_CHECK, TASK_PRINT_CHANGED, TASK_PRINT_DEFAULTS, TASK_PRINT_VERSION, TASK_PRINT_HELP };

struct command {
	enum task task;
	bool to_stderr;
	const char *overrides[OVERRIDES_MAX];
	struct settings_source source;
	char **names;		/* arguments of -d; ends with NULL */
};

static void
print_usage(FILE *to)
{
	fputs("usage: mta-sts-milter [-e] [-c FILE] [-o name=value]...    serve in foreground\n"
	      "       mta-sts-milter -t [-c FILE] [-o name=value]...      check the settings\n"
	      "       mta-sts-milter -n [-c FILE] [-o name=value]...      print what differs\n"
	      "                                                           from the defaults\n"
	      "       mta-sts-milter -d [name]...                         print defaults: all,\n"
	      "                                                           or those named\n"
	      "       mta-sts-milter -V | --version                       print versions\n"
	      "       mta-sts-milter --help                               print this\n"
	      "  -c FILE        settings, by default\n"
	      "                 " SYSCONFDIR "/mta-sts-milter/mta-sts-milter.conf\n"
	      "  -e             log to stderr, not to syslog\n"
	      "  -o name=value  override a setting; may be given more than once\n"
	      "See mta-sts-milter(8), mta-sts-milter.conf(5).\n", to);
}

static int
usage(void)
{
	print_usage(stderr);
	return EX_USAGE;
}

/* The last of -t, -n, -d, -V and --help decides. 0 or EX_USAGE. */
static int
parse_command(int argc, char **argv, struct command *out)
{
	static const struct option longs[] = { { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 } };
	static const struct { int option; enum task task; } tasks[] = { { 't', TASK_CHECK }, { 'n', TASK_PRINT_CHANGED },
		{ 'd', TASK_PRINT_DEFAULTS }, { 'V', TASK_PRINT_VERSION }, { 'h', TASK_PRINT_HELP } };
	int c;

	*out = (struct command){ .source = { .file = SYSCONFDIR "/mta-sts-milter/mta-sts-milter.conf" } };
	out->source.overrides = out->overrides;
	while ((c = getopt_long(argc, argv, "c:etndVo:", longs, NULL)) != -1) {
		bool known = false;

		for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
			if (tasks[i].option != c)
				continue;
			out->task = tasks[i].task;
			known = true;
		}
		if (c == 'c')
			out->source.file = optarg;
		else if (c == 'e')
			out->to_stderr = true;
		else if (c == 'o' && out->source.override_count < OVERRIDES_MAX)
			out->overrides[out->source.override_count++] = optarg;
		else if (!known)
			return usage();
	}
	out->names = argv + optind;
	return optind == argc || out->task == TASK_PRINT_DEFAULTS ? 0 : usage();
}

/* Failing to write the output is an error: it may be redirected into a file. */
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
		sts_fatal("the settings have mistakes; mta-sts-milter -t lists them");
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

/* Prints all defaults, or those named, one a line, as postconf(1) does. */
static int
print_defaults(char **names)
{
	const char *nearest;
	int rc = 0;

	if (names[0] == NULL)
		sts_conf_print_defaults(stdout);
	for (; *names != NULL; names++) {
		if (sts_conf_print_default(*names, stdout))
			continue;
		nearest = sts_conf_nearest_name(*names);
		fprintf(stderr, "mta-sts-milter: %s: there is no such setting%s%s%s\n", *names, nearest != NULL ? "; did you mean " : "",
		    nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
		rc = EX_USAGE;
	}
	return printed() != 0 ? EX_IOERR : rc;
}

/* Called before the settings are read, which may take a second; afterwards all signals are handled. A reload that comes
 * meanwhile is done later; the other signals mean nothing to us. */
static void
put_off_signals(void)
{
	static const int numbers[] = { SIGUSR1, SIGUSR2, SIGHUP, SIGPIPE };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

int
main(int argc, char **argv)
{
	struct command command;

	if (parse_command(argc, argv, &command) != 0)
		return EX_USAGE;
	if (command.task == TASK_SERVE)
		put_off_signals();
	log_sink_open(command.to_stderr);
	if (command.task == TASK_PRINT_DEFAULTS)
		return print_defaults(command.names);
	if (command.task == TASK_PRINT_HELP) {
		print_usage(stdout);
		return printed();
	}
	if (command.task == TASK_PRINT_VERSION) {
		version_print(stdout);
		return printed();
	}
	return run_with_settings(&command);
}
