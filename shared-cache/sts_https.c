/* SPDX-License-Identifier: ISC */
/*
 * sts_https.c - libcurl (OpenSSL flavour), told to do one thing only.
 *
 * The rules about an answer are applied when its header ends, before a byte of the body is taken; a breach ends the transfer
 * there, and beats whatever curl then makes of it.
 */
#include "config.h"

#include "shared-cache/sts_https.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <utlist.h>

#include "shared-cache/sts_clock.h"
#include "shared-cache/sts_domain.h"
#include "shared-cache/sts_httpreply.h"
#include "shared-cache/sts_text.h"

#define POLICY_PATH "/.well-known/mta-sts.txt"

enum { ADDR_TEXT_CAP = 46 };

struct transfer {
	struct transfer *prev, *next;
	struct sts_https *https;
	CURL *easy;
	CURLSH *share;
	struct curl_slist *addrs;
	SSL_CTX *tls;			/* of the connection; a reference of ours, NULL before there is one */
	char host[STS_DOMAIN_CAP];
	sts_https_fn *fn;
	void *arg;
	struct sts_httpreply reply;
	bool head_is_read;		/* the final answer's header is complete and has been judged */
	long status;			/* of that answer */
	bool ends_with_connection;	/* neither Content-Length nor chunks */
	bool was_closed_in_order;	/* TLS close_notify has come */
	char curl_error[CURL_ERROR_SIZE];
	struct sts_ipaddr tried;	/* last */
	struct sts_ipaddr mute;
};

struct sts_https {
	CURLM *multi;
	char *ca_file;
	uint16_t port;
	bool allow_special;
	bool stopped;
	struct transfer *running;
	struct transfer *ended;		/* waiting for their callbacks */
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_status;	/* written once, under curl_once */

static void
init_curl(void)
{
	curl_status = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- called by curl ---- */

static bool
check_address(struct transfer *t, const struct sts_ipaddr *addr)
{
	const char *kind = sts_ipaddr_special_kind(addr);
	char shown[ADDR_TEXT_CAP];

	if (kind == NULL || t->https->allow_special)
		return true;
	sts_ipaddr_format(addr, shown);
	return sts_httpreply_refuse(&t->reply, STS_REASON_FETCH_REFUSED, "%s is %s", shown, kind);
}

static bool
check_fields(struct transfer *t)
{
	struct curl_header *field;
	size_t n;

	for (n = 0; curl_easy_header(t->easy, "Content-Type", n, CURLH_HEADER, -1, &field) == CURLHE_OK; n++) {
		if (!sts_httpreply_check_type(&t->reply, field->value))
			return false;
	}
	if (n == 0)
		return sts_httpreply_check_type(&t->reply, NULL);
	for (n = 0; curl_easy_header(t->easy, "Content-Encoding", n, CURLH_HEADER, -1, &field) == CURLHE_OK; n++) {
		if (!sts_httpreply_check_encoding(&t->reply, field->value))
			return false;
	}
	return true;
}

static bool
refuse_redirect(struct transfer *t, long status)
{
	struct curl_header *field;
	bool has_location = curl_easy_header(t->easy, "Location", 0, CURLH_HEADER, -1, &field) == CURLHE_OK;

	return sts_httpreply_refuse_redirect(&t->reply, status, has_location ? field->value : NULL);
}

static bool
check_head(struct transfer *t, long status)
{
	curl_off_t length = -1;
	struct curl_header *field;

	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	t->ends_with_connection = length < 0 &&
	    curl_easy_header(t->easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &field) != CURLHE_OK;
	if (status >= 300 && status <= 399)
		return refuse_redirect(t, status);
	return sts_httpreply_check_status(&t->reply, status) && check_fields(t) &&
	    sts_httpreply_check_length(&t->reply, length);
}

/* One call a header line, of interim answers (1xx) and trailers too. */
static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * count;
	long status = 0;

	if (!sts_httpreply_add_header(&t->reply, len))
		return 0;
	if (t->head_is_read || (line[0] != '\r' && line[0] != '\n'))
		return len;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 100 && status < 200 && status != 101)	/* after 101 there is no other header */
		return len;
	t->head_is_read = true;
	t->status = status;
	return check_head(t, status) ? len : 0;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;

	return sts_httpreply_add_body(&t->reply, bytes, size * count) ? size * count : 0;
}

