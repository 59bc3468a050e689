/* SPDX-License-Identifier: ISC */
/* fetcher_main.c - mta-sts-fetcher. Only mta-sts-milter starts it; it is of no use to anybody else. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "shared-cache/fetcher/fetch_child.h"

/* Replaces libc's for libcurl, as all sockets come here connected. libcurl 7.88 is told so, and calls this all the same; after
 * success it goes on at once, after EINPROGRESS only 200 ms later. The sandbox refuses the system call itself. */
int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	(void)fd, (void)to, (void)len;
	return 0;
}

static bool
is_started_by_the_milter(void)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(STS_FETCH_CHILD_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

int
main(void)
{
	if (!is_started_by_the_milter()) {
		fputs("mta-sts-fetcher: mta-sts-milter starts this program, to fetch policies (setting fetch_process)\n", stderr);
		return EX_USAGE;
	}
	(void)prctl(PR_SET_NAME, "mta-sts-fetcher", 0, 0, 0);
	return sts_fetch_child_run(STS_FETCH_CHILD_FD);
}
