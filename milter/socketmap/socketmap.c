/* SPDX-License-Identifier: ISC */
/* socketmap.c - creates the parts, starts and stops the thread. Notices from the cache's threads go into the mailbox. */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "milter/socketmap/socketmap_private.h"
#include "shared-cache/runtime/thread.h"

enum {
	MAILBOX = 4096,			/* notices from the cache; its answers are always accepted */
	RECHECKS = 200000,		/* domains at a time */
	DANE_LOOKUPS = 64,
};

/* ---- notices from the cache ---- */

struct notice {
	struct sts_task task;
	struct socketmap *server;
	char domain[STS_DOMAIN_CAP];
};

static void
on_notice(struct sts_task *task)
{
	struct notice *notice = (struct notice *)(void *)((char *)task - offsetof(struct notice, task));

	if (notice->server->dane != NULL) {
		sts_dane_cache_forget(notice->server->dane, notice->domain);
		repeat_forget(notice->server, notice->domain);
	}
	free(notice);
}

/* On a thread of the cache. Ignored for all domains: that is about what other nodes know, and DANE states are our own, and
 * short-lived. */
static void
on_invalid(void *arg, const char *domain)
{
	struct socketmap *s = arg;
	struct notice *notice = domain != NULL ? calloc(1, sizeof(*notice)) : NULL;

	if (notice == NULL)
		return;
	notice->task.run = on_notice;
	notice->server = s;
	memcpy(notice->domain, domain, strnlen(domain, sizeof(notice->domain) - 1));
	if (sts_queue_offer(s->mailbox, &notice->task) == STS_OK)
		server_wake(s);
	else
		free(notice);
}

/* ---- life cycle ---- */

static void
on_wakeup(struct watched *watched, uint32_t events)
{
	uint64_t count;

	(void)events;
	(void)!read(watched->fd, &count, sizeof(count));
}

static enum sts_status
new_parts(struct socketmap *s, const struct sts_conf *conf)
{
	const struct sts_dane_cache_params dane = {
		.dns_servers = conf->dns_servers,
		.dns_timeout_ms = conf->dns_timeout_ms,
		.smtp_port = (uint16_t)conf->smtp_port,
		.entries = (size_t)conf->cache_entries,
		.concurrency = DANE_LOOKUPS,
	};
	enum sts_status status = sts_queue_new(MAILBOX, &s->mailbox);

	if (status == STS_OK && !repeat_new(s))
		status = STS_ENOMEM;
	if (status == STS_OK)
		status = sts_recheck_queue_new(RECHECKS, &s->recheck);
	if (status == STS_OK)
		status = tlsrpt_collector_new(s->service, conf, &s->collector);
	if (status == STS_OK && conf->dane == STS_DANE_AUTO && conf->socketmap_listen[0] != '\0')
		status = sts_dane_cache_new(&dane, &s->dane);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->wakeup = (struct watched){ eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), on_wakeup };
	if (s->epoll < 0 || s->wakeup.fd < 0 || !server_watch(s, &s->wakeup, EPOLLIN))
		status = status == STS_OK ? STS_ESYS : status;
	return status;
}

enum sts_status
socketmap_new(struct service *service, const struct sts_conf *conf, struct socketmap **out)
{
	struct socketmap *s;
	enum sts_status status;

	*out = NULL;
	if (conf->socketmap_listen[0] == '\0' && conf->tlsrpt_listen[0] == '\0')
		return STS_OK;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return STS_ENOMEM;
	s->service = service;
	atomic_init(&s->stopping, false);
	TAILQ_INIT(&s->connections);
	TAILQ_INIT(&s->stalled);
	TAILQ_INIT(&s->silent);
	TAILQ_INIT(&s->pending);
	status = new_parts(s, conf);
	if (status != STS_OK) {
		socketmap_free(&s);
		return status;
	}
	service->invalid = on_invalid;
	service->invalid_arg = s;
	*out = s;
	return STS_OK;
}

int
socketmap_listen(struct socketmap *socketmap, const struct sts_conf *conf)
{
	int rc = socketmap == NULL ? 0 : listen_sockets_open(socketmap, conf);

	return socketmap == NULL || rc != 0 ? rc : tlsrpt_collector_listen(socketmap->collector, conf);
}

enum sts_status
socketmap_start(struct socketmap *socketmap)
{
	enum sts_status status;

	if (socketmap == NULL)
		return STS_OK;
	status = tlsrpt_collector_start(socketmap->collector);
	if (status == STS_OK)
		status = sts_thread_start("socketmap", server_run, socketmap, &socketmap->pthread);
	socketmap->running = status == STS_OK;
	return status;
}

void
socketmap_stop(struct socketmap *socketmap)
{
	if (socketmap == NULL || !socketmap->running)
		return;
	atomic_store(&socketmap->stopping, true);
	server_wake(socketmap);
	pthread_join(socketmap->pthread, NULL);
	socketmap->running = false;
	/* What has been received by now is written; the rest is lost, as if nobody listened. */
	tlsrpt_collector_stop(&socketmap->collector);
}

void
socketmap_free(struct socketmap **socketmap)
{
	struct socketmap *s = *socketmap;

	*socketmap = NULL;
	if (s == NULL)
		return;
	listen_sockets_close(s);
	tlsrpt_collector_stop(&s->collector);
	if (s->mailbox != NULL)
		question_run_mailbox(s);
	sts_queue_free(&s->mailbox);
	sts_dane_cache_free(&s->dane);
	sts_recheck_queue_free(&s->recheck);
	answer_memo_free(&s->memo);
	sts_conf_unref(&s->conf);
	if (s->wakeup.fd >= 0)
		close(s->wakeup.fd);
	if (s->epoll >= 0)
		close(s->epoll);
	free(s);
}
