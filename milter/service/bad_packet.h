/* SPDX-License-Identifier: ISC */
/* bad_packet.h - tells the operator of a connection that was ended for a packet no MTA sends, and who was at its other end. */
#ifndef MILTER_SERVICE_BAD_PACKET_H
#define MILTER_SERVICE_BAD_PACKET_H

/* Counts it, and logs a warning as service_warn() does. service: a struct service. fd: the connection's, still open. Any thread. */
void bad_packet_warn(void *service, int fd);

#endif
