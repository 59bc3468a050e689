/* SPDX-License-Identifier: ISC */
/* mlfi_world.c - see mlfi_world.h. */
#include "config.h"

#include "tests/unit/session/mlfi_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/base/log.h"
#include "tests/fake/fake_cache.h"

struct world w;

static void
keep_line(enum sts_log_level level, const char *line)
{
	snprintf(w.line, sizeof(w.line), "%s", line);
	if (level == STS_LOG_WARN)
		w.warnings++;
}

int
world_open(const char *setting, const char *another)
{
	const char *const overrides[] = { "authserv_id=mx.test", "reject_text=100%% of %d", setting, another };
	struct sts_conf *conf;

	memset(&w, 0, sizeof(w));
	fake_reset();
	fake_mfapi_reset();
	assert_int_equal(sts_conf_load(NULL, overrides, 4, stderr, &conf), STS_OK);
	sts_log_open(keep_line, STS_LOG_INFO);
	service_init(&w.service, conf);
	assert_int_equal(mlfi_open(&w.service, "unix:/nowhere"), STS_OK);
	w.filter = fake_mfapi_filter();
	fake_policy("sender.test", STS_MODE_ENFORCE, "1", "mx.sender.test");
	return 0;
}

int
world_setup(void **state)
{
	(void)state;
	return world_open("local_domains=", "dry_run=no");
}

int
world_close(void **state)
{
	(void)state;
	w.filter->xxfi_close(&w.ctx);
	w.filter->xxfi_close(&w.ctx);
	service_fini(&w.service);
	sts_log_open(NULL, STS_LOG_INFO);
	return fake_open_lookups() == 0 ? 0 : -1;
}

void
negotiate(unsigned long actions, unsigned long steps)
{
	unsigned long f2, f3;

	fake_mfapi_reset();
	assert_int_equal(w.filter->xxfi_negotiate(&w.ctx, actions, steps, 0, 0, &w.actions, &w.steps, &f2, &f3),
	    SMFIS_CONTINUE);
	assert_int_equal(f2, 0);
	assert_int_equal(f3, 0);
}

void
message(size_t forged, unsigned long no_reply)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(4444) };
	char *from[] = { (char *)"<a@sender.test>", (char *)"SIZE=1", NULL }, *to[] = { (char *)"<b@ours.test>", NULL };
	const struct smfiDesc *f = w.filter;

#define ANSWER(bit) ((no_reply & (bit)) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE)
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &sin.sin_addr), 1);
	assert_int_equal(f->xxfi_connect(&w.ctx, (char *)"x", (struct sockaddr *)(void *)&sin), ANSWER(SMFIP_NR_CONN));
	assert_int_equal(f->xxfi_helo(&w.ctx, (char *)"helo.test"), ANSWER(SMFIP_NR_HELO));
	assert_int_equal(f->xxfi_envfrom(&w.ctx, from), ANSWER(SMFIP_NR_MAIL));
	assert_int_equal(f->xxfi_envrcpt(&w.ctx, to), ANSWER(SMFIP_NR_RCPT));
	assert_int_equal(f->xxfi_data(&w.ctx), SMFIS_CONTINUE);
	for (size_t i = 0; i < forged; i++)
		assert_int_equal(f->xxfi_header(&w.ctx, (char *)"x-mta-sts", (char *)"v"), ANSWER(SMFIP_NR_HDR));
	assert_int_equal(f->xxfi_header(&w.ctx, (char *)"X-MTA-STS-X", (char *)"v"), ANSWER(SMFIP_NR_HDR));
	assert_int_equal(f->xxfi_eoh(&w.ctx), ANSWER(SMFIP_NR_EOH));
	fake_mfapi_reset();
	if (w.failing != NULL)
		fake_mfapi_fail(w.failing);
	fake_mfapi_starve("chgheader", w.starved);
	assert_int_equal(f->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
}
