/* SPDX-License-Identifier: ISC */
/*
 * tls_probe.c - connects, speaks SMTP up to STARTTLS, and makes a TLS handshake that completes whatever the certificate is like.
 *
 * Debian's OpenSSL refuses old versions and weak ciphers (security level 2); only the probes that look for these lower the level.
 */
#include "config.h"

#include "stsctl/probe/tls_probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/socket.h"
#include "stsctl/probe/legacy_tls_probe.h"
#include "stsctl/probe/smtp_client.h"

enum { QUIT_MS = 2000 };

struct probe {
	const struct tls_probe_request *request;
	enum tls_probe_offer offer;
	struct tls_probe_result *out;
	int64_t start_ms;
	int fd;
	SSL_CTX *context;
	SSL *ssl;
};

/* The algorithm of the handshake's signature selects the server's key; the signatures in its chain do not matter. */
#define RSA_SIGNATURES "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:" \
	"rsa_pss_pss_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512"
#define ECDSA_SIGNATURES "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448"

static const struct {
	int min, max;
	bool lowered;			/* security level 0 */
	bool shows_certificate;		/* the result includes the certificate */
	const char *ciphers, *signatures;	/* NULL: the system's default; ciphers are for TLS 1.2 and older */
	const char *what;
} offers[] = {
	[TLS_PROBE_MODERN] = { TLS1_2_VERSION, TLS1_3_VERSION, false, true, NULL, NULL, "TLS 1.2 and 1.3" },
	[TLS_PROBE_RSA] = { TLS1_2_VERSION, TLS1_3_VERSION, false, true, "aRSA:!eNULL", RSA_SIGNATURES, "TLS with RSA" },
	[TLS_PROBE_ECDSA] = { TLS1_2_VERSION, TLS1_3_VERSION, false, true, "aECDSA:!eNULL", ECDSA_SIGNATURES, "TLS with ECDSA" },
	[TLS_PROBE_ONLY_12] = { TLS1_2_VERSION, TLS1_2_VERSION, false, false, NULL, NULL, "TLS 1.2" },
	[TLS_PROBE_OLD] = { TLS1_VERSION, TLS1_1_VERSION, true, false, "ALL:!aNULL:!eNULL:@SECLEVEL=0", NULL, "TLS 1.0 and 1.1" },
	[TLS_PROBE_WEAK] = { 0, 0, false, false, NULL, NULL, "weak ciphers" },	/* made without OpenSSL */
};

static void trace(const struct probe *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
trace(const struct probe *p, const char *format, ...)
{
	char said[600], line[960];
	va_list ap;

	if (p->request->trace == NULL)
		return;
	va_start(ap, format);
	vsnprintf(said, sizeof(said), format, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "%s [%s]:%u %s", p->request->host, p->out->shown, p->request->port, said);
	p->request->trace(p->request->trace_arg, line);
}

static void
set_outcome(struct probe *p, enum tls_probe_outcome outcome, const char *why)
{
	p->out->outcome = outcome;
	snprintf(p->out->why, sizeof(p->out->why), "%s", why);
}

/* Ends the probe. Always returns false. */
static bool
end(struct probe *p, enum tls_probe_outcome outcome, const char *why)
{
	set_outcome(p, outcome, why);
	trace(p, "%s", p->out->why);
	return false;
}

/* Until when to wait for the answer to QUIT, which is a mere courtesy. */
static int64_t
quit_deadline_ms(const struct probe *p)
{
	int64_t deadline_ms = sts_clock_mono_ms() + QUIT_MS;

	return deadline_ms < p->request->deadline_ms ? deadline_ms : p->request->deadline_ms;
}

/* ---- TCP ---- */

static socklen_t
make_sockaddr(const struct tls_probe_request *r, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(r->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(r->port) };

	memset(out, 0, sizeof(*out));
	if (r->addr.family == 4) {
		memcpy(&v4.sin_addr, r->addr.bytes, sizeof(v4.sin_addr));
		memcpy(out, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, r->addr.bytes, sizeof(v6.sin6_addr));
	memcpy(out, &v6, sizeof(v6));
	return sizeof(v6);
}

static bool
end_by_errno(struct probe *p, enum tls_probe_outcome outcome, int error)
{
	char text[128];

	return end(p, outcome, strerror_r(error, text, sizeof(text)));
}

static bool
end_unconnected(struct probe *p, int error)
{
	if (error == ENETUNREACH || error == EADDRNOTAVAIL)
		return end_by_errno(p, TLS_PROBE_NO_ROUTE, error);
	return end_by_errno(p, error == ETIMEDOUT ? TLS_PROBE_MUTE : TLS_PROBE_NO_CONNECTION, error);
}

static bool
open_connection(struct probe *p)
{
	struct sockaddr_storage where;
	socklen_t where_len = make_sockaddr(p->request, &where), len = sizeof(int);
	int error = 0;

	p->fd = socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->fd < 0)		/* no descriptors left, or a kernel without IPv6 */
		return end_by_errno(p, errno == EAFNOSUPPORT ? TLS_PROBE_NO_ROUTE : TLS_PROBE_TROUBLE, errno);
	if (connect(p->fd, (const struct sockaddr *)&where, where_len) != 0) {
		if (errno != EINPROGRESS)
			return end_unconnected(p, errno);
		if (sts_socket_wait(p->fd, POLLOUT, p->request->deadline_ms) <= 0)
			return end(p, TLS_PROBE_MUTE, "no connection in time");
		if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
			error = errno;
	}
	if (error != 0)
		return end_unconnected(p, error);
	trace(p, "connected after %lld ms, to offer %s", (long long)(sts_clock_mono_ms() - p->start_ms), offers[p->offer].what);
	return true;
}

/* ---- SMTP ---- */

/* Our default name: the literal of our address (RFC 5321 section 4.1.3). */
static void
make_helo(const struct probe *p, char out[64])
{
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);
	struct sts_ipaddr addr;
	char shown[46];

	if (getsockname(p->fd, (struct sockaddr *)&local, &len) != 0 ||
	    !sts_ipaddr_from_sockaddr((const struct sockaddr *)&local, &addr)) {
		snprintf(out, 64, "[127.0.0.1]");
		return;
	}
	sts_ipaddr_format(&addr, shown);
	snprintf(out, 64, addr.family == 6 ? "[IPv6:%s]" : "[%s]", shown);
}

