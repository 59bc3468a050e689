/* SPDX-License-Identifier: ISC */
/* test_mlfi.c - what the callbacks ask of libmilter, in which order, and what they answer. */
#include "config.h"

#include "milter/session/mlfi.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/base/log.h"
#include "tests/fake/fake_cache.h"
#include "tests/fake/fake_mfapi.h"

#define ALL_ACTIONS 0x1fful
#define ALL_STEPS 0x1ffffful

static struct world {
	struct service service;
	const struct smfiDesc *filter;
	SMFICTX ctx;
	unsigned long actions, steps;	/* what was asked for */
	const char *failing;		/* at the end of messages */
	size_t starved;			/* as many removals there find no memory */
	char line[2048];
	size_t warnings;
} w;

static bool no_memory;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

/* In place of calloc, by the linker. */
void *
__wrap_calloc(size_t count, size_t size)
{
	return no_memory ? NULL : __real_calloc(count, size);
}

static void
keep_line(enum sts_log_level level, const char *line)
{
	snprintf(w.line, sizeof(w.line), "%s", line);
	if (level == STS_LOG_WARN)
		w.warnings++;
}

static int
open_world(const char *setting, const char *another)
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

static int
setup(void **state)
{
	(void)state;
	return open_world("local_domains=", "dry_run=no");
}

static int
setup_local(void **state)
{
	(void)state;
	return open_world("local_domains=ours.test", "dry_run=no");
}

static int
setup_front(void **state)
{
	(void)state;
	return open_world("front_daemons=FRONT", "dry_run=no");
}

static int
setup_stripped(void **state)
{
	(void)state;
	return open_world("strip_forged=postfix", "dry_run=no");
}

static int
setup_tempfail(void **state)
{
	(void)state;
	return open_world("sender_enforce_action=tempfail", "dry_run=no");
}

static int
setup_quarantine(void **state)
{
	(void)state;
	return open_world("sender_enforce_action=quarantine", "dry_run=no");
}

static int
setup_dry_run(void **state)
{
	(void)state;
	return open_world("sender_enforce_action=reject", "dry_run=yes");
}

static int
teardown(void **state)
{
	(void)state;
	w.filter->xxfi_close(&w.ctx);
	w.filter->xxfi_close(&w.ctx);
	service_fini(&w.service);
	sts_log_open(NULL, STS_LOG_INFO);
	return fake_open_lookups() == 0 ? 0 : -1;
}

static void
negotiate(unsigned long actions, unsigned long steps)
{
	unsigned long f2, f3;

	fake_mfapi_reset();
	assert_int_equal(w.filter->xxfi_negotiate(&w.ctx, actions, steps, 0, 0, &w.actions, &w.steps, &f2, &f3),
	    SMFIS_CONTINUE);
	assert_int_equal(f2, 0);
	assert_int_equal(f3, 0);
}

/* Runs one message with forged fields to its end and checks each answer; no_reply: bits that were agreed. */
static void
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

static void
test_open(void **state)
{
	(void)state;
	assert_string_equal(fake_mfapi_call(0), "setconn unix:/nowhere");
	assert_string_equal(fake_mfapi_call(1), "opensocket 1");
	assert_null(w.filter->xxfi_body);
	assert_null(w.filter->xxfi_unknown);
	fake_mfapi_fail("opensocket");
	assert_int_equal(mlfi_open(&w.service, "unix:/nowhere"), STS_ESYS);
	fake_mfapi_reset();
	fake_mfapi_fail("setconn");
	assert_int_equal(mlfi_open(&w.service, "unix:/nowhere"), STS_ESYS);
}

