/* SPDX-License-Identifier: ISC */
/*
 * dns.c - c-ares, kept at a distance: deadlines are ours, results are copied before anybody sees them.
 *
 * A question is two objects. The `question` belongs to us and ends by its deadline; the `ticket` belongs to c-ares, which
 * cannot cancel one query and calls back when it pleases. A ticket whose question has ended only frees itself.
 *
 * Two channels with the same servers. The first reports a refusal (SERVFAIL, REFUSED, ...) as such, which c-ares would
 * otherwise turn into "connection refused"; but it also takes it for the last word. So with several servers a refused
 * question is put once more to the second channel, which goes on to the next server by itself.
 */
#include "config.h"

#include "shared-cache/network/dns.h"

#include <stdlib.h>
#include <string.h>

#define CARES_NO_DEPRECATED	/* 1.28 and later mark the interface of 1.18 as deprecated */
#include <ares.h>
#include <arpa/nameser.h>
#include <sys/random.h>
#include <utlist.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/network/dns_message.h"

/* With the first timeout at a quarter of the budget and doubling in each round, one server is asked at 0, 1/4 and 3/4 of it;
 * of several, the second at 1/4 and the third at 1/2. */
enum { TRIES = 3, BUDGET_PARTS = 4 };
enum { UDP_SIZE = 1232, AD_BIT = 0x20 };

/* 1.31 and later keep answers for up to an hour unless told for how long (0, as in all options that we leave alone). */
#ifdef ARES_OPT_QUERY_CACHE
enum { NO_CACHE = ARES_OPT_QUERY_CACHE };
#else
enum { NO_CACHE = 0 };
#endif

enum { PLAIN, PATIENT, CHANNELS };

struct ticket;

struct question {
	struct question *prev, *next;
	struct ticket *ticket;		/* NULL once c-ares has answered */
	int type;			/* ns_t_txt, ns_t_a, ns_t_aaaa */
	int64_t deadline_ms;
	char name[STS_DOMAIN_CAP];
	int channel;			/* where it was asked last */
	sts_txt_fn *txt_fn;		/* one of the three */
	sts_addr_fn *addr_fn;
	sts_signed_fn *signed_fn;
	void *arg;
	/* the result */
	enum sts_dns_outcome outcome;
	const char *why;
	uint32_t negative_ttl_s;
	struct sts_txt *txt;		/* owned */
	struct sts_ipaddr addrs[STS_DNS_ADDRS];
	size_t count;
	uint8_t *msg;			/* of signed_fn; owned */
	size_t msg_len;
};

struct ticket {
	struct sts_dns *dns;
	struct question *question;	/* NULL: nobody waits any more */
};

struct sts_dns {
	ares_channel channels[CHANNELS]; /* NULL after sts_dns_stop */
	int64_t budget_ms;
	bool has_second_server;
	struct question *asked;
	struct question *ended;		/* waiting for their callbacks */
	struct pollfd sockets[STS_DNS_SOCKETS];
	size_t socket_count;
};

static void ask(struct sts_dns *dns, struct question *q, int channel);

/* ---- what c-ares says ---- */

static void
end(struct sts_dns *dns, struct question *q, enum sts_dns_outcome outcome, const char *why)
{
	if (q->ticket != NULL)
		q->ticket->question = NULL;
	q->ticket = NULL;
	q->outcome = outcome;
	q->why = why;
	DL_DELETE(dns->asked, q);
	DL_APPEND(dns->ended, q);
}

static void
read_answer(struct sts_dns *dns, struct question *q, const uint8_t *msg, size_t len)
{
	enum sts_dns_outcome outcome = q->type == ns_t_txt ? sts_dns_message_txt(msg, len, &q->txt, &q->count) :
	    sts_dns_message_addrs(msg, len, q->type == ns_t_a ? 4 : 6, q->addrs, &q->count);

	if (outcome == STS_DNS_NODATA)
		q->negative_ttl_s = sts_dns_message_negative_ttl(msg, len);
	end(dns, q, outcome, outcome == STS_DNS_FAILURE ? "unusable answer" : "");
}

