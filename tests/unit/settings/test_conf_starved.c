/* SPDX-License-Identifier: ISC */
/* test_conf_starved.c - loads a configuration while memory fails: all of it or nothing, and no error message about the file. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/settings/conf.h"
#include "tests/fake/starve.h"

static enum sts_status
load(void *arg)
{
	char said[4096] = "";
	FILE *errors = fmemopen(said, sizeof(said), "w");
	struct sts_conf *conf;
	enum sts_status status;

	if (errors == NULL)
		return STS_ENOMEM;
	status = sts_conf_load(arg, NULL, 0, errors, &conf);
	fclose(errors);
	if (said[0] != '\0')
		fail_msg("it says: %s", said);
	assert_int_equal(conf == NULL, status != STS_OK);
	if (conf != NULL) {
		assert_true(sts_domain_set_contains(conf->local_domains, "c.example"));
		assert_int_equal(sts_domain_rules_count(conf->domain_rules), 2);
		assert_string_equal(conf->redis_password, "s3cret");
	}
	sts_conf_unref(&conf);
	return status;
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void
test_each_kind_of_setting(void **state)
{
	static const char *const names[] = { "F", "P", "D", "R" };
	char directory[] = "/tmp/test_conf_starved.XXXXXX", paths[4][64], text[2048];

	(void)state;
	assert_non_null(mkdtemp(directory));
	for (size_t i = 0; i < 4; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%s", directory, names[i]);
	snprintf(text, sizeof(text), "redis = tcp:192.0.2.1:6379\nredis_password_file = %s\nlocal_domains = file:%s\ndomain_rules = %s\n"
	    "milter_socket = inet:8890@127.0.0.1\nmilter_socket_group = postfix\nauthserv_id = mx.example\n"
	    "trusted_networks = 192.0.2.0/24\n 2001:db8::/32\nweak_ciphers = *A* B\nfront_daemons = FRONT inner\n"
	    "user_agent_contact = mailto:a@b.example\nmetrics_listen = 127.0.0.1:9925\ndns_servers = 192.0.2.1\n"
	    "report_addresses = abuse postmaster@a.example\nreport_authserv_ids = a.example b.example\n", paths[1], paths[2], paths[3]);
	write_file(paths[0], text);
	write_file(paths[1], "s3cret\n");
	write_file(paths[2], "a.example\n# b\n\nc.example\n");
	write_file(paths[3], "a.example exempt\n.a.example version=TLSv1.3 action=tempfail client=192.0.2.1\nsend:b.example tls=secure\n");
	assert_true(starve(STARVE_OWN, load, paths[0]) > 50);
	for (size_t i = 0; i < 4; i++)
		unlink(paths[i]);
	rmdir(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_setting),
	};

	if (!starve_can())
		return 77;	/* skipped */
	return cmocka_run_group_tests_name("conf_starved", tests, NULL, NULL);
}