static void
test_negotiate(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST);
	assert_int_equal(w.steps, SMFIP_NOBODY | SMFIP_NOUNKNOWN | SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOEOH | SMFIP_NR_CONN |
	    SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port}");
	assert_string_equal(fake_mfapi_call(5), "setsymlist 5 i");
	assert_string_equal(fake_mfapi_call(6),
	    "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr}");
	assert_int_equal(fake_mfapi_call_count(), 7);
	/* Nothing is asked for that is not offered. */
	negotiate(SMFIF_ADDHDRS | SMFIF_CHGHDRS, SMFIP_NR_HDR | SMFIP_NOBODY);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS);
	assert_int_equal(w.steps, SMFIP_NR_HDR | SMFIP_NOBODY);
	assert_int_equal(fake_mfapi_call_count(), 0);
	assert_int_equal(w.warnings, 0);
	negotiate(SMFIF_ADDHDRS, 0);
	assert_int_equal(w.warnings, 1);
}

static void
test_recipients_wanted(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NORCPT, 0);
	assert_int_equal(w.steps & SMFIP_NR_RCPT, SMFIP_NR_RCPT);
	fake_absent("ours.test");
	message(0, w.steps);
	assert_true(fake_asked("ours.test"));
}

/* An MTA that has refused a recipient itself, and says so. */
static void
test_recipient_refused_already(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	w.ctx.macros[0] = "{rcpt_mailer}";
	w.ctx.macros[1] = "error";
	message(0, w.steps);
	assert_false(fake_asked("ours.test"));
	assert_non_null(strstr(w.line, " rcpt=- "));
	w.ctx.macros[1] = "virtual";
	message(0, w.steps);
	assert_true(fake_asked("ours.test"));
}

/* Highest index first, and ours after that, at 1. */
static void
test_order(void **state)
{
	(void)state;
	for (size_t forged = 0; forged <= 8; forged++) {
		negotiate(ALL_ACTIONS, ALL_STEPS);
		message(forged, w.steps);
		assert_int_equal(fake_mfapi_call_count(), forged + 1);
		for (size_t i = 0; i < forged; i++) {
			char want[64];

			snprintf(want, sizeof(want), "chgheader X-MTA-STS %zu NULL", forged - i);
			assert_string_equal(fake_mfapi_call(i), want);
		}
		assert_memory_equal(fake_mfapi_call(forged), "insheader 1 X-MTA-STS v=1; host=mx.test; ", 41);
	}
}

/* Nothing is known of the mail, and it goes through: but not with what was forged. Afterwards all is as before. */
static void
test_no_memory(void **state)
{
	(void)state;
	for (size_t forged = 0; forged <= 3; forged++) {
		no_memory = true;
		negotiate(ALL_ACTIONS, ALL_STEPS);
		if (forged == 0)	/* later ones are too soon after it */
			assert_string_equal(w.line, "out of memory: a session goes through without being judged");
		message(forged, 0);
		assert_int_equal(fake_mfapi_call_count(), forged);
		for (size_t i = 0; i < forged; i++) {
			char want[64];

			snprintf(want, sizeof(want), "chgheader X-MTA-STS %zu NULL", forged - i);
			assert_string_equal(fake_mfapi_call(i), want);
		}
		no_memory = false;
		message(1, 0);
		assert_string_equal(fake_mfapi_call(0), "chgheader X-MTA-STS 1 NULL");
		assert_memory_equal(fake_mfapi_call(1), "insheader 1 X-MTA-STS v=1; ", 27);
		w.filter->xxfi_close(&w.ctx);
	}
}

/* What was counted of a message that was given up is none of the next one's. */
static void
test_no_memory_abort(void **state)
{
	(void)state;
	no_memory = true;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.filter->xxfi_header(&w.ctx, (char *)"X-MTA-STS", (char *)"v"), SMFIS_CONTINUE);
	assert_int_equal(w.filter->xxfi_abort(&w.ctx), SMFIS_CONTINUE);
	message(1, 0);
	no_memory = false;
	assert_int_equal(fake_mfapi_call_count(), 1);
}

static void
test_answers(void **state)
{
	static const unsigned long offers[] = { 0, ALL_STEPS, SMFIP_NR_CONN, SMFIP_NR_HELO, SMFIP_NR_MAIL, SMFIP_NR_RCPT,
		SMFIP_NR_HDR, SMFIP_NR_EOH, SMFIP_NR_DATA, ALL_STEPS & ~(unsigned long)SMFIP_NR_MAIL };

	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		negotiate(ALL_ACTIONS, offers[i]);
		message(1, offers[i]);
		message(1, offers[i]);
	}
}

