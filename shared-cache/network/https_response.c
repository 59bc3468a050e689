/* SPDX-License-Identifier: ISC */
/*
 * https_response.c - curl's callbacks for what comes back.
 *
 * A response is checked when its header ends, before a byte of the body is accepted. A violation aborts the transfer there, and
 * takes precedence over curl's own result.
 */
#include "config.h"

#include "shared-cache/network/https_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "shared-cache/runtime/local_error.h"

/* ---- called by curl ---- */

static bool
check_address(struct sts_transfer *t, const struct sts_ipaddr *addr)
{
	const char *kind = sts_ipaddr_special_kind(addr);
	char shown[STS_HTTPS_ADDR_TEXT_CAP];

	if (kind == NULL || t->https->allow_special)
		return true;
	sts_ipaddr_format(addr, shown);
	return sts_http_reply_refuse(&t->reply, STS_REASON_FETCH_REFUSED, "%s is %s", shown, kind);
}

static bool
check_fields(struct sts_transfer *t)
{
	struct curl_header *field;
	size_t n;

	for (n = 0; curl_easy_header(t->easy, "Content-Type", n, CURLH_HEADER, -1, &field) == CURLHE_OK; n++) {
		if (!sts_http_reply_check_type(&t->reply, field->value))
			return false;
	}
	if (n == 0)
		return sts_http_reply_check_type(&t->reply, NULL);
	for (n = 0; curl_easy_header(t->easy, "Content-Encoding", n, CURLH_HEADER, -1, &field) == CURLHE_OK; n++) {
		if (!sts_http_reply_check_encoding(&t->reply, field->value))
			return false;
	}
	return true;
}

static bool
refuse_redirect(struct sts_transfer *t, long status)
{
	struct curl_header *field;
	bool has_location = curl_easy_header(t->easy, "Location", 0, CURLH_HEADER, -1, &field) == CURLHE_OK;

	return sts_http_reply_refuse_redirect(&t->reply, status, has_location ? field->value : NULL);
}

static bool
check_head(struct sts_transfer *t, long status)
{
	curl_off_t length = -1;
	struct curl_header *field;

	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	t->ends_with_connection = length < 0 &&
	    curl_easy_header(t->easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &field) != CURLHE_OK;
	if (status >= 300 && status <= 399)
		return refuse_redirect(t, status);
	return sts_http_reply_check_status(&t->reply, status) && check_fields(t) &&
	    sts_http_reply_check_length(&t->reply, length);
}

/* Called for each header line, also of interim responses (1xx) and trailers. */
static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct sts_transfer *t = arg;
	size_t len = size * count;
	long status = 0;

	if (!sts_http_reply_add_header(&t->reply, len))
		return 0;
	if (t->head_is_read || (line[0] != '\r' && line[0] != '\n'))
		return len;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 100 && status < 200 && status != 101)	/* no second header follows a 101 */
		return len;
	t->head_is_read = true;
	t->status = status;
	return check_head(t, status) ? len : 0;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct sts_transfer *t = arg;

	return sts_http_reply_add_body(&t->reply, bytes, size * count) ? size * count : 0;
}

/* A request has waited in admission control for its first address; the other addresses may be shared by many requests. */
static bool
has_room(const struct sts_transfer *t, const struct sts_ipaddr *addr)
{
	size_t n = 0;

	if (t->https->per_host == 0 || t->tried.family == 0)
		return true;
	for (const struct sts_transfer *other = t->https->running; other != NULL; other = other->next)
		n += other != t && sts_ipaddr_is_same_host(&other->tried, addr);
	return n < t->https->per_host;
}