/* The last look at an address before a packet goes there. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *where)
{
	struct transfer *t = arg;
	struct sts_ipaddr addr;

	(void)purpose;
	if (!sts_ipaddr_from_sockaddr(&where->addr, &addr) || !check_address(t, &addr))
		return CURL_SOCKET_BAD;
	t->tried = addr;
	return socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol);
}

/* The connection is made; before the request goes out. */
static int
on_connected(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct transfer *t = arg;
	struct sts_ipaddr addr;

	(void)local, (void)peer_port, (void)local_port;
	if (!sts_ipaddr_parse(peer, strlen(peer), &addr) || !check_address(t, &addr))
		return CURL_PREREQFUNC_ABORT;
	return CURL_PREREQFUNC_OK;
}

/* curl takes any end of the connection for the end of a body that has no other mark. Whoever sits on the wire could cut a
 * policy wherever it suits him; only TLS can tell that the server meant it (RFC 9112 section 9.8). */
static void
on_tls_event(const SSL *ssl, int event, int value)
{
	struct transfer *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (t != NULL && event == SSL_CB_READ_ALERT && (value & 0xff) == SSL_AD_CLOSE_NOTIFY)
		t->was_closed_in_order = true;
}

/* Later versions of curl close a connection in the background, when the transfer may be gone. */
static void
forget_tls(struct transfer *t)
{
	if (t->tls == NULL)
		return;
	SSL_CTX_set_app_data(t->tls, NULL);
	SSL_CTX_free(t->tls);
	t->tls = NULL;
}

/* curl verifies the host by itself too, but falls back on the subject's CN when there is no subjectAltName. RFC 8461 section 3.3
 * (by RFC 6125) wants a DNS-ID, so OpenSSL is told to insist. */
static CURLcode
on_tls_context(CURL *easy, void *context, void *arg)
{
	struct transfer *t = arg;
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);

	(void)easy;
	forget_tls(t);
	if (SSL_CTX_up_ref(context) != 1)
		return CURLE_OUT_OF_MEMORY;
	t->tls = context;
	SSL_CTX_set_app_data(context, t);
	SSL_CTX_set_info_callback(context, on_tls_event);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(param, t->host, 0) == 1 ? CURLE_OK : CURLE_OUT_OF_MEMORY;
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
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return STS_REASON_FETCH_TLS;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return tls_is_up ? STS_REASON_FETCH_CONNECT : STS_REASON_FETCH_TLS;
	case CURLE_UNSUPPORTED_PROTOCOL:	/* HTTP/0.9, that is, anything that does not begin like HTTP */
	case CURLE_WEIRD_SERVER_REPLY:
		return STS_REASON_FETCH_STATUS;
	case CURLE_OUT_OF_MEMORY:
		return STS_REASON_OVERLOAD;
	default:
		return STS_REASON_FETCH_CONNECT;
	}
}

/* With curl's own words, which may quote the server's. */
static void
refuse_by_curl(struct transfer *t, enum sts_reason reason, CURLcode code)
{
	static const char prefix[] = "SSL certificate problem: ";
	const char *words = t->curl_error[0] != '\0' ? t->curl_error : curl_easy_strerror(code);

	if (strncmp(words, prefix, sizeof(prefix) - 1) == 0)
		words += sizeof(prefix) - 1;
	sts_httpreply_refuse(&t->reply, reason, "%s", words);
	for (char *p = t->reply.detail; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f || *p == '"' || *p == '\\')
			*p = '?';
	}
}

/* curl 7 names the peer once TCP is connected, curl 8 only after TLS: then it is the one that was tried last, because curl
 * tries no other after a connection is made. */
static void
note_mute(struct transfer *t)
{
	char *peer = NULL;

	if (curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &peer) != CURLE_OK || peer == NULL ||
	    !sts_ipaddr_parse(peer, strlen(peer), &t->mute))
		t->mute = t->tried;
}

