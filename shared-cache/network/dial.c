/* SPDX-License-Identifier: ISC */
/* dial.c - tries addresses one after the other, two at a time. Knows no TLS, no names. */
#include "config.h"

#include "shared-cache/network/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared-cache/runtime/local_error.h"

/* Alternates between the families, starting with that of the first address. */
static void
take_addrs(struct sts_dial *d, const struct sts_ipaddr *addrs, size_t count)
{
	size_t at[2] = { 0, 0 };
	unsigned char families[2];

	d->count = count < STS_DIAL_ADDRS ? count : STS_DIAL_ADDRS;
	families[0] = count > 0 ? addrs[0].family : 4;
	families[1] = families[0] == 6 ? 4 : 6;
	for (size_t i = 0, side = 0; i < d->count; side = 1 - side) {
		while (at[side] < d->count && addrs[at[side]].family != families[side])
			at[side]++;
		if (at[side] < d->count)
			d->addrs[i++] = addrs[at[side]++];
		else if (at[1 - side] >= d->count)
			d->count = i;	/* the rest have no known family */
	}
}

void
sts_dial_start(struct sts_dial *dial, const struct sts_ipaddr *addrs, size_t count, uint16_t port, int64_t now_ms,
    int64_t deadline_ms)
{
	*dial = (struct sts_dial){ .fd = -1, .port = port, .deadline_ms = deadline_ms, .next_ms = now_ms,
		.patience_ms = { now_ms + (deadline_ms - now_ms) / 2, 0 }, .tries = { { .fd = -1 }, { .fd = -1 } } };
	take_addrs(dial, addrs, count);
}

static void
close_try(struct sts_dial_try *t)
{
	if (t->fd != -1)
		close(t->fd);
	t->fd = -1;
}

void
sts_dial_stop(struct sts_dial *dial)
{
	for (size_t i = 0; i < STS_DIAL_SOCKETS; i++)
		close_try(&dial->tries[i]);
}

static bool
end(struct sts_dial *d, enum sts_reason reason)
{
	sts_dial_stop(d);
	d->reason = reason;
	return true;
}

/* Keeps the reason of the last address that failed. */
static void
note_words(struct sts_dial *d, const struct sts_ipaddr *addr, const char *words)
{
	char shown[46];

	sts_ipaddr_format(addr, shown);
	snprintf(d->detail, sizeof(d->detail), "%s: %s", shown, words);
}

static void
note(struct sts_dial *d, const struct sts_ipaddr *addr, int error)
{
	note_words(d, addr, strerror(error));
	if (error == ETIMEDOUT)
		d->timed_out = true;
}

/* The time for an address leaves some for those after it. */
static int64_t
share_of_time(const struct sts_dial *d, int64_t now_ms)
{
	return d->next < d->count ? now_ms + (d->deadline_ms - now_ms) / 2 : d->deadline_ms;
}

static socklen_t
to_sockaddr(const struct sts_ipaddr *addr, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (addr->family == 6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, addr->bytes, 16);
		return sizeof(*in6);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, addr->bytes, 4);
	return sizeof(*in);
}

/* Starts a connect. 0, or an errno: nothing was started. */
static int
connect_to(struct sts_dial *d, struct sts_dial_try *t, const struct sts_ipaddr *addr)
{
	struct sockaddr_storage sa;
	socklen_t len = to_sockaddr(addr, d->port, &sa);
	int error;

	t->addr = *addr;
	t->fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	if (t->fd == -1)
		return errno;
	if (connect(t->fd, (const struct sockaddr *)&sa, len) == 0 || errno == EINPROGRESS)
		return 0;
	error = errno;
	close_try(t);
	return error;
}

enum turn { TURN_NOW, TURN_LATER, TURN_NEVER };

/* Whether may_connect allows a connection to addr. The first address has been through admission control; the others have not,
 * and it makes no sense to wait long for a place that many wait for. */
static enum turn
turn_of(struct sts_dial *d, const struct sts_ipaddr *addr, int64_t now_ms)
{
	int64_t *patience_ms = &d->patience_ms[addr != &d->addrs[0]];

	if (d->may_connect == NULL || d->may_connect(d->arg, addr))
		return TURN_NOW;
	if (*patience_ms == 0)
		*patience_ms = now_ms + STS_DIAL_BUSY_MAX_MS;
	if (now_ms < *patience_ms) {
		d->next_ms = now_ms + STS_DIAL_BUSY_MS;
		return TURN_LATER;
	}
	note_words(d, addr, "it has as many connections as it may have");
	d->was_busy = true;
	return TURN_NEVER;
}