static void
test_macros(void **state)
{
	static const char *const tls[] = { "{client_name}", "mail.sender.test", "{client_port}", "4444", "{tls_version}",
		"TLSv1.3", "{cipher}", "C", "{cipher_bits}", "256", "i", "4ABC", NULL };

	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	memcpy(w.ctx.macros, tls, sizeof(tls));
	message(0, w.steps);
	assert_non_null(strstr(w.line, "4ABC: result=pass "));
	assert_non_null(strstr(w.line, " tls=TLSv1.3 cipher=C bits=256 aligned=yes "));
	memset(w.ctx.macros, 0, sizeof(w.ctx.macros));
	message(0, w.steps);
	assert_non_null(strstr(w.line, "NOQUEUE: result=fail reason=plaintext "));
	w.ctx.macros[0] = "{auth_authen}";
	w.ctx.macros[1] = "joe";
	message(1, w.steps);
	assert_non_null(strstr(w.line, "exempt=auth"));
	assert_int_equal(fake_mfapi_call_count(), 1);
	/* The list of MAIL could not be set: then what is missing is unknown. */
	memset(w.ctx.macros, 0, sizeof(w.ctx.macros));
	fake_mfapi_reset();
	fake_mfapi_fail("setsymlist");
	w.filter->xxfi_negotiate(&w.ctx, ALL_ACTIONS, ALL_STEPS, 0, 0, &w.actions, &w.steps, &(unsigned long){ 0 },
	    &(unsigned long){ 0 });
	message(0, w.steps);
	assert_non_null(strstr(w.line, "result=neutral reason=tls-unknown "));
}

/* MAIL's parameters, of which one is of use; the sender is none, whatever he is called. */
static void
test_requiretls(void **state)
{
	static const struct {
		const char *argv[4];
		bool want;
	} rows[] = {
		{ { "<a@sender.test>", NULL }, false },
		{ { "<a@sender.test>", "REQUIRETLS", NULL }, true },
		{ { "<a@sender.test>", "SIZE=10", "RequireTLS", NULL }, true },
		{ { "<a@sender.test>", "REQUIRETLS=1", "XREQUIRETLS", NULL }, false },
		{ { "REQUIRETLS", "BODY=8BITMIME", NULL }, false },
	};

	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	message(0, w.steps);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *argv[4];

		for (size_t n = 0; n < 4; n++)
			argv[n] = (char *)rows[i].argv[n];
		w.filter->xxfi_envfrom(&w.ctx, argv);
		w.filter->xxfi_eom(&w.ctx);
		if ((strstr(w.line, " requiretls=yes ") != NULL) != rows[i].want)
			fail_msg("row %zu: %s", i, w.line);
	}
}

/* What is refused is not tried twice, is warned of once a minute, and does not keep the rest from being done. */
static void
test_failures(void **state)
{
	static const struct {
		const char *failing;
		unsigned long actions;
		const char *calls[4];
	} rows[] = {
		{ "chgheader", ALL_ACTIONS, { "chgheader X-MTA-STS 2", "chgheader X-MTA-STS 1", "insheader 1", "" } },
		{ "insheader", ALL_ACTIONS, { "chgheader X-MTA-STS 2", "chgheader X-MTA-STS 1", "insheader 1", "" } },
		{ NULL, SMFIF_ADDHDRS, { "insheader 1", "", "", "" } },
		{ NULL, SMFIF_CHGHDRS, { "chgheader X-MTA-STS 2", "chgheader X-MTA-STS 1", "", "" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		negotiate(rows[i].actions, 0);
		w.failing = rows[i].failing;
		memset(w.service.limits, 0, sizeof(w.service.limits));
		w.warnings = 0;
		message(2, 0);
		message(2, 0);
		if (w.warnings != 1)
			fail_msg("row %zu: %zu warnings", i, w.warnings);
		for (size_t n = 0; n < 4; n++) {
			size_t len = strlen(rows[i].calls[n]);

			if (strncmp(fake_mfapi_call(n), rows[i].calls[n], len > 0 ? len : 1) != 0)
				fail_msg("row %zu: call %zu is \"%s\"", i, n, fake_mfapi_call(n));
		}
	}
}

/* ---- refusals ---- */

/* A plaintext message from sender.test up to the answer to its recipient; the answer. */
static sfsistat
rcpt(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(4444) };
	char *from[] = { (char *)"<a@sender.test>", NULL }, *to[] = { (char *)"<b@ours.test>", NULL };

	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &sin.sin_addr), 1);
	w.filter->xxfi_connect(&w.ctx, (char *)"x", (struct sockaddr *)(void *)&sin);
	w.filter->xxfi_envfrom(&w.ctx, from);
	fake_mfapi_reset();
	if (w.failing != NULL)
		fake_mfapi_fail(w.failing);
	return w.filter->xxfi_envrcpt(&w.ctx, to);
}

