/* SPDX-License-Identifier: ISC */
/*
 * dial.h - a TCP connection to one of several addresses, whichever takes it first (after RFC 8305).
 *
 * Families take turns. The next address gets its chance when one has failed, or STS_DIAL_STAGGER_MS after the last; two are tried at a
 * time. While there are others left, one address has half of the time that remains. Blocks nowhere; the time is passed in.
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
	/* when sts_dial_go_on has said true: */
	enum sts_reason reason;		/* STS_REASON_NONE: fd is connected to addr */
	int fd;				/* the caller's */
	struct sts_ipaddr addr;
	char detail[STS_DIAL_DETAIL_CAP]; /* of the reason: one printable line */
	/* to be set after sts_dial_start, if at all: whether one more connection to addr is allowed now. The first address is waited for for
	 * half of the time, the others for STS_DIAL_BUSY_MAX_MS together; where all fail, and one of them for that, STS_REASON_OVERLOAD. */
	bool (*may_connect)(void *arg, const struct sts_ipaddr *addr);
	void *arg;
	/* its own: */
	struct sts_ipaddr addrs[STS_DIAL_ADDRS];
	size_t count, next;
	uint16_t port;
	int64_t deadline_ms, next_ms;
	int64_t patience_ms[2];		/* until when the first address is waited for, and the others; 0: not known yet */
	bool was_busy;			/* one of them */
	struct sts_dial_try tries[STS_DIAL_SOCKETS];
	bool timed_out;			/* one of them, rather than refused */
};

/* Of more than STS_DIAL_ADDRS addresses the first are used. To be followed by sts_dial_go_on. */
void sts_dial_start(struct sts_dial *dial, const struct sts_ipaddr *addrs, size_t count, uint16_t port, int64_t now_ms,
    int64_t deadline_ms);
/* Does what can be done now. True: it has ended, one way or the other; not to be called again then. */
bool sts_dial_go_on(struct sts_dial *dial, int64_t now_ms);
/* Until when there is nothing to do but to watch the sockets. */
int64_t sts_dial_due_ms(const struct sts_dial *dial);
/* What is to be watched; at most STS_DIAL_SOCKETS. */
size_t sts_dial_sockets(const struct sts_dial *dial, struct pollfd *out);
/* Gives up, if it has not ended. */
void sts_dial_stop(struct sts_dial *dial);

/* Whether this host knows a way to the address's network; sends nothing. True where nobody knows. */
bool sts_dial_has_route(const struct sts_ipaddr *addr);

#endif
