/* SPDX-License-Identifier: ISC */
/*
 * dns.c - lookups through c-ares. Deadlines are our own, and so are the messages: c-ares only transports them.
 *
 * A lookup is two objects. The `question` is ours and ends at its deadline. The `ticket` is c-ares': it cannot cancel a single
 * query, and calls back whenever it likes. A ticket whose question has ended only frees itself.
 *
 * There are two channels, with the same servers. The first reports a refusal (SERVFAIL, REFUSED, ...) as it is, where c-ares would
 * otherwise say "connection refused"; but it also accepts it as final. So with several servers, a refused question is asked once
 * more through the second channel, which tries the next server by itself.
 */
#include "config.h"

#include "shared-cache/dns/dns.h"

#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ares.h>
#include <utlist.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/dns/dns_extract.h"
#include "shared-cache/dns/dns_callback.h"
#include "shared-cache/dns/dns_cares.h"
#include "shared-cache/dns/dns_channel.h"
#include "shared-cache/dns/dns_question.h"
#include "shared-cache/runtime/local_error.h"
#include "shared-cache/dns/resolv_conf.h"
#include "shared-cache/names/domain.h"

enum { PLAIN, PATIENT, CHANNELS };

struct ticket;

struct question {
	struct question *prev, *next;
	struct ticket *ticket;		/* NULL once c-ares has called back */
	enum sts_dns_type type;
	int64_t deadline_ms;
	char name[STS_DOMAIN_CAP];
	int channel;			/* the channel that was used last */
	struct dns_callback callback;
	struct sts_dns_reply *reply;	/* NULL: the result is `none' */
	struct sts_dns_reply none;
};

struct ticket {
	struct sts_dns *dns;
	struct question *question;	/* NULL: the question has ended */
};

struct sts_dns {
	ares_channel channels[CHANNELS]; /* NULL after sts_dns_stop */
	int64_t budget_ms;
	bool has_second_server;
	bool follows_resolv_conf;
	struct sts_resolv_conf resolv_conf;
	struct question *asked;
	int64_t next_deadline_ms;	/* no question in `asked` has an earlier one */
	struct question *ended;		/* waiting for their callbacks */
	struct dns_deferred deferred;		/* likewise, without memory for a question */
	struct pollfd sockets[STS_DNS_SOCKETS];
	size_t socket_count;
};

static void ask(struct sts_dns *dns, struct question *q, int channel);

/* ---- results from c-ares ---- */

/* Ends the question with q->reply or, without memory for one, with q->none. */
static void
end(struct sts_dns *dns, struct question *q, enum sts_dns_reply_outcome outcome, const char *why)
{
	if (q->ticket != NULL)
		q->ticket->question = NULL;
	q->ticket = NULL;
	q->none.outcome = outcome;
	q->none.rcode = -1;
	snprintf(q->none.name, sizeof(q->none.name), "%s", q->name);
	snprintf(q->none.why, sizeof(q->none.why), "%s", why);
	DL_DELETE(dns->asked, q);
	DL_APPEND(dns->ended, q);
}

/* Ends the question as a local failure: no server was asked. */
static void
end_locally(struct sts_dns *dns, struct question *q, const char *why)
{
	q->none.local = true;
	end(dns, q, STS_DNS_REPLY_FAILED, why);
}

static void
read_answer(struct sts_dns *dns, struct question *q, const uint8_t *msg, size_t len)
{
	if (sts_dns_reply_read(msg, len, q->name, q->type, &q->reply) != STS_OK) {
		end_locally(dns, q, "out of memory");
	} else if (q->reply->rcode > 0 && sts_dns_reply_failed(q->reply) && q->channel == PLAIN && dns->has_second_server) {
		sts_dns_reply_free(&q->reply);
		ask(dns, q, PATIENT);
	} else {
		end(dns, q, q->reply->outcome, q->reply->why);
	}
}

