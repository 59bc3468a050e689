/* SPDX-License-Identifier: ISC */
/* test_resolv_conf.c - which changes of resolv.conf are noticed, and when. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/dns/resolv_conf.h"

enum { LOOK = STS_RESOLV_CONF_LOOK_MS };

static char path[] = "/tmp/resolv-conf-XXXXXX";

static void
put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Renames a new file over the old one, as resolvconf and NetworkManager do. */
static void
replace(const char *text)
{
	char other[sizeof(path) + 4];

	snprintf(other, sizeof(other), "%s.new", path);
	put(other, text);
	assert_int_equal(rename(other, path), 0);
}

static void
changes(void **state)
{
	struct sts_resolv_conf conf;
	int64_t now = 1000;

	(void)state;
	put(path, "nameserver 192.0.2.1\n");
	sts_resolv_conf_begin(&conf, path, now);
	assert_false(sts_resolv_conf_changed(&conf, path, now += LOOK));

	replace("nameserver 192.0.2.2\n");		/* of the same size */
	assert_false(sts_resolv_conf_changed(&conf, path, now += LOOK - 1));	/* not checked yet */
	assert_true(sts_resolv_conf_changed(&conf, path, now += 1));
	assert_false(sts_resolv_conf_changed(&conf, path, now += LOOK));

	put(path, "nameserver 2001:db8::53\n");		/* in place */
	assert_true(sts_resolv_conf_changed(&conf, path, now += LOOK));
	assert_false(sts_resolv_conf_changed(&conf, path, now += LOOK));
}

static void
absence(void **state)
{
	struct sts_resolv_conf conf;
	int64_t now = 1000;

	(void)state;
	put(path, "nameserver 192.0.2.1\n");
	sts_resolv_conf_begin(&conf, path, now);
	assert_int_equal(unlink(path), 0);
	for (int i = 0; i < 3; i++)
		assert_false(sts_resolv_conf_changed(&conf, path, now += LOOK));
	put(path, "nameserver 192.0.2.53 # another\n");
	assert_true(sts_resolv_conf_changed(&conf, path, now += LOOK));

	/* missing at first: before the network is up */
	assert_int_equal(unlink(path), 0);
	sts_resolv_conf_begin(&conf, path, now);
	assert_false(sts_resolv_conf_changed(&conf, path, now += LOOK));
	put(path, "nameserver 192.0.2.1\n");
	assert_true(sts_resolv_conf_changed(&conf, path, now += LOOK));
	assert_false(sts_resolv_conf_changed(&conf, path, now += LOOK));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(changes), cmocka_unit_test(absence) };
	int fd = mkstemp(path), failed;

	if (fd == -1)
		return 1;
	(void)close(fd);
	failed = cmocka_run_group_tests_name("resolv_conf", tests, NULL, NULL);
	(void)unlink(path);
	return failed;
}
