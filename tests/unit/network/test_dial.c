/* SPDX-License-Identifier: ISC */
/* Connects to one of several loopback addresses, at times that the test makes up. */
#include "config.h"

#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shared-cache/network/dial.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint16_t port;		/* a listener on 127.0.0.1, and one on 127.0.0.9 with a full backlog */

static void
addrs_of(const char *text, struct sts_ipaddr *out, size_t *count)
{
	for (*count = 0; *text != '\0'; (*count)++) {
		size_t len = strcspn(text, " ");

		assert_true(sts_ipaddr_parse(text, len, &out[*count]));
		text += len + strspn(text + len, " ");
	}
}

/* Runs until the dial has ended, or waits for longer than loopback can take. */
static bool
go(struct sts_dial *d, int64_t now_ms)
{
	struct pollfd sockets[STS_DIAL_SOCKETS];
	int ready = 1;

	while (ready > 0) {
		if (sts_dial_continue(d, now_ms))
			return true;
		ready = poll(sockets, (nfds_t)sts_dial_sockets(d, sockets), 0);
	}
	return false;
}

static const struct {
	const char *addrs;
	enum sts_reason want;
	const char *reached;	/* or the detail */
} rows[] = {
	{ "127.0.0.1", STS_REASON_NONE, "127.0.0.1" },
	{ "127.0.0.2", STS_REASON_FETCH_CONNECT, "127.0.0.2: Connection refused" },
	{ "127.0.0.2 127.0.0.3 127.0.0.1", STS_REASON_NONE, "127.0.0.1" },
	{ "127.0.0.2 127.0.0.3", STS_REASON_FETCH_CONNECT, "127.0.0.3: Connection refused" },
	{ "", STS_REASON_FETCH_CONNECT, "no address" },
	/* 16 at most */
	{ "127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 "
	  "127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.2 127.0.0.1", STS_REASON_FETCH_CONNECT, "127.0.0.2: Connection refused" },
};

static void
test_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_ipaddr addrs[32];
		struct sts_dial d;
		char shown[46];
		size_t count;

		addrs_of(rows[i].addrs, addrs, &count);
		sts_dial_start(&d, addrs, count, port, 1000, 6000);
		while (!go(&d, 1000))
			continue;
		assert_int_equal(d.reason, rows[i].want);
		sts_ipaddr_format(&d.addr, shown);
		assert_string_equal(d.reason == STS_REASON_NONE ? shown : d.detail, rows[i].reached);
		assert_true((d.fd != -1) == (d.reason == STS_REASON_NONE));
		if (d.fd != -1)
			close(d.fd);
	}
}

/* An address that does not respond delays the next one only by the stagger. */
static void
test_stagger(void **state)
{
	struct sts_ipaddr addrs[4];
	struct pollfd sockets[STS_DIAL_SOCKETS];
	struct sts_dial d;
	size_t count;

	(void)state;
	addrs_of("127.0.0.9 127.0.0.1", addrs, &count);
	sts_dial_start(&d, addrs, count, port, 1000, 6000);
	assert_false(go(&d, 1000));
	assert_int_equal(sts_dial_sockets(&d, sockets), 1);
	assert_int_equal(sts_dial_due_ms(&d), 1000 + STS_DIAL_STAGGER_MS);
	assert_false(go(&d, 1199));
	while (!go(&d, 1200))
		continue;
	assert_int_equal(d.reason, STS_REASON_NONE);
	assert_int_equal(d.addr.bytes[3], 1);
	close(d.fd);
}

/* Two addresses that do not respond: the third is tried when the first has had half of the time. */
static void
test_shares(void **state)
{
	struct sts_ipaddr addrs[4];
	struct pollfd sockets[STS_DIAL_SOCKETS];
	struct sts_dial d;
	size_t count;

	(void)state;
	addrs_of("127.0.0.9 127.0.0.9 127.0.0.1", addrs, &count);
	sts_dial_start(&d, addrs, count, port, 1000, 5000);
	assert_false(go(&d, 1000));
	assert_false(go(&d, 1200));
	assert_int_equal(sts_dial_sockets(&d, sockets), 2);
	assert_int_equal(sts_dial_due_ms(&d), 3000);
	assert_false(go(&d, 2999));
	while (!go(&d, 3000))
		continue;
	assert_int_equal(d.reason, STS_REASON_NONE);
	close(d.fd);
}

static void
test_timeout(void **state)
{
	struct sts_ipaddr addrs[4];
	struct sts_dial d;
	size_t count;

	(void)state;
	addrs_of("127.0.0.9", addrs, &count);
	sts_dial_start(&d, addrs, count, port, 1000, 5000);
	assert_false(go(&d, 1000));
	assert_int_equal(sts_dial_due_ms(&d), 5000);
	assert_false(go(&d, 4999));
	assert_true(go(&d, 5000));
	assert_int_equal(d.reason, STS_REASON_FETCH_TIMEOUT);
	assert_int_equal(d.fd, -1);
}

