/* SPDX-License-Identifier: ISC */
/* connection.c - reads questions from a connection, and writes answers. Knows nothing of their contents. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/socketmap/socketmap_private.h"

enum { LOG_MS = 60000 };

/* ---- epoll ---- */

static void
watch_for(struct connection *c, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .ptr = &c->watched } };

	if (c->events == events)
		return;
	if (epoll_ctl(c->server->epoll, EPOLL_CTL_MOD, c->watched.fd, &event) == 0)
		c->events = events;
}

/* While a question is being answered, only the end of the connection matters; further input stays in the kernel. */
static void
update_watch(struct connection *c)
{
	if (c->out != NULL)
		watch_for(c, EPOLLOUT);
	else if (c->question != NULL)
		watch_for(c, c->ended ? 0 : EPOLLRDHUP);
	else
		watch_for(c, EPOLLIN);
}

static void
note_stall(struct connection *c)
{
	bool stalls = c->out != NULL || (c->question == NULL && (c->in_len > 0 || c->skip > 0));

	if (stalls && c->stalled_at_ms == 0) {
		c->stalled_at_ms = c->server->now_ms;
		TAILQ_INSERT_TAIL(&c->server->stalled, c, in_stalled);
	} else if (!stalls && c->stalled_at_ms != 0) {
		c->stalled_at_ms = 0;
		TAILQ_REMOVE(&c->server->stalled, c, in_stalled);
	}
}

/* It has asked its first question, or never will. */
static void
mark_asked(struct connection *c)
{
	if (c->silent)
		TAILQ_REMOVE(&c->server->silent, c, in_silent);
	c->silent = false;
}

/* ---- closing ---- */

void
connection_close(struct connection *c)
{
	struct socketmap *s = c->server;

	if (c->question != NULL)
		question_abandon(c->question);
	if (c->stalled_at_ms != 0)
		TAILQ_REMOVE(&s->stalled, c, in_stalled);
	mark_asked(c);
	TAILQ_REMOVE(&s->connections, c, link);
	s->connection_count--;
	metrics_uncount(&s->service->metrics, METRICS_SOCKETMAP_CONNECTIONS, 0, 0);
	server_unwatch(s, &c->watched);
	close(c->watched.fd);
	free(c->out);
	free(c);
}

static void
refuse(struct connection *c)
{
	struct socketmap *s = c->server;
	unsigned long held;

	metrics_count(&s->service->metrics, METRICS_SOCKETMAP_REFUSED, 0, 0);
	if (sts_log_allowed(&s->bad_log, s->now_ms, LOG_MS, &held))
		sts_warn("socketmap: a client does not speak the protocol: connection closed unreported=%lu", held);
	connection_close(c);
}

/* ---- output ---- */

void
connection_send(struct connection *c, const char *bytes, size_t len)
{
	size_t sent;
	ssize_t n = send(c->watched.fd, bytes, len, MSG_NOSIGNAL);

	if (n == (ssize_t)len)
		return;
	sent = n < 0 ? 0 : (size_t)n;
	c->out = n >= 0 || errno == EAGAIN || errno == EINTR ? malloc(len - sent) : NULL;
	if (c->out == NULL) {
		c->ended = true;	/* the socket takes no more output */
		return;
	}
	memcpy(c->out, bytes + sent, len - sent);
	c->out_at = 0;
	c->out_len = len - sent;
}

/* False: the connection is gone. */
static bool
flush(struct connection *c)
{
	ssize_t n = send(c->watched.fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n < 0) {
		connection_close(c);
		return false;
	}
	c->out_at += (size_t)n;
	if (c->out_at == c->out_len) {
		free(c->out);
		c->out = NULL;
	}
	return true;
}

/* ---- input ---- */

static void
consume(struct connection *c, size_t len)
{
	memmove(c->in, c->in + len, c->in_len - len);
	c->in_len -= len;
}

/* Skips a question that is too long. True: all of it has been read, and answered. */
static bool
skip(struct connection *c)
{
	size_t len = c->skip < c->in_len ? c->skip : c->in_len;

	consume(c, len);
	c->skip -= len;
	if (c->skip > 0)
		return false;
	mark_asked(c);
	question_answer_oversized(c);
	return true;
}

enum progress { WAITING, GOING_ON, REFUSED };

