/* SPDX-License-Identifier: ISC */
/* main.c - finds the subcommand, reads the options that all of them take. Knows nothing of what they do. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/terminal/command.h"
#include "stsctl/terminal/output.h"

struct command {
	const char *name;
	cmd_fn *run;
	const char *help;	/* one line */
	const char *usage;	/* its forms, a line each */
	const struct cmd_option *options;	/* of its own, or NULL */
};

static const struct command commands[] = {
	{ "lint", cmd_lint, "check a policy, a record, an mx pattern by RFC 8461 and 8460, or domain rules",
	    "  stsctl lint policy [--json] FILE|-\n"
	    "  stsctl lint record [--json] FILE|-        (a JSON array of records, each an array of strings)\n"
	    "  stsctl lint tlsrpt [--json] FILE|-        (the same, of _smtp._tls)\n"
	    "  stsctl lint mx [--json] PATTERN HOST\n"
	    "  stsctl lint rules [--json] FILE|-         (as the setting domain_rules names one)\n", NULL },
	{ "lookup", cmd_lookup, "what the milter would know about a domain now, and how",
	    "  stsctl lookup [--json] [--network] DOMAIN\n"
	    "  stsctl lookup [--json] [--network] --outbound DOMAIN   (what Postfix is told of it when it sends)\n", cmd_lookup_options },
	{ "cache", cmd_cache, "the policies that all milters share",
	    "  stsctl cache list [--json | --map] [--limit N]\n"
	    "  stsctl cache show [--json] DOMAIN\n"
	    "  stsctl cache refresh [--json] DOMAIN\n"
	    "  stsctl cache purge [--json] DOMAIN\n", cmd_cache_options },
	{ "check", cmd_check, "an outside validator's view of a domain: DNS, policy host, mail exchangers, TLS reports",
	    "  stsctl check [OPTION...] DOMAIN...\n"
	    "  stsctl check [OPTION...] --watch FILE        (a domain a line; only what has changed since the last time)\n"
	    "  --resolver ADDR[:PORT],...  ask these; the default is the system's, or the settings'\n"
	    "  --public                    ask 8.8.8.8, 1.1.1.1 and 208.67.222.222, too\n"
	    "  --state FILE                what was seen the last time; none: remember nothing\n"
	    "  --metrics FILE              write a file for Prometheus' node_exporter\n"
	    "  --verbose, --quiet          every answer and handshake, on standard error; nothing that is fine\n", cmd_check_options },
	{ "doctor", cmd_doctor, "this machine: Postfix, rspamd, Redis, the milter, and how they are wired",
	    "  stsctl doctor [--json] [--verbose] [--domains] [--postfix DIR] [--rspamd DIR]\n", cmd_doctor_options },
	{ "enforce", cmd_enforce, "whether the milters refuse mail; let them go on after the trip wire",
	    "  stsctl enforce status [--json]\n"
	    "  stsctl enforce reset [--json]\n", NULL },
	{ "history", cmd_history, "how a domain's own mail came in of late, over TLS or in plaintext",
	    "  stsctl history show [--json] DOMAIN\n"
	    "  stsctl history clear [--json] DOMAIN\n", NULL },
	{ "publish", cmd_publish, "policy files, DNS records and virtual hosts for your own domains",
	    "  stsctl publish plan [--json] [--from FILE] [--output DIR] [--force] [DOMAIN...]\n"
	    "  stsctl publish apply [--json] [--from FILE] [--output DIR] [--force] [DOMAIN...]\n"
	    "  stsctl publish verify [--json] [--from FILE] [--output DIR] [DOMAIN...]\n"
	    "  stsctl publish retire [--json] [--from FILE] [--output DIR] DOMAIN...\n"
	    "  stsctl publish tlsa [--json] [--next FILE,...] HOST FILE...\n", cmd_publish_options },
	{ "fetches", cmd_fetches, "who has fetched your policies, by the web server's logs",
	    "  stsctl fetches [--json] [--own ADDRESSES] [--log FILE...]\n", cmd_fetches_options },
	{ "readiness", cmd_readiness, "whether a domain's policy may go to mode enforce, and what is missing",
	    "  stsctl readiness [--json] [--days N] [--offline] DOMAIN\n", cmd_readiness_options },
	{ "redis-setup", cmd_redis_setup, "load the functions for redis-cli, print the users of Redis",
	    "  stsctl redis-setup [--json] [--acl-only]\n", cmd_redis_setup_options },
	{ "report", cmd_report, "TLS reports that others have sent about your domains: count them, read them",
	    "  stsctl report import [--json] [--dry-run] [--trust DOMAIN] [FILE|-|DIR...]\n"
	    "  stsctl report show [--json | --csv] [--days N] [--org ORG] [--log FILE] [--from FILE] [DOMAIN]\n"
	    "  stsctl report show --metrics FILE\n",
	    cmd_report_options },
	{ "simulate", cmd_simulate, "what other settings would have done to the mail of which there is evidence",
	    "  stsctl simulate [--json] [--rules FILE] [--days N] [--top N] [-o NAME=VALUE]...\n", cmd_simulate_options },
	{ "stats", cmd_stats, "counters: of all mail, of a domain, of the domains that matter most",
	    "  stsctl stats [--json] [--days N] [--domain DOMAIN]\n"
	    "  stsctl stats [--json] [--days N] --top N [--by FIELD]\n"
	    "  stsctl stats [--json] [--days N] --at-risk [--top N]\n"
	    "  stsctl stats [--json] [--days N] --below VERSION [--top N]\n"
	    "  stsctl stats [--json] [--days N] --outbound [--domain DOMAIN] [--at-risk] [--top N]\n", cmd_stats_options },
	{ "tail", cmd_tail, "evidence as it comes in, one line a message",
	    "  stsctl tail [--json] [--domain DOMAIN] [--count N]\n", cmd_tail_options },
};