/* Handles the c-ares status of a query without a usable reply. */
static void
read_status(struct sts_dns *dns, struct question *q, int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
		/* c-ares tries TCP only once, and then gives up early */
		if (sts_clock_mono_ms() < q->deadline_ms)
			ask(dns, q, q->channel);
		else
			end(dns, q, STS_DNS_REPLY_TIME_OUT, "");
		break;
	case ARES_EDESTRUCTION:		/* resolv.conf changed (other servers are asked now), or we are stopping */
		if (dns->channels[PLAIN] != NULL && sts_clock_mono_ms() < q->deadline_ms)
			ask(dns, q, q->channel);
		else
			end(dns, q, STS_DNS_REPLY_TIME_OUT, "");
		break;
	case ARES_ECANCELLED:
		end(dns, q, STS_DNS_REPLY_TIME_OUT, "");
		break;
	case ARES_ENOMEM:
		end_locally(dns, q, "out of memory");
		break;
	case ARES_ECONNREFUSED:		/* from the second channel: all servers refused (c-ares 1.18); the others: later versions */
	case ARES_ESERVFAIL:
	case ARES_ENOTIMP:
	case ARES_EREFUSED:
		/* c-ares also reports ECONNREFUSED when it could not open a socket */
		if (status == ARES_ECONNREFUSED && !sts_has_descriptors()) {
			end_locally(dns, q, "no socket to be had");
			break;
		}
		end(dns, q, STS_DNS_REPLY_FAILED, q->channel == PATIENT ? "refused by all servers" : "no server reachable");
		break;
	default:
		end(dns, q, STS_DNS_REPLY_FAILED, ares_strerror(status));
		break;
	}
}

static void
on_reply(void *arg, int status, const uint8_t *msg, size_t len)
{
	struct ticket *ticket = arg;
	struct question *q = ticket->question;
	struct sts_dns *dns = ticket->dns;

	free(ticket);
	if (q == NULL)
		return;
	q->ticket = NULL;
	if (msg != NULL && len > 0)
		read_answer(dns, q, msg, len);
	else
		read_status(dns, q, status);
}

/* ---- questions ---- */

static void
ask(struct sts_dns *dns, struct question *q, int channel)
{
	enum { NO_EDNS = 0 };
	struct ticket *ticket = malloc(sizeof(*ticket));
	struct sts_dns_question question;
	enum sts_status status = sts_dns_question(q->name, q->type, true, NO_EDNS, &question);

	if (ticket != NULL && status == STS_OK) {
		ticket->dns = dns;
		ticket->question = q;
		q->ticket = ticket;
		q->channel = channel;
		dns_cares_send(dns->channels[channel], question.bytes, question.len, on_reply, ticket);
		return;
	}
	free(ticket);
	if (status == STS_EINVAL)	/* a name that cannot be encoded does not exist */
		end(dns, q, STS_DNS_REPLY_NO_NAME, "");
	else
		end_locally(dns, q, status == STS_OK ? "out of memory" : "no random number to be had");
}

static void follow_resolv_conf(struct sts_dns *dns);

static enum sts_status
start_question(struct sts_dns *dns, const char *name, int64_t deadline_ms, const struct question *template)
{
	struct question *q = malloc(sizeof(*q));
	int64_t latest = sts_clock_mono_ms() + dns->budget_ms;
	size_t len = strlen(name);

	if (q == NULL)
		return dns_deferred_add(&dns->deferred, &template->callback) ? STS_OK : STS_ENOMEM;
	follow_resolv_conf(dns);
	*q = *template;
	q->deadline_ms = deadline_ms < latest ? deadline_ms : latest;
	if (dns->asked == NULL || q->deadline_ms < dns->next_deadline_ms)
		dns->next_deadline_ms = q->deadline_ms;
	DL_APPEND(dns->asked, q);
	if (len >= sizeof(q->name)) {
		end(dns, q, STS_DNS_REPLY_NO_NAME, "");
	} else if (dns->channels[PLAIN] == NULL) {
		end(dns, q, STS_DNS_REPLY_TIME_OUT, "");
	} else {
		memcpy(q->name, name, len + 1);
		ask(dns, q, PLAIN);
	}
	return STS_OK;
}

enum sts_status
sts_dns_ask(struct sts_dns *dns, const char *name, enum sts_dns_type type, int64_t deadline_ms, sts_dns_fn *fn, void *arg)
{
	const struct question template = { .type = type, .callback = { .fn = fn, .arg = arg } };

	return start_question(dns, name, deadline_ms, &template);
}

