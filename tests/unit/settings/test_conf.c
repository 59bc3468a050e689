/* SPDX-License-Identifier: ISC */
/* test_conf.c - the settings: what is read, what is refused and in which words, what is printed and read again. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/settings/conf_private.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A scratch directory with one file, F; "~" in texts below stands for its directory. */
struct scratch {
	char dir[64], file[128];
};

static int
make_scratch(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(s);
	snprintf(s->dir, sizeof(s->dir), "%s/test_conf.XXXXXX", tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->file, sizeof(s->file), "%s/F", s->dir);
	*state = s;
	return 0;
}

static int
remove_scratch(void **state)
{
	static const char *const names[] = { "F", "D", "P", "E", "K", "R" };
	struct scratch *s = *state;
	char path[128];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->dir, names[i]);
		unlink(path);
	}
	rmdir(s->dir);
	free(s);
	return 0;
}

/* text with each ~ replaced by the directory; the caller frees it. */
static char *
expand(const struct scratch *s, const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	assert_non_null(f);
	for (; *text != '\0'; text++) {
		if (*text == '~')
			fputs(s->dir, f);
		else
			fputc(*text, f);
	}
	fclose(f);
	return out;
}

static void
write_bytes(const struct scratch *s, const char *name, const char *bytes, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void
write_text(const struct scratch *s, const char *name, const char *text)
{
	char *expanded = expand(s, text);

	write_bytes(s, name, expanded, strlen(expanded));
	free(expanded);
}

/* Loads F and overrides; errors has what was complained of, the directory cut off each path. The caller frees it. */
static enum sts_status
load(const struct scratch *s, const char *const *overrides, size_t count, struct sts_conf **conf, char **errors)
{
	char *raw = NULL, *p;
	size_t len, dir_len = strlen(s->dir) + 1;
	FILE *f = open_memstream(&raw, &len);
	enum sts_status status;

	assert_non_null(f);
	status = sts_conf_load(s->file, overrides, count, f, conf);
	fclose(f);
	while ((p = strstr(raw, s->dir)) != NULL)
		memmove(p, p + dir_len, strlen(p + dir_len) + 1);
	*errors = raw;
	return status;
}

/* ---- good ---- */

static void
test_defaults(void **state)
{
	struct sts_conf *conf = NULL;

	(void)state;
	assert_int_equal(sts_conf_load(NULL, NULL, 0, stderr, &conf), STS_OK);
	assert_string_equal(conf->milter_socket, "unix:/run/mta-sts-milter/milter.sock");
	assert_int_equal(conf->milter_socket_mode, 0660);
	assert_string_equal(conf->group, "");
	assert_true(conf->authserv_id[0] != '\0');
	assert_int_equal(conf->redis.kind, STS_ENDPOINT_UNIX);
	assert_string_equal(conf->redis.host, "/run/redis/redis-server.sock");
	assert_string_equal(conf->redis_password, "");
	assert_int_equal(conf->redis_timeout_ms, 250);
	assert_string_equal(conf->dns_servers, "");
	assert_int_equal(conf->policy_wait_ms, 2000);
	assert_int_equal(conf->negative_ttl_max_ms, 3600000);
	assert_int_equal(conf->refresh_interval_ms, 86400000);
	assert_int_equal(conf->rules.tls.min_version, 4);
	assert_int_equal(conf->rules.tls.min_bits, 128);
	assert_string_equal(conf->rules.tls.weak_ciphers[0], "*RC4*");
	assert_null(conf->local_domains);
	assert_null(conf->domain_rules);
	assert_false(conf->allow_private_addresses);
	assert_int_equal(conf->evidence_client_addr, STS_CLIENT_MASKED);
	sts_conf_unref(&conf);
	assert_null(conf);
}

/* One setting, as written and as `-n` prints it ("" when it is the default). */
static const struct {
	const char *name, *text, *printed;
} good[] = {
	{ "time in ms", "redis_timeout = 300ms", "redis_timeout = 300ms\n" },
	{ "time in s", "policy_wait = 1s", "policy_wait = 1s\n" },
	{ "time without a suffix is in seconds", "policy_wait = 7", "policy_wait = 7s\n" },
	{ "time zero", "policy_wait = 0", "policy_wait = 0s\n" },
	{ "time in its largest unit", "negative_ttl_max = 7200s", "negative_ttl_max = 2h\n" },
	{ "time that no larger unit holds", "negative_ttl_max = 5401s", "negative_ttl_max = 5401s\n" },
	{ "time that is the default in another unit", "negative_ttl_max = 60m", "" },
	{ "number", "fetch_rate = 1", "fetch_rate = 1\n" },
	{ "number with zeros in front", "fetch_rate = 0050", "" },
	{ "size in k", "cache_entries = 2k", "cache_entries = 2048\n" },
	{ "size in m", "cache_entries = 1m", "cache_entries = 1048576\n" },
	{ "mode of 3 digits", "milter_socket_mode = 660", "" },
	{ "mode", "milter_socket_mode = 0666", "milter_socket_mode = 0666\n" },
	{ "yes", "allow_private_addresses = Yes", "allow_private_addresses = yes\n" },
	{ "choice", "evidence_client_addr = no", "evidence_client_addr = no\n" },
	{ "no spaces at the equals sign", "fetch_rate=2", "fetch_rate = 2\n" },
	{ "tabs", "fetch_rate\t=\t2\t", "fetch_rate = 2\n" },
	{ "CRLF", "fetch_rate = 2\r\nfetch_concurrency = 3\r\n", "fetch_concurrency = 3\nfetch_rate = 2\n" },
	{ "no line end", "fetch_rate = 2", "fetch_rate = 2\n" },
	{ "comments and blank lines", "# a\n\n  # b\n  \nfetch_rate = 2\n#c", "fetch_rate = 2\n" },
	{ "comment in UTF-8", "# gr\xc3\xbc\xc3\x9f" "e\nfetch_rate = 2\n", "fetch_rate = 2\n" },
	{ "continued", "trusted_networks =\n  192.0.2.0/24\n\t2001:db8::/32\n",
	    "trusted_networks = 192.0.2.0/24 2001:db8::/32\n" },
	{ "continued after a comment", "trusted_networks = 192.0.2.1\n# why\n\n 192.0.2.2\n",
	    "trusted_networks = 192.0.2.1 192.0.2.2\n" },
	{ "list with commas", "trusted_networks = 192.0.2.1,192.0.2.2 ,, 192.0.2.3",
	    "trusted_networks = 192.0.2.1 192.0.2.2 192.0.2.3\n" },
	{ "the default with other separators", "trusted_networks = 127.0.0.0/8,::1", "" },
	{ "empty list", "trusted_networks =", "trusted_networks =\n" },
	{ "domains", "local_domains = B.example, a.example.", "local_domains = B.example a.example.\n" },
	{ "inet socket", "milter_socket = inet:8890@127.0.0.1", "milter_socket = inet:8890@127.0.0.1\n" },
	{ "inet6 socket", "milter_socket = inet:8890@[::1]", "milter_socket = inet:8890@[::1]\n" },
	{ "metrics", "metrics_listen = 127.0.0.1:9925", "metrics_listen = 127.0.0.1:9925\n" },
	{ "metrics on IPv6", "metrics_listen = [::1]:9925", "metrics_listen = [::1]:9925\n" },
	{ "no metrics", "metrics_listen =", "" },
	{ "socket on a name", "milter_socket = inet:8890@localhost", "milter_socket = inet:8890@localhost\n" },
	{ "redis none", "redis = none", "redis = none\n" },
	{ "redis tcp", "redis = tcp:[::1]:6379", "redis = tcp:[::1]:6379\n" },
	{ "redis sentinel", "redis = sentinel:a@h:1,i:2", "redis = sentinel:a@h:1,i:2\n" },
	{ "redis over TLS", "redis = tls:h:1\nredis_tls_ca_file = ~/P\nredis_tls_cert_file = ~/P\nredis_tls_key_file = ~/D\n"
	    "redis_tls_server_name = r.example",
	    "redis = tls:h:1\nredis_tls_ca_file = ~/P\nredis_tls_cert_file = ~/P\nredis_tls_key_file = ~/D\n"
	    "redis_tls_server_name = r.example\n" },
	{ "certificate and key in one file", "redis = cluster+tls:h:1\nredis_tls_cert_file = ~/P\nredis_tls_server_name = 2001:db8::1",
	    "redis = cluster+tls:h:1\nredis_tls_cert_file = ~/P\nredis_tls_server_name = 2001:db8::1\n" },
	{ "TLS settings while there is no Redis", "redis = none\nredis_tls_ca_file = /nonexistent",
	    "redis = none\nredis_tls_ca_file = /nonexistent\n" },
	{ "group", "milter_socket_group = postfix", "milter_socket_group = postfix\n" },
	{ "patterns", "weak_ciphers = *CBC*,FOO", "weak_ciphers = *CBC* FOO\n" },
	{ "no patterns", "weak_ciphers =", "weak_ciphers =\n" },
	{ "an equals sign in a value", "ca_file =", "" },
	{ "contact", "user_agent_contact = https://example.com/mta-sts?a=b", "user_agent_contact = https://example.com/mta-sts?a=b\n" },
	{ "contact by mail", "user_agent_contact = mailto:postmaster@example.com",
	    "user_agent_contact = mailto:postmaster@example.com\n" },
	{ "names of services", "front_daemons = FRONT, inner.filter", "front_daemons = FRONT inner.filter\n" },
	{ "no contact", "user_agent_contact =", "" },
	{ "no milter", "milter_socket =\nsocketmap_listen = unix:/x", "milter_socket =\nsocketmap_listen = unix:/x\n" },
	{ "no addresses", "report_addresses =", "report_addresses =\n" },
	{ "who removes", "strip_forged = Postfix", "strip_forged = postfix\n" },
	{ "password file", "redis_password_file = ~/P", "redis_password_file = ~/P\n" },
	{ "domain file", "local_domains = file:~/D", "local_domains = file:~/D\n" },
	{ "rules", "domain_rules = ~/R", "domain_rules = ~/R\n" },
};

static void
print_changed(const struct sts_conf *conf, char **out)
{
	size_t len;
	FILE *f = open_memstream(out, &len);

	assert_non_null(f);
	sts_conf_print_changed(conf, f);
	fclose(f);
}

static void
test_good(void **state)
{
	const struct scratch *s = *state;

	write_text(s, "P", "s3cret word\r\n");
	write_text(s, "D", "# ours\na.example\n\n  B.EXAMPLE.  \nb\xc3\xbc" "cher.example\r\n");
	write_text(s, "R", "a.example exempt\n");
	for (size_t i = 0; i < COUNT(good); i++) {
		char *errors, *printed, *want = expand(s, good[i].printed);
		struct sts_conf *conf;

		write_text(s, "F", good[i].text);
		if (load(s, NULL, 0, &conf, &errors) != STS_OK)
			fail_msg("%s: refused: %s", good[i].name, errors);
		print_changed(conf, &printed);
		if (strcmp(printed, want) != 0)
			fail_msg("%s: got \"%s\", want \"%s\"", good[i].name, printed, want);
		/* what was printed is read as the same */
		write_text(s, "F", printed);
		sts_conf_unref(&conf);
		free(errors);
		free(printed);
		if (load(s, NULL, 0, &conf, &errors) != STS_OK)
			fail_msg("%s: what was printed is refused: %s", good[i].name, errors);
		print_changed(conf, &printed);
		if (strcmp(printed, want) != 0)
			fail_msg("%s: read again: got \"%s\", want \"%s\"", good[i].name, printed, want);
		sts_conf_unref(&conf);
		free(errors);
		free(printed);
		free(want);
	}
}

static void
test_values(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors;

	write_text(s, "P", "s3cret word\r\n");
	write_text(s, "D", "# ours\na.example\n\n  B.EXAMPLE.  \nb\xc3\xbc" "cher.example\r\n");
	write_text(s, "R", "a.example exempt\r\n# c\n.a.example version=TLSv1.3 action=tempfail");
	write_text(s, "F", "redis_password_file = ~/P\nlocal_domains = file:~/D\nredis_username = joe\n"
	    "domain_rules = ~/R\ndns_servers = 192.0.2.1 192.0.2.2:5353, 2001:db8::1 [2001:db8::2]:54 [2001:db8::3]\n"
	    "authserv_id = MX1.example.net\nmin_tls_version = TLSv1.3\nweak_ciphers = *A* B\n");
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_OK);
	assert_string_equal(conf->redis_password, "s3cret word");
	assert_string_equal(conf->authserv_id, "MX1.example.net");
	assert_true(sts_domain_set_contains(conf->local_domains, "a.example"));
	assert_true(sts_domain_set_contains(conf->local_domains, "b.example"));
	assert_true(sts_domain_set_contains(conf->local_domains, "xn--bcher-kva.example"));
	assert_false(sts_domain_set_contains(conf->local_domains, "c.example"));
	assert_false(sts_domain_set_contains(NULL, "a.example"));
	assert_string_equal(sts_domain_set_at(conf->local_domains, 0), "a.example");
	assert_string_equal(sts_domain_set_at(conf->local_domains, 2), "xn--bcher-kva.example");
	assert_null(sts_domain_set_at(conf->local_domains, 3));
	assert_null(sts_domain_set_at(NULL, 0));
	assert_int_equal(sts_domain_rules_count(conf->domain_rules), 2);
	assert_string_equal(conf->dns_servers,
	    "192.0.2.1:53,192.0.2.2:5353,[2001:db8::1]:53,[2001:db8::2]:54,[2001:db8::3]:53");
	assert_int_equal(conf->rules.tls.min_version, 5);
	assert_string_equal(conf->rules.tls.weak_ciphers[0], "*A*");
	assert_string_equal(conf->rules.tls.weak_ciphers[1], "B");
	assert_null(conf->rules.tls.weak_ciphers[2]);
	sts_conf_unref(&conf);
	free(errors);
}

