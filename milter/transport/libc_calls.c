/* SPDX-License-Identifier: ISC */
/*
 * libc_calls.c - see libc_calls.h. A table of connections by their descriptor, the one thing in this program that libraries reach
 * without a pointer of ours.
 *
 * A connection's buffer is made by the thread that accepts it, used by whichever thread libmilter gives the session to, one at a time,
 * and freed by the one that closes it; libmilter's locks stand between. poll(2) may look at those of sessions that wait; nothing is in
 * theirs, as a thread gives a session back only when poll(2) has told it that nothing is there.
 */
#include "config.h"

#include "milter/transport/libc_calls.h"

#ifdef __SANITIZE_THREAD__

bool
libc_calls_read_ahead(bool wanted)
{
	(void)wanted;
	return false;
}

#else

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "milter/transport/packet_guard.h"
#include "milter/transport/read_ahead.h"

/* The C library's headers have inline functions of these names, so ours have others until the assembler sees them. */
#define IS_CALLED(name) __asm__(name) __attribute__((visibility("default"), used))
ssize_t call_read(int fd, void *out, size_t len) IS_CALLED("read");
int call_poll(struct pollfd *fds, nfds_t count, int timeout_ms) IS_CALLED("poll");
int call_accept(int fd, struct sockaddr *peer, socklen_t *peer_len) IS_CALLED("accept");
int call_close(int fd) IS_CALLED("close");

enum { CONNECTIONS = 65536 };		/* those with greater descriptors are read as libmilter asks */

struct connection {
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

	atomic_bool wanted;
	_Atomic(struct connection *) connections[CONNECTIONS];	/* by descriptor; NULL: not ours */
} calls = { .once = PTHREAD_ONCE_INIT };

static void
find_libc(void)
{
	*(void **)(void *)&calls.read = dlsym(RTLD_NEXT, "read");
	*(void **)(void *)&calls.poll = dlsym(RTLD_NEXT, "poll");
	*(void **)(void *)&calls.accept = dlsym(RTLD_NEXT, "accept");
	*(void **)(void *)&calls.close = dlsym(RTLD_NEXT, "close");
	if (calls.read == NULL || calls.poll == NULL || calls.accept == NULL || calls.close == NULL)
		abort();	/* no C library: then nothing has come this far */
}

bool
libc_calls_read_ahead(bool wanted)
{
	atomic_store(&calls.wanted, wanted);
	return true;
}

static struct connection *
connection_of(int fd)
{
	return (unsigned)fd < CONNECTIONS ? atomic_load_explicit(&calls.connections[fd], memory_order_acquire) : NULL;
}

static void
set_connection(int fd, struct connection *connection)
{
	struct connection *before = atomic_exchange(&calls.connections[fd], connection);

	if (before != NULL)
		read_ahead_fini(&before->ahead);
	free(before);
}

ssize_t
call_read(int fd, void *out, size_t len)
{
	struct connection *c = connection_of(fd);
	ssize_t n;

	pthread_once(&calls.once, find_libc);
	if (c == NULL)
		return calls.read(fd, out, len);
	n = c->reads_ahead ? read_ahead_read(&c->ahead, calls.read, fd, out, len) : calls.read(fd, out, len);
	if (n > 0 && !packet_guard_passes(&c->guard, out, (size_t)n)) {
		errno = EPROTO;		/* libmilter says so in the log, and ends the session */
		return -1;
	}
	return n;
}

static bool
is_ready(const struct pollfd *wanted)
{
	const struct connection *c = (wanted->events & POLLIN) != 0 ? connection_of(wanted->fd) : NULL;

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

/* What the system knows, and what it does not. */
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

/* Without memory for it, a connection is read as libmilter asks. */
int
call_accept(int fd, struct sockaddr *peer, socklen_t *peer_len)
{
	struct connection *c;
	int accepted;

	pthread_once(&calls.once, find_libc);
	accepted = calls.accept(fd, peer, peer_len);
	if (accepted < 0 || accepted >= CONNECTIONS)
		return accepted;
	c = calloc(1, sizeof(*c));
	if (c != NULL) {
		c->reads_ahead = atomic_load(&calls.wanted);
		read_ahead_init(&c->ahead);
	}
	set_connection(accepted, c);
	return accepted;
}

int
call_close(int fd)
{
	pthread_once(&calls.once, find_libc);
	if (connection_of(fd) != NULL)
		set_connection(fd, NULL);
	return calls.close(fd);
}

#endif
