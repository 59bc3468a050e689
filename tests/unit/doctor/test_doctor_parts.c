/* SPDX-License-Identifier: ISC */
/* What stsctl doctor says of certificates, the milter's socket, rspamd, Redis and domains: tables of facts. */
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

#include "tests/unit/doctor/doctor_facts.h"

enum { DAY = 86400, NOW = 1800000000 };

/* ---- certificates ---- */

static const struct doctor_chain good_chain = {
	.setting = "smtpd_tls_chain_files",
	.files = { { .path = "/k.pem", .keys = 1, .mode = 0600 }, { .path = "/c.pem", .certs = 2, .mode = 0644 } },
	.file_count = 2,
	.leaves = { { .name = "mx.example.net", .names_host = true, .from = NOW - DAY, .until = NOW + 60 * (int64_t)DAY } },
	.leaf_count = 1,
};

static void
expect_chain(const char *row, const struct doctor_chain *chain, const char *want, bool unsure)
{
	struct doctor_chains chains = { .count = 1 };
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;

	chains.list[0] = *chain;
	facts_postfix(&pf, NULL, NULL, NULL);
	judge_certs(&pf, &chains, NOW, &f);
	assert_int_equal(f.unsure, unsure);
	facts_expect(row, &f, want);
	facts_fini(&pf);
}

static void
test_certificates(void **state)
{
	struct doctor_chain c = good_chain;

	(void)state;
	expect_chain("good", &c, "", false);
	c.leaves[0].from = NOW - 77 * (int64_t)DAY;
	c.leaves[0].until = NOW + 13 * (int64_t)DAY;
	expect_chain("soon", &c, "warn postfix.tls-expires-soon", false);
	c.leaves[0].until = NOW;
	expect_chain("expired", &c, "fail postfix.tls-expired", false);
	c = good_chain;
	strcpy(c.leaves[0].untrusted, "self-signed certificate");
	c.leaves[0].names_host = false;
	expect_chain("untrusted, another name", &c, "warn postfix.tls-chain, info postfix.tls-name", false);
	c = good_chain;
	c.leaf_count = 0;
	c.lonely_keys = 1;
	expect_chain("mismatch", &c, "fail postfix.tls-mismatch", false);
	c.lonely_keys = 0;
	c.files[0].keys = 0;
	expect_chain("no key", &c, "fail postfix.tls-certificate", false);
	c = good_chain;
	c.leaf_count = 0;
	c.files[1].certs = 0;
	expect_chain("no certificate", &c, "fail postfix.tls-certificate", false);
	c = good_chain;
	c.files[0].mode = 0644;
	expect_chain("open key", &c, "warn postfix.tls-key-open", false);
	c = good_chain;
	c.leaf_count = 0;
	c.files[0].state = FILE_MISSING;
	expect_chain("missing file", &c, "fail postfix.tls-file", false);
	c.files[0].state = FILE_BAD;
	expect_chain("bad file", &c, "fail postfix.tls-file", false);
	c.files[0].state = FILE_DENIED;
	expect_chain("file for root", &c, "info postfix.tls-file", true);
}

static void
test_no_certificate(void **state)
{
	const struct doctor_chains none = { .count = 0 };
	struct findings f = { .list = NULL };
	struct doctor_postfix pf;

	(void)state;
	facts_postfix(&pf, NULL, NULL, NULL);
	judge_certs(&pf, &none, NOW, &f);
	facts_expect("none", &f, "fail postfix.tls-certificate");
	facts_fini(&pf);
	facts_postfix(&pf, "smtpd_tls_security_level =\n", NULL, NULL);
	judge_certs(&pf, &none, NOW, &f);
	facts_expect("none, and no TLS", &f, "");
	facts_fini(&pf);
}

/* ---- what smtpd offers ---- */