static void
test_tls_goes_with_the_endpoint(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors;

	write_text(s, "P", "x\n");
	write_text(s, "F", "redis = tls:h.example:1\nredis_tls_ca_file = ~/P\nredis_tls_server_name = r.example\n");
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_OK);
	assert_true(conf->redis.tls);
	assert_string_equal(conf->redis.tls_with.ca_file, conf->redis_tls_ca_file);
	assert_string_equal(conf->redis.tls_with.server_name, "r.example");
	assert_string_equal(conf->redis.tls_with.cert_file, "");
	sts_conf_unref(&conf);
	free(errors);
}

/* ---- bad: all that is said, in order ---- */

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
	    "F:1: sender_enforce_action: \"bounce\": wants accept, quarantine, tempfail or reject\n" },
	{ "another action", "unconfirmed_action = reject", "F:1: unconfirmed_action: \"reject\": wants tempfail or accept\n" },
	{ "recipients of nobody", "recipient_enforce_action = reject\nrecipient_testing_action = tempfail",
	    "F:1: recipient_enforce_action: does nothing without local_domains\n"
	    "F:2: recipient_testing_action: does nothing without local_domains\n" },
	{ "reject code", "reject_code = 450 4.7.1",
	    "F:1: reject_code: \"450 4.7.1\": wants a code and an enhanced status code of class 5, such as 550 5.7.10\n" },
	{ "reject text", "reject_text = no %s",
	    "F:1: reject_text: \"no %s\": %d, %t, %h and %% may stand after a percent sign, nothing else\n" },
	{ "empty reject text", "reject_text =", "F:1: reject_text: \"\": must not be empty\n" },
	{ "share", "enforce_percent = 101", "F:1: enforce_percent: must be between 0 and 100\n" },
	{ "never confirmed", "sender_enforce_action = reject\nrecheck_interval = 3h",
	    "F: confirm_interval: confirm_interval is less than recheck_interval\n" },
	{ "TLS version", "min_tls_version = 1.2",
	    "F:1: min_tls_version: \"1.2\": wants TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3\n" },
	{ "socket", "milter_socket = /run/x", "F:1: milter_socket: \"/run/x\": wants unix:PATH or inet:PORT@HOST\n" },
	{ "socket not from the root", "milter_socket = unix:x",
	    "F:1: milter_socket: \"unix:x\": unix: wants a path from the root\n" },
	{ "socket in Postfix's form", "milter_socket = inet:127.0.0.1:8890",
	    "F:1: milter_socket: \"inet:127.0.0.1:8890\": inet: wants PORT@HOST\n" },
	{ "socket without host", "milter_socket = inet:8890@",
	    "F:1: milter_socket: \"inet:8890@\": inet: wants PORT@HOST\n" },
	{ "metrics without port", "metrics_listen = localhost",
	    "F:1: metrics_listen: \"localhost\": wants HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT\n" },
	{ "metrics in another socket's form", "metrics_listen = inet:9925@::1",
	    "F:1: metrics_listen: \"inet:9925@::1\": wants HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT\n" },
	{ "metrics with port 0", "metrics_listen = 127.0.0.1:0",
	    "F:1: metrics_listen: \"127.0.0.1:0\": wants HOST:PORT, an IPv6 address in brackets: [ADDRESS]:PORT\n" },
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
	    "F:1: redis_prefix: \"a{b\": wants 1 to 64 of the characters A-Z a-z 0-9 . _ : / -\n" },
	{ "empty prefix", "redis_prefix =",
	    "F:1: redis_prefix: \"\": wants 1 to 64 of the characters A-Z a-z 0-9 . _ : / -\n" },
	{ "user of Redis without password", "redis_username = joe",
	    "F:1: redis_username: a user of Redis wants a password too: redis_password_file is empty\n" },
	{ "TLS settings in the clear", "redis = tcp:h:1\nredis_tls_ca_file = /nonexistent\n\nredis_tls_server_name = r.example",
	    "F:2: redis_tls_ca_file: does nothing without TLS, by which redis begins with tls:, sentinel+tls: or cluster+tls:\n"
	    "F:4: redis_tls_server_name: does nothing without TLS, by which redis begins with tls:, sentinel+tls: or cluster+tls:\n" },
	{ "key of TLS without a certificate", "redis = tls:h:1\nredis_tls_key_file = ~/P",
	    "F:2: redis_tls_key_file: a key wants its certificate too: redis_tls_cert_file is empty\n" },
	{ "files of TLS that are not there",
	    "redis = tls:h:1\nredis_tls_ca_file = ~/x\nredis_tls_cert_file = ~/y\nredis_tls_key_file = ~/z",
	    "F:2: redis_tls_ca_file: cannot read x: No such file or directory\n"
	    "F:3: redis_tls_cert_file: cannot read y: No such file or directory\n"
	    "F:4: redis_tls_key_file: cannot read z: No such file or directory\n" },
	{ "server name with a wild card", "redis = tls:h:1\nredis_tls_server_name = *.example",
	    "F:2: redis_tls_server_name: \"*.example\": wants a host name or an address\n" },
	{ "password file not from the root", "redis_password_file = p",
	    "F:1: redis_password_file: \"p\": wants a path from the root\n" },
	{ "password file of two lines", "redis_password_file = ~/P",
	    "F:1: redis_password_file: P does not hold one line with the password\n" },
	{ "password file missing", "redis_password_file = ~/missing", NULL },
	{ "CA file missing", "ca_file = ~/missing", "F:1: ca_file: cannot read missing: No such file or directory\n" },
	{ "servers", "dns_servers = 192.0.2.1:0 example.com [2001:db8::1 192.0.2.1:53:53",
	    "F:1: dns_servers: \"192.0.2.1:0\": wants ADDR, ADDR:PORT or [ADDR]:PORT\n"
	    "F:1: dns_servers: \"example.com\": wants ADDR, ADDR:PORT or [ADDR]:PORT\n"
	    "F:1: dns_servers: \"[2001:db8::1\": wants ADDR, ADDR:PORT or [ADDR]:PORT\n"
	    "F:1: dns_servers: \"192.0.2.1:53:53\": wants ADDR, ADDR:PORT or [ADDR]:PORT\n" },
	{ "contact without a scheme", "user_agent_contact = postmaster@example.com",
	    "F:1: user_agent_contact: \"postmaster@example.com\": wants https://..., http://... or mailto:...\n" },
	{ "contact that ends the comment", "user_agent_contact = https://a.example/)",
	    "F:1: user_agent_contact: \"https://a.example/)\": at most 200 characters of a URL, without brackets\n" },
	{ "patterns", "weak_ciphers = A*B * ** RC4",
	    "F:1: weak_ciphers: \"A*B\": wants the name of a cipher with a * at its ends only\n"
	    "F:1: weak_ciphers: \"*\": wants the name of a cipher with a * at its ends only\n"
	    "F:1: weak_ciphers: \"**\": wants the name of a cipher with a * at its ends only\n" },
	{ "domain file: its own lines", "\nlocal_domains = file:~/E",
	    "E:2: local_domains: \"-bad-.example\": " "%LABEL%" "\n"
	    "E:4: local_domains: more than one domain in a line\n" },
	{ "rules: their own lines", "\ndomain_rules = ~/E\nfetch_rate = x",
	    "E:1: domain_rules: \"a.example\": nothing is required: wants tls=, version=, cert= or exempt\n"
	    "E:2: domain_rules: \"-bad-.example\": " "%LABEL%" "\n"
	    "E:4: domain_rules: \"c.example\": no such word (exempt, tls=, version=, cert=, client=, action=, from=, until=)\n"
	    "F:3: fetch_rate: \"x\" is not a whole number\n" },
	{ "rules not from the root", "domain_rules = x", "F:1: domain_rules: \"x\": wants a path from the root\n" },
	{ "rules that are not there", "domain_rules = ~/none", NULL },
	{ "domain file not from the root", "local_domains = file:x",
	    "F:1: local_domains: \"x\": file: wants a path from the root\n" },
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
	{ "addresses", "report_addresses = a@ b <c>", "F:1: report_addresses: \"a@\": wants LOCAL-PART or LOCAL-PART@DOMAIN\n"
	    "F:1: report_addresses: \"<c>\": wants LOCAL-PART or LOCAL-PART@DOMAIN\n" },
	{ "mode of 2 digits", "milter_socket_mode = 66", "F:1: milter_socket_mode: \"66\" is not a mode of 3 or 4 octal digits\n" },
	{ "mode of 5 digits", "milter_socket_mode = 00660", "F:1: milter_socket_mode: \"00660\" is not a mode of 3 or 4 octal digits\n" },
	{ "who removes", "strip_forged = both", "F:1: strip_forged: \"both\" is not milter or postfix\n" },
	{ "user that looks like an option", "user = -x", "F:1: user: \"-x\": not the name of a user or group\n" },
	{ "socket without a number", "milter_socket = inet:smtp@h", "F:1: milter_socket: \"inet:smtp@h\": the port must be between 1 and 65535\n" },
	{ "socket with too great a number", "milter_socket = inet:65536@h",
	    "F:1: milter_socket: \"inet:65536@h\": the port must be between 1 and 65535\n" },
	{ "user of Redis with a blank", "redis_username = a b\nredis_password_file = ~/E",
	    "F:1: redis_username: \"a b\": wants one word of printable ASCII\nF:2: redis_password_file: E does not hold one line with the password\n" },
	{ "user of Redis with UTF-8", "redis_username = \xc3\xa9\nredis_password_file = ~/E",
	    "F:1: redis_username: \"??\": wants one word of printable ASCII\nF:2: redis_password_file: E does not hold one line with the password\n" },
	{ "almost a setting", "smtp_ports = 25", "F:1: \"smtp_ports\": no such setting; did you mean smtp_port?\n" },
};