/* Over TCP an answer to DATA keeps Postfix's headers moving; and where DATA comes, the end of the header must come, too. */
static void
test_negotiate_data(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS & ~(unsigned long)SMFIP_NODATA);
	assert_int_equal(w.steps & (SMFIP_NODATA | SMFIP_NOEOH), 0);
	assert_int_equal(mlfi_open(&w.service, "inet:8891@127.0.0.1"), STS_OK);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & (SMFIP_NODATA | SMFIP_NR_DATA | SMFIP_NOEOH), 0);
}

/* Who has Postfix remove forged fields sees none; from an MTA that sends them all the same, they are removed here. */
static void
test_stripped_by_postfix(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & (SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA), SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NODATA);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST);
	negotiate(ALL_ACTIONS, 0);
	message(1, 0);
	assert_string_equal(fake_mfapi_call(0), "chgheader X-MTA-STS 1 NULL");
}

/* What is negotiated when mail may be refused: recipients are answered, and messages may be held. */
static void
test_negotiate_enforcing(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST | SMFIF_QUARANTINE);
	assert_int_equal(w.steps, SMFIP_NOBODY | SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NOEOH | SMFIP_NR_CONN | SMFIP_NR_HELO |
	    SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port}");
	assert_string_equal(fake_mfapi_call(6),
	    "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr}");
	negotiate(SMFIF_ADDHDRS | SMFIF_CHGHDRS, 0);
	assert_int_equal(w.actions, SMFIF_ADDHDRS | SMFIF_CHGHDRS);
}

/* Certificates and names that DNS cannot tell now are asked for when a rule looks at them. */
static void
test_negotiate_rules(void **state)
{
	char path[] = "/tmp/test_mlfi.XXXXXX", setting[64];
	static const char *const rules[] = { "a.test tls=required action=reject\n", "a.test cert=b.test action=reject\n" };
	static const char *const macros[] = { "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {client_addr}",
		"setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} {cert_subject} {cert_issuer} {client_addr}" };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(setting, sizeof(setting), "domain_rules=%s", path);
	for (size_t i = 0; i < 2; i++) {
		const char *const overrides[] = { setting };
		struct sts_conf *conf;

		assert_int_equal(pwrite(fd, rules[i], strlen(rules[i]), 0), strlen(rules[i]));
		assert_int_equal(sts_conf_load(NULL, overrides, 1, stderr, &conf), STS_OK);
		service_conf_swap(&w.service, conf);
		negotiate(ALL_ACTIONS, ALL_STEPS);
		assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port} {client_resolve}");
		assert_string_equal(fake_mfapi_call(6), macros[i]);
	}
	close(fd);
	unlink(path);
}

static void
test_negotiate_front(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0 {client_name} {client_port} {daemon_name}");
	w.ctx.macros[0] = "{daemon_name}";
	w.ctx.macros[1] = "FRONT";
	message(0, w.steps);
	assert_non_null(strstr(w.line, " tls=unknown "));
}

static void
test_negotiate_dry_run(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & (SMFIP_NORCPT | SMFIP_NR_RCPT), SMFIP_NR_RCPT);
	assert_int_equal(rcpt(), SMFIS_NOREPLY);
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_non_null(strstr(w.line, " action=would-tempfail cause=sender-policy waived=dry-run "));
}

