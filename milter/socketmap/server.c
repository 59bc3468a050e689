/* SPDX-License-Identifier: ISC */
/* server.c - the event loop: sockets, timeouts, shutdown. Knows nothing of questions and answers. */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/socketmap/socketmap_private.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/runtime/thread.h"

enum {
	EVENTS = 128,			/* in one turn */
	ACCEPTS = 64,			/* likewise, from one socket */
	ACCEPT_PAUSE_MS = 100,		/* after descriptors have run out */
	SILENT_MS = 1000,		/* then a connection may be closed that was silent for so long */
	RECHECK_MS = 1000,
	SLACK_S = 5,
	IDLE_MS = 60000,
};

bool
server_watch(struct socketmap *s, struct watched *watched, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .ptr = watched } };

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, watched->fd, &event) == 0;
}

void
server_unwatch(struct socketmap *s, struct watched *watched)
{
	(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, watched->fd, NULL);
}

void
server_wake(struct socketmap *s)
{
	const uint64_t one = 1;

	(void)!write(s->wakeup.fd, &one, sizeof(one));
}

/* ---- accepting ---- */

static void
stop_accepting(struct socketmap *s)
{
	for (size_t i = 0; i < s->listening_count; i++)
		server_unwatch(s, &s->listening[i].watched);
}

static void on_connect(struct watched *watched, uint32_t events);

static void
start_accepting(struct socketmap *s)
{
	s->accept_again_ms = 0;
	for (size_t i = 0; i < s->listening_count; i++) {
		s->listening[i].watched.ready = on_connect;
		(void)server_watch(s, &s->listening[i].watched, EPOLLIN);
	}
}

static void
on_connect(struct watched *watched, uint32_t events)
{
	struct listening *l = (struct listening *)(void *)watched;
	struct socketmap *s = l->server;

	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(watched->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			connection_open(s, fd, l->is_tcp);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			/* Clients wait in the backlog; trying again at once would only spin. Connections that have asked nothing
			 * for a while are closed. */
			for (int k = 0; k < ACCEPTS && connection_make_room(s, SILENT_MS); k++)
				continue;
			stop_accepting(s);
			s->accept_again_ms = s->now_ms + ACCEPT_PAUSE_MS;
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			return;
		}
	}
}

static void
on_report(struct watched *watched, uint32_t events)
{
	struct socketmap *s = (struct socketmap *)(void *)((char *)watched - offsetof(struct socketmap, reports));

	(void)events;
	tlsrpt_collector_read(s->collector);
}

/* ---- DNS ---- */

static void
on_dns(struct watched *watched, uint32_t events)
{
	(void)watched;
	(void)events;	/* sts_dane_cache_process polls the sockets itself */
}

/* c-ares opens and closes sockets as it likes, and reuses their numbers: so each is registered anew. */
static void
watch_dns(struct socketmap *s)
{
	struct pollfd now[STS_DNS_SOCKETS];
	size_t count = s->dane != NULL ? sts_dane_cache_sockets(s->dane, now) : 0;

	for (size_t i = 0; i < s->dns_count; i++) {
		size_t k = 0;

		while (k < count && now[k].fd != s->dns[i].fd)
			k++;
		if (k == count)
			server_unwatch(s, &s->dns[i]);
	}
	for (size_t i = 0; i < count; i++) {
		struct epoll_event event = { .data = { .ptr = &s->dns[i] } };

		event.events = (now[i].events & POLLIN ? EPOLLIN : 0u) | (now[i].events & POLLOUT ? EPOLLOUT : 0u);
		s->dns[i] = (struct watched){ now[i].fd, on_dns };
		if (epoll_ctl(s->epoll, EPOLL_CTL_MOD, now[i].fd, &event) != 0)
			(void)epoll_ctl(s->epoll, EPOLL_CTL_ADD, now[i].fd, &event);
	}
	s->dns_count = count;
}

/* ---- the settings ---- */

static void
follow_settings(struct socketmap *s)
{
	unsigned swaps = service_conf_swaps(s->service);

	if (s->conf != NULL && swaps == s->conf_swaps)
		return;
	sts_conf_unref(&s->conf);
	s->conf = service_conf_ref(s->service);
	s->conf_swaps = swaps;
	answer_memo_clear(s->memo);
}

/* ---- periodic work ---- */

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
give_up_late(struct socketmap *s)
{
	struct question *q, *next;

	/* A reload may have changed the timeout, so they are not in order; there are never many. */
	for (q = TAILQ_FIRST(&s->pending); q != NULL; q = next) {
		next = TAILQ_NEXT(q, link);
		if (q->deadline_ms <= s->now_ms) {
			question_give_up(q);
			/* If the connection had another question, that is now at the end of the list. */
		}
	}
}

