/* SPDX-License-Identifier: ISC */
/* commandline/options.c - getopt_long, and what it does not say about a mistake. */
#include "config.h"

#include "stsctl/commandline/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "stsctl/commandline/suggest.h"

enum { COMMON_LONGS = 2, OWN_OPTION = 256 };	/* OWN_OPTION + i: the command's own option i */
static const char common_shorts[] = ":hc:o:";
enum { SHORTS_CAP = sizeof(common_shorts) + 2 * CMD_OPTIONS_MAX };

static bool
is_short(const struct cmd_option *option)
{
	return option->name[1] == '\0';
}

static void
list_shorts(const struct cmd_option *own, char out[SHORTS_CAP])
{
	char *end = stpcpy(out, common_shorts);

	for (int i = 0; i < CMD_OPTIONS_MAX && own[i].name != NULL; i++) {
		if (!is_short(&own[i]))
			continue;
		*end++ = own[i].name[0];
		if (own[i].value != NULL)
			*end++ = ':';
	}
	*end = '\0';
}

/* The command's own option of one letter; -1: there is none. */
static int
find_short(const struct cmd_option *own, int letter)
{
	for (int i = 0; i < CMD_OPTIONS_MAX && own[i].name != NULL; i++)
		if (is_short(&own[i]) && own[i].name[0] == letter)
			return i;
	return -1;
}

static void
list_longs(const struct cmd_option *own, struct option longs[COMMON_LONGS + CMD_OPTIONS_MAX + 1])
{
	size_t n = 0;

	longs[n++] = (struct option){ "json", no_argument, NULL, 'j' };
	longs[n++] = (struct option){ "help", no_argument, NULL, 'h' };
	for (int i = 0; i < CMD_OPTIONS_MAX && own[i].name != NULL; i++)
		if (!is_short(&own[i]))
			longs[n++] = (struct option){ own[i].name, own[i].value != NULL ? required_argument : no_argument, NULL,
			    OWN_OPTION + i };
	longs[n] = (struct option){ NULL, 0, NULL, 0 };
}

/* The option that has the name, whole or, as getopt_long takes it, cut. */
static const struct cmd_option *
find_option(const struct cmd_option *list, const char *name, size_t len)
{
	for (; list->name != NULL; list++)
		if (!is_short(list) && strncmp(list->name, name, len) == 0)
			return list;
	return NULL;
}

/* "--resovler=x": its name. */
static void
blame_long(const struct command *command, const char *written, char *out, size_t cap)
{
	char name[64];
	struct suggestion s;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(written, "="), written);
	if (find_option(command->options, name, strlen(name)) != NULL || find_option(common_options, name, strlen(name)) != NULL) {
		snprintf(out, cap, "--%s: takes no value, or could be more than one option", name);
		return;
	}
	suggest_init(&s, name);
	for (const struct cmd_option *o = command->options; o->name != NULL; o++)
		if (!is_short(o))
			suggest_consider(&s, o->name);
	suggest_consider(&s, "json");
	suggest_consider(&s, "help");
	snprintf(out, cap, "--%s: there is no such option%s%s%s", name, s.best != NULL ? " (did you mean --" : "",
	    s.best != NULL ? s.best : "", s.best != NULL ? "?)" : "");
}

/* What the value of an option of one letter is called. */
static const char *
value_of_short(const struct command *command, int letter)
{
	int own = find_short(command->options, letter);

	return own >= 0 ? command->options[own].value : letter == 'o' ? "NAME=VALUE" : "FILE";
}

/* last is the argument that getopt_long() has read last. In a cluster such as -xh it is still the one before. */
static void
blame(const struct command *command, int opt, const char *last, char *out, size_t cap)
{
	const struct cmd_option *option;

	if (opt == 'o')
		snprintf(out, cap, "-o %s: wants NAME=VALUE", optarg);
	else if (opt == ':' && strncmp(last, "--", 2) == 0) {
		option = find_option(command->options, last + 2, strlen(last + 2));
		snprintf(out, cap, "%s: wants %s", last, option != NULL ? option->value : "a value");
	} else if (opt == ':')
		snprintf(out, cap, "-%c: wants %s", optopt, value_of_short(command, optopt));
	else if (strncmp(last, "--", 2) == 0)
		blame_long(command, last + 2, out, cap);
	else
		snprintf(out, cap, "-%c: there is no such option", optopt);
}

void
options_read(int argc, char **argv, const struct command *command, const char **overrides, struct options *out)
{
	struct option longs[COMMON_LONGS + CMD_OPTIONS_MAX + 1];
	char shorts[SHORTS_CAP];
	int opt, own;

	list_longs(command->options, longs);
	list_shorts(command->options, shorts);
	*out = (struct options){ .context.overrides = overrides };
	opterr = 0;
	optind = 0;
	while ((opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (opt == 'j')
			out->context.json = true;
		else if (opt == 'h')
			out->help = true;
		else if (opt >= OWN_OPTION)
			out->context.values[opt - OWN_OPTION] = optarg != NULL ? optarg : "";
		else if ((own = find_short(command->options, opt)) >= 0)
			out->context.values[own] = optarg != NULL ? optarg : "";
		else if (opt == 'c')
			out->context.conf_file = optarg;
		else if (opt == 'o' && optarg != NULL && strchr(optarg, '=') != NULL)
			overrides[out->context.override_count++] = optarg;
		else if (out->bad[0] == '\0')
			blame(command, opt, argv[optind - 1], out->bad, sizeof(out->bad));
	}
}

int
options_leading(int argc, char **argv)
{
	int i = 1;

	while (i < argc) {
		const char *arg = argv[i];

		if (strcmp(arg, "--json") == 0 || strncmp(arg, "-c", 2) == 0 || strncmp(arg, "-o", 2) == 0) {
			/* "-c FILE", or "-cFILE" */
			i += arg[1] != '-' && arg[2] == '\0' ? 2 : 1;
			continue;
		}
		break;
	}
	return (i < argc ? i : argc) - 1;
}
