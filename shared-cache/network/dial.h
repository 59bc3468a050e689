/* SPDX-License-Identifier: ISC */
/*
 * dial.h - connects over TCP to one of several addresses, the first that accepts (after RFC 8305, Happy Eyeballs).
 *
 * Families alternate. The next address is tried when one has failed, or STS_DIAL_STAGGER_MS after the last start; two at a time.
 * While others are left, an address gets half of the remaining time. Never blocks; the time is passed in.
 * In the caller's storage; belongs to one thread.
 */
#ifndef STS_NETWORK_DIAL_H
#define STS_NETWORK_DIAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/reason.h"

enum { STS_DIAL_ADDRS = 16, STS_DIAL_SOCKETS = 2, STS_DIAL_STAGGER_MS = 200, STS_DIAL_BUSY_MS = 100, STS_DIAL_BUSY_MAX_MS = 1000,
	STS_DIAL_DETAIL_CAP = 128 };

struct sts_dial_try {
	int fd;				/* -1: none */
	struct sts_ipaddr addr;
	int64_t until_ms;
};

struct sts_dial {
	/* results, once sts_dial_continue returned true: */
	enum sts_reason reason;		/* STS_REASON_NONE: fd is connected to addr */
	int fd;				/* owned by the caller */
	struct sts_ipaddr addr;
	char detail[STS_DIAL_DETAIL_CAP]; /* of the reason: one printable line */
	/* optional, set after sts_dial_start: whether one more connection to addr is allowed now. The dial waits for the first
	 * address for half of the time, for all others together for STS_DIAL_BUSY_MAX_MS. If all fail, and one of them for that:
	 * STS_REASON_OVERLOAD. */
	bool (*may_connect)(void *arg, const struct sts_ipaddr *addr);
	void *arg;
	/* private: */
	struct sts_ipaddr addrs[STS_DIAL_ADDRS];
	size_t count, next;
	uint16_t port;
	int64_t deadline_ms, next_ms;
	int64_t patience_ms[2];		/* how long to wait for the first address, and for the others; 0: not set yet */
	bool was_busy;			/* may_connect never allowed one of them */
	struct sts_dial_try tries[STS_DIAL_SOCKETS];
	bool timed_out;			/* one of them timed out, rather than being refused */
};

/* Addresses beyond STS_DIAL_ADDRS are ignored. To be followed by sts_dial_continue. */
void sts_dial_start(struct sts_dial *dial, const struct sts_ipaddr *addrs, size_t count, uint16_t port, int64_t now_ms,
    int64_t deadline_ms);
/* Does what can be done now. True: it has ended, with or without success; must not be called again. */
bool sts_dial_continue(struct sts_dial *dial, int64_t now_ms);
/* When to call sts_dial_continue at the latest, if no socket is ready before. */
int64_t sts_dial_due_ms(const struct sts_dial *dial);
/* The sockets to wait for; at most STS_DIAL_SOCKETS. */
size_t sts_dial_sockets(const struct sts_dial *dial, struct pollfd *out);
/* Gives up, if it has not ended. */
void sts_dial_stop(struct sts_dial *dial);

/* Whether this host has a route to the address; sends nothing. True if that cannot be told. */
bool sts_dial_has_route(const struct sts_ipaddr *addr);

#endif