/* A caller with a time a millisecond before the start must call again, and no address is lost. */
static void
test_too_early(void **state)
{
	struct sts_ipaddr addrs[4];
	struct pollfd sockets[STS_DIAL_SOCKETS];
	struct sts_dial d;
	size_t count;

	(void)state;
	addrs_of("127.0.0.1", addrs, &count);
	sts_dial_start(&d, addrs, count, port, 1000, 5000);
	assert_false(sts_dial_continue(&d, 999));
	assert_int_equal(sts_dial_sockets(&d, sockets), 0);
	assert_int_equal(sts_dial_due_ms(&d), 1000);
	while (!go(&d, 1000))
		continue;
	assert_int_equal(d.reason, STS_REASON_NONE);
	close(d.fd);
}

/* IPv6 and IPv4 alternate, so that a broken family costs one stagger. */
static void
test_turns(void **state)
{
	struct sts_ipaddr addrs[8];
	struct sts_dial d;
	size_t count;

	(void)state;
	addrs_of("2001:db8::1 2001:db8::2 2001:db8::3 192.0.2.1 192.0.2.2", addrs, &count);
	sts_dial_start(&d, addrs, count, port, 0, 1000);
	assert_int_equal(d.count, 5);
	assert_int_equal(d.addrs[0].family, 6);
	assert_int_equal(d.addrs[1].bytes[3], 1);
	assert_int_equal(d.addrs[2].bytes[15], 2);
	assert_int_equal(d.addrs[3].bytes[3], 2);
	assert_int_equal(d.addrs[4].bytes[15], 3);
	sts_dial_stop(&d);
}

/* ---- addresses with as many connections as allowed ---- */

static uint8_t busy;	/* the last byte of the busy address; 0: none */

static bool
may_connect(void *arg, const struct sts_ipaddr *addr)
{
	assert_ptr_equal(arg, &busy);
	return addr->bytes[3] != busy;
}

static void
start_asking(struct sts_dial *d, const char *addresses)
{
	struct sts_ipaddr addrs[4];
	size_t count;

	addrs_of(addresses, addrs, &count);
	sts_dial_start(d, addrs, count, port, 1000, 5000);
	d->may_connect = may_connect;
	d->arg = &busy;
}

/* The dial waits a moment for it, and then skips it. */
static void
test_busy_further_address(void **state)
{
	struct sts_dial d;

	(void)state;
	busy = 1;
	start_asking(&d, "127.0.0.2 127.0.0.1");
	while (sts_dial_due_ms(&d) != 1000 + STS_DIAL_BUSY_MS)	/* until the first has refused */
		assert_false(go(&d, 1000));
	for (int64_t now = 1000; now < 1000 + STS_DIAL_BUSY_MAX_MS; now += STS_DIAL_BUSY_MS)
		assert_false(go(&d, now));
	assert_true(go(&d, 1000 + STS_DIAL_BUSY_MAX_MS));
	assert_int_equal(d.reason, STS_REASON_OVERLOAD);
	assert_string_equal(d.detail, "127.0.0.1: it has as many connections as it may have");
	busy = 3;
	start_asking(&d, "127.0.0.2 127.0.0.3 127.0.0.1");
	while (sts_dial_due_ms(&d) != 1000 + STS_DIAL_BUSY_MS)
		assert_false(go(&d, 1000));
	while (!go(&d, 1000 + STS_DIAL_BUSY_MAX_MS))
		continue;
	assert_int_equal(d.reason, STS_REASON_NONE);
	close(d.fd);
}

/* The dial keeps waiting for the first address, for half of the time: admission control has waited for it, too. */
static void
test_busy_first_address(void **state)
{
	struct sts_dial d;

	(void)state;
	busy = 1;
	start_asking(&d, "127.0.0.1 127.0.0.3");
	assert_false(go(&d, 1000));
	assert_int_equal(sts_dial_due_ms(&d), 1000 + STS_DIAL_BUSY_MS);
	busy = 0;
	while (!go(&d, 1000 + STS_DIAL_BUSY_MS))
		continue;
	assert_int_equal(d.reason, STS_REASON_NONE);
	close(d.fd);
	busy = 1;
	start_asking(&d, "127.0.0.1");
	for (int64_t now = 1000; now < 3000; now += STS_DIAL_BUSY_MS)
		assert_false(go(&d, now));
	assert_true(go(&d, 3000));
	assert_int_equal(d.reason, STS_REASON_OVERLOAD);
}

/* ---- routes ---- */

/* In a network namespace of its own, a process has no route to anywhere. */
static void
test_route(void **state)
{
	struct sts_ipaddr addrs[2];
	size_t count;
	int status;
	pid_t pid;

	(void)state;
	addrs_of("127.0.0.1 192.0.2.1", addrs, &count);
	assert_true(sts_dial_has_route(&addrs[0]));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 ? 77 : sts_dial_has_route(&addrs[1]));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static int
listen_at(uint32_t host, int backlog)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(host) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, backlog) != 0 || getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		abort();
	port = ntohs(at.sin_port);
	return fd;
}

/* Connects until one connection is not accepted at once: from then on the kernel drops new ones. */
static void
fill(uint32_t host)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(host) } };

	for (unsigned i = 0; i < 8; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
		(void)poll(&p, 1, 50);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_stagger),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_too_early),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_busy_further_address),
		cmocka_unit_test(test_busy_first_address),
		cmocka_unit_test(test_route),
	};

	listen_at(INADDR_LOOPBACK, 64);
	listen_at(INADDR_LOOPBACK + 8, 0);
	fill(INADDR_LOOPBACK + 8);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