/* The line is short enough to be sent at once. If that fails, the server's silence will show it. */
static void
send_line(const struct probe *p, const char *line)
{
	trace(p, "C: %.*s", (int)strcspn(line, "\r"), line);
	(void)!send(p->fd, line, strlen(line), MSG_NOSIGNAL);
}

/* False: the time is up (*got is 0), or the connection has ended (*got is -1). */
static bool
receive(const struct probe *p, char *bytes, size_t cap, int64_t deadline_ms, ssize_t *got)
{
	*got = 0;
	if (sts_socket_wait(p->fd, POLLIN, deadline_ms) == 0)
		return false;
	*got = recv(p->fd, bytes, cap, 0);
	if (*got < 0 && (errno == EAGAIN || errno == EINTR))
		*got = 0;
	else if (*got <= 0)
		*got = -1;
	return *got >= 0;
}

static bool
end_smtp(struct probe *p, const struct smtp_client *client)
{
	static const enum tls_probe_outcome outcomes[] = {
		[SMTP_CLIENT_UNDECIDED] = TLS_PROBE_NO_REPLY,
		[SMTP_CLIENT_READY] = TLS_PROBE_OK,
		[SMTP_CLIENT_REFUSED] = TLS_PROBE_REFUSED,
		[SMTP_CLIENT_NOT_OFFERED] = TLS_PROBE_NOT_OFFERED,
		[SMTP_CLIENT_NOT_GRANTED] = TLS_PROBE_NOT_GRANTED,
		[SMTP_CLIENT_GARBAGE] = TLS_PROBE_GARBAGE,
	};
	char rest[512];
	ssize_t got;

	trace(p, "S: %s", client->text);
	if (client->outcome == SMTP_CLIENT_READY)
		return true;
	set_outcome(p, outcomes[client->outcome], client->text);
	if (client->outcome != SMTP_CLIENT_GARBAGE) {
		send_line(p, "QUIT\r\n");
		(void)receive(p, rest, sizeof(rest), quit_deadline_ms(p), &got);
	}
	return false;
}

static bool
start_tls_in_smtp(struct probe *p)
{
	char helo[64], command[SMTP_CLIENT_COMMAND_CAP], bytes[2048], why[120];
	struct smtp_client client;
	ssize_t got;

	make_helo(p, helo);
	smtp_client_init(&client, p->request->helo != NULL ? p->request->helo : helo);
	while (client.outcome == SMTP_CLIENT_UNDECIDED) {
		if (!receive(p, bytes, sizeof(bytes), p->request->deadline_ms, &got)) {
			snprintf(why, sizeof(why), got < 0 ? "connection ended before %s" : "%s did not come in time",
			    smtp_client_waits_for(&client));
			return end(p, got < 0 ? TLS_PROBE_NO_CONNECTION : TLS_PROBE_NO_REPLY, why);
		}
		smtp_client_feed(&client, bytes, (size_t)got);
		if (smtp_client_command(&client, command) != NULL) {
			trace(p, "S: %s", client.text);
			send_line(p, command);
		}
	}
	return end_smtp(p, &client);
}

/* ---- TLS ---- */

