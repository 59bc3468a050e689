/* SPDX-License-Identifier: ISC */
/*
 * command.h - what every command has: options, operands, exit codes, and its function.
 *
 * A command reads its operands, calls the library, and prints by output.h. It never ends the process.
 */
#ifndef STSCTL_TERMINAL_COMMAND_H
#define STSCTL_TERMINAL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum cmd_exit {
	CMD_FINE = 0,
	CMD_NO = 1,		/* the answer is "no", "invalid" or "problem found" */
	CMD_USAGE = 2,
	CMD_UNKNOWN = 3,	/* the answer could not be found out */
};

/* An option of one command. A name of one letter is a short option; c, h and o are taken. The command's list ends with
 * CMD_OPTIONS_END. Help and completion are generated from it. */
enum { CMD_OPTIONS_MAX = 16 };
struct cmd_option {
	const char *name;
	const char *value;	/* the value's name in the help; NULL: the option takes none. Completion knows FILE, DIR and DOMAIN,
				 * and offers a list of words separated by | as it is */
	const char *help;	/* a sentence without the final full stop */
};
#define CMD_OPTIONS_END { NULL, NULL, NULL }

/* What a command is called with: the options that every command takes, and the values of its own. */
struct cmd_context {
	bool json;
	const char *conf_file;		/* -c; NULL for the default */
	const char **overrides;		/* -o name=value, in order */
	size_t override_count;
	const char *values[CMD_OPTIONS_MAX];	/* of the command's own options, in its list's order; NULL: not given, "": given,
						 * without a value */
};

/* argv holds argc operands. */
typedef enum cmd_exit cmd_fn(const struct cmd_context *context, int argc, char **argv);

cmd_fn cmd_lint;
cmd_fn cmd_cache;
cmd_fn cmd_enforce;
cmd_fn cmd_simulate;
cmd_fn cmd_history;
cmd_fn cmd_check;
cmd_fn cmd_doctor;
cmd_fn cmd_lookup;

extern const struct cmd_option cmd_cache_options[];
extern const struct cmd_option cmd_check_options[];
extern const struct cmd_option cmd_doctor_options[];
extern const struct cmd_option cmd_lookup_options[];
cmd_fn cmd_fetches;
cmd_fn cmd_publish;
cmd_fn cmd_readiness;
cmd_fn cmd_redis_setup;
cmd_fn cmd_report;
cmd_fn cmd_send_test;
cmd_fn cmd_setup;
cmd_fn cmd_show;
cmd_fn cmd_stats;
cmd_fn cmd_status;
cmd_fn cmd_tail;
cmd_fn cmd_top;

extern const struct cmd_option cmd_fetches_options[];
extern const struct cmd_option cmd_publish_options[];
extern const struct cmd_option cmd_readiness_options[];
extern const struct cmd_option cmd_redis_setup_options[];
extern const struct cmd_option cmd_report_options[];
extern const struct cmd_option cmd_send_test_options[];
extern const struct cmd_option cmd_setup_options[];
extern const struct cmd_option cmd_simulate_options[];
extern const struct cmd_option cmd_show_options[];
extern const struct cmd_option cmd_stats_options[];
extern const struct cmd_option cmd_tail_options[];
extern const struct cmd_option cmd_top_options[];

#endif