/* Tries the next address that is allowed. True: this machine has no socket to give, for any address. */
static bool
try_next(struct sts_dial *d, struct sts_dial_try *t, int64_t now_ms)
{
	while (d->next < d->count) {
		const struct sts_ipaddr *addr = &d->addrs[d->next];
		enum turn turn = turn_of(d, addr, now_ms);
		int error;

		if (turn == TURN_LATER)
			return false;
		d->next++;
		if (turn == TURN_NEVER)
			continue;
		error = connect_to(d, t, addr);
		if (error == 0) {
			t->until_ms = share_of_time(d, now_ms);
			d->next_ms = now_ms + STS_DIAL_STAGGER_MS;
			return false;
		}
		note(d, addr, error);
		if (sts_is_local_error(error))
			return true;
	}
	return false;
}

/* EINPROGRESS: not yet; 0: connected; else why it failed. */
static int
outcome(const struct sts_dial_try *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 0) <= 0)
		return EINPROGRESS;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return errno;
	return error;
}

/* True: this one is connected. */
static bool
check(struct sts_dial *d, struct sts_dial_try *t, int64_t now_ms)
{
	int error = t->fd == -1 ? EINPROGRESS : outcome(t);

	if (error == 0) {
		d->fd = t->fd;
		d->addr = t->addr;
		t->fd = -1;
		return true;
	}
	if (t->fd == -1)
		return false;
	if (error == EINPROGRESS && now_ms >= t->until_ms)
		error = ETIMEDOUT;
	if (error == EINPROGRESS)
		return false;
	note(d, &t->addr, error);
	close_try(t);
	d->next_ms = now_ms;
	return false;
}

bool
sts_dial_continue(struct sts_dial *dial, int64_t now_ms)
{
	size_t under_way = 0;

	for (size_t i = 0; i < STS_DIAL_SOCKETS; i++) {
		if (check(dial, &dial->tries[i], now_ms))
			return end(dial, STS_REASON_NONE);
	}
	if (now_ms >= dial->deadline_ms) {
		if (dial->detail[0] == '\0')
			snprintf(dial->detail, sizeof(dial->detail), "no connection in time");
		return end(dial, STS_REASON_FETCH_TIMEOUT);
	}
	for (size_t i = 0; i < STS_DIAL_SOCKETS; i++) {
		struct sts_dial_try *t = &dial->tries[i];

		if (t->fd == -1 && now_ms >= dial->next_ms && try_next(dial, t, now_ms))
			return end(dial, STS_REASON_OVERLOAD);
		under_way += t->fd != -1;
	}
	/* An address that is left is tried later: when started from a callback, now_ms may be older than the start. */
	if (under_way > 0 || dial->next < dial->count)
		return false;
	if (dial->detail[0] == '\0')
		snprintf(dial->detail, sizeof(dial->detail), "no address");
	return end(dial, dial->was_busy ? STS_REASON_OVERLOAD : dial->timed_out ? STS_REASON_FETCH_TIMEOUT : STS_REASON_FETCH_CONNECT);
}

int64_t
sts_dial_due_ms(const struct sts_dial *dial)
{
	int64_t due = dial->deadline_ms;
	bool has_place = false;

	for (size_t i = 0; i < STS_DIAL_SOCKETS; i++) {
		has_place |= dial->tries[i].fd == -1;
		if (dial->tries[i].fd != -1 && dial->tries[i].until_ms < due)
			due = dial->tries[i].until_ms;
	}
	return has_place && dial->next < dial->count && dial->next_ms < due ? dial->next_ms : due;
}

size_t
sts_dial_sockets(const struct sts_dial *dial, struct pollfd *out)
{
	size_t n = 0;

	for (size_t i = 0; i < STS_DIAL_SOCKETS; i++) {
		if (dial->tries[i].fd != -1)
			out[n++] = (struct pollfd){ .fd = dial->tries[i].fd, .events = POLLOUT };
	}
	return n;
}

/* Connecting a UDP socket only looks up the route. */
bool
sts_dial_has_route(const struct sts_ipaddr *addr)
{
	enum { DISCARD = 9 };
	struct sockaddr_storage sa;
	socklen_t len = to_sockaddr(addr, DISCARD, &sa);
	int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = fd != -1 || errno != EAFNOSUPPORT;

	if (fd == -1)
		return has;
	has = connect(fd, (const struct sockaddr *)&sa, len) == 0 || (errno != ENETUNREACH && errno != EADDRNOTAVAIL);
	close(fd);
	return has;
}