/* Called for each fault of the chain; the handshake goes on. Ignores the dates of the server's own certificate, which are reported
 * separately. */
static int
on_verified(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_probe_result *out = SSL_get_app_data(ssl);
	int error = X509_STORE_CTX_get_error(store), depth = X509_STORE_CTX_get_error_depth(store);

	if (ok == 1)
		return 1;
	if (depth == 0 && (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID))
		return 1;
	if (out->chain_fault[0] == '\0')
		snprintf(out->chain_fault, sizeof(out->chain_fault), depth > 0 ? "%s (an authority's certificate)" : "%s",
		    X509_verify_cert_error_string(error));
	out->is_self_signed = out->is_self_signed || error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
	return 1;
}

static bool
make_context(struct probe *p)
{
	enum tls_probe_offer offer = p->offer;
	const char *ca_file = p->request->ca_file;

	if (offer == TLS_PROBE_WEAK)
		return true;
	p->context = SSL_CTX_new(TLS_client_method());
	if (p->context == NULL)
		return end(p, TLS_PROBE_TROUBLE, "out of memory");
	if (offers[offer].lowered) {
		SSL_CTX_set_security_level(p->context, 0);
		SSL_CTX_set_options(p->context, SSL_OP_LEGACY_SERVER_CONNECT);
	}
	if (SSL_CTX_set_min_proto_version(p->context, offers[offer].min) != 1 ||
	    SSL_CTX_set_max_proto_version(p->context, offers[offer].max) != 1 ||
	    (offers[offer].ciphers != NULL && SSL_CTX_set_cipher_list(p->context, offers[offer].ciphers) != 1) ||
	    (offers[offer].signatures != NULL && SSL_CTX_set1_sigalgs_list(p->context, offers[offer].signatures) != 1))
		return end(p, TLS_PROBE_TROUBLE, "this OpenSSL has no such versions or ciphers");
	if (offer != TLS_PROBE_MODERN)
		return true;	/* TLS_PROBE_MODERN has verified the chain */
	SSL_CTX_set_verify(p->context, SSL_VERIFY_PEER, on_verified);
	if ((ca_file[0] != '\0' ? SSL_CTX_load_verify_file(p->context, ca_file)
	    : SSL_CTX_set_default_verify_paths(p->context)) != 1)
		return end(p, TLS_PROBE_TROUBLE, "the authorities' certificates cannot be read (ca_file)");
	return true;
}

static bool
make_session(struct probe *p)
{
	p->ssl = SSL_new(p->context);
	if (p->ssl == NULL || SSL_set_fd(p->ssl, p->fd) != 1 || SSL_set_tlsext_host_name(p->ssl, p->request->host) != 1)
		return end(p, TLS_PROBE_TROUBLE, "out of memory");
	SSL_set_app_data(p->ssl, p->out);
	X509_VERIFY_PARAM_set_time(SSL_get0_param(p->ssl), (time_t)p->request->now);
	return true;
}

static bool
end_without_tls(struct probe *p, int error)
{
	int saved = errno;
	unsigned long code = ERR_get_error();
	const char *words = code != 0 ? ERR_reason_error_string(code) : NULL;
	char text[128];

	if (words == NULL && error == SSL_ERROR_SYSCALL && saved != 0)
		words = strerror_r(saved, text, sizeof(text));
	return end(p, TLS_PROBE_NO_TLS, words != NULL ? words : "connection ended during the handshake");
}

static bool
handshake(struct probe *p)
{
	for (;;) {
		int rc, error;

		ERR_clear_error();
		errno = 0;
		rc = SSL_connect(p->ssl);
		if (rc == 1)
			return true;
		error = SSL_get_error(p->ssl, rc);
		if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
			return end_without_tls(p, error);
		if (sts_socket_wait(p->fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, p->request->deadline_ms) == 0)
			return end(p, TLS_PROBE_NO_END, "the handshake did not end in time");
	}
}

static void
note_session(struct probe *p)
{
	struct tls_probe_result *out = p->out;
	X509 *cert = SSL_get0_peer_certificate(p->ssl);
	char until[CERTIFICATE_DATE_CAP];

	snprintf(out->protocol, sizeof(out->protocol), "%s", SSL_get_version(p->ssl));
	snprintf(out->cipher, sizeof(out->cipher), "%s", SSL_get_cipher_name(p->ssl));
	trace(p, "%s %s after %lld ms", out->protocol, out->cipher, (long long)(sts_clock_mono_ms() - p->start_ms));
	if (cert == NULL || !offers[p->offer].shows_certificate)
		return;
	if (p->request->on_certificate != NULL)
		p->request->on_certificate(p->request->on_certificate_arg, cert);
	certificate_read(cert, p->request->host, &out->cert);
	certificate_chain_read(cert, SSL_get_peer_cert_chain(p->ssl), &out->chain);
	out->has_domain = p->request->domain != NULL && certificate_is_for(cert, p->request->domain);
	out->cert.chain_length = (size_t)sk_X509_num(SSL_get_peer_cert_chain(p->ssl));
	trace(p, "certificate %s, by %s, %s, until %s, key %s, %zu sent", out->cert.subject, out->cert.issuer,
	    out->cert.names[0] != '\0' ? out->cert.names : "no DNS names", certificate_date(out->cert.not_after, until),
	    out->cert.key, out->cert.chain_length);
	if (out->chain_fault[0] != '\0')
		trace(p, "chain: %s", out->chain_fault);
}

