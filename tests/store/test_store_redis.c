/* SPDX-License-Identifier: ISC */
/* test_store_redis.c - the store against real redis-servers, and against servers that are not Redis. */
#include "config.h"

#include <stdio.h>

#include "fixture.h"
#include "log_lines.h"

int
main(void)
{
	int failed;

	if (!redis_server_exists()) {
		puts("there is no redis-server");
		return 77;
	}
	log_lines_open();
	fixture_server = redis_server_start("");
	failed = policies() + counters() + evidence() + histories() + fleet() + connecting();
	redis_server_end(&fixture_server);
	failed += broken_servers() + sentinel() + cluster() + over_tls() + trouble();
	return failed > 0;
}