static void
test_offers(void **state)
{
	static const struct { enum tls_probe_outcome outcome; const char *want; bool unsure; } rows[] = {
		{ TLS_PROBE_OK, "", false },
		{ TLS_PROBE_NOT_OFFERED, "fail postfix.starttls", false },
		{ TLS_PROBE_NOT_GRANTED, "fail postfix.starttls", false },
		{ TLS_PROBE_NO_TLS, "fail postfix.starttls", false },
		{ TLS_PROBE_NO_END, "fail postfix.starttls", false },
		{ TLS_PROBE_NO_CONNECTION, "warn postfix.down", false },
		{ TLS_PROBE_NO_ROUTE, "warn postfix.down", false },
		{ TLS_PROBE_MUTE, "warn postfix.down", false },
		{ TLS_PROBE_NO_REPLY, "warn postfix.down", false },
		{ TLS_PROBE_REFUSED, "warn postfix.down", false },
		{ TLS_PROBE_GARBAGE, "warn postfix.down", false },
		{ TLS_PROBE_SPECIAL, "info postfix.starttls", true },
		{ TLS_PROBE_TROUBLE, "info postfix.starttls", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_offers offers = { .list = { { .service = "smtp/inet", .result.outcome = rows[i].outcome } },
		    .count = 1 };
		struct findings f = { .list = NULL };

		judge_offers(&offers, &f);
		assert_int_equal(f.unsure, rows[i].unsure);
		facts_expect("an offer", &f, rows[i].want);
	}
}

static void
test_places_of_services(void **state)
{
	static const struct { const char *service, *interfaces; bool known; const char *addr; unsigned port; } rows[] = {
		{ "smtp", "all", true, "127.0.0.1", 25 },
		{ "2525", "loopback-only", true, "127.0.0.1", 2525 },
		{ "2525", "192.0.2.1, 192.0.2.2", true, "192.0.2.1", 2525 },
		{ "2525", "mx.example.net 192.0.2.2", true, "192.0.2.2", 2525 },
		{ "2525", "mx.example.net", false, "", 0 },
		{ "192.0.2.3:26", "all", true, "192.0.2.3", 26 },
		{ "[::1]:26", "all", true, "::1", 26 },
		{ "mx.example.net:26", "all", false, "", 0 },
		{ "no-such-service", "all", false, "", 0 },
		{ "0", "all", false, "", 0 },
		{ "65536", "all", false, "", 0 },
		{ ":", "all", false, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char settings[100], services[100], text[46];
		struct doctor_postfix pf;
		struct sts_ipaddr addr;
		uint16_t port = 0;
		bool known;

		snprintf(settings, sizeof(settings), "inet_interfaces = %s\n", rows[i].interfaces);
		snprintf(services, sizeof(services), "%s inet n - n - - smtpd\n", rows[i].service);
		facts_postfix(&pf, settings, services, NULL);
		known = doctor_service_place(&pf, &pf.conf->services[0], &addr, &port);
		if (known)
			sts_ipaddr_format(&addr, text);
		if (known != rows[i].known || (known && (strcmp(text, rows[i].addr) != 0 || port != rows[i].port)))
			fail_msg("%s %s", rows[i].service, rows[i].interfaces);
		facts_fini(&pf);
	}
}

/* ---- the milter's socket ---- */

static struct sts_conf *
settings(const char *override)
{
	struct sts_conf *conf;

	assert_int_equal(sts_conf_load(NULL, &override, override != NULL ? 1 : 0, stderr, &conf), STS_OK);
	return conf;
}

static void
test_socket(void **state)
{
	static const struct { const char *name; struct doctor_socket socket; const char *want; bool unsure; } rows[] = {
		{ "good", { .here = REACH_OK, .is_unix = true, .exists = true, .mode = 0660, .smtpd = REACH_OK }, "", false },
		{ "good, inet", { .here = REACH_OK, .smtpd = REACH_NOT_TRIED }, "", false },
		{ "not there", { .here = REACH_ABSENT, .smtpd = REACH_NOT_TRIED }, "fail milter.down", false },
		{ "nobody listens", { .here = REACH_REFUSED, .exists = true, .mode = 0660, .smtpd = REACH_REFUSED },
		  "fail milter.down", false },
		{ "hangs", { .here = REACH_SILENT, .smtpd = REACH_OK }, "fail milter.silent", false },
		{ "somebody else", { .here = REACH_ODD, .smtpd = REACH_OK }, "fail milter.silent", false },
		{ "not for us", { .here = REACH_DENIED, .smtpd = REACH_NOT_TRIED }, "info milter.unknown", true },
		{ "not for smtpd", { .here = REACH_OK, .exists = true, .mode = 0600, .smtpd = REACH_DENIED },
		  "fail milter.socket", false },
		{ "not in the chroot", { .here = REACH_OK, .smtpd = REACH_ABSENT, .chrooted = true }, "fail milter.socket",
		  false },
		{ "only root can try", { .here = REACH_OK, .smtpd = REACH_NOT_TRIED, .smtpd_why = "only root can try it" },
		  "info milter.unknown", true },
		{ "for everybody", { .here = REACH_OK, .exists = true, .mode = 0666, .smtpd = REACH_OK },
		  "info milter.socket-open", false },
	};
	struct sts_conf *conf = settings(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct findings f = { .list = NULL };

		judge_milter(conf, &rows[i].socket, &f);
		assert_int_equal(f.unsure, rows[i].unsure);
		facts_expect(rows[i].name, &f, rows[i].want);
	}
	sts_conf_unref(&conf);
}

static void
test_whose(void **state)
{
	static const struct { const char *socket, *milter; bool chrooted; enum doctor_whose want; } rows[] = {
		{ "unix:/nonexistent/m", "unix:/nonexistent/m", false, WHOSE_OURS },
		{ "unix:/nonexistent/m", "unix:/nonexistent/m", true, WHOSE_OURS_OUTSIDE },
		{ "unix:/nonexistent/q/m", "unix:/m", true, WHOSE_OURS },
		{ "unix:/nonexistent/q/m", "unix:m", false, WHOSE_OURS },
		{ "unix:/nonexistent/q/m", "unix:/m", false, WHOSE_OTHER },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:8890", false, WHOSE_OTHER },
		{ "inet:8890@127.0.0.1", "inet:127.0.0.1:8890", false, WHOSE_OURS },
		{ "inet:8890@[::1]", "inet:[::1]:8890", false, WHOSE_OURS },
		{ "inet:8890@0.0.0.0", "inet:192.0.2.1:8890", false, WHOSE_OURS },
		{ "inet:8890@127.0.0.1", "inet:192.0.2.1:8890", false, WHOSE_OTHER },
		{ "inet:8890@127.0.0.1", "inet:127.0.0.1:8891", false, WHOSE_OTHER },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:11332", false, WHOSE_RSPAMD },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:4711", false, WHOSE_RSPAMD },
		{ "unix:/nonexistent/m", "unix:/run/rspamd/milter.sock", false, WHOSE_RSPAMD },
		{ "unix:/nonexistent/m", "inet:127.0.0.1:711", false, WHOSE_OTHER },
	};
	const struct doctor_rspamd rspamd = { .places = { "localhost:4711" }, .place_count = 1 };
	struct doctor_postfix pf;

	(void)state;
	facts_postfix(&pf, "queue_directory = /nonexistent/q\n", NULL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct doctor_sights sights = { &pf, rows[i].socket, &rspamd };
		struct postfix_milter m;

		assert_true(postfix_milter_parse(rows[i].milter, strlen(rows[i].milter), &m));
		if (doctor_whose(&sights, &m, rows[i].chrooted) != rows[i].want)
			fail_msg("%s %s", rows[i].socket, rows[i].milter);
	}
	facts_fini(&pf);
}

/* ---- rspamd ---- */

static void
test_lua(void **state)
{
	static const struct { const char *text; bool found; const char *value; } rows[] = {
		{ "x {\n  authserv_id = \"mx.a\",\n}", true, "mx.a" },
		{ "authserv_id='mx.a'", true, "mx.a" },
		{ "authserv_id = ''", true, "" },
		{ "-- authserv_id = \"old\"\nauthserv_id = \"new\"", true, "new" },
		{ "--[[ authserv_id = \"old\"\n]] authserv_id = \"new\"", true, "new" },
		{ "x = 'authserv_id = \"old\"' authserv_id = \"new\"", true, "new" },
		{ "my_authserv_id = \"no\" authserv_id2 = \"no\"", false, "" },
		{ "authserv_id == \"no\"", false, "" },
		{ "authserv_id = other", false, "" },
		{ "authserv_id = \"never closed", false, "" },
		{ "authserv_id = \"two\nlines\"", false, "" },
		{ "authserv_id = \"esc\\\"aped\"", false, "" },
		{ "authserv_id", false, "" },
		{ "authserv_id =", false, "" },
		{ "--[[ authserv_id = \"x\"", false, "" },
		{ "'never closed authserv_id = \"x\"", false, "" },
		{ "\"\\", false, "" },
		{ "", false, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char value[POSTFIX_VALUE_CAP] = "before";

		if (doctor_lua_string(rows[i].text, "authserv_id", value) != rows[i].found || strcmp(value, rows[i].value) != 0)
			fail_msg("%s: \"%s\"", rows[i].text, value);
	}
}

static void
test_places(void **state)
{
	static const struct { const char *json; size_t count; const char *first; } rows[] = {
		{ "{\"normal\":{\"bind_socket\":\"localhost:11333\"}}\n"
		  "{\"rspamd_proxy\":{\"milter\":true,\"bind_socket\":\"*:1\"}}\n", 1, "*:1" },
		{ "{\"rspamd_proxy\":{\"milter\":true,\"bind_socket\":[\"a:1\",\"b:2\",3]}}", 2, "a:1" },
		{ "{\"rspamd_proxy\":{\"milter\":false,\"bind_socket\":\"a:1\"}}", 0, "" },
		{ "{\"a\":{\"milter\":true}}", 0, "" },
		{ "{\"a\":{\"milter\":true,\"bind_socket\":{}}} {\"a\":\"b\"} [1] "
		  "{\"a\":{\"milter\":true,\"bind_socket\":\"c:3\"}}", 1, "c:3" },
		{ "{\"a\":{\"milter\":true,\"bind_socket\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}}",
		  RSPAMD_PORTS_MAX, "1" },
		{ "{\"a\":", 0, "" },
		{ "nonsense", 0, "" },
		{ "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_rspamd r;

		memset(&r, 0, sizeof(r));
		doctor_rspamd_places(rows[i].json, &r);
		if (r.place_count != rows[i].count || strcmp(r.places[0], rows[i].first) != 0)
			fail_msg("%s: %zu \"%s\"", rows[i].json, r.place_count, r.places[0]);
	}
}

static struct doctor_rspamd
good_rspamd(void)
{
	struct doctor_rspamd r;

	memset(&r, 0, sizeof(r));
	r.present = r.config_good = r.rule = r.settings_known = true;
	strcpy(r.version, "3.4");
	strcpy(r.local_lua, "/etc/rspamd/rspamd.local.lua");
	strcpy(r.authserv_id, "MX.example.net");
	return r;
}

static void
expect_rspamd(const char *row, const struct sts_conf *conf, const struct doctor_rspamd *r, const char *want, bool unsure)
{
	struct findings f = { .list = NULL };

	judge_rspamd(conf, r, &f);
	assert_int_equal(f.unsure, unsure);
	facts_expect(row, &f, want);
}

static void
test_rspamd(void **state)
{
	struct sts_conf *conf = settings("authserv_id=mx.example.net");
	struct doctor_rspamd r = good_rspamd();

	(void)state;
	expect_rspamd("good", conf, &r, "", false);
	strcpy(r.authserv_id, "other.example.net");
	expect_rspamd("another name", conf, &r, "fail rspamd.authserv-id", false);
	r = good_rspamd();
	strcpy(r.version, "3.3.1");
	r.multimap = true;
	strcpy(r.modules[0], "/etc/rspamd/local.d/mta_sts.conf");
	strcpy(r.modules[1], "/etc/rspamd/local.d/tls_rpt.conf");
	r.module_count = 2;
	expect_rspamd("an old one, by the guide", conf, &r,
	    "warn rspamd.module-file, warn rspamd.module-file, info rspamd.multimap, warn rspamd.version", false);
	r = good_rspamd();
	r.rule = false;
	expect_rspamd("no rule", conf, &r, "warn rspamd.rule", false);
	r.config_good = false;
	strcpy(r.config_why, "syntax BAD");
	expect_rspamd("does not start", conf, &r, "fail rspamd.configtest", false);
	strcpy(r.config_why, "cannot open /etc/rspamd/x: Permission denied");
	r.dump_failed = true;
	expect_rspamd("not for us", conf, &r, "info rspamd.unknown", true);
	r = good_rspamd();
	r.present = false;
	expect_rspamd("absent", conf, &r, "info rspamd.absent", false);
	r = good_rspamd();
	r.settings_known = false;
	strcpy(r.authserv_id, "");
	expect_rspamd("settings not found", conf, &r, "", false);
	sts_conf_unref(&conf);
}

static void
test_own_host(void **state)
{
	struct sts_conf *conf = settings(NULL);	/* authserv_id is the host name */
	struct doctor_rspamd r = good_rspamd();

	(void)state;
	strcpy(r.authserv_id, "");
	expect_rspamd("both empty", conf, &r, "", false);
	sts_conf_unref(&conf);
}

static void
test_keys(void **state)
{
	static const char key[] = "00112233445566778899aabbccddeeff\n";
	struct doctor_rspamd r = good_rspamd();
	char path[] = "/tmp/mta-sts-doctor-key-XXXXXX", override[80];
	int fd = mkstemp(path);
	struct sts_conf *conf;

	(void)state;
	assert_true(fd >= 0 && write(fd, key, sizeof(key) - 1) == sizeof(key) - 1);
	close(fd);
	snprintf(override, sizeof(override), "header_key_file=%s", path);
	conf = settings(override);
	strcpy(r.authserv_id, conf->authserv_id);
	unlink(path);
	expect_rspamd("the milter signs for nobody", conf, &r, "info rspamd.key", false);
	strcpy(r.key_file, "/etc/rspamd/mta_sts.key");
	r.key = conf->header_key;
	expect_rspamd("the same", conf, &r, "", false);
	r.key.bytes[15] ^= 1;
	expect_rspamd("another", conf, &r, "fail rspamd.key", false);
	r.key_state = FILE_MISSING;
	expect_rspamd("missing", conf, &r, "fail rspamd.key", false);
	r.key_state = FILE_BAD;
	expect_rspamd("bad", conf, &r, "fail rspamd.key", false);
	r.key_state = FILE_DENIED;
	expect_rspamd("not for us", conf, &r, "info rspamd.key", true);
	sts_conf_unref(&conf);
	conf = settings(NULL);
	strcpy(r.authserv_id, conf->authserv_id);
	expect_rspamd("rspamd wants what the milter does not give", conf, &r, "fail rspamd.key", false);
	sts_conf_unref(&conf);
}

/* ---- Redis ---- */

static struct doctor_redis
good_redis(void)
{
	struct doctor_redis r = { .place = "unix:/r.sock", .reached = true, .user = "milter", .may_work = true, 
	    .version = "7.0.15",
		.role = "master", .maxmemory_policy = "noeviction", .used_memory = 1000000, .save = "3600 1", .has_time = true,
		.functions = FUNCTIONS_LOADED };

	return r;
}

static void
expect_redis(const char *row, const struct doctor_redis *r, const char *want)
{
	struct findings f = { .list = NULL };

	judge_redis(r, &f);
	assert_false(f.unsure);
	facts_expect(row, &f, want);
}

static void
test_redis_memory(void **state)
{
	struct doctor_redis r = good_redis();

	(void)state;
	strcpy(r.maxmemory_policy, "allkeys-lru");
	expect_redis("no limit, no eviction", &r, "");
	r.maxmemory = 10000000;
	expect_redis("eviction", &r, "warn redis.eviction");
	strcpy(r.maxmemory_policy, "volatile-ttl");
	r.used_memory = 9500000;
	expect_redis("eviction of what expires, soon", &r, "warn redis.eviction, warn redis.full");
	strcpy(r.maxmemory_policy, "noeviction");
	r.maxmemory = 1;
	expect_redis("one byte", &r, "warn redis.full");
	r = good_redis();
	strcpy(r.save, "");
	expect_redis("persistence", &r, "warn redis.persistence");
	r.aof = true;
	expect_redis("append-only file", &r, "");
}

static void
test_redis_tls(void **state)
{
	static const struct {
		const char *why, *want, *fix;
	} rows[] = {
		{ "Connection refused", "fail redis.unreachable", "systemctl start" },
		{ "TLS: certificate has expired", "fail redis.tls", "renew" },
		{ "127.0.0.1:7001: TLS: certificate is not yet valid", "fail redis.tls", "timedatectl" },
		{ "TLS: the certificate's name does not match r.example", "fail redis.tls", "redis_tls_server_name" },
		{ "TLS: self-signed certificate in certificate chain", "fail redis.tls", "redis_tls_ca_file" },
		{ "sentinel h:1: TLS: unable to get local issuer certificate", "fail redis.tls", "redis_tls_ca_file" },
		{ "TLS: the server says tlsv13 alert certificate required; it asks for a certificate of ours, and redis_tls_cert_file is "
		    "empty", "fail redis.tls", "redis_tls_key_file" },
		{ "TLS: the server says tlsv1 alert unknown ca", "fail redis.tls", "tls-ca-cert-file" },
		{ "TLS: redis_tls_key_file: key values mismatch: /x", "fail redis.tls", "mend that file" },
		{ "TLS: the server's answer is no TLS", "fail redis.tls", "tls-port" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_redis r = good_redis();
		struct findings f = { .list = NULL };

		r.reached = false;
		strcpy(r.why, rows[i].why);
		judge_redis(&r, &f);
		if (strstr(f.list[0].fix, rows[i].fix) == NULL)
			fail_msg("%s: fix: %s", rows[i].why, f.list[0].fix);
		facts_expect(rows[i].why, &f, rows[i].want);
	}
}

static void
test_redis_in_clear(void **state)
{
	static const struct {
		const char *redis;
		bool in_clear;
	} rows[] = {
		{ "none", false }, { "unix:/r", false }, { "tcp:localhost:1", false }, { "tcp:127.0.0.2:1", false }, { "tcp:[::1]:1", false },
		{ "tcp:192.0.2.1:1", true }, { "tcp:[2001:db8::1]:1", true }, { "tcp:r.example:1", true }, { "tls:r.example:1", false },
		{ "sentinel:m@127.0.0.1:1,192.0.2.1:1", true }, { "sentinel:m@127.0.0.1:1", false },
		{ "sentinel+tls:m@192.0.2.1:1", false }, { "cluster:192.0.2.1:1", true }, { "cluster+tls:192.0.2.1:1", false },
	};
	struct doctor_redis r = good_redis();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sts_endpoint e;

		assert_true(sts_endpoint_parse(rows[i].redis, &e, NULL, 0));
		if (doctor_goes_in_clear(&e) != rows[i].in_clear)
			fail_msg("%s", rows[i].redis);
	}
	r.in_clear = true;
	expect_redis("in the clear", &r, "info redis.plaintext");
}

static void
test_redis(void **state)
{
	struct doctor_redis r = good_redis();

	(void)state;
	expect_redis("good", &r, "");
	strcpy(r.user, "default");
	expect_redis("default user", &r, "info redis.acl");
	r.may_work = false;
	expect_redis("may not run scripts", &r, "fail redis.acl");
	r = good_redis();
	strcpy(r.version, "4.0.9");
	r.functions = FUNCTIONS_NONE;
	expect_redis("old", &r, "fail redis.version, info redis.functions");
	r = good_redis();
	strcpy(r.role, "slave");
	expect_redis("replica", &r, "fail redis.replica");
	r = good_redis();
	r.functions = FUNCTIONS_ABSENT;
	expect_redis("no functions", &r, "info redis.functions");
	r.functions = FUNCTIONS_OLD;
	expect_redis("old functions", &r, "info redis.functions");
	r = good_redis();
	r.ahead_s = -6;
	expect_redis("behind", &r, "warn redis.clock");
	r.ahead_s = 6;
	expect_redis("ahead", &r, "warn redis.clock");
	r.ahead_s = 5;
	expect_redis("five seconds", &r, "");
	r = good_redis();
	strcpy(r.info_refused, "NOPERM");
	strcpy(r.config_refused, "NOPERM");
	r.version[0] = r.role[0] = r.maxmemory_policy[0] = r.save[0] = '\0';
	r.functions = FUNCTIONS_REFUSED;
	expect_redis("the milter's own user", &r, "info redis.refused");
	r = good_redis();
	strcpy(r.config_refused, "NOPERM");
	r.save[0] = '\0';
	expect_redis("CONFIG refused", &r, "info redis.refused");
	r.reached = false;
	expect_redis("away", &r, "fail redis.unreachable");
	r.none = true;
	expect_redis("none", &r, "info redis.none");
}

static void
test_info(void **state)
{
	static const char info[] = "# Memory\r\nused_memory:5\r\nmaxmemory:10\r\nmaxmemory_policy:a\x1b" "b\r\nempty:\r\nlast:x";
	char out[64], small[8];

	(void)state;
	assert_string_equal(doctor_info(info, "maxmemory", out, sizeof(out)), "10");
	assert_string_equal(doctor_info(info, "maxmemory_policy", out, sizeof(out)), "a\\x1bb");
	assert_string_equal(doctor_info(info, "empty", out, sizeof(out)), "");
	assert_string_equal(doctor_info(info, "last", out, sizeof(out)), "x");
	assert_string_equal(doctor_info(info, "memory", out, sizeof(out)), "");
	assert_string_equal(doctor_info("", "memory", out, sizeof(out)), "");
	assert_string_equal(doctor_info(":", "", out, sizeof(out)), "");
	assert_true(strlen(doctor_info("a:0123456789abcdef", "a", small, sizeof(small))) < sizeof(small));
}

/* ---- domains ---- */

#define D(text) .name = text

static void
test_domains(void **state)
{
	static const struct {
		const char *name;
		struct doctor_domain list[3];
		size_t count;
		bool no_local;
		const char *unlisted, *want;
		bool unsure;
	} rows[] = {
		{ "nothing at all", { { D("") } }, 0, true, "", "", false },
		{ "good", { { D("a.example"), .setting = "mydestination", .local = true } }, 1, false, "", "", false },
		{ "local_domains empty", { { D("a.example"), .setting = "mydestination" } }, 1, true, "", "info domains.none",
		  false },
		{ "one missing", { { D("a.example"), .setting = "relay_domains", .local = true },
		  { D("b.example"), .setting = "relay_domains" } }, 2, false, "", "warn domains.missing", false },
		{ "one too many", { { D("a.example"), .setting = "relay_domains", .local = true }, 
		  { D("b.example"), .local = true } }, 2, false, "", "info domains.unknown", false },
		{ "who knows", { { D("b.example"), .local = true } }, 1, false, "relay_domains: mysql:/x",
		  "info domains.unlisted", false },
		{ "policies", { { D("a.example"), .setting = "x", .local = true, .policy = POLICY_THERE },
		  { D("b.example"), .setting = "x", .local = true, .policy = POLICY_ABSENT },
		  { D("c.example"), .setting = "x", .local = true, .policy = POLICY_BROKEN } }, 3, false, "",
		  "warn domains.policy, fail domains.policy", false },
		{ "not found out", { { D("a.example"), .setting = "x", .local = true, .policy = POLICY_UNKNOWN } }, 1, false, "",
		  "info domains.policy", true },
	};
	struct doctor_postfix pf;

	(void)state;
	facts_postfix(&pf, NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_domain list[3];
		struct doctor_domains domains = { .list = list, .count = rows[i].count, .no_local = rows[i].no_local };
		struct findings f = { .list = NULL };

		memcpy(list, rows[i].list, sizeof(list));
		snprintf(domains.unlisted, sizeof(domains.unlisted), "%s", rows[i].unlisted);
		judge_domains(&pf, &domains, &f);
		if (strcmp(rows[i].name, "one missing") == 0)
			assert_true(facts_fix_has(&f, "local_domains = a.example, b.example\n"));
		assert_int_equal(f.unsure, rows[i].unsure);
		facts_expect(rows[i].name, &f, rows[i].want);
	}
	facts_fini(&pf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_no_certificate),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_places_of_services),
		cmocka_unit_test(test_socket),
		cmocka_unit_test(test_whose),
		cmocka_unit_test(test_lua),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_rspamd),
		cmocka_unit_test(test_own_host),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_redis_memory),
		cmocka_unit_test(test_redis),
		cmocka_unit_test(test_redis_tls),
		cmocka_unit_test(test_redis_in_clear),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
