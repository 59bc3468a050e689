/* SPDX-License-Identifier: ISC */
/* test_conf_refused.c - invalid settings: all error messages, in order. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "shared-cache/settings/conf.h"
#include "tests/unit/settings/conf_scratch.h"

#define A25 "aaaaaaaaaaaaaaaaaaaaaaaaa"
#define A100 A25 A25 A25 A25

static const struct {
	const char *name, *text, *errors;
} bad[] = {
	{ "unknown", "redis_prefixes = x", "F:1: \"redis_prefixes\": no such setting; did you mean redis_prefix?\n" },
	{ "unknown and far from all", "colour = green", "F:1: \"colour\": no such setting\n" },
	{ "a name in capitals", "Redis = none", "F:1: \"Redis\": no such setting; did you mean redis?\n" },
	{ "twice", "fetch_rate = 1\nredis = none\nfetch_rate = 2\n", "F:3: fetch_rate: given twice, first in line 1\n" },
	{ "three times", "redis = none\nredis = none\nredis = none\n",
	    "F:2: redis: given twice, first in line 1\nF:3: redis: given twice, first in line 1\n" },
	{ "all mistakes, in the order of the file", "policy_wait = soon\nx = 1\nfetch_rate = -1\n",
	    "F:1: policy_wait: \"soon\" is not a time (a whole number with ms, s, m, h or d)\n"
	    "F:2: \"x\": no such setting\n"
	    "F:3: fetch_rate: \"-1\" is not a whole number\n" },
	{ "no equals sign", "redis none\n", "F:1: this is not `name = value'\n" },
	{ "no name", " \n= none\n", "F:2: this is not `name = value'\n" },
	{ "nothing to continue", "  redis = none\n",
	    "F:1: the line begins with white space, but there is no setting to continue\n" },
	{ "mistake in a continuation: where the setting begins", "# c\ntrusted_networks = 192.0.2.1\n 192.0.2.256\n",
	    NULL },
	{ "control character", "redis = no\x01ne\n", "F:1: a control character (0x01): this is not a text file\n" },
	{ "CR within a line", "redis = none\rx\n", "F:1: a control character (0x0d): this is not a text file\n" },
	{ "control character in a comment", "# \x02\nfetch_rate = 0\n",
	    "F:1: a control character (0x02): this is not a text file\nF:2: fetch_rate: must be between 1 and 10000\n" },
	{ "time below its bound", "redis_timeout = 9ms", "F:1: redis_timeout: must be between 10ms and 10s\n" },
	{ "time above its bound", "policy_wait = 21s", "F:1: policy_wait: must be between 0s and 20s\n" },
	{ "time too large for any number", "policy_wait = 99999999999999999d",
	    "F:1: policy_wait: \"99999999999999999d\" is not a time (a whole number with ms, s, m, h or d)\n" },
	{ "time with a fraction", "policy_wait = 1.5s",
	    "F:1: policy_wait: \"1.5s\" is not a time (a whole number with ms, s, m, h or d)\n" },
	{ "time of a suffix alone", "policy_wait = s",
	    "F:1: policy_wait: \"s\" is not a time (a whole number with ms, s, m, h or d)\n" },
	{ "empty number", "fetch_rate =", "F:1: fetch_rate: \"\" is not a whole number\n" },
	{ "number with something behind", "fetch_rate = 1 # one", "F:1: fetch_rate: \"1 # one\" is not a whole number\n" },
	{ "number in hex", "fetch_rate = 0x10", "F:1: fetch_rate: \"0x10\" is not a whole number\n" },
	{ "size", "cache_entries = 1g",
	    "F:1: cache_entries: \"1g\" is not a whole number (with k for 1024, m for 1048576)\n" },
	{ "mode", "milter_socket_mode = 0680",
	    "F:1: milter_socket_mode: \"0680\" is not a mode of 3 or 4 octal digits\n" },
	{ "mode with a bit that is no permission", "milter_socket_mode = 4755",
	    "F:1: milter_socket_mode: must be between 0000 and 0777\n" },
	{ "yes or no", "allow_private_addresses = 1", "F:1: allow_private_addresses: \"1\" is not yes or no\n" },
	{ "choice", "evidence_client_addr = some", "F:1: evidence_client_addr: \"some\" is not masked, full or no\n" },
	{ "action", "sender_enforce_action = bounce",
	    "F:1: sender_enforce_action: \"bounce\": must be accept, quarantine, tempfail or reject\n" },
	{ "another action", "unconfirmed_action = reject", "F:1: unconfirmed_action: \"reject\": must be tempfail or accept\n" },
	{ "recipients of nobody", "recipient_enforce_action = reject\nrecipient_testing_action = tempfail",
	    "F:1: recipient_enforce_action: has no effect without local_domains\n"
	    "F:2: recipient_testing_action: has no effect without local_domains\n" },
	{ "reject code", "reject_code = 450 4.7.1",
	    "F:1: reject_code: \"450 4.7.1\": must be a code and an enhanced status code of class 5, such as 550 5.7.10\n" },
	{ "reject text", "reject_text = no %s",
	    "F:1: reject_text: \"no %s\": %d, %t, %h and %% may stand after a percent sign, nothing else\n" },
	{ "empty reject text", "reject_text =", "F:1: reject_text: \"\": must not be empty\n" },
	{ "share", "enforce_percent = 101", "F:1: enforce_percent: must be between 0 and 100\n" },
	{ "never confirmed", "sender_enforce_action = reject\nrecheck_interval = 3h",
	    "F: confirm_interval: confirm_interval is less than recheck_interval\n" },
	{ "TLS version", "min_tls_version = 1.2",
	    "F:1: min_tls_version: \"1.2\": must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3\n" },
	{ "socket", "milter_socket = /run/x", "F:1: milter_socket: \"/run/x\": must be unix:PATH or inet:PORT@HOST\n" },
	{ "socket not from the root", "milter_socket = unix:x",
	    "F:1: milter_socket: \"unix:x\": unix: must be an absolute path\n" },
	{ "socket in Postfix's form", "milter_socket = inet:127.0.0.1:8890",
	    "F:1: milter_socket: \"inet:127.0.0.1:8890\": inet: must be PORT@HOST\n" },
	{ "socket without host", "milter_socket = inet:8890@",
	    "F:1: milter_socket: \"inet:8890@\": inet: must be PORT@HOST\n" },
	{ "metrics without port", "metrics_listen = localhost",
	    "F:1: metrics_listen: \"localhost\": must be HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT\n" },
	{ "metrics in another socket's form", "metrics_listen = inet:9925@::1",
	    "F:1: metrics_listen: \"inet:9925@::1\": must be HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT\n" },
	{ "metrics with port 0", "metrics_listen = 127.0.0.1:0",
	    "F:1: metrics_listen: \"127.0.0.1:0\": must be HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT\n" },
	{ "metrics with a host that is much too long", "metrics_listen = " A100 A100 A100 ":1", NULL },
	{ "socket with port 0", "milter_socket = inet:0@127.0.0.1",
	    "F:1: milter_socket: \"inet:0@127.0.0.1\": the port must be between 1 and 65535\n" },
	{ "socket with a bad host", "milter_socket = inet:25@a b",
	    "F:1: milter_socket: \"inet:25@a b\": the host is neither a name nor an address\n" },
	{ "user", "user =", "F:1: user: \"\": must not be empty\n" },
	{ "user with a blank", "user = a b", "F:1: user: \"a b\": not the name of a user or group\n" },
	{ "authserv_id", "authserv_id = a;b",
	    "F:1: authserv_id: \"a;b\": at most 255 of the characters A-Z a-z 0-9 . _ : + - can stand in the header\n" },
	{ "prefix with a brace", "redis_prefix = a{b",
	    "F:1: redis_prefix: \"a{b\": must be 1 to 64 of the characters A-Z a-z 0-9 . _ : / -\n" },
	{ "empty prefix", "redis_prefix =",
	    "F:1: redis_prefix: \"\": must be 1 to 64 of the characters A-Z a-z 0-9 . _ : / -\n" },
	{ "user of Redis without password", "redis_username = joe",
	    "F:1: redis_username: a Redis user needs a password: redis_password_file is empty\n" },
	{ "TLS settings in the clear", "redis = tcp:h:1\nredis_tls_ca_file = /nonexistent\n\nredis_tls_server_name = r.example",
	    "F:2: redis_tls_ca_file: has no effect without TLS: redis must begin with tls:, sentinel+tls: or cluster+tls:\n"
	    "F:4: redis_tls_server_name: has no effect without TLS: redis must begin with tls:, sentinel+tls: or cluster+tls:\n" },
	{ "database of a cluster", "redis = cluster:h:1\nredis_db = 3",
	    "F:2: redis_db: a Redis Cluster has only database 0\n" },
	{ "key of TLS without a certificate", "redis = tls:h:1\nredis_tls_key_file = ~/P",
	    "F:2: redis_tls_key_file: a key needs its certificate: redis_tls_cert_file is empty\n" },
	{ "files of TLS that are not there",
	    "redis = tls:h:1\nredis_tls_ca_file = ~/x\nredis_tls_cert_file = ~/y\nredis_tls_key_file = ~/z",
	    "F:2: redis_tls_ca_file: cannot read x: No such file or directory\n"
	    "F:3: redis_tls_cert_file: cannot read y: No such file or directory\n"
	    "F:4: redis_tls_key_file: cannot read z: No such file or directory\n" },
	{ "server name with a wild card", "redis = tls:h:1\nredis_tls_server_name = *.example",
	    "F:2: redis_tls_server_name: \"*.example\": must be a host name or an address\n" },
	{ "password file not from the root", "redis_password_file = p",
	    "F:1: redis_password_file: \"p\": must be an absolute path\n" },
	{ "password file of two lines", "redis_password_file = ~/P",
	    "F:1: redis_password_file: P does not hold one line with the password\n" },
	{ "password file missing", "redis_password_file = ~/missing", NULL },
	{ "CA file missing", "ca_file = ~/missing", "F:1: ca_file: cannot read missing: No such file or directory\n" },
	{ "servers", "dns_servers = 192.0.2.1:0 example.com [2001:db8::1 192.0.2.1:53:53",
	    "F:1: dns_servers: \"192.0.2.1:0\": must be ADDR, ADDR:PORT or [ADDR]:PORT\n"
	    "F:1: dns_servers: \"example.com\": must be ADDR, ADDR:PORT or [ADDR]:PORT\n"
	    "F:1: dns_servers: \"[2001:db8::1\": must be ADDR, ADDR:PORT or [ADDR]:PORT\n"
	    "F:1: dns_servers: \"192.0.2.1:53:53\": must be ADDR, ADDR:PORT or [ADDR]:PORT\n" },
	{ "contact without a scheme", "user_agent_contact = postmaster@example.com",
	    "F:1: user_agent_contact: \"postmaster@example.com\": must be https://..., http://... or mailto:...\n" },
	{ "contact that ends the comment", "user_agent_contact = https://a.example/)",
	    "F:1: user_agent_contact: \"https://a.example/)\": at most 200 characters of a URL, without brackets\n" },
	{ "patterns", "weak_ciphers = A*B * ** RC4",
	    "F:1: weak_ciphers: \"A*B\": must be the name of a cipher with a * at its ends only\n"
	    "F:1: weak_ciphers: \"*\": must be the name of a cipher with a * at its ends only\n"
	    "F:1: weak_ciphers: \"**\": must be the name of a cipher with a * at its ends only\n" },
	{ "domain file: its own lines", "\nlocal_domains = file:~/E",
	    "E:2: local_domains: \"-bad-.example\": " "%LABEL%" "\n"
	    "E:4: local_domains: more than one domain in a line\n" },
	{ "rules: their own lines", "\ndomain_rules = ~/E\nfetch_rate = x",
	    "E:1: domain_rules: \"a.example\": nothing is required: add tls=, version=, cert= or exempt\n"
	    "E:2: domain_rules: \"-bad-.example\": " "%LABEL%" "\n"
	    "E:4: domain_rules: \"c.example\": no such word (exempt, tls=, version=, cert=, client=, action=, from=, until=)\n"
	    "F:3: fetch_rate: \"x\" is not a whole number\n" },
	{ "rules not from the root", "domain_rules = x", "F:1: domain_rules: \"x\": must be an absolute path\n" },
	{ "rules that are not there", "domain_rules = ~/none", NULL },
	{ "domain file not from the root", "local_domains = file:x",
	    "F:1: local_domains: \"x\": file: must be an absolute path\n" },
	{ "minimum above maximum", "negative_ttl_max = 10m\nnegative_ttl_min = 11m\n",
	    "F:2: negative_ttl_min: negative_ttl_min is more than negative_ttl_max\n" },
	{ "minimum above maximum, that alone is given", "negative_ttl_max = 1m\n",
	    "F:1: negative_ttl_max: negative_ttl_min is more than negative_ttl_max\n" },
	{ "a byte of UTF-8 in a value", "fetch_rate = \xc3\xa9", "F:1: fetch_rate: \"??\" is not a whole number\n" },
	{ "a delete character", "fetch_rate = 1\x7f", "F:1: a control character (0x7f): this is not a text file\n" },
	{ "a setting that goes on after a mistake is complained of once", "redis = no\x01ne\n x\n  y\nfetch_rate = 0\n",
	    "F:1: a control character (0x01): this is not a text file\nF:4: fetch_rate: must be between 1 and 10000\n" },
	{ "a directory in the place of a file", "local_domains = file:/", NULL },
	{ "redis", "redis = udp:h:1", NULL },
	{ "seventeen servers", "dns_servers = 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
	    "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1", "F:1: dns_servers: more than 16 servers\n" },
	{ "addresses", "report_addresses = a@ b <c>", "F:1: report_addresses: \"a@\": must be LOCAL-PART or LOCAL-PART@DOMAIN\n"
	    "F:1: report_addresses: \"<c>\": must be LOCAL-PART or LOCAL-PART@DOMAIN\n" },
	{ "mode of 2 digits", "milter_socket_mode = 66", "F:1: milter_socket_mode: \"66\" is not a mode of 3 or 4 octal digits\n" },
	{ "mode of 5 digits", "milter_socket_mode = 00660", "F:1: milter_socket_mode: \"00660\" is not a mode of 3 or 4 octal digits\n" },
	{ "who removes", "strip_forged = both", "F:1: strip_forged: \"both\" is not milter or postfix\n" },
	{ "user that looks like an option", "user = -x", "F:1: user: \"-x\": not the name of a user or group\n" },
	{ "socket without a number", "milter_socket = inet:smtp@h", "F:1: milter_socket: \"inet:smtp@h\": the port must be between 1 and 65535\n" },
	{ "socket with too great a number", "milter_socket = inet:65536@h",
	    "F:1: milter_socket: \"inet:65536@h\": the port must be between 1 and 65535\n" },
	{ "user of Redis with a blank", "redis_username = a b\nredis_password_file = ~/E",
	    "F:1: redis_username: \"a b\": must be one word of printable ASCII\nF:2: redis_password_file: E does not hold one line with the password\n" },
	{ "user of Redis with UTF-8", "redis_username = \xc3\xa9\nredis_password_file = ~/E",
	    "F:1: redis_username: \"??\": must be one word of printable ASCII\nF:2: redis_password_file: E does not hold one line with the password\n" },
	{ "almost a setting", "smtp_ports = 25", "F:1: \"smtp_ports\": no such setting; did you mean smtp_port?\n" },
};

/* Compares with want, in which %LABEL% stands for sts_domain's message about a label with hyphens at its ends. */
static bool
same_errors(const char *got, const char *want)
{
	const char *why = sts_domain_fault_text(STS_DOMAIN_BAD_LABEL), *mark = strstr(want, "%LABEL%");
	size_t before;

	if (mark == NULL)
		return strcmp(got, want) == 0;
	before = (size_t)(mark - want);
	return strncmp(got, want, before) == 0 && strncmp(got + before, why, strlen(why)) == 0 &&
	    strcmp(got + before + strlen(why), mark + strlen("%LABEL%")) == 0;
}

static void
test_bad(void **state)
{
	const struct scratch *s = *state;

	write_text(s, "P", "one\ntwo\n");
	write_text(s, "E", "a.example\n-bad-.example\n# c\nb.example c.example\n");
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sts_conf *conf;
		char *errors;

		write_text(s, "F", bad[i].text);
		if (load(s, NULL, 0, &conf, &errors) != STS_EINVAL || conf != NULL)
			fail_msg("%s: not refused", bad[i].name);
		if (bad[i].errors != NULL && !same_errors(errors, bad[i].errors))
			fail_msg("%s: got \"%s\", want \"%s\"", bad[i].name, errors, bad[i].errors);
		if (bad[i].errors == NULL && strncmp(errors, "F:", 2) != 0)
			fail_msg("%s: got \"%s\", which names no line", bad[i].name, errors);
		free(errors);
		/* without a file for errors */
		assert_int_equal(sts_conf_load(s->file, NULL, 0, NULL, &conf), STS_EINVAL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bad, make_scratch, remove_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
