/* SPDX-License-Identifier: ISC */
/*
 * mta_filter.h - who may connect over TCP, as a socket filter (a classic BPF program) for the listening socket.
 *
 * The kernel runs it on each packet, the first one included: of whom it does not pass, there is never a connection, and libmilter reads
 * no byte. For him it is as if nobody listened behind a firewall that drops.
 * Pure: mta_filter_make. Leader thread only: mta_filter_attach.
 */
#ifndef MILTER_DAEMON_MTA_FILTER_H
#define MILTER_DAEMON_MTA_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/filter.h>

#include "shared-cache/names/ipaddr.h"

/* The kernel takes 4096 instructions, but its memory for options (net.core.optmem_max) is less: some 200 IPv6 networks, or 500 IPv4. */
enum { MTA_FILTER_MAX = 2000 };

/* Writes a program that passes packets from these networks and no others. Returns its length, or 0 when it does not fit. */
size_t mta_filter_make(const struct sts_netlist *mtas, struct sock_filter program[MTA_FILTER_MAX]);

/* For a listening socket of IPv4 or IPv6. False, with errno: the kernel refuses (E2BIG: too many networks). Some kernels are set up to let
 * root alone do it: while we are root, if we are. */
bool mta_filter_attach(int fd, const struct sts_netlist *mtas);

#endif
