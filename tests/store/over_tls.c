/* SPDX-License-Identifier: ISC */
/* over_tls.c - Redis over TLS: which connections succeed, and which are refused for which reason. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certificates.h"
#include "fixture.h"
#include "listener.h"
#include "log_lines.h"

static const struct certificate_spec specs[] = {
	{ "ca", NULL, NULL, -1, 30 },
	{ "other-ca", NULL, NULL, -1, 30 },
	{ "good", "ca", "DNS:redis.example,DNS:*.wild.example,DNS:localhost,IP:127.0.0.1", -1, 30 },
	{ "nameless", "ca", "", -1, 30 },
	{ "expired", "ca", "IP:127.0.0.1", -30, -1 },
	{ "early", "ca", "IP:127.0.0.1", 1, 30 },
	{ "elsewhere", "ca", "DNS:elsewhere.example,IP:127.0.0.2", -1, 30 },
	{ "unknown", "other-ca", "IP:127.0.0.1", -1, 30 },
	{ "self", NULL, "IP:127.0.0.1", -1, 30 },
	{ "client", "ca", "DNS:milter.example", -1, 30 },
	{ "old-client", "ca", "DNS:milter.example", -30, -1 },
	{ "strange-client", "other-ca", "DNS:milter.example", -1, 30 },
};

static int
make_all(void **state)
{
	(void)state;
	certificates_open();
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		certificates_make(&specs[i]);
	certificates_lock_key("client");
	certificates_join("client");
	return 0;
}

static int
remove_all(void **state)
{
	(void)state;
	certificates_close();
	return 0;
}

/* ---- a server, and a store on it ---- */

struct tls_server {
	struct redis_server *redis;
	uint16_t port;
};

static struct tls_server
start(const char *certificate, const char *more)
{
	struct tls_server s = { .port = redis_server_free_port() };
	char settings[1024];

	snprintf(settings, sizeof(settings), "tls-port %u\ntls-cert-file %s/%s.pem\ntls-key-file %s/%s.key\ntls-ca-cert-file %s\n%s\n",
	    (unsigned)s.port, certificates_path("."), certificate, certificates_path("."), certificate, certificates_path("ca.pem"),
	    more);
	s.redis = redis_server_start(settings);
	return s;
}

/* A client's settings; files by their names in the directory, "" for none. */
struct client {
	const char *name;
	const char *host, *server_name, *ca, *cert, *key;
	const char *words;	/* part of the logged reason; NULL: the connection succeeds */
};

static struct sts_store_params
params_of(const struct tls_server *s, const struct client *c)
{
	struct sts_store_params params = fixture_params(s->redis);
	char text[100];

	snprintf(text, sizeof(text), "tls:%s:%u", c->host, (unsigned)s->port);
	assert_true(sts_endpoint_parse(text, &params.endpoint, NULL, 0));
	params.endpoint.tls_with = (struct sts_endpoint_tls){
		.ca_file = certificates_path(c->ca),
		.server_name = c->server_name,
		.cert_file = certificates_path(c->cert),
		.key_file = certificates_path(c->key),
	};
	return params;
}

static void
check_client(const struct tls_server *s, const struct client *c)
{
	struct sts_store_params params = params_of(s, c);
	struct sts_entry *entry = fixture_entry(STS_STATE_ABSENT, 0, NOW), *got = NULL;
	struct sts_store *store;
	char away[200];
	enum sts_status status;

	redis_server_ask(s->redis, "FLUSHALL");
	log_lines_clear();
	store = fixture_open(&params);
	/* The store has copied its parameters. */
	params.endpoint.tls_with = (struct sts_endpoint_tls){ .server_name = "" };
	status = sts_store_put(store, entry, NOW);
	if (status == STS_OK)
		status = sts_store_get(store, "a.example", NOW, &got);
	if (status != (c->words == NULL ? STS_OK : STS_EUNAVAILABLE))
		fail_msg("%s: %d%s", c->name, (int)status, log_lines_text());
	snprintf(away, sizeof(away), "redis tls:%s:%u is away (TLS: ", c->host, (unsigned)s->port);
	if (log_lines_with("") != (c->words == NULL ? 0 : 1) || log_lines_with(away) != log_lines_with(""))
		fail_msg("%s: says%s", c->name, log_lines_text());
	if (c->words != NULL && log_lines_with(c->words) != 1)
		fail_msg("%s: wants \"%s\", says%s", c->name, c->words, log_lines_text());
	if (redis_server_number(s->redis, "EXISTS mta-sts:policy:{a.example}") != (c->words == NULL))
		fail_msg("%s: written, or not", c->name);
	log_lines_clear();
	sts_entry_unref(&got);
	sts_entry_unref(&entry);
	sts_store_close(&store);
}

static void
check_clients(const char *certificate, const char *more, const struct client *clients, size_t count)
{
	struct tls_server s = start(certificate, more);

	for (size_t i = 0; i < count; i++)
		check_client(&s, &clients[i]);
	redis_server_end(&s.redis);
}

#define CHECK(certificate, more, clients) check_clients(certificate, more, clients, sizeof(clients) / sizeof((clients)[0]))

