/* SPDX-License-Identifier: ISC */
/*
 * libc_calls.c - see libc_calls.h. Keeps a table of connections by descriptor, the one thing in this program that libraries reach
 * without a pointer of ours. The table allocates nothing for the guard, so guarding a connection cannot fail.
 *
 * The thread that accepts a connection sets up its row, the thread that has the session uses it, one at a time, and the one that closes
 * the connection clears it; libmilter's locks order these. poll(2) may look at rows of sessions that wait; their buffers are empty, as a
 * thread gives up a session only after poll(2) has reported no input.
 */
#include "config.h"

#include "milter/transport/libc_calls.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/transport/packet_guard.h"
#include "milter/transport/read_ahead.h"

/* The C library's headers define inline functions of these names, so ours have other names for the compiler. */
#define IS_CALLED(name) __asm__(name) __attribute__((visibility("default"), used))
ssize_t call_read(int fd, void *out, size_t len) IS_CALLED("read");
int call_poll(struct pollfd *fds, nfds_t count, int timeout_ms) IS_CALLED("poll");
int call_accept(int fd, struct sockaddr *peer, socklen_t *peer_len) IS_CALLED("accept");
int call_close(int fd) IS_CALLED("close");

enum { CONNECTIONS = 65536 };		/* greater descriptors are left alone; the unit allows no more */

struct connection {
	_Alignas(64) atomic_bool is_accepted;	/* a cache line each: neighbours belong to other threads */
	bool reads_ahead;
	struct read_ahead ahead;
	struct packet_guard guard;
};

static struct {
	/* the C library's own; libraries may read before main() */
	pthread_once_t once;
	read_ahead_fn *read;
	int (*poll)(struct pollfd *, nfds_t, int);
	int (*accept)(int, struct sockaddr *, socklen_t *);
	int (*close)(int);

	/* set before libmilter starts */
	libc_calls_refused_fn *refused;
	void *refused_self;

	atomic_bool reads_ahead;
	struct connection connections[CONNECTIONS];	/* by descriptor */
} calls = { .once = PTHREAD_ONCE_INIT };

static void
find_libc(void)
{
	*(void **)(void *)&calls.read = dlsym(RTLD_NEXT, "read");
	*(void **)(void *)&calls.poll = dlsym(RTLD_NEXT, "poll");
	*(void **)(void *)&calls.accept = dlsym(RTLD_NEXT, "accept");
	*(void **)(void *)&calls.close = dlsym(RTLD_NEXT, "close");
	if (calls.read == NULL || calls.poll == NULL || calls.accept == NULL || calls.close == NULL)
		abort();	/* without a C library, nothing gets here */
}

void
libc_calls_on_refusal(libc_calls_refused_fn *refused, void *self)
{
	calls.refused = refused;
	calls.refused_self = self;
}

void
libc_calls_read_ahead(bool wanted)
{
	atomic_store(&calls.reads_ahead, wanted);
}

/* NULL: not one that was accepted. */
static struct connection *
connection(int fd)
{
	struct connection *c = (unsigned)fd < CONNECTIONS ? &calls.connections[fd] : NULL;

	return c != NULL && atomic_load_explicit(&c->is_accepted, memory_order_acquire) ? c : NULL;
}

static void
clear(struct connection *c)
{
	read_ahead_fini(&c->ahead);
	atomic_store_explicit(&c->is_accepted, false, memory_order_release);
}

/* read(2) from a connection, past the guard. To libmilter, what it must not see is the end of the connection: it then ends the session as it
 * does when an MTA hangs up. */
static ssize_t
read_guarded(int fd, void *out, size_t len)
{
	struct connection *c = &calls.connections[fd];
	ssize_t n;

	if (c->guard.refuses)
		return 0;
	n = calls.read(fd, out, len);
	if (n <= 0 || packet_guard_pass(&c->guard, out, (size_t)n))
		return n;
	if (calls.refused != NULL)
		calls.refused(calls.refused_self, fd);
	return 0;
}

ssize_t
call_read(int fd, void *out, size_t len)
{
	struct connection *c = connection(fd);

	pthread_once(&calls.once, find_libc);
	if (c == NULL)
		return calls.read(fd, out, len);
	return c->reads_ahead ? read_ahead_read(&c->ahead, read_guarded, fd, out, len) : read_guarded(fd, out, len);
}

static bool
is_ready(const struct pollfd *wanted)
{
	const struct connection *c = (wanted->events & POLLIN) != 0 ? connection(wanted->fd) : NULL;

	return c != NULL && read_ahead_has_bytes(&c->ahead);
}

static bool
any_is_ready(const struct pollfd *fds, nfds_t count)
{
	for (nfds_t i = 0; i < count; i++)
		if (is_ready(&fds[i]))
			return true;
	return false;
}

/* The kernel's result, plus the connections with buffered input. */
static int
poll_both(struct pollfd *fds, nfds_t count)
{
	int ready = calls.poll(fds, count, 0);

	for (nfds_t i = 0; ready >= 0 && i < count; i++) {
		if (!is_ready(&fds[i]))
			continue;
		ready += fds[i].revents == 0;
		fds[i].revents |= POLLIN;
	}
	return ready;
}

int
call_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	pthread_once(&calls.once, find_libc);
	if (count == 1 && is_ready(&fds[0])) {
		fds[0].revents = POLLIN;
		return 1;
	}
	return count > 1 && any_is_ready(fds, count) ? poll_both(fds, count) : calls.poll(fds, count, timeout_ms);
}

int
call_accept(int fd, struct sockaddr *peer, socklen_t *peer_len)
{
	struct connection *c;
	int accepted;

	pthread_once(&calls.once, find_libc);
	accepted = calls.accept(fd, peer, peer_len);
	if (accepted < 0 || accepted >= CONNECTIONS)
		return accepted;
	c = &calls.connections[accepted];
	/* Meets the store in clear(): whoever used the row for the last connection of this number is done with it. */
	(void)atomic_load_explicit(&c->is_accepted, memory_order_acquire);
	c->reads_ahead = atomic_load(&calls.reads_ahead);
	read_ahead_init(&c->ahead);
	c->guard = (struct packet_guard){ 0 };
	atomic_store_explicit(&c->is_accepted, true, memory_order_release);
	return accepted;
}

int
call_close(int fd)
{
	struct connection *c = connection(fd);

	pthread_once(&calls.once, find_libc);
	if (c != NULL)
		clear(c);
	return calls.close(fd);
}
