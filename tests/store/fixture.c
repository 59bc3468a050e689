/* SPDX-License-Identifier: ISC */
/* fixture.c - a server, a store, an entry. */
#include "config.h"

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "log_lines.h"

struct redis_server *fixture_server;

static const char text[] = "version: STSv1\nmode: enforce\nmx: mail.a.example\nmx: *.b.example\nmax_age: 604800\n";

struct sts_store_params
fixture_params(struct redis_server *server)
{
	return (struct sts_store_params){
		.endpoint = redis_server_unix(server),
		.username = "",
		.password = "",
		.prefix = "mta-sts:",
		.timeout_ms = 5000,
		.stats_days = DAYS,
		.stream_maxlen = 1000,
		.node = "mx1.example.net",
	};
}

struct sts_store *
fixture_open(const struct sts_store_params *params)
{
	struct sts_store *store;

	assert_int_equal(sts_store_open(params, &store), STS_OK);
	return store;
}

struct sts_entry *
fixture_entry(enum sts_entry_state what, int64_t fetched, int64_t checked)
{
	bool policy = what == STS_STATE_POLICY;
	const struct sts_entry_spec spec = {
		.domain = "a.example",
		.state = what,
		.reason = what == STS_STATE_FAILED ? STS_REASON_FETCH_TIMEOUT : STS_REASON_NONE,
		.id = policy ? "20250809T1" : "",
		.text = policy ? text : "",
		.text_len = policy ? sizeof(text) - 1 : 0,
		.fetched = policy ? fetched : 0,
		.checked = checked,
		.expires = policy ? fetched + 604800 : checked + 300,
		.retry = what == STS_STATE_FAILED ? checked + 300 : 0,
	};
	struct sts_entry *entry;

	assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
	return entry;
}

int
fixture_setup(void **state)
{
	struct sts_store_params params = fixture_params(fixture_server);

	redis_server_ask(fixture_server, "FLUSHALL");
	redis_server_ask(fixture_server, "SCRIPT FLUSH");
	log_lines_clear();
	*state = fixture_open(&params);
	return 0;
}

/* Whatever the test, a working store logs no complaint. */
int
fixture_teardown(void **state)
{
	struct sts_store *store = *state;

	sts_store_close(&store);
	if (log_lines_with("is away") > 0)
		printf("unexpected:%s\n", log_lines_text());
	return log_lines_with("is away") == 0 ? 0 : -1;
}
