/* SPDX-License-Identifier: ISC */
/* listener.c - a proxy that cuts connections, and a server that misbehaves. */
#include "config.h"

#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TICK_MS = 10, PIECE = 4096 };

struct listener {
	int fd;
	uint16_t port;
	pthread_t pthread;
	atomic_bool ending;
	void (*serve)(struct listener *l, int client);
	/* the proxy's */
	struct sts_endpoint target;
	atomic_uint cut_every;
	unsigned pieces;
	/* the fake's */
	enum misbehaviour what;
	const char *text;
};

static void
die(const char *what)
{
	fprintf(stderr, "listener: %s: %s\n", what, strerror(errno));
	abort();
}

static bool
is_readable(int fd, int wait_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, wait_ms) > 0;
}

static bool
send_all(int fd, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, s, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		s += n;
		len -= (size_t)n;
	}
	return true;
}

/* ---- the proxy ---- */

static int
connect_target(const struct sts_endpoint *target)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s", target->host);
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool
pass(int from, int to, bool (*may)(struct listener *l), struct listener *l)
{
	char piece[PIECE];
	ssize_t n = read(from, piece, sizeof(piece));

	return n > 0 && (may == NULL || may(l)) && send_all(to, piece, (size_t)n);
}

static bool
may_answer(struct listener *l)
{
	unsigned every = atomic_load(&l->cut_every);

	return every == 0 || ++l->pieces % every != 0;
}

static void
serve_proxy(struct listener *l, int client)
{
	int server = connect_target(&l->target);
	bool open = server >= 0;

	while (open && !atomic_load(&l->ending)) {
		struct pollfd pfds[2] = { { .fd = client, .events = POLLIN }, { .fd = server, .events = POLLIN } };

		if (poll(pfds, 2, TICK_MS) <= 0)
			continue;
		if (pfds[0].revents != 0)
			open = pass(client, server, NULL, l);
		if (open && pfds[1].revents != 0)
			open = pass(server, client, may_answer, l);
	}
	if (server >= 0)
		close(server);
}

void
listener_cut(struct listener *listener, unsigned every)
{
	atomic_store(&listener->cut_every, every);
}

/* ---- the fake ---- */

/* Sends bytes until the client closes the connection. */
static void
go_on_sending(struct listener *l, int client, bool slowly)
{
	char bytes[PIECE];

	memset(bytes, 'x', sizeof(bytes));
	while (!atomic_load(&l->ending) && send_all(client, bytes, slowly ? 1 : sizeof(bytes))) {
		char unread[PIECE];

		if (is_readable(client, slowly ? TICK_MS : 0) && recv(client, unread, sizeof(unread), 0) <= 0)
			return;
	}
}

static void
serve_fake(struct listener *l, int client)
{
	char asked[PIECE];

	while (l->what != HANGS_UP && !atomic_load(&l->ending)) {
		if (!is_readable(client, TICK_MS))
			continue;
		if (recv(client, asked, sizeof(asked), 0) <= 0 || !send_all(client, l->text, strlen(l->text)))
			return;
		if (l->what == DRIPS || l->what == FLOODS)
			go_on_sending(l, client, l->what == DRIPS);
	}
}

/* ---- start and stop ---- */

static void *
thread_main(void *arg)
{
	struct listener *l = arg;

	while (!atomic_load(&l->ending)) {
		int client;

		if (!is_readable(l->fd, TICK_MS) || (client = accept(l->fd, NULL, NULL)) < 0)
			continue;
		/* As Redis does: otherwise the second piece of a reply waits for the client's ACK of the first. */
		setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		l->serve(l, client);
		close(client);
	}
	return NULL;
}

static struct listener *
listener_new(void (*serve)(struct listener *l, int client))
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct listener *l = calloc(1, sizeof(*l));
	socklen_t len = sizeof(addr);

	if (l == NULL)
		die("calloc");
	l->serve = serve;
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || bind(l->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(l->fd, 16) != 0 ||
	    getsockname(l->fd, (struct sockaddr *)&addr, &len) != 0)
		die("listen");
	l->port = ntohs(addr.sin_port);
	return l;
}

static struct listener *
run(struct listener *l)
{
	if (pthread_create(&l->pthread, NULL, thread_main, l) != 0)
		die("pthread_create");
	return l;
}

struct listener *
listener_proxy(const struct sts_endpoint *target)
{
	struct listener *l = listener_new(serve_proxy);

	l->target = *target;
	return run(l);
}

struct listener *
listener_fake(enum misbehaviour what, const char *text)
{
	struct listener *l = listener_new(serve_fake);

	l->what = what;
	l->text = text;
	return run(l);
}

struct sts_endpoint
listener_endpoint(const struct listener *listener)
{
	return (struct sts_endpoint){ .kind = STS_ENDPOINT_TCP, .host = "127.0.0.1", .port = listener->port };
}

void
listener_end(struct listener **listener)
{
	atomic_store(&(*listener)->ending, true);
	pthread_join((*listener)->pthread, NULL);
	close((*listener)->fd);
	free(*listener);
	*listener = NULL;
}