static void
judge(struct transfer *t, CURLcode code)
{
	curl_off_t tls_us = 0;

	if (t->reply.refusal != STS_REASON_NONE)
		return;
	if (code == CURLE_OK) {
		if (!t->head_is_read)
			sts_httpreply_refuse(&t->reply, STS_REASON_FETCH_CONNECT, "connection ended within the header");
		else if (t->ends_with_connection && !t->was_closed_in_order)
			sts_httpreply_refuse(&t->reply, STS_REASON_FETCH_CONNECT, "connection cut before the end of the body");
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	refuse_by_curl(t, reason_of(code, tls_us > 0), code);
	if (code == CURLE_OPERATION_TIMEDOUT && tls_us == 0)
		note_mute(t);
}

/* Moves the transfer to those that wait for their callback. */
static void
end(struct transfer *t)
{
	struct sts_https *https = t->https;

	forget_tls(t);
	if (t->easy != NULL) {
		curl_multi_remove_handle(https->multi, t->easy);
		curl_easy_cleanup(t->easy);
		t->easy = NULL;
	}
	DL_DELETE(https->running, t);
	DL_APPEND(https->ended, t);
}

static void
free_transfer(struct transfer *t)
{
	if (t->share != NULL)
		curl_share_cleanup(t->share);
	curl_slist_free_all(t->addrs);
	sts_httpreply_fini(&t->reply);
	free(t);
}

/* ---- how a transfer starts ---- */

/* "HOST:PORT:ADDR,[ADDR]": curl asks nobody for addresses. */
static bool
set_addrs(struct transfer *t, const struct sts_https_request *request)
{
	char line[STS_DOMAIN_CAP + 8 + STS_HTTPS_ADDRS * (ADDR_TEXT_CAP + 3)];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	sts_text_addf(&text, "%s:%u:", t->host, t->https->port);
	for (size_t i = 0; i < request->addr_count && i < STS_HTTPS_ADDRS; i++) {
		const struct sts_ipaddr *addr = &request->addrs[i];
		char shown[ADDR_TEXT_CAP];

		sts_ipaddr_format(addr, shown);
		sts_text_addf(&text, addr->family == 6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", shown);
	}
	t->addrs = curl_slist_append(NULL, line);
	return t->addrs != NULL;
}

static bool
set_tls(struct transfer *t)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_CTX_DATA, t);
	if (t->https->ca_file[0] != '\0') {
		/* instead of the system's certificates, not besides them: Debian's curl has a built-in CAPATH */
		bad |= curl_easy_setopt(e, CURLOPT_CAINFO, t->https->ca_file);
		bad |= curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	return bad == CURLE_OK;
}

static bool
set_limits(struct transfer *t, int64_t total_ms, int64_t connect_ms)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)total_ms);
	bad |= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, connect_ms < 1 ? 1L : (long)connect_ms);
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	bad |= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	/* the environment's proxies are none of ours */
	bad |= curl_easy_setopt(e, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	bad |= curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	return bad == CURLE_OK;
}

static bool
set_callbacks(struct transfer *t)
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
	bad |= curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected);
	bad |= curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
	return bad == CURLE_OK;
}

static bool
set_request(struct transfer *t, const struct sts_https_request *request)
{
	static const char agent[] = PACKAGE_NAME "/" PACKAGE_VERSION;
	static const char agent_with_url[] = PACKAGE_NAME "/" PACKAGE_VERSION " (+" PACKAGE_URL ")";
	char url[STS_DOMAIN_CAP + 48];
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	if (t->https->port == 443)
		snprintf(url, sizeof(url), "https://%s" POLICY_PATH, t->host);
	else
		snprintf(url, sizeof(url), "https://%s:%u" POLICY_PATH, t->host, t->https->port);
	/* An entry of CURLOPT_RESOLVE stays in the cache it is put into for ever: the cache has to be the transfer's own. */
	t->share = curl_share_init();
	if (t->share == NULL || !set_addrs(t, request))
		return false;
	if (curl_share_setopt(t->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK)
		return false;
	bad |= curl_easy_setopt(e, CURLOPT_SHARE, t->share);
	bad |= curl_easy_setopt(e, CURLOPT_RESOLVE, t->addrs);
	bad |= curl_easy_setopt(e, CURLOPT_URL, url);
	bad |= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(e, CURLOPT_USERAGENT, request->agent != NULL ? request->agent
	    : sizeof(PACKAGE_URL) > 1 ? agent_with_url : agent);
	return bad == CURLE_OK;
}

static void
start(struct transfer *t, const struct sts_https_request *request)
{
	struct sts_https *https = t->https;
	int64_t total_ms = request->deadline_ms - sts_clock_mono_ms();

	if (request->addr_count == 0 || strlen(request->host) >= sizeof(t->host)) {
		sts_httpreply_refuse(&t->reply, STS_REASON_FETCH_CONNECT, "no address");
		end(t);
		return;
	}
	if (total_ms <= 0 || https->stopped) {
		sts_httpreply_refuse(&t->reply, STS_REASON_FETCH_TIMEOUT, "no time left");
		end(t);
		return;
	}
	t->easy = curl_easy_init();
	if (t->easy != NULL && set_limits(t, total_ms, request->connect_timeout_ms) && set_callbacks(t) && set_tls(t) &&
	    set_request(t, request) && curl_multi_add_handle(https->multi, t->easy) == CURLM_OK)
		return;
	sts_httpreply_refuse(&t->reply, STS_REASON_OVERLOAD, "out of memory");
	end(t);
}

enum sts_status
sts_https_get(struct sts_https *https, const struct sts_https_request *request, sts_https_fn *fn, void *arg)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return STS_ENOMEM;
	t->https = https;
	t->fn = fn;
	t->arg = arg;
	snprintf(t->host, sizeof(t->host), "%s", request->host);
	DL_APPEND(https->running, t);
	start(t, request);
	return STS_OK;
}

