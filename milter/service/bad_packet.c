/* SPDX-License-Identifier: ISC */
/* bad_packet.c - see bad_packet.h. */
#include "config.h"

#include "milter/service/bad_packet.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "milter/service/service.h"
#include "shared-cache/names/ipaddr.h"

enum { PEER_CAP = 80 };

/* Names the peer: a process on this machine by its pid and uid, which the kernel vouches for; any other by its address. */
static void
name_peer(int fd, char out[PEER_CAP])
{
	struct sockaddr_storage peer = { 0 };
	socklen_t peer_len = sizeof(peer);
	struct ucred who;
	socklen_t who_len = sizeof(who);
	struct sts_ipaddr addr;
	char text[46];

	snprintf(out, PEER_CAP, "unknown");
	if (getpeername(fd, (struct sockaddr *)&peer, &peer_len) != 0)
		return;
	if (sts_ipaddr_from_sockaddr((const struct sockaddr *)&peer, &addr)) {
		sts_ipaddr_format(&addr, text);
		snprintf(out, PEER_CAP, "%s", text);
	} else if (peer.ss_family == AF_UNIX && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &who_len) == 0) {
		snprintf(out, PEER_CAP, "pid=%ld uid=%lu", (long)who.pid, (unsigned long)who.uid);
	}
}

void
bad_packet_warn(void *service, int fd)
{
	char peer[PEER_CAP];

	name_peer(fd, peer);
	service_warn(service, WARNING_PACKETS, "connection ended: list of macros with a name that has no value, which no MTA sends: peer=%s", peer);
}
