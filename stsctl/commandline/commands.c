/* SPDX-License-Identifier: ISC */
/* commandline/commands.c - the table of commands. Knows nothing of what they do. */
#include "config.h"

#include "stsctl/commandline/commands.h"

#include <string.h>

static const struct cmd_option none[] = { CMD_OPTIONS_END };

const struct cmd_option common_options[] = {
	{ "json", NULL, "print one JSON object" },
	{ "c", "FILE", "read the settings from FILE; overrides the environment variable STSCTL_CONF" },
	{ "o", "NAME=VALUE", "override a setting; may be given more than once" },
	{ "help", NULL, "print this help" },
	CMD_OPTIONS_END,
};

const struct command commands[] = {
	{ "lint", cmd_lint, "check a policy, a record, an mx pattern, or domain rules",
	    "  stsctl lint policy [--json] FILE|-\n"
	    "  stsctl lint record [--json] FILE|-       (a JSON array of records, each an\n"
	    "                                           array of strings)\n"
	    "  stsctl lint tlsrpt [--json] FILE|-       (the same, of _smtp._tls)\n"
	    "  stsctl lint mx [--json] PATTERN HOST\n"
	    "  stsctl lint rules [--json] FILE|-        (as the setting domain_rules names)\n",
	    "policy:FILE record:FILE tlsrpt:FILE mx rules:FILE", NULL, none },
	{ "lookup", cmd_lookup, "what the milter would know of a domain now, step by step",
	    "  stsctl lookup [--json] [--network] [--outbound] DOMAIN\n", NULL, "DOMAIN", cmd_lookup_options },
	{ "cache", cmd_cache, "the policies that all milters share",
	    "  stsctl cache list [--json | --map] [--limit N]\n"
	    "  stsctl cache show [--json] DOMAIN\n"
	    "  stsctl cache refresh [--json] DOMAIN\n"
	    "  stsctl cache purge [--json] DOMAIN\n", "list show:DOMAIN refresh:DOMAIN purge:DOMAIN", NULL, cmd_cache_options },
	{ "check", cmd_check, "a domain as an outside validator sees it: DNS, web, mail, TLS",
	    "  stsctl check [OPTION...] DOMAIN...\n"
	    "  stsctl check [OPTION...] --watch FILE\n", NULL, "DOMAIN", cmd_check_options },
	{ "doctor", cmd_doctor, "this machine: Postfix, rspamd, Redis, the milter; their wiring",
	    "  stsctl doctor [OPTION...]\n", NULL, NULL, cmd_doctor_options },
	{ "enforce", cmd_enforce, "whether the milters refuse mail; reset their trip wires",
	    "  stsctl enforce status [--json]\n"
	    "  stsctl enforce reset [--json]\n", "status reset", NULL, none },
	{ "history", cmd_history, "how a domain's own mail came in lately: TLS or plaintext",
	    "  stsctl history show [--json] DOMAIN\n"
	    "  stsctl history clear [--json] DOMAIN\n", "show:DOMAIN clear:DOMAIN", NULL, none },
	{ "publish", cmd_publish, "policy files, DNS records, virtual hosts for your own domains",
	    "  stsctl publish plan [OPTION...] [DOMAIN...]       what would be written\n"
	    "  stsctl publish apply [OPTION...] [DOMAIN...]      write it\n"
	    "  stsctl publish verify [OPTION...] [DOMAIN...]     fetch it, and record it\n"
	    "  stsctl publish retire [OPTION...] DOMAIN...       withdraw a policy\n"
	    "  stsctl publish tlsa [--json] [--next FILE,...] HOST FILE...\n",
	    "plan:DOMAIN apply:DOMAIN verify:DOMAIN retire:DOMAIN tlsa:FILE", NULL, cmd_publish_options },
	{ "fetches", cmd_fetches, "who has fetched your policies, from the web server's logs",
	    "  stsctl fetches [--json] [--own ADDRESSES] [--log FILE...]\n", NULL, "FILE", cmd_fetches_options },
	{ "readiness", cmd_readiness, "whether a policy is ready for mode enforce, what is missing",
	    "  stsctl readiness [--json] [--days N] [--offline] DOMAIN\n", NULL, "DOMAIN", cmd_readiness_options },
	{ "redis-setup", cmd_redis_setup, "load the functions for redis-cli, print Redis users",
	    "  stsctl redis-setup [--json] [--acl-only]\n", NULL, NULL, cmd_redis_setup_options },
	{ "report", cmd_report, "import, show and send TLS reports; a summary as page or mail",
	    "  stsctl report import [OPTION...] [FILE|-|DIR...]    count reports\n"
	    "  stsctl report show [OPTION...] [DOMAIN]             what reports say\n"
	    "  stsctl report show --metrics FILE\n"
	    "  stsctl report send [OPTION...] [DOMAIN...]          send reports to others\n"
	    "  stsctl report html [OPTION...] DIR|-                a summary as a page\n"
	    "  stsctl report mail [OPTION...] [--to ADDRESS]       the same as a mail\n",
	    "import:FILE show:DOMAIN send:DOMAIN html:DIR mail", NULL, cmd_report_options },
	{ "send-test", cmd_send_test, "whether mail to a domain would get through, and how safely",
	    "  stsctl send-test [--json] [--level LEVEL] [--map NAME] DOMAIN\n", NULL, "DOMAIN", cmd_send_test_options },
	{ "setup", cmd_setup, "connect the milter to Postfix, rspamd, Redis; shows it first",
	    "  stsctl setup [OPTION...]            show what would be written\n"
	    "  stsctl setup --apply [OPTION...]    write it\n"
	    "  stsctl setup --undo [OPTION...]     undo it\n", NULL, NULL, cmd_setup_options },
	{ "show", cmd_show, "one message's evidence, and what it means",
	    "  stsctl show [--json] [--since TIME] QUEUEID\n", NULL, NULL, cmd_show_options },
	{ "simulate", cmd_simulate, "what other settings would have done to past mail",
	    "  stsctl simulate [OPTION...] [-o NAME=VALUE]...\n", NULL, NULL, cmd_simulate_options },
	{ "stats", cmd_stats, "counters: of all mail, of a domain, of the top domains",
	    "  stsctl stats [--json | --csv] [--days N] [--domain DOMAIN]\n"
	    "  stsctl stats [--json | --csv] [--days N] --top N [--by FIELD]\n"
	    "  stsctl stats [--json | --csv] [--days N] --at-risk [--top N]\n"
	    "  stsctl stats [--json | --csv] [--days N] --below VERSION [--top N]\n"
	    "  stsctl stats [--json | --csv] [--days N] --outbound [--domain DOMAIN]\n"
	    "         [--at-risk] [--top N]\n", NULL, NULL, cmd_stats_options },
	{ "status", cmd_status, "one screen: milters, enforcement, Redis, today, what is wrong",
	    "  stsctl status [--json]\n", NULL, NULL, none },
	{ "tail", cmd_tail, "evidence as it comes in, one line a message",
	    "  stsctl tail [--json | --csv] [-n N] [--since TIME] [--domain DOMAIN]\n"
	    "         [--result RESULT] [--count N] [--once]\n", NULL, NULL, cmd_tail_options },
	{ "top", cmd_top, "live: rates, results, TLS versions, domains, milters",
	    "  stsctl top [-d SECONDS] [--sort COLUMN]\n"
	    "  stsctl top --once | --json\n", NULL, NULL, cmd_top_options },
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}
