/* SPDX-License-Identifier: ISC */
/* redis_tls.c - the TLS session: handshake, reading, writing. redis_tls_context.c makes the context. */
#include "config.h"

#include "shared-cache/redis/redis_tls.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "shared-cache/base/text.h"
#include "shared-cache/redis/redis_tls_private.h"
#include "shared-cache/runtime/socket.h"

struct sts_redis_tls {
	SSL *ssl;
	BIO_METHOD *method;
	int fd;
	bool is_asked;		/* the server asked for a client certificate */
	bool has_certificate;
	bool is_over;		/* the session is over; not even close_notify may be sent */
	char name[STS_ENDPOINT_NAME_CAP];	/* the name that the certificate must match */
	char why[STS_REDIS_TLS_WHY_CAP];
};

/* ---- the socket as OpenSSL sees it: its own BIO for sockets raises SIGPIPE ---- */

static int
write_socket(BIO *bio, const char *bytes, int len)
{
	const struct sts_redis_tls *tls = BIO_get_data(bio);
	ssize_t n = send(tls->fd, bytes, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);

	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)n;
}

static int
read_socket(BIO *bio, char *bytes, int cap)
{
	const struct sts_redis_tls *tls = BIO_get_data(bio);
	ssize_t n = recv(tls->fd, bytes, (size_t)cap, MSG_DONTWAIT);

	BIO_clear_retry_flags(bio);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	return (int)n;
}

static long
control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio, (void)number, (void)pointer;
	return command == BIO_CTRL_FLUSH;	/* nothing is buffered */
}

static BIO *
open_bio(struct sts_redis_tls *tls)
{
	BIO *bio;

	tls->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket of Redis");
	if (tls->method == NULL || BIO_meth_set_write(tls->method, write_socket) != 1 ||
	    BIO_meth_set_read(tls->method, read_socket) != 1 || BIO_meth_set_ctrl(tls->method, control) != 1 ||
	    (bio = BIO_new(tls->method)) == NULL)
		return NULL;
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	return bio;
}

/* ---- reasons of failures ---- */

/* code: from OpenSSL's error queue, or 0; error: an errno, or 0. */
static void
note(struct sts_redis_tls *tls, unsigned long code, int error)
{
	long verified = SSL_get_verify_result(tls->ssl);
	char reason[STS_REDIS_TLS_REASON_CAP];
	struct sts_text text;

	sts_text_init(&text, tls->why, sizeof(tls->why));
	/* Later failures of the connection have nothing to do with TLS. */
	sts_text_add(&text, code != 0 || !SSL_is_init_finished(tls->ssl) ? "TLS: " : "");
	if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH)
		sts_text_addf(&text, "the certificate's name does not match %s", tls->name);
	else if (verified != X509_V_OK)
		sts_text_add(&text, X509_verify_cert_error_string(verified));
	else
		sts_text_add(&text, sts_redis_tls_reason(code, error, reason));
	if (verified == X509_V_OK && tls->is_asked && !tls->has_certificate)
		sts_text_add(&text, "; it asks for a certificate of ours, and redis_tls_cert_file is empty");
}

/* Records why the session ended; rc: of the failed call. Sets errno. */
static ssize_t
end(struct sts_redis_tls *tls, int rc)
{
	int saved = errno, error = SSL_get_error(tls->ssl, rc);
	unsigned long code = ERR_get_error();

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	tls->is_over = true;
	note(tls, error == SSL_ERROR_SSL ? code : 0, error == SSL_ERROR_SYSCALL ? saved : 0);
	errno = EPROTO;
	return -1;
}

const char *
sts_redis_tls_why(const struct sts_redis_tls *tls)
{
	return tls->why;
}

/* ---- opening ---- */

/* Called when the server asks for a certificate. If we have one, it was set before. */
static int
on_asked(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	struct sts_redis_tls *tls = SSL_get_app_data(ssl);

	(void)cert, (void)key;
	tls->is_asked = true;
	return 0;
}

static bool
make_session(struct sts_redis_tls *tls, const struct sts_endpoint *where)
{
	SSL_CTX *context = sts_redis_tls_context(&where->tls_with, tls->why);
	BIO *bio;
	bool good;

	if (context == NULL)
		return false;
	SSL_CTX_set_client_cert_cb(context, on_asked);
	tls->ssl = SSL_new(context);
	SSL_CTX_free(context);
	bio = tls->ssl != NULL ? open_bio(tls) : NULL;
	good = bio != NULL;
	if (good) {
		SSL_set_bio(tls->ssl, bio, bio);
		SSL_set_app_data(tls->ssl, tls);
		SSL_set_connect_state(tls->ssl);
		good = sts_redis_tls_expect(tls->ssl, where, tls->name);
	}
	if (!good)
		strcpy(tls->why, "TLS: no memory");
	return good;
}