/* ---- the loop's side ---- */

void
sts_https_wait(struct sts_https *https, const struct pollfd *sockets, size_t count, int64_t wait_ms)
{
	struct curl_waitfd extra[128];
	size_t cap = sizeof(extra) / sizeof(extra[0]);

	if (count > cap)
		count = cap;
	for (size_t i = 0; i < count; i++) {
		extra[i].fd = sockets[i].fd;
		extra[i].events = (short)((sockets[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
		    (sockets[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
		extra[i].revents = 0;
	}
	curl_multi_poll(https->multi, extra, (unsigned)count, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms, NULL);
}

void
sts_https_wakeup(struct sts_https *https)
{
	curl_multi_wakeup(https->multi);
}

bool
sts_https_is_ready(const struct sts_https *https)
{
	return https->ended != NULL;
}

bool
sts_https_is_idle(const struct sts_https *https)
{
	return https->running == NULL && https->ended == NULL;
}

static void
call_back(struct transfer *t)
{
	const struct sts_httpreply *r = &t->reply;
	bool has_body = r->refusal == STS_REASON_NONE && r->body != NULL;
	const struct sts_https_answer answer = { .reason = r->refusal, .status = t->status, .body = has_body ? r->body : "",
		.len = has_body ? r->len : 0, .detail = r->detail, .mute = t->mute };

	t->fn(t->arg, &answer);
}

void
sts_https_process(struct sts_https *https)
{
	struct transfer *ended, *t, *next;
	CURLMsg *message;
	int rest;

	curl_multi_perform(https->multi, &rest);
	while ((message = curl_multi_info_read(https->multi, &rest)) != NULL) {
		if (message->msg == CURLMSG_DONE && curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK) {
			judge(t, message->data.result);
			end(t);
		}
	}
	/* A callback may start new transfers, which may end at once: they wait for the next turn. */
	ended = https->ended;
	https->ended = NULL;
	DL_FOREACH_SAFE(ended, t, next) {
		call_back(t);
		free_transfer(t);
	}
}

void
sts_https_stop(struct sts_https *https)
{
	struct transfer *t, *next;

	https->stopped = true;
	DL_FOREACH_SAFE(https->running, t, next) {
		sts_httpreply_refuse(&t->reply, STS_REASON_FETCH_TIMEOUT, "stopped");
		end(t);
	}
}

/* ---- life ---- */

enum sts_status
sts_https_new(const struct sts_https_params *params, struct sts_https **out)
{
	struct sts_https *https;

	*out = NULL;
	pthread_once(&curl_once, init_curl);
	if (curl_status != CURLE_OK)
		return STS_ESYS;
	if (params->ca_file[0] != '\0' && access(params->ca_file, R_OK) != 0)
		return STS_EINVAL;
	https = calloc(1, sizeof(*https));
	if (https == NULL)
		return STS_ENOMEM;
	https->port = params->port;
	https->allow_special = params->allow_special;
	https->ca_file = strdup(params->ca_file);
	https->multi = curl_multi_init();
	if (https->ca_file == NULL || https->multi == NULL)
		sts_https_free(&https);
	*out = https;
	return https == NULL ? STS_ENOMEM : STS_OK;
}

void
sts_https_free(struct sts_https **https)
{
	struct sts_https *h = *https;

	*https = NULL;
	if (h == NULL)
		return;
	if (h->multi != NULL) {
		sts_https_stop(h);
		while (!sts_https_is_idle(h))
			sts_https_process(h);
		curl_multi_cleanup(h->multi);
	}
	free(h->ca_file);
	free(h);
}