/* want, with %LABEL% replaced by what sts_domain says of a label with hyphens at its ends. */
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
		/* nobody need be told */
		assert_int_equal(sts_conf_load(s->file, NULL, 0, NULL, &conf), STS_EINVAL);
	}
}

static void
test_no_text(void **state)
{
	static const char nul[] = "redis = none\nfetch_rate = 1\0\n";
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors, *big;

	write_bytes(s, "F", nul, sizeof(nul) - 1);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "F:2: a control character (0x00): this is not a text file\n");
	free(errors);

	big = malloc(STS_CONF_LINE_MAX + 1);
	assert_non_null(big);
	memset(big, 'x', STS_CONF_LINE_MAX + 1);
	write_bytes(s, "F", big, STS_CONF_LINE_MAX + 1);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "F:1: the setting is longer than 65536 bytes\n");
	free(errors);
	free(big);

	big = malloc((1 << 20) + 1);
	assert_non_null(big);
	memset(big, '\n', (1 << 20) + 1);
	write_bytes(s, "F", big, (1 << 20) + 1);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "F: is longer than 1048576 bytes\n");
	free(errors);
	free(big);

	unlink(s->file);
	assert_int_equal(load(s, NULL, 0, &conf, &errors), STS_EINVAL);
	assert_non_null(strstr(errors, "F: cannot be read: No such file or directory"));
	free(errors);
}

