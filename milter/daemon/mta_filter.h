/* SPDX-License-Identifier: ISC */
/*
 * mta_filter.h - restricts who may connect over TCP: a socket filter (a classic BPF program) for the listening socket.
 *
 * The kernel runs it on each packet, including the first. Others never get a connection, and libmilter never reads a byte of
 * theirs; to them, the port seems to be behind a firewall that drops packets.
 * Pure: mta_filter_make. Leader thread only: mta_filter_attach.
 */
#ifndef MILTER_DAEMON_MTA_FILTER_H
#define MILTER_DAEMON_MTA_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/filter.h>

#include "shared-cache/names/ipaddr.h"

/* The kernel accepts 4096 instructions, but its limit for option memory (net.core.optmem_max) is lower: some 200 IPv6 networks,
 * or 500 IPv4. */
enum { MTA_FILTER_MAX = 2000 };

/* Writes a program that accepts packets from these networks only. Returns its length; 0: it does not fit. */
size_t mta_filter_make(const struct sts_netlist *mtas, struct sock_filter program[MTA_FILTER_MAX]);

/* For an IPv4 or IPv6 listening socket. False with errno: the kernel refuses (E2BIG: too many networks). Some kernels allow it
 * only to root, so call before privileges are dropped. */
bool mta_filter_attach(int fd, const struct sts_netlist *mtas);

#endif