static enum progress
take_question(struct connection *c)
{
	struct sts_netstring request;

	if (c->skip > 0)
		return skip(c) ? GOING_ON : WAITING;
	switch (sts_netstring_read(c->in, c->in_len, STS_SOCKETMAP_REQUEST_MAX, &request)) {
	case STS_NETSTRING_MORE:
		return WAITING;
	case STS_NETSTRING_BAD:
		return REFUSED;
	case STS_NETSTRING_LONG:
		c->skip = request.used;
		return GOING_ON;
	case STS_NETSTRING_WHOLE:
		break;
	}
	mark_asked(c);
	(void)question_start(c, request.data, request.len);
	consume(c, request.used);
	return GOING_ON;
}

void
connection_resume(struct connection *c)
{
	enum progress progress = GOING_ON;

	while (progress == GOING_ON && c->in_len > 0 && c->question == NULL && c->out == NULL)
		progress = take_question(c);
	if (progress == REFUSED) {
		refuse(c);
		return;
	}
	if (c->question == NULL && c->out == NULL && (c->ended || (c->server->draining && c->in_len == 0))) {
		connection_close(c);
		return;
	}
	note_stall(c);
	update_watch(c);
}

/* False: the connection is gone. */
static bool
read_some(struct connection *c)
{
	ssize_t n = recv(c->watched.fd, c->in + c->in_len, sizeof(c->in) - c->in_len, MSG_DONTWAIT);

	if (n > 0) {
		c->in_len += (size_t)n;
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	connection_close(c);
	return false;
}

static void
on_ready(struct watched *watched, uint32_t events)
{
	struct connection *c = (struct connection *)(void *)watched;

	if ((events & (EPOLLERR | EPOLLHUP)) && !(events & EPOLLIN)) {
		connection_close(c);
		return;
	}
	/* A client that shuts down only its own side may still read the answer. */
	if (events & EPOLLRDHUP)
		c->ended = true;
	if ((events & EPOLLOUT) && c->out != NULL && !flush(c))
		return;
	if ((events & EPOLLIN) && c->question == NULL && c->out == NULL && !read_some(c))
		return;
	connection_resume(c);
}

void
connection_drain(struct connection *c)
{
	if (c->question != NULL || c->out != NULL)
		return;
	if (read_some(c))
		connection_resume(c);
}

/* ---- opening ---- */

static void
prepare_tcp(int fd)
{
	int one = 1;

	/* Keep-alive ends connections of machines that have gone; nothing else does. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}

/* which: "", or what else to say. */
static void
warn_full(struct socketmap *s, const char *which)
{
	unsigned long held;

	metrics_count(&s->service->metrics, METRICS_SOCKETMAP_REFUSED, 0, 0);
	if (sts_log_allowed(&s->full_log, s->now_ms, LOG_MS, &held))
		sts_warn("socketmap: no room for another connection: %zu are open%s unreported=%lu", s->connection_count, which, held);
}

static void
reject(struct socketmap *s, int fd)
{
	close(fd);
	warn_full(s, "");
}

/* Whoever connects to ask asks at once. The connection is only shut down, and closed by its own event: this turn may have
 * another event for it. */
bool
connection_make_room(struct socketmap *s, int64_t silent_ms)
{
	struct connection *c = TAILQ_FIRST(&s->silent);

	if (c == NULL || s->now_ms - c->opened_ms < silent_ms)
		return false;
	mark_asked(c);
	(void)shutdown(c->watched.fd, SHUT_RDWR);
	warn_full(s, ", one that has not asked anything is closed");
	return true;
}

void
connection_open(struct socketmap *s, int fd, bool is_tcp)
{
	bool has_room = s->connection_count < CONNECTIONS_MAX || connection_make_room(s, 0);
	struct connection *c = has_room ? malloc(sizeof(*c)) : NULL;

	if (c == NULL) {
		reject(s, fd);
		return;
	}
	memset(c, 0, offsetof(struct connection, in));
	c->watched = (struct watched){ fd, on_ready };
	c->server = s;
	c->events = EPOLLIN;
	if (!server_watch(s, &c->watched, EPOLLIN)) {
		free(c);
		reject(s, fd);
		return;
	}
	if (is_tcp)
		prepare_tcp(fd);
	TAILQ_INSERT_TAIL(&s->connections, c, link);
	TAILQ_INSERT_TAIL(&s->silent, c, in_silent);
	c->silent = true;
	c->opened_ms = s->now_ms;
	s->connection_count++;
	metrics_count(&s->service->metrics, METRICS_SOCKETMAP_CONNECTIONS, 0, 0);
}