/* Values that are just as long as may be, and one byte longer. */
static void
test_lengths(void **state)
{
	static const struct {
		const char *name, *before, *after;
		size_t most;		/* of the letters between them */
		const char *why;
	} rows[] = {
		{ "user", "", "", 64, "not the name of a user or group" },
		{ "authserv_id", "", "", 255, "at most 255 of the characters" },
		{ "milter_socket", "unix:/", "", 106, "the path is too long for a socket (107 bytes)" },
		{ "metrics_listen", "", ":1", 253, "wants HOST:PORT" },
		{ "ca_file", "/", "", 4094, "too long for a path" },
		{ "redis_username", "", "", 128, "too long" },
		{ "redis_prefix", "", "", 64, "wants 1 to 64" },
		{ "user_agent_contact", "mailto:", "", 193, "at most 200 characters" },
		{ "front_daemons", "", "", 64, "too long for the name of a service" },
	};
	const struct scratch *s = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char letters[5000], text[6000];
		struct sts_conf *conf;
		char *errors;

		memset(letters, 'a', sizeof(letters));
		letters[rows[i].most + 1] = '\0';
		snprintf(text, sizeof(text), "%s = %s%s%s", rows[i].name, rows[i].before, letters, rows[i].after);
		write_text(s, "F", text);
		if (load(s, NULL, 0, &conf, &errors) != STS_EINVAL || strstr(errors, rows[i].why) == NULL)
			fail_msg("%s: \"%s\"", rows[i].name, errors);
		if (strlen(text) > 200)
			assert_non_null(strstr(errors, "aaa...\": "));	/* what is shown is cut */
		free(errors);
		snprintf(text, sizeof(text), "%s = %s%s%s", rows[i].name, rows[i].before, letters + 1, rows[i].after);
		write_text(s, "F", text);
		if (load(s, NULL, 0, &conf, &errors) == STS_EINVAL && strstr(errors, rows[i].why) != NULL)
			fail_msg("%s: %s", rows[i].name, errors);
		sts_conf_unref(&conf);
		free(errors);
	}
}