enum sts_status
sts_dns_txt(struct sts_dns *dns, const char *name, int64_t deadline_ms, sts_txt_fn *fn, void *arg)
{
	const struct question template = { .type = STS_DNS_TXT, .callback = { .txt_fn = fn, .arg = arg } };

	return start_question(dns, name, deadline_ms, &template);
}

enum sts_status
sts_dns_addrs(struct sts_dns *dns, const char *name, int family, int64_t deadline_ms, sts_addr_fn *fn, void *arg)
{
	const struct question template = { .type = family == 4 ? STS_DNS_A : STS_DNS_AAAA,
		.callback = { .addr_fn = fn, .arg = arg } };

	return start_question(dns, name, deadline_ms, &template);
}

/* ---- for the event loop ---- */

static void
watch_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct sts_dns *dns = arg;
	size_t i = 0;

	while (i < dns->socket_count && dns->sockets[i].fd != fd)
		i++;
	if (!readable && !writable) {
		if (i < dns->socket_count)
			dns->sockets[i] = dns->sockets[--dns->socket_count];
		return;
	}
	if (i == STS_DNS_SOCKETS)
		return;			/* its questions time out */
	if (i == dns->socket_count)
		dns->socket_count++;
	dns->sockets[i].fd = fd;
	dns->sockets[i].events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
}

size_t
sts_dns_sockets(const struct sts_dns *dns, struct pollfd out[STS_DNS_SOCKETS])
{
	memcpy(out, dns->sockets, dns->socket_count * sizeof(*out));
	return dns->socket_count;
}

