/* SPDX-License-Identifier: ISC */
/*
 * test_net_loop.c - the real network code against real servers on loopback (servers.py). The tests are in the files that jobs.h names.
 * STS_NET_SERVERS in the environment is the path of servers.py. Exit 77 if a server program is not installed.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/net/jobs.h"

/* A system-wide minimum of TLS 1.2, as on Debian, would hide it if our own minimum were missing. */
static void
allow_old_tls(const char *servers)
{
	const char *slash = strrchr(servers, '/');
	char path[600];

	snprintf(path, sizeof(path), "%.*s/openssl.cnf", slash == NULL ? 1 : (int)(slash - servers), slash == NULL ? "." : servers);
	if (access(path, R_OK) != 0) {
		fprintf(stderr, "test_net_loop: cannot read %s\n", path);
		exit(1);
	}
	setenv("OPENSSL_CONF", path, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(making_loops),
		cmocka_unit_test(txt_answers),
		cmocka_unit_test(txt_all_at_once),
		cmocka_unit_test(txt_circle),
		cmocka_unit_test(txt_time_out),
		cmocka_unit_test(txt_deadline),
		cmocka_unit_test(txt_from_callback),
		cmocka_unit_test(any_type),
		cmocka_unit_test(fetches),
		cmocka_unit_test(fetches_time_out),
		cmocka_unit_test(second_address),
		cmocka_unit_test(special_addresses),
		cmocka_unit_test(special_address_at_the_socket),
		cmocka_unit_test(same_second_address),
		cmocka_unit_test(no_address_at_all),
		cmocka_unit_test(proxies_are_ignored),
		cmocka_unit_test(system_certificates),
		cmocka_unit_test(free_ends_everything),
		cmocka_unit_test(wakeups),
		cmocka_unit_test(waiting_costs_nothing),
		cmocka_unit_test(no_descriptor_is_left),
		cmocka_unit_test(no_descriptor_to_be_had),
	};
	/* once more, with HTTPS in the fetch process */
	const struct CMUnitTest by_process[] = {
		cmocka_unit_test_teardown(fetches, end_fetchers),
		cmocka_unit_test_teardown(fetches_time_out, end_fetchers),
		cmocka_unit_test_teardown(second_address, end_fetchers),
		cmocka_unit_test_teardown(special_addresses, end_fetchers),
		cmocka_unit_test_teardown(proxies_are_ignored, end_fetchers),
		cmocka_unit_test_teardown(txt_from_callback, end_fetchers),
		cmocka_unit_test_teardown(free_ends_everything, end_fetchers),
		cmocka_unit_test_teardown(wakeups, end_fetchers),
		cmocka_unit_test_teardown(waiting_costs_nothing, end_fetchers),
		cmocka_unit_test_teardown(no_descriptor_is_left, end_fetchers),
		cmocka_unit_test_teardown(no_descriptor_to_be_had, end_fetchers),
	};
	const char *servers = getenv("STS_NET_SERVERS");
	int status;

	if (servers == NULL)
		servers = "tests/net/servers.py";
	signal(SIGPIPE, SIG_IGN);
	status = world_start(&world, servers);
	if (status != 0)
		return status;
	allow_old_tls(servers);
	status = cmocka_run_group_tests(tests, NULL, NULL);
	fetcher_program = getenv("STS_FETCHER");
	if (fetcher_program != NULL)
		status |= cmocka_run_group_tests(by_process, NULL, NULL);
	return world_stop(&world) == 0 && status == 0 ? 0 : 1;
}