/* Ends the session properly, so that the server does not log a lost connection. */
static void
say_quit(struct probe *p)
{
	static const char quit[] = "QUIT\r\n";
	int64_t deadline_ms = quit_deadline_ms(p);
	char reply[512];

	ERR_clear_error();
	if (p->request->smtp && SSL_write(p->ssl, quit, sizeof(quit) - 1) > 0) {
		trace(p, "C: QUIT");
		while (SSL_read(p->ssl, reply, sizeof(reply)) <= 0 && SSL_want_read(p->ssl) &&
		    sts_socket_wait(p->fd, POLLIN, deadline_ms) > 0)
			;
	}
	(void)SSL_shutdown(p->ssl);
	ERR_clear_error();
}

/* ---- weak ciphers ---- */

static void
note_weak_cipher(struct probe *p, const struct weak_cipher *cipher)
{
	snprintf(p->out->cipher, sizeof(p->out->cipher), "%s", cipher->name);
	p->out->is_harmless = cipher->kind == WEAK_ANONYMOUS;
	trace(p, "the server chooses %s", cipher->name);
}

/* Sends the ClientHello and reads the answer. The caller then closes the connection in the middle of the handshake. */
static bool
offer_weak_ciphers(struct probe *p)
{
	uint8_t hello[LEGACY_HELLO_CAP], random[LEGACY_HELLO_RANDOM], bytes[LEGACY_HELLO_ANSWER_MAX];
	const struct weak_cipher *cipher;
	size_t len = 0, hello_len;
	ssize_t got;

	if (RAND_bytes(random, sizeof(random)) != 1)
		return end(p, TLS_PROBE_TROUBLE, "no random bytes");
	hello_len = legacy_hello_make(p->request->host, random, hello);
	(void)!send(p->fd, hello, hello_len, MSG_NOSIGNAL);
	for (;;) {
		switch (legacy_hello_read(bytes, len, &cipher)) {
		case LEGACY_HELLO_CHOSEN:
			note_weak_cipher(p, cipher);
			return true;
		case LEGACY_HELLO_DECLINED:
			return end(p, TLS_PROBE_NO_TLS, "weak ciphers are declined");
		case LEGACY_HELLO_GARBAGE:
			return end(p, TLS_PROBE_NO_TLS, "no TLS in answer to weak ciphers");
		case LEGACY_HELLO_MORE:
			break;
		}
		if (!receive(p, (char *)bytes + len, sizeof(bytes) - len, p->request->deadline_ms, &got))
			return got < 0 ? end(p, TLS_PROBE_NO_TLS, "connection ended during the handshake")
			    : end(p, TLS_PROBE_NO_END, "the handshake did not end in time");
		len += (size_t)got;
	}
}

/* ---- the probe ---- */

static bool
is_allowed(struct probe *p)
{
	const char *kind = sts_ipaddr_special_kind(&p->request->addr);
	char why[120];

	if (kind == NULL || p->request->allow_special)
		return true;
	snprintf(why, sizeof(why), "%s is %s", p->out->shown, kind);
	return end(p, TLS_PROBE_SPECIAL, why);
}

void
tls_probe(const struct tls_probe_request *request, enum tls_probe_offer offer, struct tls_probe_result *out)
{
	struct probe p = { .request = request, .offer = offer, .out = out, .start_ms = sts_clock_mono_ms(), .fd = -1 };

	memset(out, 0, sizeof(*out));
	sts_ipaddr_format(&request->addr, out->shown);
	if (is_allowed(&p) && make_context(&p) && open_connection(&p) && (!request->smtp || start_tls_in_smtp(&p)) &&
	    (offer == TLS_PROBE_WEAK ? offer_weak_ciphers(&p) : make_session(&p) && handshake(&p))) {
		out->outcome = TLS_PROBE_OK;
		out->ms = sts_clock_mono_ms() - p.start_ms;
		if (p.ssl != NULL) {
			note_session(&p);
			say_quit(&p);
		}
	}
	SSL_free(p.ssl);
	SSL_CTX_free(p.context);
	if (p.fd >= 0)
		close(p.fd);
}
