/* SPDX-License-Identifier: ISC */
/* test_legacy_tls_probe.c - OpenSSL's server understands our ClientHello; we understand its answers, and others. */
#include "config.h"

#include "stsctl/probe/legacy_tls_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ssl.h>

static const uint8_t some_random[LEGACY_HELLO_RANDOM] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

/* ---- OpenSSL as the server ---- */

static void
use_new_certificate(SSL_CTX *context)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *cert = X509_new();

	assert_true(X509_set_pubkey(cert, key));
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), 86400));
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(context, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* How a server with these ciphers answers our ClientHello. */
static enum legacy_hello_answer
ask_openssl(const char *ciphers, const char *host, const struct weak_cipher **cipher)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	uint8_t bytes[4096];
	enum legacy_hello_answer answer;
	const char *name;
	SSL *ssl;
	int len;

	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_dh_auto(context, 1);
	use_new_certificate(context);
	assert_int_equal(SSL_CTX_set_min_proto_version(context, TLS1_VERSION), 1);
	assert_int_equal(SSL_CTX_set_cipher_list(context, ciphers), 1);
	ssl = SSL_new(context);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	len = (int)legacy_hello_make(host, some_random, bytes);
	assert_int_equal(BIO_write(SSL_get_rbio(ssl), bytes, len), len);
	(void)SSL_accept(ssl);
	name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	if (name != NULL)
		assert_string_equal(name, host);
	len = BIO_read(SSL_get_wbio(ssl), bytes, sizeof(bytes));
	assert_true(len > 0);
	answer = legacy_hello_read(bytes, (size_t)len, cipher);
	SSL_free(ssl);
	SSL_CTX_free(context);
	return answer;
}

static void
test_openssl(void **state)
{
	static const struct {
		const char *ciphers;
		enum legacy_hello_answer answer;
		const char *name;
	} rows[] = {
		{ "eNULL:!aNULL", LEGACY_HELLO_CHOSEN, "ECDHE-ECDSA-NULL-SHA" },
		{ "ALL:eNULL", LEGACY_HELLO_CHOSEN, "ECDHE-ECDSA-NULL-SHA" },
		{ "ADH-AES256-SHA", LEGACY_HELLO_CHOSEN, "ADH-AES256-SHA" },
		{ "AECDH-AES128-SHA:ECDHE-ECDSA-AES128-SHA", LEGACY_HELLO_CHOSEN, "AECDH-AES128-SHA" },
		{ "ALL:!aNULL:!eNULL", LEGACY_HELLO_DECLINED, NULL },
		{ "ECDHE-ECDSA-AES256-GCM-SHA384", LEGACY_HELLO_DECLINED, NULL },
	};
	const struct weak_cipher *cipher;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum legacy_hello_answer answer = ask_openssl(rows[i].ciphers, "mx.a.test", &cipher);

		if (answer != rows[i].answer || (cipher == NULL) != (rows[i].name == NULL) ||
		    (cipher != NULL && strcmp(cipher->name, rows[i].name) != 0))
			fail_msg("%s: got %d, %s", rows[i].ciphers, (int)answer, cipher != NULL ? cipher->name : "none");
	}
}

/* ---- answers byte by byte ---- */

/* A ServerHello of TLS 1.2 with a session id of id_len bytes. Returns the length. */
static size_t
make_answer(unsigned chosen, uint8_t id_len, uint8_t out[LEGACY_HELLO_ANSWER_MAX + 1])
{
	size_t message = 2 + 32 + 1 + (size_t)id_len + 2 + 1;
	const uint8_t head[] = { 22, 3, 3, 0, (uint8_t)(message + 4), 2, 0, 0, (uint8_t)message, 3, 3 };

	memset(out, 0xaa, LEGACY_HELLO_ANSWER_MAX + 1);
	memcpy(out, head, sizeof(head));
	out[43] = id_len;
	out[44 + id_len] = (uint8_t)(chosen >> 8);
	out[45 + id_len] = (uint8_t)chosen;
	out[46 + id_len] = 0;
	return message + 4 + 5;
}

static void
test_choices(void **state)
{
	static const struct {
		unsigned chosen;
		enum legacy_hello_answer answer;
		enum weak_kind kind;
	} rows[] = {
		{ 0x0001, LEGACY_HELLO_CHOSEN, WEAK_NULL },
		{ 0x0003, LEGACY_HELLO_CHOSEN, WEAK_EXPORT },
		{ 0x0009, LEGACY_HELLO_CHOSEN, WEAK_DES },
		{ 0x0005, LEGACY_HELLO_CHOSEN, WEAK_RC4 },
		{ 0x000a, LEGACY_HELLO_CHOSEN, WEAK_3DES },
		{ 0xc019, LEGACY_HELLO_CHOSEN, WEAK_ANONYMOUS },
		{ 0xc030, LEGACY_HELLO_GARBAGE, 0 },	/* a good one, which was not offered */
		{ 0x1301, LEGACY_HELLO_GARBAGE, 0 },
		{ 0x00ff, LEGACY_HELLO_GARBAGE, 0 },
	};
	uint8_t bytes[LEGACY_HELLO_ANSWER_MAX + 1];
	const struct weak_cipher *cipher;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = make_answer(rows[i].chosen, i % 2 == 0 ? 32 : 0, bytes);
		enum legacy_hello_answer answer = legacy_hello_read(bytes, len, &cipher);

		if (answer != rows[i].answer || (cipher != NULL && (cipher->kind != rows[i].kind || cipher->id != rows[i].chosen)))
			fail_msg("row %zu: got %d", i, (int)answer);
		assert_true(len - 1 <= LEGACY_HELLO_ANSWER_MAX);
		/* one byte before the cipher is complete */
		for (size_t cut = 0; cut < len - 1; cut++)
			assert_int_equal(legacy_hello_read(bytes, cut, &cipher), LEGACY_HELLO_MORE);
	}
}

static void
test_garbage(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t value;
		enum legacy_hello_answer answer;
	} rows[] = {
		{ "text", 0, '4', LEGACY_HELLO_GARBAGE },
		{ "alert", 0, 21, LEGACY_HELLO_DECLINED },
		{ "no TLS version", 1, 4, LEGACY_HELLO_GARBAGE },
		{ "record too short", 4, 39, LEGACY_HELLO_GARBAGE },
		{ "other message", 5, 1, LEGACY_HELLO_GARBAGE },
		{ "other version", 9, 2, LEGACY_HELLO_GARBAGE },
		{ "long session id", 43, 33, LEGACY_HELLO_GARBAGE },
	};
	const struct weak_cipher *cipher;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[LEGACY_HELLO_ANSWER_MAX + 1];
		size_t len = make_answer(0x000a, 32, bytes);

		bytes[rows[i].at] = rows[i].value;
		if (legacy_hello_read(bytes, len, &cipher) != rows[i].answer)
			fail_msg("%s: got %d", rows[i].name, (int)legacy_hello_read(bytes, len, &cipher));
	}
}

static void
test_hosts(void **state)
{
	uint8_t bytes[LEGACY_HELLO_CAP];
	char host[300];
	size_t none = legacy_hello_make("", some_random, bytes);

	(void)state;
	memset(host, 'a', sizeof(host));
	host[253] = '\0';
	assert_int_equal(legacy_hello_make(host, some_random, bytes), none + 9 + 253);
	host[253] = 'a';
	host[254] = '\0';
	assert_int_equal(legacy_hello_make(host, some_random, bytes), none);	/* too long for a domain */
	assert_true(none + 9 + 253 <= LEGACY_HELLO_CAP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openssl),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