/* ---- which certificates are trusted ---- */

static void
test_names(void **state)
{
	static const struct client good[] = {
		{ "address", "127.0.0.1", "", "ca.pem", "", "", NULL },
		{ "host", "localhost", "", "ca.pem", "", "", NULL },
		{ "another name", "127.0.0.1", "redis.example", "ca.pem", "", "", NULL },
		{ "another name with a dot", "127.0.0.1", "redis.example.", "ca.pem", "", "", NULL },
		{ "a name of the wild card", "127.0.0.1", "one.wild.example", "ca.pem", "", "", NULL },
		{ "two labels for a wild card", "127.0.0.1", "a.b.wild.example", "ca.pem", "", "", "does not match a.b.wild.example)" },
		{ "a wrong name", "127.0.0.1", "other.example", "ca.pem", "", "", "the certificate's name does not match other.example)" },
		{ "a wrong address", "127.0.0.1", "192.0.2.1", "ca.pem", "", "", "the certificate's name does not match 192.0.2.1)" },
		{ "an IPv6 address", "127.0.0.1", "2001:db8::1", "ca.pem", "", "", "does not match 2001:db8::1)" },
	};
	static const struct client elsewhere[] = {
		{ "of another address", "127.0.0.1", "", "ca.pem", "", "", "the certificate's name does not match 127.0.0.1)" },
		{ "of another host", "localhost", "", "ca.pem", "", "", "the certificate's name does not match localhost)" },
	};
	static const struct client nameless[] = {
		{ "the common name", "127.0.0.1", "nameless", "ca.pem", "", "", NULL },
		{ "not the common name", "localhost", "", "ca.pem", "", "", "does not match localhost)" },
	};

	(void)state;
	CHECK("good", "tls-auth-clients no", good);
	CHECK("elsewhere", "tls-auth-clients no", elsewhere);
	CHECK("nameless", "tls-auth-clients no", nameless);
}

static void
test_chains(void **state)
{
	static const struct client expired[] = { { "expired", "127.0.0.1", "", "ca.pem", "", "", "(TLS: certificate has expired)" } };
	static const struct client early[] = { { "early", "127.0.0.1", "", "ca.pem", "", "", "(TLS: certificate is not yet valid)" } };
	static const struct client unknown[] = {
		{ "unknown authority", "127.0.0.1", "", "ca.pem", "", "", "(TLS: unable to get local issuer certificate)" },
		{ "the system's authorities", "127.0.0.1", "", "", "", "", "(TLS: unable to get local issuer certificate)" },
		{ "its authority", "127.0.0.1", "", "other-ca.pem", "", "", NULL },
	};
	static const struct client self[] = {
		{ "signed by itself", "127.0.0.1", "", "ca.pem", "", "", "(TLS: self-signed certificate)" },
	};

	(void)state;
	CHECK("expired", "tls-auth-clients no", expired);
	CHECK("early", "tls-auth-clients no", early);
	CHECK("unknown", "tls-auth-clients no", unknown);
	CHECK("self", "tls-auth-clients no", self);
}

/* ---- our own certificate ---- */

#define ASKS "it asks for a certificate of ours, and redis_tls_cert_file is empty)"

static void
test_client_certificates(void **state)
{
	static const struct client clients[] = {
		{ "none", "127.0.0.1", "", "ca.pem", "", "", ASKS },
		{ "ours", "127.0.0.1", "", "ca.pem", "client.pem", "client.key", NULL },
		{ "both in one file", "127.0.0.1", "", "ca.pem", "client.both", "", NULL },
		{ "expired", "127.0.0.1", "", "ca.pem", "old-client.pem", "old-client.key", "alert certificate expired)" },
		{ "of an authority that is not its", "127.0.0.1", "", "ca.pem", "strange-client.pem", "strange-client.key",
		    "(TLS: the server says tlsv1 alert unknown ca)" },
	};
	static const char *const versions[] = { "TLSv1.2", "TLSv1.3" };
	char more[80];

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		snprintf(more, sizeof(more), "tls-auth-clients yes\ntls-protocols \"%s\"", versions[i]);
		CHECK("good", more, clients);
	}
}

/* The alert and the end of the connection race with what we send; the reason is logged either way. */
static void
test_reason_is_not_lost(void **state)
{
	static const struct client none = { "none", "127.0.0.1", "", "ca.pem", "", "", ASKS };
	struct tls_server s = start("good", "tls-auth-clients yes");

	(void)state;
	for (int i = 0; i < 50; i++)
		check_client(&s, &none);
	redis_server_end(&s.redis);
}

static void
test_files(void **state)
{
	static const struct client clients[] = {
		{ "no such file", "127.0.0.1", "", "missing.pem", "", "", "TLS: redis_tls_ca_file: No such file or directory: " },
		{ "no certificate", "127.0.0.1", "", "client.key", "", "", "TLS: redis_tls_ca_file: " },
		{ "no such certificate", "127.0.0.1", "", "ca.pem", "missing.pem", "client.key",
		    "TLS: redis_tls_cert_file: No such file or directory: " },
		{ "no key", "127.0.0.1", "", "ca.pem", "client.pem", "", "TLS: redis_tls_cert_file: the key in it: " },
		{ "another's key", "127.0.0.1", "", "ca.pem", "client.pem", "good.key", "TLS: redis_tls_key_file: key values mismatch: " },
		{ "a key with a passphrase", "127.0.0.1", "", "ca.pem", "client.pem", "client.locked", "TLS: redis_tls_key_file: " },
	};

	(void)state;
	CHECK("good", "tls-auth-clients no", clients);
}

