/* SPDX-License-Identifier: ISC */
/*
 * nullsocketmap.c - the floor: reads netstrings, answers "NOTFOUND " to each, knows nothing. One thread, epoll, as little work as
 * this protocol permits.
 *
 *   nullsocketmap PATH
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { EVENTS = 128, BUFFER = 4096 };

static const char answer[] = "9:NOTFOUND ,";

/* Questions arrive whole, one at a time: the load generator waits for each answer. */
static void
serve(int epoll, int fd)
{
	char buffer[BUFFER];
	ssize_t n = read(fd, buffer, sizeof(buffer));

	if (n > 0 && buffer[n - 1] == ',') {
		if (write(fd, answer, sizeof(answer) - 1) == (ssize_t)sizeof(answer) - 1)
			return;
	}
	(void)epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
	close(fd);
}

static void
let_in(int epoll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data = { .fd = fd } };

	if (fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), epoll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN, .data = { .fd = listener } }, events[EVENTS];

	signal(SIGPIPE, SIG_IGN);
	if (argc != 2 || strlen(argv[1]) >= sizeof(addr.sun_path))
		return 2;
	memcpy(addr.sun_path, argv[1], strlen(argv[1]) + 1);
	if (bind(listener, (const struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(listener, 1024) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
		perror("nullsocketmap");
		return 1;
	}
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				let_in(epoll, listener);
			else
				serve(epoll, events[i].data.fd);
		}
	}
}