static void
test_many_elements(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors, *text = NULL;
	size_t len;
	FILE *f;

	for (int more = 0; more < 2; more++) {
		f = open_memstream(&text, &len);
		assert_non_null(f);
		fputs("report_addresses =", f);
		for (int i = 0; i < STS_ADDRESSES_MAX + more; i++)
			fprintf(f, " a%d", i);
		fputs("\nfront_daemons =", f);
		for (int i = 0; i < 100 + 200 * more; i++)
			fputs(" FRONT", f);
		fclose(f);
		write_text(s, "F", text);
		free(text);
		assert_int_equal(load(s, NULL, 0, &conf, &errors), more ? STS_EINVAL : STS_OK);
		assert_string_equal(errors, more ? "F:1: report_addresses: \"a1000\": one too many\nF:2: front_daemons: too many names\n" : "");
		sts_conf_unref(&conf);
		free(errors);
	}
}

static void
test_lists(void **state)
{
	(void)state;
	assert_true(sts_conf_lists("a, bc d", "bc"));
	assert_true(sts_conf_lists("a", "a"));
	assert_false(sts_conf_lists("a bc", "b"));
	assert_false(sts_conf_lists("a bc", "ab"));
	assert_false(sts_conf_lists("", ""));
}

/* ---- -o ---- */