/* The reader is somebody else. */
static void
keep_message(struct sts_dns *dns, struct question *q, const uint8_t *msg, size_t len)
{
	q->msg = malloc(len);
	if (q->msg == NULL) {
		end(dns, q, STS_DNS_FAILURE, "out of memory");
		return;
	}
	memcpy(q->msg, msg, len);
	q->msg_len = len;
	end(dns, q, STS_DNS_OK, "");
}

/* No server has answered, or not with an answer. */
static void
read_status(struct sts_dns *dns, struct question *q, int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
		/* c-ares tries only once over TCP and then gives up early */
		if (sts_clock_mono_ms() < q->deadline_ms)
			ask(dns, q, q->channel);
		else
			end(dns, q, STS_DNS_TIMEOUT, "");
		break;
	case ARES_EDESTRUCTION:
	case ARES_ECANCELLED:
		end(dns, q, STS_DNS_TIMEOUT, "");
		break;
	case ARES_EBADNAME:		/* a name that cannot be asked for is not there */
		end(dns, q, STS_DNS_NODATA, "");
		break;
	case ARES_ECONNREFUSED:
		end(dns, q, STS_DNS_FAILURE, q->channel == PATIENT ? "refused by all servers" : "no server reachable");
		break;
	default:
		end(dns, q, STS_DNS_FAILURE, ares_strerror(status));
		break;
	}
}

static void
on_reply(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
	struct ticket *ticket = arg;
	struct question *q = ticket->question;
	struct sts_dns *dns = ticket->dns;
	int rcode = msg == NULL || len < 0 ? -1 : sts_dns_message_rcode(msg, (size_t)len);

	(void)timeouts;
	free(ticket);
	if (q == NULL)
		return;
	q->ticket = NULL;
	if (q->signed_fn != NULL && (rcode == ns_r_noerror || rcode == ns_r_nxdomain)) {
		keep_message(dns, q, msg, (size_t)len);
	} else if (rcode == ns_r_nxdomain) {
		q->negative_ttl_s = sts_dns_message_negative_ttl(msg, (size_t)len);
		end(dns, q, STS_DNS_NODATA, "");
	} else if (rcode == ns_r_noerror) {
		read_answer(dns, q, msg, (size_t)len);
	} else if (rcode > 0 && q->channel == PLAIN && dns->has_second_server) {
		ask(dns, q, PATIENT);
	} else if (rcode > 0) {
		end(dns, q, STS_DNS_FAILURE, sts_dns_message_rcode_name(rcode));
	} else {
		read_status(dns, q, status);
	}
}

/* ---- questions ---- */

/* What ares_query does, and the AD bit. */
static void
send_signed(struct sts_dns *dns, struct question *q, struct ticket *ticket)
{
	unsigned short id = 0;
	unsigned char *query = NULL;
	int len = 0, status;

	/* c-ares 1.18 sends the id that it is given. */
	(void)!getrandom(&id, sizeof(id), 0);
	status = ares_create_query(q->name, ns_c_in, q->type, id, 1, &query, &len, UDP_SIZE);
	if (status != ARES_SUCCESS) {
		on_reply(ticket, status, 0, NULL, 0);
		return;
	}
	query[3] |= AD_BIT;
	ares_send(dns->channels[q->channel], query, len, on_reply, ticket);
	ares_free_string(query);
}

static void
ask(struct sts_dns *dns, struct question *q, int channel)
{
	struct ticket *ticket = malloc(sizeof(*ticket));

	if (ticket == NULL) {
		end(dns, q, STS_DNS_FAILURE, "out of memory");
		return;
	}
	ticket->dns = dns;
	ticket->question = q;
	q->ticket = ticket;
	q->channel = channel;
	if (q->signed_fn != NULL) {
		send_signed(dns, q, ticket);
		return;
	}
	ares_query(dns->channels[channel], q->name, ns_c_in, q->type, on_reply, ticket);
}

