/* SPDX-License-Identifier: ISC */
/* bad_packet.h - warns of a connection that was ended for a packet that no MTA sends, and names the peer. */
#ifndef MILTER_SERVICE_BAD_PACKET_H
#define MILTER_SERVICE_BAD_PACKET_H

/* Counts the warning, and logs it as service_warn() does. service: a struct service. fd: the connection's, still open. Any
 * thread. */
void bad_packet_warn(void *service, int fd);

#endif
