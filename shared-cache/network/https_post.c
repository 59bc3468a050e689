/* SPDX-License-Identifier: ISC */
/* https_post.c - libcurl, set up for a single POST. */
#include "config.h"

#include "shared-cache/network/https_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shared-cache/base/text.h"
#include "shared-cache/network/https_private.h"

enum { ANSWER_MAX = 65536, ADDRS_MAX = 16 };

struct post {
	const struct sts_https_post *what;
	CURL *easy;
	struct curl_slist *addrs, *fields;
	char *agent;
	size_t answered;
	const char *refused;	/* why an address was refused */
	char error[CURL_ERROR_SIZE];
};

/* ---- curl's callbacks ---- */

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct post *p = arg;

	(void)data;
	p->answered += size * n;
	return p->answered > ANSWER_MAX ? 0 : size * n;
}

/* The last check of an address, before any packet goes there. */
static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *where)
{
	struct post *p = arg;
	struct sts_ipaddr addr;

	(void)purpose;
	if (!sts_ipaddr_from_sockaddr(&where->addr, &addr))
		return CURL_SOCKET_BAD;
	if (!p->what->allow_special && sts_ipaddr_is_special(&addr)) {
		p->refused = sts_ipaddr_special_kind(&addr);
		return CURL_SOCKET_BAD;
	}
	return socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol);
}

/* ---- curl's options ---- */

/* "HOST:PORT:ADDR,[ADDR]": curl looks up no addresses. */
static bool
set_addrs(struct post *p)
{
	char line[STS_DOMAIN_CAP + 8 + ADDRS_MAX * (STS_HTTPS_ADDR_TEXT_CAP + 3)];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	sts_text_addf(&text, "%s:%u:", p->what->host, p->what->port);
	for (size_t i = 0; i < p->what->addr_count && i < ADDRS_MAX; i++) {
		char shown[STS_HTTPS_ADDR_TEXT_CAP];

		sts_ipaddr_format(&p->what->addrs[i], shown);
		sts_text_addf(&text, p->what->addrs[i].family == 6 ? "%s[%s]" : "%s%s", i > 0 ? "," : "", shown);
	}
	p->addrs = curl_slist_append(NULL, line);
	return p->addrs != NULL && curl_easy_setopt(p->easy, CURLOPT_RESOLVE, p->addrs) == CURLE_OK;
}

static bool
set_request(struct post *p)
{
	char type[160];
	CURL *e = p->easy;
	CURLcode bad = CURLE_OK;

	snprintf(type, sizeof(type), "Content-Type: %s", p->what->type);
	p->fields = curl_slist_append(NULL, type);
	p->agent = sts_https_agent(p->what->contact);
	if (p->fields == NULL || p->agent == NULL)
		return false;
	bad |= curl_easy_setopt(e, CURLOPT_URL, p->what->url);
	bad |= curl_easy_setopt(e, CURLOPT_POST, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDS, p->what->body);
	bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)p->what->len);
	bad |= curl_easy_setopt(e, CURLOPT_HTTPHEADER, p->fields);
	bad |= curl_easy_setopt(e, CURLOPT_USERAGENT, p->agent);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEDATA, p);
	bad |= curl_easy_setopt(e, CURLOPT_ERRORBUFFER, p->error);
	return bad == CURLE_OK;
}

static bool
set_rules(struct post *p)
{
	CURL *e = p->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	bad |= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	/* no proxies from the environment */
	bad |= curl_easy_setopt(e, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)p->what->timeout_ms);
	bad |= curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, p);
	if (p->what->ca_file[0] != '\0') {
		bad |= curl_easy_setopt(e, CURLOPT_CAINFO, p->what->ca_file);
		bad |= curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	return bad == CURLE_OK;
}

/* ---- the request ---- */

static void
explain(const struct post *p, CURLcode code, long status, char why[STS_HTTPS_POST_WHY_CAP])
{
	char said[STS_HTTPS_POST_WHY_CAP];
	const char *error = p->error[0] != '\0' ? p->error : curl_easy_strerror(code);
	struct sts_text text;

	sts_text_init(&text, said, sizeof(said));
	sts_text_add_shown(&text, error, strlen(error), 160);
	if (p->refused != NULL)
		snprintf(why, STS_HTTPS_POST_WHY_CAP, "the host has %s", p->refused);
	else if (code == CURLE_OK || status >= 300)
		snprintf(why, STS_HTTPS_POST_WHY_CAP, "status %ld", status);
	else
		snprintf(why, STS_HTTPS_POST_WHY_CAP, "%s", said);
}

static enum sts_status
perform(struct post *p, char why[STS_HTTPS_POST_WHY_CAP])
{
	CURLcode code = curl_easy_perform(p->easy);
	long status = 0;

	(void)curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
	/* A server that said 2xx has taken the report, and one that said anything else has not, however its response ends. */
	if (status >= 200 && status < 300)
		return STS_OK;
	explain(p, code, status, why);
	return STS_EUNAVAILABLE;
}

enum sts_status
sts_https_post(const struct sts_https_post *what, char why[STS_HTTPS_POST_WHY_CAP])
{
	struct post p = { .what = what };
	enum sts_status status = STS_ENOMEM;

	why[0] = '\0';
	p.easy = curl_easy_init();
	if (p.easy != NULL && set_addrs(&p) && set_request(&p) && set_rules(&p))
		status = perform(&p, why);
	curl_easy_cleanup(p.easy);
	curl_slist_free_all(p.addrs);
	curl_slist_free_all(p.fields);
	free(p.agent);
	return status;
}
