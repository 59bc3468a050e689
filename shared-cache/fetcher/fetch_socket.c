/* SPDX-License-Identifier: ISC */
/* fetch_socket.c - sendmsg(2) and recvmsg(2) between two processes that do not trust each other. */
#include "config.h"

#include "shared-cache/fetcher/fetch_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PASSED_MAX = 4 };		/* room for more than one, so that extra descriptors are seen and closed */

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(PASSED_MAX * sizeof(int))];
};

int
sts_fetch_send(int fd, const void *message, size_t len, int passed, bool wait)
{
	struct iovec iov = { .iov_base = (void *)(size_t)message, .iov_len = len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control = { .bytes = { 0 } };
	ssize_t sent;

	if (passed != -1) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &passed, sizeof(int));
	}
	do
		sent = sendmsg(fd, &m, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
	while (sent == -1 && errno == EINTR);
	return sent == -1 ? errno : 0;
}

/* Keeps the descriptor that was asked for. False: there were others. */
static bool
take_descriptors(struct msghdr *m, int *passed)
{
	bool ok = true;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(0))
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int one;

			memcpy(&one, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (passed != NULL && *passed == -1) {
				*passed = one;
			} else {
				close(one);
				ok = false;
			}
		}
	}
	return ok;
}

enum sts_fetch_received
sts_fetch_receive(int fd, void *message, size_t cap, size_t *len, int *passed, bool wait)
{
	struct iovec iov = { .iov_base = message, .iov_len = cap };
	union control control;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	ssize_t got;
	bool ok;

	if (passed != NULL)
		*passed = -1;
	do
		got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return errno == EAGAIN || errno == EWOULDBLOCK ? STS_FETCH_GOT_NOTHING : STS_FETCH_GOT_END;
	ok = take_descriptors(&m, passed) && (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
	if (got == 0)
		return STS_FETCH_GOT_END;	/* nobody sends an empty message */
	if (!ok) {
		if (passed != NULL && *passed != -1) {
			close(*passed);
			*passed = -1;
		}
		return STS_FETCH_GOT_TOO_MUCH;
	}
	*len = (size_t)got;
	return STS_FETCH_GOT;
}