/* The last check of an address, before any packet goes there. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *where)
{
	struct sts_transfer *t = arg;
	struct sts_ipaddr addr;
	int fd;

	(void)purpose;
	if (!sts_ipaddr_from_sockaddr(&where->addr, &addr) || !check_address(t, &addr))
		return CURL_SOCKET_BAD;
	if (!has_room(t, &addr)) {
		t->no_socket = true;
		return CURL_SOCKET_BAD;
	}
	t->tried = addr;
	if (t->is_connected) {
		fd = t->given;
		t->given = -1;
		return fd == -1 ? CURL_SOCKET_BAD : fd;
	}
	fd = socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol);
	if (fd == -1 && sts_is_local_error(errno))
		t->no_socket = true;
	return fd;
}

static int
on_socket_made(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const struct sts_transfer *t = arg;

	(void)fd, (void)purpose;
	return t->is_connected ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

/* Called when the connection is up, before the request is sent. */
static int
on_connected(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct sts_transfer *t = arg;
	struct sts_ipaddr addr;

	(void)local, (void)peer_port, (void)local_port;
	if (!sts_ipaddr_parse(peer, strlen(peer), &addr) || !check_address(t, &addr))
		return CURL_PREREQFUNC_ABORT;
	return CURL_PREREQFUNC_OK;
}

bool
sts_https_set_callbacks(struct sts_transfer *t)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	bad |= curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->curl_error);
	bad |= curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	bad |= curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket_made);
	bad |= curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
	bad |= curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
	return bad == CURLE_OK;
}

/* ---- how a transfer ended ---- */

static enum sts_reason
reason_of(CURLcode code, bool tls_is_up)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return STS_REASON_FETCH_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return STS_REASON_FETCH_TLS;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return tls_is_up ? STS_REASON_FETCH_CONNECT : STS_REASON_FETCH_TLS;
	case CURLE_UNSUPPORTED_PROTOCOL:	/* HTTP/0.9: the response does not begin with HTTP */
	case CURLE_WEIRD_SERVER_REPLY:
		return STS_REASON_FETCH_STATUS;
	case CURLE_SSL_CACERT_BADFILE:		/* ours: there may be no descriptor to read it */
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
		return STS_REASON_OVERLOAD;
	default:
		return STS_REASON_FETCH_CONNECT;
	}
}

/* Whether this machine lacks something: curl only says that a handshake has failed, but its message quotes what OpenSSL lacked. If the
 * certificate was rejected, the message quotes names of the server's choice instead. */
static bool
is_local_error(const struct sts_transfer *t, CURLcode code)
{
	static const char *const words[] = { "malloc failure", "Cannot allocate memory", "Too many open files" };

	for (size_t i = 0; code != CURLE_PEER_FAILED_VERIFICATION && i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(t->curl_error, words[i]) != NULL)
			return true;
	return t->no_socket;
}

/* Keeps curl's own message, which may quote the server. */
static void
refuse_by_curl(struct sts_transfer *t, enum sts_reason reason, CURLcode code)
{
	static const char prefix[] = "SSL certificate problem: ";
	const char *words = t->curl_error[0] != '\0' ? t->curl_error : curl_easy_strerror(code);

	if (strncmp(words, prefix, sizeof(prefix) - 1) == 0)
		words += sizeof(prefix) - 1;
	sts_http_reply_refuse(&t->reply, reason, "%s", words);
	for (char *p = t->reply.detail; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f || *p == '"' || *p == '\\')
			*p = '?';
	}
}

/* curl 7 reports the peer once TCP is connected, curl 8 only after TLS: then it is the address tried last, because curl tries no
 * other once a connection is up. */
static void
note_mute(struct sts_transfer *t)
{
	char *peer = NULL;

	if (curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &peer) != CURLE_OK || peer == NULL ||
	    !sts_ipaddr_parse(peer, strlen(peer), &t->mute))
		t->mute = t->tried;
}

void
sts_https_judge(struct sts_transfer *t, CURLcode code)
{
	curl_off_t tls_us = 0;

	if (t->reply.refusal != STS_REASON_NONE)
		return;
	if (code == CURLE_OK) {
		if (!t->head_is_read)
			sts_http_reply_refuse(&t->reply, STS_REASON_FETCH_CONNECT, "connection ended within the header");
		else if (t->ends_with_connection && !t->was_closed_in_order)
			sts_http_reply_refuse(&t->reply, STS_REASON_FETCH_CONNECT, "connection cut before the end of the body");
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	refuse_by_curl(t, is_local_error(t, code) ? STS_REASON_OVERLOAD : reason_of(code, tls_us > 0), code);
	if (code == CURLE_OPERATION_TIMEDOUT && tls_us == 0)
		note_mute(t);
}