static enum sts_status
put(struct sts_dns *dns, const char *name, int64_t deadline_ms, const struct question *template)
{
	struct question *q = malloc(sizeof(*q));
	int64_t latest = sts_clock_mono_ms() + dns->budget_ms;
	size_t len = strlen(name);

	if (q == NULL)
		return STS_ENOMEM;
	*q = *template;
	q->deadline_ms = deadline_ms < latest ? deadline_ms : latest;
	DL_APPEND(dns->asked, q);
	if (len >= sizeof(q->name)) {
		end(dns, q, STS_DNS_NODATA, "");
	} else if (dns->channels[PLAIN] == NULL) {
		end(dns, q, STS_DNS_TIMEOUT, "");
	} else {
		memcpy(q->name, name, len + 1);
		ask(dns, q, PLAIN);
	}
	return STS_OK;
}

enum sts_status
sts_dns_txt(struct sts_dns *dns, const char *name, int64_t deadline_ms, sts_txt_fn *fn, void *arg)
{
	const struct question template = { .type = ns_t_txt, .txt_fn = fn, .arg = arg };

	return put(dns, name, deadline_ms, &template);
}

enum sts_status
sts_dns_addrs(struct sts_dns *dns, const char *name, int family, int64_t deadline_ms, sts_addr_fn *fn, void *arg)
{
	const struct question template = { .type = family == 4 ? ns_t_a : ns_t_aaaa, .addr_fn = fn, .arg = arg };

	return put(dns, name, deadline_ms, &template);
}

enum sts_status
sts_dns_signed(struct sts_dns *dns, const char *name, int type, int64_t deadline_ms, sts_signed_fn *fn, void *arg)
{
	const struct question template = { .type = type, .signed_fn = fn, .arg = arg };

	return put(dns, name, deadline_ms, &template);
}

static void
call_back(struct question *q)
{
	bool ok = q->outcome == STS_DNS_OK;

	if (q->txt_fn != NULL) {
		const struct sts_txt_answer answer = { .outcome = q->outcome, .rrset = ok ? q->txt : NULL,
			.count = ok ? q->count : 0, .negative_ttl_s = q->negative_ttl_s };

		q->txt_fn(q->arg, &answer);
	} else if (q->signed_fn != NULL) {
		const struct sts_signed_answer answer = { .outcome = q->outcome, .msg = q->msg, .len = q->msg_len };

		q->signed_fn(q->arg, &answer);
	} else {
		const struct sts_addr_answer answer = { .outcome = q->outcome, .addrs = q->addrs,
			.count = ok ? q->count : 0, .why = q->why };

		q->addr_fn(q->arg, &answer);
	}
}

/* ---- the loop's side ---- */

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
		return;			/* its questions run into their deadlines */
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
	struct question *q;

	if (dns->ended != NULL)
		return 0;
	for (int i = 0; i < CHANNELS; i++) {
		struct timeval tv;

		if (dns->channels[i] != NULL && ares_timeout(dns->channels[i], NULL, &tv) != NULL) {
			/* c-ares 1.18 rounds down: the last millisecond would be spent spinning */
			int64_t ms = (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1;

			wait = wait < 0 || ms < wait ? ms : wait;
		}
	}
	DL_FOREACH(dns->asked, q) {
		int64_t ms = q->deadline_ms > now_ms ? q->deadline_ms - now_ms : 0;

		wait = wait < 0 || ms < wait ? ms : wait;
	}
	return wait;
}