static bool
shake_hands(struct sts_redis_tls *tls, int64_t deadline_ms)
{
	for (;;) {
		int rc;

		ERR_clear_error();
		errno = 0;
		if ((rc = SSL_do_handshake(tls->ssl)) == 1)
			return true;
		(void)end(tls, rc);
		if (tls->is_over)
			return false;
		if (sts_socket_wait(tls->fd, SSL_want_write(tls->ssl) ? POLLOUT : POLLIN, deadline_ms) == 0) {
			strcpy(tls->why, "TLS: the handshake did not end in time");
			return false;
		}
	}
}

struct sts_redis_tls *
sts_redis_tls_open(const struct sts_endpoint *where, int fd, int64_t deadline_ms, char why[STS_REDIS_TLS_WHY_CAP])
{
	struct sts_redis_tls *tls = calloc(1, sizeof(*tls));

	if (tls == NULL) {
		strcpy(why, "TLS: no memory");
		return NULL;
	}
	tls->fd = fd;
	tls->has_certificate = where->tls_with.cert_file != NULL && where->tls_with.cert_file[0] != '\0';
	if (make_session(tls, where) && shake_hands(tls, deadline_ms))
		return tls;
	memcpy(why, tls->why, sizeof(tls->why));
	tls->is_over = true;
	sts_redis_tls_close(&tls);
	return NULL;
}

void
sts_redis_tls_close(struct sts_redis_tls **tls)
{
	struct sts_redis_tls *t = *tls;

	*tls = NULL;
	if (t == NULL)
		return;
	if (!t->is_over)
		(void)SSL_shutdown(t->ssl);	/* sends close_notify, and does not wait for the reply */
	SSL_free(t->ssl);
	BIO_meth_free(t->method);
	ERR_clear_error();
	free(t);
}

/* ---- reading and writing ---- */

/* A server that rejects our certificate sends an alert and closes. Our next send then fails, but the alert can still be read. */
static void
read_last_words(struct sts_redis_tls *tls, int error)
{
	char byte;
	int rc;

	ERR_clear_error();
	rc = SSL_read(tls->ssl, &byte, 1);
	if (rc <= 0 && SSL_get_error(tls->ssl, rc) == SSL_ERROR_SSL)
		note(tls, ERR_get_error(), 0);
	else
		note(tls, 0, error);
}

ssize_t
sts_redis_tls_send(struct sts_redis_tls *tls, const void *bytes, size_t len)
{
	size_t sent;
	ssize_t n;
	int rc, error;

	ERR_clear_error();
	errno = 0;
	if ((rc = SSL_write_ex(tls->ssl, bytes, len, &sent)) == 1)
		return (ssize_t)sent;
	error = errno;
	n = end(tls, rc);
	if (tls->is_over && (error == EPIPE || error == ECONNRESET)) {
		read_last_words(tls, error);
		errno = EPROTO;
	}
	return n;
}

ssize_t
sts_redis_tls_receive(struct sts_redis_tls *tls, void *bytes, size_t cap)
{
	size_t got;
	int rc;

	ERR_clear_error();
	errno = 0;
	if ((rc = SSL_read_ex(tls->ssl, bytes, cap, &got)) == 1)
		return (ssize_t)got;
	if (SSL_get_error(tls->ssl, rc) == SSL_ERROR_ZERO_RETURN)
		return 0;
	return end(tls, rc);
}

bool
sts_redis_tls_has_bytes(const struct sts_redis_tls *tls)
{
	return SSL_pending(tls->ssl) > 0;
}

short
sts_redis_tls_wants(const struct sts_redis_tls *tls)
{
	return SSL_want_write(tls->ssl) ? POLLOUT : 0;
}

bool
sts_redis_tls_is_silent(struct sts_redis_tls *tls)
{
	char byte;
	int rc;

	ERR_clear_error();
	rc = SSL_peek(tls->ssl, &byte, 1);
	return rc <= 0 && SSL_get_error(tls->ssl, rc) == SSL_ERROR_WANT_READ;
}
