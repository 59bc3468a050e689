/* SPDX-License-Identifier: ISC */
/* test_conf_print.c - printed settings can be read again. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/settings/conf.h"
#include "tests/unit/settings/conf_scratch.h"

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
		/* the output, read again, gives the same settings */
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

/* The defaults, printed and read, are the defaults; no line of the file is too long for people. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, make_scratch, remove_scratch),
		cmocka_unit_test_setup_teardown(test_defaults_round_trip, make_scratch, remove_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