static const char option_help[] =
    "Options of every command:\n"
    "  --json          print one JSON object\n"
    "  -c FILE         read the settings from FILE\n"
    "  -o NAME=VALUE   override a setting; may be given more than once\n"
    "  --help          say this\n"
    "Exit status: 0 fine, 1 no or invalid, 2 wrong usage, 3 could not find out.\n";

static void
print_general_help(FILE *to)
{
	fputs("Usage: stsctl COMMAND [OPTION...] [OPERAND...]\n"
	      "       stsctl --help | --version\n"
	      "Commands:\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-14s  %s\n", commands[i].name, commands[i].help);
	fputs(option_help, to);
}

static void
print_command_help(const struct command *command)
{
	printf("stsctl %s: %s\nUsage:\n%s%s", command->name, command->help, command->usage, option_help);
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

struct options {
	struct cmd_context context;
	bool help;
	char bad[64];		/* the first option that cannot be understood, or "" */
};

/* last is the argument that getopt_long() has read last. In a cluster such as -xh it is still the one before. */
static void
name_bad_option(int opt, const char *last, char *out, size_t cap)
{
	if (opt == 'o')
		snprintf(out, cap, "-o %s", optarg);
	else if (strncmp(last, "--", 2) == 0)
		snprintf(out, cap, "%s", last);
	else
		snprintf(out, cap, "-%c", optopt);
}

enum { COMMON_OPTIONS = 2, OWN_OPTION = 256 };	/* OWN_OPTION + i: the command's own option i */

static void
list_longs(const struct cmd_option *own, struct option longs[COMMON_OPTIONS + CMD_OPTIONS_MAX + 1])
{
	size_t n = 0;

	longs[n++] = (struct option){ "json", no_argument, NULL, 'j' };
	longs[n++] = (struct option){ "help", no_argument, NULL, 'h' };
	for (int i = 0; own != NULL && i < CMD_OPTIONS_MAX && own[i].name != NULL; i++)
		longs[n++] = (struct option){ own[i].name, own[i].takes_value ? required_argument : no_argument, NULL,
		    OWN_OPTION + i };
	longs[n] = (struct option){ NULL, 0, NULL, 0 };
}

/* Reads them all, even after a mistake, because a --json behind it says how the mistake is to be reported. argv[0] is the
 * subcommand; overrides has room for argc. */
static void
read_options(int argc, char **argv, const struct cmd_option *own, const char **overrides, struct options *out)
{
	struct option longs[COMMON_OPTIONS + CMD_OPTIONS_MAX + 1];
	int opt;

	list_longs(own, longs);
	*out = (struct options){ .context.overrides = overrides };
	opterr = 0;
	while ((opt = getopt_long(argc, argv, "hc:o:", longs, NULL)) != -1) {
		if (opt == 'j')
			out->context.json = true;
		else if (opt == 'h')
			out->help = true;
		else if (opt >= OWN_OPTION)
			out->context.values[opt - OWN_OPTION] = optarg != NULL ? optarg : "";
		else if (opt == 'c')
			out->context.conf_file = optarg;
		else if (opt == 'o' && strchr(optarg, '=') != NULL)
			overrides[out->context.override_count++] = optarg;
		else if (out->bad[0] == '\0')
			name_bad_option(opt, argv[optind - 1], out->bad, sizeof(out->bad));
	}
}

static enum cmd_exit
run_command(const struct command *command, int argc, char **argv)
{
	const char **overrides = calloc((size_t)argc + 1, sizeof(*overrides));
	struct options options;
	enum cmd_exit code;

	if (overrides == NULL) {
		fputs("stsctl: no memory\n", stderr);
		return CMD_UNKNOWN;
	}
	read_options(argc, argv, command->options, overrides, &options);
	if (options.bad[0] != '\0')
		code = output_error(&options.context, CMD_USAGE, "%s: cannot be understood, or its value is missing or wrong; "
		    "see stsctl %s --help", options.bad, command->name);
	else if (options.help) {
		print_command_help(command);
		code = CMD_FINE;
	} else
		code = command->run(&options.context, argc - optind, argv + optind);
	free(overrides);
	return code;
}

static enum cmd_exit
dispatch(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *command = find_command(name);
	struct cmd_context context = { 0 };

	if (command != NULL)
		return run_command(command, argc - 1, argv + 1);
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		puts("stsctl (" PACKAGE_NAME ") " PACKAGE_VERSION);
	else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		print_general_help(stdout);
	else if (argc < 2) {
		print_general_help(stderr);
		return CMD_USAGE;
	} else {
		for (int i = 2; i < argc; i++)
			context.json = context.json || strcmp(argv[i], "--json") == 0;
		return output_error(&context, CMD_USAGE, "%s: no such command; see stsctl --help", name);
	}
	return CMD_FINE;
}

int
main(int argc, char **argv)
{
	enum cmd_exit code = dispatch(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("stsctl: standard output");
		return CMD_UNKNOWN;
	}
	return (int)code;
}
