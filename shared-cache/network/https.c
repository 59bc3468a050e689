/* SPDX-License-Identifier: ISC */
/* https.c - the life of transfers: started, ended, called back. Knows neither the rules nor curl's options. */
#include "config.h"

#include "shared-cache/network/https.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <utlist.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/network/https_private.h"

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_status;	/* written once, under curl_once */

static void
init_curl(void)
{
	curl_status = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- transfers ---- */

/* Moves the transfer to those that wait for their callback. */
static void
end(struct sts_transfer *t)
{
	struct sts_https *https = t->https;

	sts_https_forget_tls(t);
	if (t->easy != NULL) {
		curl_multi_remove_handle(https->multi, t->easy);
		curl_easy_cleanup(t->easy);
		t->easy = NULL;
	}
	DL_DELETE(https->running, t);
	DL_APPEND(https->ended, t);
}

static void
free_transfer(struct sts_transfer *t)
{
	if (t->share != NULL)
		curl_share_cleanup(t->share);
	curl_slist_free_all(t->addrs);
	sts_http_reply_fini(&t->reply);
	if (t->given != -1)
		close(t->given);
	free(t);
}

static void
start(struct sts_transfer *t, const struct sts_https_request *request)
{
	struct sts_https *https = t->https;
	int64_t total_ms = request->deadline_ms - sts_clock_mono_ms();

	if (request->addr_count == 0 || strlen(request->host) >= sizeof(t->host)) {
		sts_http_reply_refuse(&t->reply, STS_REASON_FETCH_CONNECT, "no address");
		end(t);
		return;
	}
	if (total_ms <= 0 || https->stopped) {
		sts_http_reply_refuse(&t->reply, STS_REASON_FETCH_TIMEOUT, "no time left");
		end(t);
		return;
	}
	t->easy = curl_easy_init();
	if (t->easy != NULL && sts_https_set_callbacks(t) && sts_https_set_request(t, request, total_ms) &&
	    curl_multi_add_handle(https->multi, t->easy) == CURLM_OK)
		return;
	sts_http_reply_refuse(&t->reply, STS_REASON_OVERLOAD, "out of memory");
	end(t);
}

enum sts_status
sts_https_get(struct sts_https *https, const struct sts_https_request *request, sts_https_fn *fn, void *arg)
{
	struct sts_transfer *t = calloc(1, sizeof(*t));

	if (t == NULL) {
		if (request->is_connected)
			close(request->fd);
		return STS_ENOMEM;
	}
	t->https = https;
	t->is_connected = request->is_connected;
	t->given = request->is_connected ? request->fd : -1;
	t->fn = fn;
	t->arg = arg;
	snprintf(t->host, sizeof(t->host), "%s", request->host);
	DL_APPEND(https->running, t);
	start(t, request);
	return STS_OK;
}

/* ---- for the event loop ---- */

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
call_back(struct sts_transfer *t)
{
	const struct sts_http_reply *r = &t->reply;
	bool has_body = r->refusal == STS_REASON_NONE && r->body != NULL;
	const struct sts_https_response answer = { .reason = r->refusal, .status = t->status, .body = has_body ? r->body : "",
		.len = has_body ? r->len : 0, .detail = r->detail, .mute = t->mute };

	t->fn(t->arg, &answer);
}

void
sts_https_process(struct sts_https *https)
{
	struct sts_transfer *ended, *t, *next;
	CURLMsg *message;
	int rest;

	curl_multi_perform(https->multi, &rest);
	while ((message = curl_multi_info_read(https->multi, &rest)) != NULL) {
		if (message->msg == CURLMSG_DONE && curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK) {
			sts_https_judge(t, message->data.result);
			end(t);
		}
	}
	/* A callback may start new transfers, which may end at once: these wait for the next turn. */
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
	struct sts_transfer *t, *next;

	https->stopped = true;
	DL_FOREACH_SAFE(https->running, t, next) {
		sts_http_reply_refuse(&t->reply, STS_REASON_FETCH_TIMEOUT, "stopped");
		end(t);
	}
}

/* ---- life cycle ---- */

enum sts_status
sts_https_new(const struct sts_https_params *params, struct sts_https **out)
{
	enum sts_status status = STS_OK;
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
	https->per_host = params->per_host;
	https->ca_file = strdup(params->ca_file);
	https->agent = sts_https_agent(params->contact);
	https->multi = curl_multi_init();
	if (https->ca_file == NULL || https->agent == NULL || https->multi == NULL)
		status = STS_ENOMEM;
	if (status == STS_OK && params->is_confined)
		status = sts_https_load_ca(params->ca_file, &https->authorities);
	if (status != STS_OK)
		sts_https_free(&https);
	*out = https;
	return status;
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
	X509_STORE_free(h->authorities);
	free(h->ca_file);
	free(h->agent);
	free(h);
}
