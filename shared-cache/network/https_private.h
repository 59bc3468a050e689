/* SPDX-License-Identifier: ISC */
/*
 * https_private.h - shared by the files of sts_https: a transfer, and how it ends.
 *
 *  https.c           the life of transfers, their callbacks; the event loop's side
 *  https_request.c   sets the options of curl and OpenSSL before a transfer starts
 *  https_ca.c        reads CA certificates for a process that cannot open files later
 *  https_response.c  checks the response against the rules; why a transfer ended
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

/* "mta-sts-milter/VERSION (+CONTACT)"; the caller frees it. NULL without memory. */
char *sts_https_agent(const char *contact);

struct sts_transfer {
	struct sts_transfer *prev, *next;
	struct sts_https *https;
	CURL *easy;
	CURLSH *share;
	struct curl_slist *addrs;
	SSL_CTX *tls;			/* the connection's; our reference, NULL until it exists */
	char host[STS_DOMAIN_CAP];
	sts_https_fn *fn;
	void *arg;
	struct sts_http_reply reply;
	bool head_is_read;		/* the final response's header is complete and has been checked */
	long status;			/* of that response */
	bool ends_with_connection;	/* neither Content-Length nor chunked */
	bool was_closed_in_order;	/* TLS close_notify has come */
	char curl_error[CURL_ERROR_SIZE];
	struct sts_ipaddr tried;	/* the last address tried */
	struct sts_ipaddr mute;
	bool no_socket;			/* none could be had: no descriptor, no memory, or per_host reached */
	bool is_connected;		/* the request brought a connected socket */
	int given;			/* that socket, until curl takes it; -1: none, or taken */
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

/* https_ca.c: reads ca_file, or the system's CA certificates if it is "". STS_EINVAL: there are none. */
enum sts_status sts_https_load_ca(const char *ca_file, X509_STORE **out);

/* Sets all options of t->easy; total_ms is the time left until the deadline. False: no memory. */
bool sts_https_set_request(struct sts_transfer *t, const struct sts_https_request *request, int64_t total_ms);
/* curl may close the connection after the transfer has ended: detaches the transfer from it. */
void sts_https_forget_tls(struct sts_transfer *t);

/* curl's callbacks check each address and each part of the response, and abort the transfer when a rule is broken. */
bool sts_https_set_callbacks(struct sts_transfer *t);
/* Translates curl's result code into t->reply and t->mute. */
void sts_https_judge(struct sts_transfer *t, CURLcode code);

#endif