static void
test_overrides(void **state)
{
	static const char *const fine[] = { "fetch_rate=3", "fetch_rate = 4", "redis=none", "policy_wait=1s" };
	static const char *const wrong[] = { "fetch_rate", "nothing=1", "fetch_rate=x", "=1" };
	const struct scratch *s = *state;
	struct sts_conf *conf;
	char *errors, *printed;

	/* The file's own value is bad, but it does not count. */
	write_text(s, "F", "fetch_rate = many\nfetch_concurrency = 2\n");
	assert_int_equal(load(s, fine, COUNT(fine), &conf, &errors), STS_OK);
	print_changed(conf, &printed);
	assert_string_equal(printed, "redis = none\npolicy_wait = 1s\nfetch_concurrency = 2\nfetch_rate = 4\n");
	sts_conf_unref(&conf);
	free(errors);
	free(printed);

	assert_int_equal(load(s, wrong, COUNT(wrong), &conf, &errors), STS_EINVAL);
	assert_string_equal(errors, "-o: wants name=value\n-o: wants name=value\n-o: \"nothing\": no such setting\n"
	    "-o: fetch_rate: \"x\" is not a whole number\n");
	free(errors);
}

/* ---- printing ---- */

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sts_setting_count; i++) {
		const struct sts_setting *row = &sts_settings[i];

		if (row->help == NULL || strlen(row->help) < 10 || row->help[strlen(row->help) - 1] != '.')
			fail_msg("%s: no help", row->name);
		if (row->lo > row->hi)
			fail_msg("%s: bounds", row->name);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(sts_settings[j].name, row->name) == 0)
				fail_msg("%s: twice in the table", row->name);
			if (sts_settings[j].offset == row->offset)
				fail_msg("%s: the same field as %s", row->name, sts_settings[j].name);
		}
	}
}

