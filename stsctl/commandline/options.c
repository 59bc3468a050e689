/* SPDX-License-Identifier: ISC */
/* commandline/options.c - runs getopt_long, and words the mistakes that it only signals. */
#include "config.h"

#include "stsctl/commandline/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/commandline/suggest.h"

enum { COMMON_LONGS = 2, OWN_OPTION = 256 };	/* OWN_OPTION + i: the i-th option of the command */
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

/* Finds the command's own option of this letter; -1: none. */
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

/* The options that a name may mean: getopt_long accepts a unique prefix. */
struct candidates {
	const char *name;
	const struct cmd_option *first;
	size_t count;
	bool exact;
	struct sts_text text;		/* "--domain or --days" */
};

static void
add_candidates(const struct cmd_option *list, struct candidates *c)
{
	for (; list->name != NULL; list++) {
		if (is_short(list) || strncmp(list->name, c->name, strlen(c->name)) != 0)
			continue;
		sts_text_addf(&c->text, "%s--%s", c->count > 0 ? " or " : "", list->name);
		c->first = c->count++ == 0 || strcmp(list->name, c->name) == 0 ? list : c->first;
		c->exact = c->exact || strcmp(list->name, c->name) == 0;
	}
}

static void
suggest_option(const char *name, const struct cmd_option *own, char *out, size_t cap)
{
	struct suggestion s;

	suggest_init(&s, name);
	for (; own->name != NULL; own++)
		if (!is_short(own))
			suggest_consider(&s, own->name);
	suggest_consider(&s, "json");
	suggest_consider(&s, "help");
	snprintf(out, cap, "--%s: no such option%s%s%s", name, s.best != NULL ? " (did you mean --" : "",
	    s.best != NULL ? s.best : "", s.best != NULL ? "?)" : "");
}

/* written: the option as given, "resovler=x". missing: it needs a value and has none. */
static void
explain_long(const struct cmd_option *own, const char *written, bool missing, char *out, size_t cap)
{
	char name[64], list[256];
	struct candidates c = { .name = name };

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(written, "="), written);
	sts_text_init(&c.text, list, sizeof(list));
	add_candidates(own, &c);
	add_candidates(common_options, &c);
	if (c.count == 0)
		suggest_option(name, own, out, cap);
	else if (missing)
		snprintf(out, cap, "--%s: expects %s", name, c.first->value != NULL ? c.first->value : "a value");
	else if (c.exact || c.count == 1)
		snprintf(out, cap, "--%s: takes no value", name);
	else
		snprintf(out, cap, "--%s: could be %s", name, list);
}

/* The name of a short option's value. */
static const char *
value_of_short(const struct command *command, int letter)
{
	int own = find_short(command->options, letter);

	return own >= 0 ? command->options[own].value : letter == 'o' ? "NAME=VALUE" : "FILE";
}

/* last: the argument that getopt_long() read last. In a cluster such as -xh, that is still the one before. */
static void
explain(const struct command *command, int opt, const char *last, char *out, size_t cap)
{
	if (opt == 'o')
		snprintf(out, cap, "-o %s: expects NAME=VALUE", optarg);
	else if (strncmp(last, "--", 2) == 0)
		explain_long(command->options, last + 2, opt == ':', out, cap);
	else if (opt == ':')
		snprintf(out, cap, "-%c: expects %s", optopt, value_of_short(command, optopt));
	else
		snprintf(out, cap, "-%c: no such option", optopt);
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
			explain(command, opt, argv[optind - 1], out->bad, sizeof(out->bad));
	}
}

void
options_leading_error(const char *word, char *out, size_t cap)
{
	static const struct cmd_option none[] = { { "version", NULL, "" }, CMD_OPTIONS_END };

	if (strncmp(word, "--", 2) == 0)
		explain_long(none, word + 2, false, out, cap);
	else
		snprintf(out, cap, "%.64s: no such option", word);
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