/* Asks the kernel itself: curl_multi_poll does not pass on POLLERR, which is how a refused UDP question shows. */
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
		/* A socket belongs to one channel; the other does not know it and does nothing. */
		for (int c = 0; c < CHANNELS; c++)
			ares_process_fd(dns->channels[c], in ? ready[i].fd : ARES_SOCKET_BAD,
			    out ? ready[i].fd : ARES_SOCKET_BAD);
	}
	for (int c = 0; c < CHANNELS; c++)	/* c-ares' own timeouts */
		ares_process_fd(dns->channels[c], ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void
end_overdue(struct sts_dns *dns, int64_t now_ms)
{
	struct question *q, *next;

	DL_FOREACH_SAFE(dns->asked, q, next) {
		if (q->deadline_ms <= now_ms)
			end(dns, q, STS_DNS_TIMEOUT, "");
	}
}

void
sts_dns_process(struct sts_dns *dns, int64_t now_ms)
{
	struct question *ended, *q, *next;

	if (dns->channels[PLAIN] != NULL)
		serve_sockets(dns);
	end_overdue(dns, now_ms);
	/* A callback may put new questions, which may end at once: they wait for the next turn. */
	ended = dns->ended;
	dns->ended = NULL;
	DL_FOREACH_SAFE(ended, q, next) {
		call_back(q);
		free(q->txt);
		free(q->msg);
		free(q);
	}
}

void
sts_dns_stop(struct sts_dns *dns)
{
	end_overdue(dns, INT64_MAX);
	for (int i = 0; i < CHANNELS; i++) {
		ares_channel channel = dns->channels[i];

		dns->channels[i] = NULL;
		if (channel != NULL)
			ares_destroy(channel);
	}
}

bool
sts_dns_is_idle(const struct sts_dns *dns)
{
	return dns->asked == NULL && dns->ended == NULL;
}

/* ---- life ---- */

static enum sts_status
open_channel(struct sts_dns *dns, int which, const char *servers)
{
	int64_t timeout = dns->budget_ms / BUDGET_PARTS;
	struct ares_options options = {
		/* no search list, no HOSTALIASES: names are absolute */
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | (which == PLAIN ? ARES_FLAG_NOCHECKRESP : 0),
		.timeout = timeout < 1 ? 1 : timeout > INT32_MAX ? INT32_MAX : (int)timeout,
		.tries = TRIES,
		.lookups = (char[]){ "b" },	/* DNS alone, no /etc/hosts */
		.sock_state_cb = watch_socket,
		.sock_state_cb_data = dns,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB |
	    NO_CACHE;
	int status = ares_init_options(&dns->channels[which], &options, mask);

	if (status != ARES_SUCCESS) {
		dns->channels[which] = NULL;
		return status == ARES_ENOMEM ? STS_ENOMEM : STS_ESYS;
	}
	if (servers[0] == '\0')
		return STS_OK;
	status = ares_set_servers_ports_csv(dns->channels[which], servers);
	return status == ARES_SUCCESS ? STS_OK : status == ARES_ENOMEM ? STS_ENOMEM : STS_EINVAL;
}

/* c-ares takes a list of nothing but commas without complaint. */
static enum sts_status
count_servers(struct sts_dns *dns)
{
	struct ares_addr_port_node *list = NULL;
	enum sts_status status = STS_OK;

	if (ares_get_servers_ports(dns->channels[PLAIN], &list) != ARES_SUCCESS || list == NULL)
		status = STS_EINVAL;
	else
		dns->has_second_server = list->next != NULL;
	ares_free_data(list);
	return status;
}

enum sts_status
sts_dns_new(const char *servers, int64_t budget_ms, struct sts_dns **out)
{
	struct sts_dns *dns = calloc(1, sizeof(*dns));
	enum sts_status status = dns == NULL ? STS_ENOMEM : STS_OK;

	*out = NULL;
	if (status == STS_OK)
		dns->budget_ms = budget_ms;
	for (int i = 0; i < CHANNELS && status == STS_OK; i++)
		status = open_channel(dns, i, servers);
	if (status == STS_OK)
		status = count_servers(dns);
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
