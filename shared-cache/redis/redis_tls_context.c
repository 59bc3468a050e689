/* SPDX-License-Identifier: ISC */
/* redis_tls_context.c - makes an OpenSSL context from the TLS settings. Uses no socket. */
#include "config.h"

#include "shared-cache/redis/redis_tls_private.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "shared-cache/base/text.h"
#include "shared-cache/names/ipaddr.h"

/* ---- texts of errors ---- */

const char *
sts_redis_tls_reason(unsigned long code, int error, char out[STS_REDIS_TLS_REASON_CAP])
{
	const char *words = code != 0 ? ERR_reason_error_string(code) : NULL;
	struct sts_text text;

	if (code != 0 && ERR_SYSTEM_ERROR(code))
		error = ERR_GET_REASON(code);
	else if (code != 0 && words == NULL)
		words = "an error without words in OpenSSL";
	if (words == NULL)
		return error != 0 ? strerror_r(error, out, STS_REDIS_TLS_REASON_CAP) : "the server has closed the connection";
	if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER)
		return "the server's answer is no TLS";
	sts_text_init(&text, out, STS_REDIS_TLS_REASON_CAP);
	if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET)
		sts_text_add(&text, "the server says ");
	sts_text_add(&text, words);
	return out;
}

static bool
blame(const char *setting, const char *file, char why[STS_REDIS_TLS_WHY_CAP])
{
	char reason[STS_REDIS_TLS_REASON_CAP];
	unsigned long code = ERR_get_error();
	struct sts_text text;

	sts_text_init(&text, why, STS_REDIS_TLS_WHY_CAP);
	sts_text_addf(&text, "TLS: %s: ", setting);
	sts_text_add(&text, code != 0 ? sts_redis_tls_reason(code, 0, reason) : "cannot be used");
	sts_text_add(&text, ": ");
	sts_text_add_shown(&text, file, strlen(file), STS_REDIS_TLS_WHY_CAP);
	return false;
}

/* ---- the context ---- */

static bool
is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* A daemon cannot use a key with a passphrase, which OpenSSL would ask for on the terminal. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf, (void)size, (void)writing, (void)arg;
	return -1;
}

static bool
load_authorities(SSL_CTX *context, const char *file, char why[STS_REDIS_TLS_WHY_CAP])
{
	if (!is_set(file))
		return SSL_CTX_set_default_verify_paths(context) == 1 || blame("the system's authorities", "", why);
	return SSL_CTX_load_verify_file(context, file) == 1 || blame("redis_tls_ca_file", file, why);
}

static bool
load_certificate(SSL_CTX *context, const struct sts_endpoint_tls *with, char why[STS_REDIS_TLS_WHY_CAP])
{
	bool has_file = is_set(with->key_file);
	const char *key = has_file ? with->key_file : with->cert_file;

	if (!is_set(with->cert_file))
		return true;
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(context, with->cert_file) != 1)
		return blame("redis_tls_cert_file", with->cert_file, why);
	/* If the key belongs to another certificate, OpenSSL says "key values mismatch". */
	return SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 ||
	    blame(has_file ? "redis_tls_key_file" : "redis_tls_cert_file: the key in it", key, why);
}

SSL_CTX *
sts_redis_tls_context(const struct sts_endpoint_tls *with, char why[STS_REDIS_TLS_WHY_CAP])
{
	SSL_CTX *context;

	ERR_clear_error();
	context = SSL_CTX_new(TLS_client_method());
	if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
		(void)blame("OpenSSL", "", why);
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);	/* so that a send never has to wait for input */
	/* A repeated send may have moved and grown: more commands were queued meanwhile. */
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (load_authorities(context, with->ca_file, why) && load_certificate(context, with, why))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

/* ---- the name to verify ---- */

bool
sts_redis_tls_expect(SSL *ssl, const struct sts_endpoint *where, char name[STS_ENDPOINT_NAME_CAP])
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	struct sts_text text;
	struct sts_ipaddr addr;

	sts_text_init(&text, name, STS_ENDPOINT_NAME_CAP);
	sts_text_add(&text, is_set(where->tls_with.server_name) ? where->tls_with.server_name : where->host);
	/* The final dot is DNS notation: no certificate has it, and SNI must not (RFC 6066 section 3). */
	if (text.len > 1 && name[text.len - 1] == '.')
		name[text.len - 1] = '\0';
	if (sts_ipaddr_parse(name, strlen(name), &addr))
		return X509_VERIFY_PARAM_set1_ip(param, addr.bytes, addr.family == 6 ? 16 : 4) == 1;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}