/* The policy's id is not confirmed in this world. */
static void
test_refuse_at_rcpt(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(rcpt(), SMFIS_TEMPFAIL);
	assert_string_equal(fake_mfapi_call(0), "setreply 450 4.7.10 100%% of sender.test");
	assert_int_equal(fake_mfapi_call_count(), 1);
	w.filter->xxfi_abort(&w.ctx);
	assert_non_null(strstr(w.line, " action=tempfail "));
	/* Without a text of ours it is refused all the same. */
	assert_int_equal(w.warnings, 0);
	w.failing = "setreply";
	assert_int_equal(rcpt(), SMFIS_TEMPFAIL);
	assert_int_equal(w.warnings, 1);
}

static void
test_refuse_at_end(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	fake_known_from("sender.test", 1);
	assert_int_equal(rcpt(), SMFIS_CONTINUE);
	fake_mfapi_reset();
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_TEMPFAIL);
	assert_string_equal(fake_mfapi_call(0), "setreply 450 4.7.10 100%% of sender.test");
	assert_int_equal(fake_mfapi_call_count(), 1);
}

static void
test_quarantine(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(rcpt(), SMFIS_CONTINUE);
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_memory_equal(fake_mfapi_call(0), "insheader 1 X-MTA-STS ", 22);
	assert_string_equal(fake_mfapi_call(1), "quarantine encryption needed");
	assert_int_equal(w.warnings, 0);
	/* The MTA does not offer it: somebody is told, and the mail goes through. */
	negotiate(ALL_ACTIONS & ~(unsigned long)SMFIF_QUARANTINE, ALL_STEPS);
	assert_int_equal(rcpt(), SMFIS_CONTINUE);
	assert_int_equal(w.filter->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(fake_mfapi_call_count(), 1);
	assert_int_equal(w.warnings, 1);
}

/* libmilter gets no memory for a while: the changes come late, but all of them come. */
static void
test_shortage(void **state)
{
	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	w.starved = 3;
	message(2, w.steps);
	assert_int_equal(fake_mfapi_call_count(), 3 + 3);
	assert_string_equal(fake_mfapi_call(2), "chgheader X-MTA-STS 2 NULL");
	assert_string_equal(fake_mfapi_call(3), "chgheader X-MTA-STS 2 NULL");
	assert_string_equal(fake_mfapi_call(4), "chgheader X-MTA-STS 1 NULL");
	assert_int_equal(w.warnings, 0);
}

/* The first session tells the client's address twice. After that, CONNECT is left out, until an MTA leaves out the macro. */
static void
test_without_connect(void **state)
{
	static const char *const macros[] = { "{client_addr}", "192.0.2.1", "{client_name}", "mail.sender.test", "{client_port}", "4444",
		"{tls_version}", "TLSv1.3", "{cipher}", "C", "{cipher_bits}", "256", NULL };
	char *from[] = { (char *)"<a@sender.test>", NULL };

	(void)state;
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
	memcpy(w.ctx.macros, macros, sizeof(macros));
	message(0, w.steps);
	w.filter->xxfi_close(&w.ctx);
	/* An MTA that must tell of CONNECT is let. */
	negotiate(ALL_ACTIONS, ALL_STEPS & ~(unsigned long)SMFIP_NOCONNECT);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, SMFIP_NOCONNECT);
	assert_string_equal(fake_mfapi_call(0), "setsymlist 0  ");
	assert_string_equal(fake_mfapi_call(6), "setsymlist 2 {tls_version} {cipher} {cipher_bits} {tls_sni} {auth_type} {auth_authen} "
	    "{client_addr} {client_name} {client_port}");
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_non_null(strstr(w.line, " aligned=yes "));
	assert_non_null(strstr(w.line, " client=192.0.2.0/24"));
	/* {client_addr} is missing: told once, and CONNECT is wanted again. */
	w.ctx.macros[0] = "{something_else}";
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_null(strstr(w.line, " client=192.0.2.0/24"));
	assert_int_equal(w.warnings, 1);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
	w.ctx.macros[0] = "{client_addr}";
	message(0, w.steps);
	negotiate(ALL_ACTIONS, ALL_STEPS);
	assert_int_equal(w.steps & SMFIP_NOCONNECT, 0);
}