int64_t
sts_dns_wait_ms(const struct sts_dns *dns, int64_t now_ms)
{
	int64_t wait = -1;

	if (dns->ended != NULL || dns->deferred.count > 0)
		return 0;
	for (int i = 0; i < CHANNELS; i++) {
		struct timeval tv;

		if (dns->channels[i] != NULL && ares_timeout(dns->channels[i], NULL, &tv) != NULL) {
			/* c-ares 1.18 rounds down; without + 1 we would spin through the last millisecond */
			int64_t ms = (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1;

			wait = wait < 0 || ms < wait ? ms : wait;
		}
	}
	if (dns->asked != NULL) {
		int64_t ms = dns->next_deadline_ms > now_ms ? dns->next_deadline_ms - now_ms : 0;

		wait = wait < 0 || ms < wait ? ms : wait;
	}
	return wait;
}

/* Polls by itself: curl_multi_poll does not report POLLERR, by which the refusal of a UDP query shows. */
static void
serve_sockets(struct sts_dns *dns)
{
	struct pollfd ready[STS_DNS_SOCKETS];
	size_t count = sts_dns_sockets(dns, ready);

	if (count > 0 && poll(ready, (nfds_t)count, 0) <= 0)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		bool error = ready[i].revents & (POLLERR | POLLHUP | POLLNVAL);
		bool in = (ready[i].revents & POLLIN) || (error && ready[i].events & POLLIN);
		bool out = (ready[i].revents & POLLOUT) || (error && ready[i].events & POLLOUT);

		if (!in && !out)
			continue;
		/* A socket belongs to one channel; the other one ignores it. */
		for (int c = 0; c < CHANNELS; c++)
			ares_process_fd(dns->channels[c], in ? ready[i].fd : ARES_SOCKET_BAD,
			    out ? ready[i].fd : ARES_SOCKET_BAD);
	}
	for (int c = 0; c < CHANNELS; c++)	/* c-ares' own timeouts */
		ares_process_fd(dns->channels[c], ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* Called for every packet, with perhaps hundreds of questions pending: it scans them only when a deadline has come. */
static void
end_overdue(struct sts_dns *dns, int64_t now_ms)
{
	int64_t earliest_ms = INT64_MAX;
	struct question *q, *next;

	if (now_ms < dns->next_deadline_ms)
		return;
	DL_FOREACH_SAFE(dns->asked, q, next) {
		if (q->deadline_ms <= now_ms)
			end(dns, q, STS_DNS_REPLY_TIME_OUT, "");
		else if (q->deadline_ms < earliest_ms)
			earliest_ms = q->deadline_ms;
	}
	dns->next_deadline_ms = earliest_ms;
}

void
sts_dns_process(struct sts_dns *dns, int64_t now_ms)
{
	struct question *ended, *q, *next;

	if (dns->channels[PLAIN] != NULL)
		serve_sockets(dns);
	end_overdue(dns, now_ms);
	/* A callback may start new questions, which may end at once: these wait for the next turn. */
	ended = dns->ended;
	dns->ended = NULL;
	DL_FOREACH_SAFE(ended, q, next) {
		dns_callback_run(&q->callback, q->reply != NULL ? q->reply : &q->none);
		sts_dns_reply_free(&q->reply);
		free(q);
	}
	dns_deferred_run(&dns->deferred);
}

void
sts_dns_stop(struct sts_dns *dns)
{
	end_overdue(dns, INT64_MAX);
	dns_channels_close(dns->channels, CHANNELS);
}

bool
sts_dns_is_idle(const struct sts_dns *dns)
{
	return dns->asked == NULL && dns->ended == NULL && dns->deferred.count == 0;
}

/* ---- life cycle ---- */

/* c-ares accepts a list of nothing but commas. */
static enum sts_status
count_servers(struct sts_dns *dns)
{
	unsigned count = dns_cares_servers(dns->channels[PLAIN]);

	dns->has_second_server = count > 1;
	return count > 0 ? STS_OK : STS_EINVAL;
}

static enum sts_status
open_channels(struct sts_dns *dns, const char *servers)
{
	enum sts_status status = STS_OK;

	for (int i = 0; i < CHANNELS && status == STS_OK; i++) {
		const struct dns_channel_params params = { .servers = servers, .budget_ms = dns->budget_ms, .plain = i == PLAIN,
			.watch = watch_socket, .arg = dns };

		status = dns_channel_open(&params, &dns->channels[i]);
	}
	return status == STS_OK ? count_servers(dns) : status;
}

/* Checks resolv.conf when there is a question to ask. Questions that the old servers have not answered go to the new ones,
 * within their deadlines. */
static void
follow_resolv_conf(struct sts_dns *dns)
{
	ares_channel old[CHANNELS];

	if (!dns->follows_resolv_conf || dns->channels[PLAIN] == NULL ||
	    !sts_resolv_conf_changed(&dns->resolv_conf, _PATH_RESCONF, sts_clock_mono_ms()))
		return;
	memcpy(old, dns->channels, sizeof(old));
	memset(dns->channels, 0, sizeof(dns->channels));
	if (open_channels(dns, "") == STS_OK) {
		sts_info("dns: resolv.conf has changed: its servers are used from now on");
		dns_channels_close(old, CHANNELS);
	} else {			/* out of memory: keep the old servers */
		dns_channels_close(dns->channels, CHANNELS);
		memcpy(dns->channels, old, sizeof(old));
		(void)count_servers(dns);
	}
}

enum sts_status
sts_dns_new(const char *servers, int64_t budget_ms, struct sts_dns **out)
{
	struct sts_dns *dns = calloc(1, sizeof(*dns));
	enum sts_status status = dns == NULL ? STS_ENOMEM : STS_OK;

	*out = NULL;
	if (status == STS_OK) {
		dns->budget_ms = budget_ms;
		dns->follows_resolv_conf = servers[0] == '\0';
		sts_resolv_conf_begin(&dns->resolv_conf, _PATH_RESCONF, sts_clock_mono_ms());	/* before c-ares reads it */
		status = open_channels(dns, servers);
	}
	if (status == STS_OK)
		*out = dns;
	else if (dns != NULL)
		sts_dns_free(&dns);
	return status;
}

void
sts_dns_free(struct sts_dns **dns)
{
	if (*dns == NULL)
		return;
	sts_dns_stop(*dns);
	while (!sts_dns_is_idle(*dns))
		sts_dns_process(*dns, INT64_MAX);
	free(*dns);
	*dns = NULL;
}