/* ---- the connection ---- */

/* Replies larger than a TLS record, pipelines, a server that restarts: one connection, as long as the server lives. */
static void
test_much(void **state)
{
	static const struct client c = { "much", "127.0.0.1", "", "ca.pem", "client.pem", "client.key", NULL };
	struct tls_server s = start("good", "requirepass \"secret word\"");
	struct sts_store_params params = params_of(&s, &c);
	struct sts_entry *got;
	struct sts_store *store;
	char *text = malloc(60001);
	int64_t connections;

	(void)state;
	assert_non_null(text);
	strcpy(text, "version: STSv1\nmode: enforce\nmax_age: 604800\n");
	while (strlen(text) < 59000)
		strcat(text, "mx: mail.a.example\n");
	params.password = "secret word";
	store = fixture_open(&params);
	redis_server_ask(s.redis, "AUTH %s", "secret word");
	connections = redis_server_number(s.redis, "EVAL %s 0",
	    "return tonumber(string.match(redis.call('INFO', 'stats'), 'total_connections_received:(%d+)'))");
	for (int i = 0; i < 20; i++) {
		struct sts_entry_spec spec = { .domain = "a.example", .state = STS_STATE_POLICY, .id = "1", .text = text,
			.text_len = strlen(text) - (size_t)i * 19, .fetched = NOW, .checked = NOW, .expires = NOW + 604800 };
		struct sts_entry *entry;

		assert_int_equal(sts_entry_new(&spec, &entry), STS_OK);
		assert_int_equal(sts_store_put(store, entry, NOW), STS_OK);
		sts_entry_unref(&entry);
		assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_OK);
		sts_entry_unref(&got);
	}
	assert_int_equal(redis_server_number(s.redis, "EVAL %s 0",
	    "return tonumber(string.match(redis.call('INFO', 'stats'), 'total_connections_received:(%d+)'))"), connections + 1);
	redis_server_kill(s.redis);
	assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_EUNAVAILABLE);
	redis_server_again(s.redis);
	UNTIL(sts_store_get(store, "a.example", NOW, &got) == STS_OK);
	sts_entry_unref(&got);
	assert_int_equal(log_lines_with("is away"), log_lines_with("is back"));
	assert_int_equal(log_lines_with("secret"), 0);
	log_lines_clear();
	sts_store_close(&store);
	redis_server_end(&s.redis);
	free(text);
}

/* Servers that speak no TLS, or send nothing, and a client without TLS at a TLS port. */
static void
test_no_tls(void **state)
{
	static const struct client c = { "no TLS", "127.0.0.1", "", "ca.pem", "", "", NULL };
	struct tls_server s = start("good", "tls-auth-clients no"), plain = s;
	struct listener *l = listener_fake(ANSWERS, "-ERR unknown command\r\n");
	struct sts_store_params params;
	struct sts_store *store;
	struct sts_entry *got;
	int64_t begun_ms;

	(void)state;
	plain.port = listener_endpoint(l).port;
	params = params_of(&plain, &c);
	store = fixture_open(&params);
	assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("(TLS: the server's answer is no TLS)"), 1);
	sts_store_close(&store);
	listener_end(&l);

	l = listener_fake(ANSWERS, "");
	plain.port = listener_endpoint(l).port;
	params = params_of(&plain, &c);
	params.timeout_ms = 150;
	store = fixture_open(&params);
	begun_ms = sts_clock_mono_ms();
	assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_EUNAVAILABLE);
	assert_true(sts_clock_mono_ms() - begun_ms >= 150);
	assert_int_equal(log_lines_with("(TLS: the handshake did not end in time)"), 1);
	sts_store_close(&store);
	listener_end(&l);

	l = listener_fake(HANGS_UP, "");
	plain.port = listener_endpoint(l).port;
	params = params_of(&plain, &c);
	store = fixture_open(&params);
	assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("(TLS: "), 3);
	sts_store_close(&store);
	listener_end(&l);

	params = params_of(&s, &c);
	params.endpoint.tls = false;
	store = fixture_open(&params);
	for (int i = 0; i < 2; i++)	/* one closed connection does not yet mean that the server is away */
		assert_int_equal(sts_store_get(store, "a.example", NOW, &got), STS_EUNAVAILABLE);
	assert_int_equal(log_lines_with("redis tcp:"), 1);
	sts_store_close(&store);
	log_lines_clear();
	redis_server_end(&s.redis);
}

int
over_tls(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_client_certificates),
		cmocka_unit_test(test_reason_is_not_lost),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_no_tls),
	};

	return cmocka_run_group_tests_name("store: over TLS", tests, make_all, remove_all);
}