/* The defaults, printed and read, are the defaults; no line of the file is longer than people like. */
static void
test_defaults_round_trip(void **state)
{
	const struct scratch *s = *state;
	char *printed, *errors, *changed;
	struct sts_conf *conf;
	size_t len;
	FILE *f = open_memstream(&printed, &len);

	assert_non_null(f);
	sts_conf_print_defaults(f);
	fclose(f);
	for (const char *p = printed; *p != '\0'; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= 100);
	write_bytes(s, "F", printed, len);
	if (load(s, NULL, 0, &conf, &errors) != STS_OK)
		fail_msg("refused: %s", errors);
	print_changed(conf, &changed);
	assert_string_equal(changed, "");
	sts_conf_unref(&conf);
	free(printed);
	free(errors);
	free(changed);
}

/* ---- the header's key ---- */

#define HEX16 "00112233445566778899aAbBcCdDeEfF"

static void
test_header_key(void **state)
{
	static const struct {
		const char *name, *content;	/* NULL: there is no file */
		size_t want;			/* length of the key; 0: refused */
	} rows[] = {
		{ "shortest", HEX16 "\n", 16 },
		{ "no end of line", HEX16 HEX16, 32 },
		{ "CR LF", HEX16 HEX16 "\r\n", 32 },
		{ "longest", HEX16 HEX16 HEX16 HEX16 "\n", 64 },
		{ "too short", "00112233445566778899aabbccddee\n", 0 },
		{ "too long", HEX16 HEX16 HEX16 HEX16 "00\n", 0 },
		{ "odd", HEX16 "0\n", 0 },
		{ "no hex", "0g112233445566778899aabbccddeeff\n", 0 },
		{ "a blank", HEX16 " \n", 0 },
		{ "two lines", HEX16 "\n" HEX16 "\n", 0 },
		{ "empty", "", 0 },
		{ "missing", NULL, 0 },
	};
	const struct scratch *s = *state;

	write_text(s, "F", "header_key_file = ~/K\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_conf *conf;
		char *errors;

		if (rows[i].content != NULL) {
			write_text(s, "K", rows[i].content);
		} else {
			char path[128];

			snprintf(path, sizeof(path), "%s/K", s->dir);
			unlink(path);
		}
		if ((load(s, NULL, 0, &conf, &errors) == STS_OK) != (rows[i].want > 0))
			fail_msg("%s: %s", rows[i].name, errors);
		if (conf == NULL && strncmp(errors, "F:1: header_key_file: ", 22) != 0)
			fail_msg("%s: got \"%s\"", rows[i].name, errors);
		if (conf != NULL && (conf->header_key.len != rows[i].want || conf->header_key.bytes[1] != 0x11 ||
		    conf->header_key.bytes[rows[i].want - 1] != 0xff))
			fail_msg("%s: another key of %zu bytes", rows[i].name, conf->header_key.len);
		free(errors);
		sts_conf_unref(&conf);
	}
}