static void
close_stalled(struct socketmap *s)
{
	struct connection *c;

	while ((c = TAILQ_FIRST(&s->stalled)) != NULL && s->now_ms - c->stalled_at_ms >= STALL_MS)
		connection_close(c);
}

static void
recheck_due(struct socketmap *s)
{
	char domain[STS_DOMAIN_CAP];
	int64_t interval_s = s->conf->outbound_recheck_ms / 1000;

	if (s->now_ms < s->recheck_at_ms || sts_recheck_queue_count(s->recheck) == 0)
		return;
	s->recheck_at_ms = s->now_ms + RECHECK_MS;
	/* The previous check was a little later than the second it was scheduled for. */
	while (sts_recheck_queue_take(s->recheck, s->now_ms / 1000, interval_s, domain))
		sts_cache_recheck(s->service->cache, domain, interval_s > 2 * SLACK_S ? interval_s - SLACK_S : interval_s / 2);
}

static void
run_due(struct socketmap *s)
{
	question_run_mailbox(s);
	if (s->dane != NULL)
		sts_dane_cache_process(s->dane, s->now_ms);
	give_up_late(s);
	close_stalled(s);
	recheck_due(s);
	repeat_sweep(s);
	if (s->accept_again_ms != 0 && s->now_ms >= s->accept_again_ms && !s->draining)
		start_accepting(s);
}

static int
wait_ms(struct socketmap *s)
{
	int64_t until = s->now_ms + IDLE_MS, dns_ms = s->dane != NULL ? sts_dane_cache_wait_ms(s->dane, s->now_ms) : -1;
	const struct question *q;

	TAILQ_FOREACH(q, &s->pending, link)
		until = earlier(until, q->deadline_ms);
	if (!TAILQ_EMPTY(&s->stalled))
		until = earlier(until, TAILQ_FIRST(&s->stalled)->stalled_at_ms + STALL_MS);
	if (sts_recheck_queue_count(s->recheck) > 0)
		until = earlier(until, s->recheck_at_ms);
	until = earlier(until, repeat_due_ms(s));
	if (s->accept_again_ms != 0)
		until = earlier(until, s->accept_again_ms);
	if (s->draining)
		until = earlier(until, s->drain_until_ms);
	if (dns_ms >= 0)
		until = earlier(until, s->now_ms + dns_ms);
	return until <= s->now_ms ? 0 : (int)(until - s->now_ms);
}

/* ---- the loop ---- */

/* Questions received before are answered, and those already sent are read. */
static void
start_draining(struct socketmap *s)
{
	struct connection *c, *next;
	struct question *q;

	s->draining = true;
	s->drain_until_ms = s->now_ms + DRAIN_MS;
	stop_accepting(s);
	TAILQ_FOREACH(q, &s->pending, link)
		q->deadline_ms = earlier(q->deadline_ms, s->now_ms + DRAIN_MS / 2);
	for (c = TAILQ_FIRST(&s->connections); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		connection_drain(c);
	}
}

static bool
is_over(struct socketmap *s)
{
	if (!s->draining && atomic_load(&s->stopping))
		start_draining(s);
	return s->draining && (TAILQ_EMPTY(&s->connections) || s->now_ms >= s->drain_until_ms);
}

static void
turn(struct socketmap *s)
{
	struct epoll_event events[EVENTS];
	int count;

	watch_dns(s);
	count = epoll_wait(s->epoll, events, EVENTS, wait_ms(s));
	s->now_ms = sts_clock_mono_ms();
	follow_settings(s);
	/* If an event closes a connection, no later event in this turn is for it: each descriptor has only one. */
	for (int i = 0; i < count; i++) {
		struct watched *watched = events[i].data.ptr;

		watched->ready(watched, events[i].events);
	}
	run_due(s);
}

void *
server_run(void *arg)
{
	struct socketmap *s = arg;
	struct connection *c;

	/* Each delivery of Postfix waits for an answer, which takes microseconds: it must not wait for its turn among the
	 * threads of incoming mail. */
	if (sts_thread_raise_priority() != STS_OK)
		sts_debug("socketmap: not before the threads of incoming mail, for want of LimitNICE");
	s->now_ms = sts_clock_mono_ms();
	follow_settings(s);
	start_accepting(s);
	s->reports = (struct watched){ tlsrpt_collector_fd(s->collector), on_report };
	if (s->reports.fd >= 0)
		(void)server_watch(s, &s->reports, EPOLLIN);
	while (!is_over(s))
		turn(s);
	while ((c = TAILQ_FIRST(&s->connections)) != NULL)
		connection_close(c);
	return NULL;
}
