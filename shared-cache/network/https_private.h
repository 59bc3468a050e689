/* SPDX-License-Identifier: ISC */
/*
 * https_private.h - what the files of sts_https share among themselves: one transfer, and what becomes of it.
 *
 *   https.c          transfers under way, their ends and callbacks; the loop's side; life
 *   https_request.c  what curl and OpenSSL are told before a transfer starts
 *   https_ca.c  who vouches for certificates, where no file can be read later
 *   https_response.c   what comes back, held against the rules; how a transfer ended
 */
#ifndef STS_NETWORK_HTTPS_PRIVATE_H
#define STS_NETWORK_HTTPS_PRIVATE_H

#include <stdbool.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/network/http_reply.h"
#include "shared-cache/network/https.h"

enum { STS_HTTPS_ADDR_TEXT_CAP = 46 };

/* "mta-sts-milter/VERSION (+CONTACT)", which the caller owns; NULL when there is no memory. */
char *sts_https_agent(const char *contact);

struct sts_transfer {
	struct sts_transfer *prev, *next;
	struct sts_https *https;
	CURL *easy;
	CURLSH *share;
	struct curl_slist *addrs;
	SSL_CTX *tls;			/* of the connection; a reference of ours, NULL before there is one */
	char host[STS_DOMAIN_CAP];
	sts_https_fn *fn;
	void *arg;
	struct sts_http_reply reply;
	bool head_is_read;		/* the final answer's header is complete and has been judged */
	long status;			/* of that answer */
	bool ends_with_connection;	/* neither Content-Length nor chunks */
	bool was_closed_in_order;	/* TLS close_notify has come */
	char curl_error[CURL_ERROR_SIZE];
	struct sts_ipaddr tried;	/* last */
	struct sts_ipaddr mute;
	bool no_socket;			/* there was none to be had: no descriptor, no memory, or as many as there may be */
	bool is_connected;		/* the socket was given */
	int given;			/* that socket, until curl has it; -1: there is none (any more) */
};

struct sts_https {
	CURLM *multi;
	char *ca_file;
	char *agent;			/* User-Agent */
	X509_STORE *authorities;		/* NULL: curl reads them from files */
	uint16_t port;
	bool allow_special;
	size_t per_host;
	bool stopped;
	struct sts_transfer *running;
	struct sts_transfer *ended;		/* waiting for their callbacks */
};

/* https_ca.c: reads ca_file, or the system's certificates if that is "". STS_EINVAL: there are none to be had. */
enum sts_status sts_https_load_ca(const char *ca_file, X509_STORE **out);

/* Tells curl all there is to tell about t->easy; total_ms is what is left until the deadline. False: no memory. */
bool sts_https_set_request(struct sts_transfer *t, const struct sts_https_request *request, int64_t total_ms);
/* Curl may close the connection later than the transfer ends: from here on it finds nobody. */
void sts_https_forget_tls(struct sts_transfer *t);

/* Curl's callbacks look at each address and at each part of the answer, and end the transfer where a rule is broken. */
bool sts_https_set_callbacks(struct sts_transfer *t);
/* Curl says that the transfer has ended with code: what that means goes into t->reply and t->mute. */
void sts_https_judge(struct sts_transfer *t, CURLcode code);

#endif
