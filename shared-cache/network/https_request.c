/* SPDX-License-Identifier: ISC */
/* https_request.c - sets up libcurl (with OpenSSL) for a policy fetch and nothing else. */
#include "config.h"

#include "shared-cache/network/https_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "shared-cache/base/text.h"

#define POLICY_PATH "/.well-known/mta-sts.txt"

/* ---- TLS ---- */

/* A body with neither length nor chunks ends with the connection, and curl accepts any end. An attacker on the wire could cut a
 * policy where it suits him; only close_notify shows that the server meant to end (RFC 9112 section 9.8). */
static void
on_tls_event(const SSL *ssl, int event, int value)
{
	struct sts_transfer *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (t != NULL && event == SSL_CB_READ_ALERT && (value & 0xff) == SSL_AD_CLOSE_NOTIFY)
		t->was_closed_in_order = true;
}

/* Later versions of curl close connections in the background, when the transfer may be gone. */
void
sts_https_forget_tls(struct sts_transfer *t)
{
	if (t->tls == NULL)
		return;
	SSL_CTX_set_app_data(t->tls, NULL);
	SSL_CTX_free(t->tls);
	t->tls = NULL;
}

/* curl verifies the host by itself too, but falls back to the subject's CN when there is no subjectAltName. RFC 8461 section 3.3
 * (by RFC 6125) requires a DNS-ID, so OpenSSL is told to insist. */
static CURLcode
on_tls_context(CURL *easy, void *context, void *arg)
{
	struct sts_transfer *t = arg;
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);

	(void)easy;
	sts_https_forget_tls(t);
	if (SSL_CTX_up_ref(context) != 1)
		return CURLE_OUT_OF_MEMORY;
	t->tls = context;
	SSL_CTX_set_app_data(context, t);
	SSL_CTX_set_info_callback(context, on_tls_event);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (t->https->authorities != NULL)
		SSL_CTX_set1_cert_store(context, t->https->authorities);
	return X509_VERIFY_PARAM_set1_host(param, t->host, 0) == 1 ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

static bool
set_tls(struct sts_transfer *t)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_CTX_DATA, t);
	if (t->https->authorities != NULL) {
		bad |= curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
		bad |= curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	} else if (t->https->ca_file[0] != '\0') {
		/* instead of the system's certificates, not in addition: Debian's curl has a built-in CAPATH */
		bad |= curl_easy_setopt(e, CURLOPT_CAINFO, t->https->ca_file);
		bad |= curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	return bad == CURLE_OK;
}

/* ---- HTTP ---- */

/* "HOST:PORT:ADDR,[ADDR]": curl looks up no addresses. */
static bool
set_addrs(struct sts_transfer *t, const struct sts_https_request *request)
{
	char line[STS_DOMAIN_CAP + 8 + STS_HTTPS_ADDRS * (STS_HTTPS_ADDR_TEXT_CAP + 3)];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	sts_text_addf(&text, "%s:%u:", t->host, t->https->port);
	for (size_t i = 0; i < request->addr_count && i < STS_HTTPS_ADDRS; i++) {
		const struct sts_ipaddr *addr = &request->addrs[i];
		char shown[STS_HTTPS_ADDR_TEXT_CAP];

		sts_ipaddr_format(addr, shown);
		sts_text_addf(&text, addr->family == 6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", shown);
	}
	t->addrs = curl_slist_append(NULL, line);
	return t->addrs != NULL;
}

static bool
set_limits(struct sts_transfer *t, int64_t total_ms, int64_t connect_ms)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)total_ms);
	bad |= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, connect_ms < 1 ? 1L : (long)connect_ms);
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	bad |= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	/* no proxies from the environment */
	bad |= curl_easy_setopt(e, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	bad |= curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	return bad == CURLE_OK;
}

/* Names the operator's contact, or the project's, for those who want to complain about our fetches. */
char *
sts_https_agent(const char *contact)
{
	static const char name[] = PACKAGE_NAME "/" PACKAGE_VERSION;
	const char *about = contact != NULL && contact[0] != '\0' ? contact : PACKAGE_URL;
	size_t cap = sizeof(name) + strlen(about) + sizeof(" (+)");
	char *agent = malloc(cap);

	if (agent != NULL)
		snprintf(agent, cap, about[0] != '\0' ? "%s (+%s)" : "%s", name, about);
	return agent;
}

static bool
set_url(struct sts_transfer *t, const struct sts_https_request *request)
{
	char url[STS_DOMAIN_CAP + 48];
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	if (t->https->port == 443)
		snprintf(url, sizeof(url), "https://%s" POLICY_PATH, t->host);
	else
		snprintf(url, sizeof(url), "https://%s:%u" POLICY_PATH, t->host, t->https->port);
	/* CURLOPT_RESOLVE entries stay in their DNS cache for ever: give each transfer its own. */
	t->share = curl_share_init();
	if (t->share == NULL || !set_addrs(t, request))
		return false;
	if (curl_share_setopt(t->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) != CURLSHE_OK)
		return false;
	bad |= curl_easy_setopt(e, CURLOPT_SHARE, t->share);
	bad |= curl_easy_setopt(e, CURLOPT_RESOLVE, t->addrs);
	bad |= curl_easy_setopt(e, CURLOPT_URL, url);
	bad |= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(e, CURLOPT_USERAGENT, request->agent != NULL ? request->agent : t->https->agent);
	return bad == CURLE_OK;
}

bool
sts_https_set_request(struct sts_transfer *t, const struct sts_https_request *request, int64_t total_ms)
{
	return set_limits(t, total_ms, request->connect_timeout_ms) && set_tls(t) && set_url(t, request);
}
