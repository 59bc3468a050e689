/* SPDX-License-Identifier: ISC */
/*
 * libc_calls.c - see libc_calls.h. Keeps a table of connections by descriptor, the one thing in this program that libraries reach
 * without a pointer of ours.
 *
 * A connection's buffer is created by the thread that accepts it, used by the thread that has the session, one at a time, and freed
 * by the one that closes it; libmilter's locks order these. poll(2) may look at buffers of sessions that wait; those are empty, as
 * a thread gives up a session only after poll(2) has reported no input.
 */
#include "config.h"

#include "milter/transport/libc_calls.h"

#ifdef STS_SANITIZED

bool
libc_calls_read_ahead(bool wanted)
{
	(void)wanted;
	return false;
}

#else

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/transport/read_ahead.h"

/* The C library's headers define inline functions of these names, so ours have other names for the compiler. */
#define IS_CALLED(name) __asm__(name) __attribute__((visibility("default"), used))
ssize_t call_read(int fd, void *out, size_t len) IS_CALLED("read");
int call_poll(struct pollfd *fds, nfds_t count, int timeout_ms) IS_CALLED("poll");
int call_accept(int fd, struct sockaddr *peer, socklen_t *peer_len) IS_CALLED("accept");
int call_close(int fd) IS_CALLED("close");

enum { CONNECTIONS = 65536 };		/* greater descriptors are read without a buffer */

static struct {
	/* the C library's own; libraries may read before main() */
	pthread_once_t once;
	read_ahead_fn *read;
	int (*poll)(struct pollfd *, nfds_t, int);
	int (*accept)(int, struct sockaddr *, socklen_t *);
	int (*close)(int);

	atomic_bool wanted;
	_Atomic(struct read_ahead *) connections[CONNECTIONS];	/* by descriptor; NULL: not ours */
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

bool
libc_calls_read_ahead(bool wanted)
{
	atomic_store(&calls.wanted, wanted);
	return true;
}

static struct read_ahead *
connection(int fd)
{
	return (unsigned)fd < CONNECTIONS ? atomic_load_explicit(&calls.connections[fd], memory_order_acquire) : NULL;
}

static void
set_connection(int fd, struct read_ahead *ahead)
{
	struct read_ahead *before = atomic_exchange(&calls.connections[fd], ahead);

	if (before != NULL)
		read_ahead_fini(before);
	free(before);
}

ssize_t
call_read(int fd, void *out, size_t len)
{
	struct read_ahead *ahead = connection(fd);

	pthread_once(&calls.once, find_libc);
	return ahead != NULL ? read_ahead_read(ahead, calls.read, fd, out, len) : calls.read(fd, out, len);
}

static bool
is_ready(const struct pollfd *wanted)
{
	const struct read_ahead *ahead = (wanted->events & POLLIN) != 0 ? connection(wanted->fd) : NULL;

	return ahead != NULL && read_ahead_has_bytes(ahead);
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

/* Without memory for a buffer, the connection is read without one. */
int
call_accept(int fd, struct sockaddr *peer, socklen_t *peer_len)
{
	struct read_ahead *ahead = NULL;
	int accepted;

	pthread_once(&calls.once, find_libc);
	accepted = calls.accept(fd, peer, peer_len);
	if (accepted < 0 || accepted >= CONNECTIONS)
		return accepted;
	if (atomic_load(&calls.wanted) && (ahead = malloc(sizeof(*ahead))) != NULL)
		read_ahead_init(ahead);
	set_connection(accepted, ahead);
	return accepted;
}

int
call_close(int fd)
{
	pthread_once(&calls.once, find_libc);
	if (connection(fd) != NULL)
		set_connection(fd, NULL);
	return calls.close(fd);
}

#endif