/* ---- reload ---- */

static void
note_name(void *arg, const char *name)
{
	strcat(strcat(arg, name), " ");
}

static void
test_restart_needed(void **state)
{
	const struct scratch *s = *state;
	struct sts_conf *before, *after;
	char *errors, names[256] = "";

	write_text(s, "P", "one\n");
	write_text(s, "F", "redis_password_file = ~/P\nredis = none\npolicy_wait = 1s\n");
	assert_int_equal(load(s, NULL, 0, &before, &errors), STS_OK);
	free(errors);
	write_text(s, "P", "two\n");
	write_text(s, "F", "redis_password_file = ~/P\nredis = none\npolicy_wait = 3s\ncache_entries = 50k\n");
	assert_int_equal(load(s, NULL, 0, &after, &errors), STS_OK);
	free(errors);
	sts_conf_restart_needed(before, after, note_name, names);
	assert_string_equal(names, "redis_password_file cache_entries ");
	names[0] = '\0';
	sts_conf_restart_needed(after, after, note_name, names);
	assert_string_equal(names, "");

	/* counted: the second reference keeps it */
	struct sts_conf *second = sts_conf_ref(before);
	sts_conf_unref(&before);
	assert_int_equal(second->policy_wait_ms, 1000);
	sts_conf_unref(&second);
	sts_conf_unref(&after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test_setup_teardown(test_good, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_values, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_tls_goes_with_the_endpoint, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_bad, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_no_text, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_lengths, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_many_elements, make_scratch, remove_scratch),
		cmocka_unit_test(test_lists),
		cmocka_unit_test_setup_teardown(test_overrides, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_defaults_round_trip, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_header_key, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_restart_needed, make_scratch, remove_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
