/* SPDX-License-Identifier: ISC */
/* test_client_networks.c - which networks would lose TLS; and entries that the milter did not write. */
#include "config.h"

#include "stsctl/stats/client_networks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* An entry: at ts, from client, over this version; NULL leaves a field out. */
static void
add(struct client_networks *networks, const char *ts, const char *client, const char *version)
{
	struct sts_query_entry entry = { .id = "1-0" };
	const char *const pairs[][2] = { { "ts", ts }, { "client", client }, { "tls", version } };

	for (size_t i = 0; i < 3; i++)
		if (pairs[i][1] != NULL)
			entry.values[entry.value_count++] =
			    (struct sts_query_value){ pairs[i][0], pairs[i][1], strlen(pairs[i][1]) };
	assert_true(client_networks_add(networks, &entry));
}

static void
want(const struct client_network *n, const char *name, int64_t below, int64_t messages, int64_t last_ms)
{
	assert_non_null(n);
	assert_string_equal(n->name, name);
	assert_int_equal(n->below, below);
	assert_int_equal(n->messages, messages);
	assert_int_equal(n->last_ms, last_ms);
}

static void
test_networks(void **state)
{
	struct client_networks networks = { .min_rank = 4 };
	const struct client_network *n;

	(void)state;
	add(&networks, "5000", "192.0.2.0/24", "TLSv1.1");
	add(&networks, "4000", "192.0.2.7", "TLSv1");		/* kept in full */
	add(&networks, "9000", "192.0.2.0/24", "TLSv1.2");
	add(&networks, "6000", "198.51.100.0/24", "TLSv1.3");	/* nothing to fear */
	add(&networks, "6000", "203.0.113.0/24", "none");
	add(&networks, "6000", "203.0.113.0/24", "unknown");
	add(&networks, "6000", "2001:db8:1::/48", "SSLv3");
	add(&networks, "7000", "2001:db8:1:2::9", "TLSv1.4");
	add(&networks, "7000", "", "TLSv1");			/* evidence_client_addr = no */
	client_networks_settle(&networks);
	assert_int_equal(networks.messages, 9);
	assert_int_equal(networks.below, 4);
	assert_int_equal(networks.nameless, 1);
	assert_int_equal(networks.first_ms, 4000);
	assert_int_equal(HASH_COUNT(networks.networks), 2);
	n = networks.networks;
	want(n, "192.0.2.0/24", 2, 3, 5000);
	n = n->hh.next;
	want(n, "2001:db8:1::/48", 1, 2, 6000);
	client_networks_fini(&networks);
}

static void
test_hostile(void **state)
{
	struct client_networks networks = { .min_rank = 5 };
	char many[4] = "a";

	(void)state;
	add(&networks, NULL, "192.0.2.0/24", "TLSv1");
	add(&networks, "x", "192.0.2.0/24", "TLSv1");
	add(&networks, "1", "192.0.2.0/24", NULL);
	add(&networks, "1", "192.0.2.0/24", "a version that is longer than any version is");
	assert_int_equal(networks.messages, 0);
	add(&networks, "1", "192.0.2.0/24/24", "TLSv1");	/* what is behind the slash does not matter */
	add(&networks, "1", "\x1b[2J", "TLSv1");
	add(&networks, "1", many, "TLSv1");
	add(&networks, "1", "0123456789012345678901234567890123456789012345678901234567890", "TLSv1");
	add(&networks, "1", "/24", "TLSv1.1");
	client_networks_settle(&networks);
	assert_int_equal(networks.below, 5);
	assert_int_equal(networks.nameless, 4);
	assert_int_equal(HASH_COUNT(networks.networks), 1);
	want(networks.networks, "192.0.2.0/24", 1, 1, 1);
	client_networks_fini(&networks);
	assert_null(networks.networks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