/* There was no memory for a session before MAIL: its client is no local one, and is judged. */
static void
test_late_session(void **state)
{
	static const char *const macros[] = { "{client_addr}", "192.0.2.1", "{client_port}", "4444", NULL };
	char *from[] = { (char *)"<a@sender.test>", NULL };

	(void)state;
	memcpy(w.ctx.macros, macros, sizeof(macros));
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_null(strstr(w.line, "exempt="));
	assert_non_null(strstr(w.line, " client=192.0.2.0/24"));
	w.filter->xxfi_close(&w.ctx);
	/* Nor where the macro is missing: without memory it was not asked for, and Postfix's own list has it not. */
	memset(w.ctx.macros, 0, sizeof(w.ctx.macros));
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_non_null(strstr(w.line, " reason=tls-unknown "));
	assert_non_null(strstr(w.line, " client=-"));
	assert_int_equal(w.warnings, 0);
	/* An MTA that tells nothing at all of its client, though it was asked, is our own machine's, as ever. */
	negotiate(ALL_ACTIONS, ALL_STEPS);
	w.filter->xxfi_envfrom(&w.ctx, from);
	w.filter->xxfi_eom(&w.ctx);
	assert_non_null(strstr(w.line, "exempt=local"));
}

/* Events out of order, or without those that should come before: never a crash, and forged fields go. */
static void
test_odd_order(void **state)
{
	char *from[] = { (char *)"<a@sender.test>", NULL };
	const struct smfiDesc *f = w.filter;

	(void)state;
	assert_int_equal(f->xxfi_close(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(f->xxfi_abort(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(f->xxfi_eom(&w.ctx), SMFIS_CONTINUE);
	assert_int_equal(fake_mfapi_call_count(), 2);	/* those of mlfi_open */
	assert_int_equal(f->xxfi_envrcpt(&w.ctx, from), SMFIS_CONTINUE);
	f->xxfi_close(&w.ctx);
	/* A second session on the same connection, without negotiation. */
	message(2, 0);
	assert_string_equal(fake_mfapi_call(0), "chgheader X-MTA-STS 2 NULL");
	assert_int_equal(fake_mfapi_call_count(), 3);
	assert_non_null(strstr(w.line, " tls=unknown "));
	f->xxfi_envfrom(&w.ctx, from);
	f->xxfi_header(&w.ctx, (char *)"X-MTA-STS", (char *)"v");
	f->xxfi_abort(&w.ctx);
	fake_mfapi_reset();
	f->xxfi_eom(&w.ctx);
	assert_int_equal(fake_mfapi_call_count(), 0);
	f->xxfi_envfrom(&w.ctx, from);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_negotiate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_negotiate_data, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stripped_by_postfix, setup_stripped, teardown),
		cmocka_unit_test_setup_teardown(test_recipients_wanted, setup_local, teardown),
		cmocka_unit_test_setup_teardown(test_recipient_refused_already, setup_local, teardown),
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory_abort, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_macros, setup, teardown),
		cmocka_unit_test_setup_teardown(test_requiretls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shortage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_connect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_negotiate_enforcing, setup_tempfail, teardown),
		cmocka_unit_test_setup_teardown(test_negotiate_rules, setup, teardown),
		cmocka_unit_test_setup_teardown(test_negotiate_front, setup_front, teardown),
		cmocka_unit_test_setup_teardown(test_negotiate_dry_run, setup_dry_run, teardown),
		cmocka_unit_test_setup_teardown(test_refuse_at_rcpt, setup_tempfail, teardown),
		cmocka_unit_test_setup_teardown(test_refuse_at_end, setup_tempfail, teardown),
		cmocka_unit_test_setup_teardown(test_quarantine, setup_quarantine, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
