/* SPDX-License-Identifier: ISC */
/* answerer.c - answers each datagram with one. Questions come from our own c-ares: they are well-formed. */
#include "config.h"

#include "tests/bench/answerer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD = 12, NAME_CAP = 256, TYPE_A = 1, TYPE_TXT = 16, PACKET = 1500, BUFFER = 4 << 20 };

struct answerer {
	pthread_t thread;
	int fd;
	uint16_t port;
	atomic_bool stopping;
	atomic_ulong questions;
};

/* Converts the name to text; returns the offset of its end, 0 when it is malformed. */
static size_t
read_name(const unsigned char *packet, size_t len, char out[NAME_CAP])
{
	size_t at = HEAD, used = 0;

	while (at < len && packet[at] != 0) {
		size_t label = packet[at];

		if (label > 63 || at + label + 1 >= len || used + label + 2 > NAME_CAP)
			return 0;
		memcpy(out + used, packet + at + 1, label);
		used += label;
		out[used++] = '.';
		at += label + 1;
	}
	out[used > 0 ? used - 1 : 0] = '\0';
	return at + 1;
}

static bool
is_below(const char *name, const char *zone)
{
	size_t len = strlen(name), end = strlen(zone);

	return len > end && strcmp(name + len - end, zone) == 0;
}

/* Adds a record for the question's name; returns its length. */
static size_t
add_record(unsigned char *at, unsigned type, const void *data, size_t len)
{
	const unsigned char head[] = { 0xc0, HEAD, 0, (unsigned char)type, 0, 1, 0, 0, 0, 60, 0, (unsigned char)len };

	memcpy(at, head, sizeof(head));
	memcpy(at + sizeof(head), data, len);
	return sizeof(head) + len;
}

/* Adds a SOA record of the root, with a negative TTL of an hour; returns its length. */
static size_t
add_soa(unsigned char *at)
{
	static const unsigned char soa[] = { 0, 0, 6, 0, 1, 0, 0, 14, 16, 0, 22, 0, 0, 0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 14,
		16, 0, 0, 14, 16 };

	memcpy(at, soa, sizeof(soa));
	return sizeof(soa);
}

/* Writes the answer over the question; returns its length, 0 for no answer. */
static size_t
answer(unsigned char *packet, size_t len)
{
	static const unsigned char record[] = "\x0fv=STSv1; id=1a;", here[] = { 127, 0, 0, 1 }, there[] = { 127, 0, 0, 2 };
	char name[NAME_CAP];
	size_t end = read_name(packet, len, name);
	bool has_policy, hangs;
	unsigned type;

	if (end == 0 || end + 4 > len || is_below(name, ".silent.test"))
		return 0;
	type = packet[end + 1];
	end += 4;
	hangs = is_below(name, ".hung.test");
	has_policy = hangs || is_below(name, ".policy.test");
	memset(packet + 6, 0, 6);
	packet[2] = 0x81;		/* a response; recursion was desired */
	packet[3] = has_policy ? 0x80 : 0x83;
	if (type == TYPE_TXT && has_policy && strncmp(name, "_mta-sts.", 9) == 0) {
		packet[7] = 1;
		return end + add_record(packet + end, type, record, sizeof(record) - 1);
	}
	if (type == TYPE_A && has_policy) {
		packet[7] = 1;
		return end + add_record(packet + end, type, hangs ? there : here, sizeof(here));
	}
	packet[9] = 1;
	return end + add_soa(packet + end);
}

static void *
serve(void *arg)
{
	struct answerer *a = arg;
	unsigned char packet[PACKET];
	struct sockaddr_storage from;

	while (!atomic_load(&a->stopping)) {
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(a->fd, packet, sizeof(packet) - 128, 0, (struct sockaddr *)&from, &from_len);
		size_t len;

		if (n < HEAD)
			continue;
		atomic_fetch_add(&a->questions, 1);
		if ((len = answer(packet, (size_t)n)) > 0)
			(void)sendto(a->fd, packet, len, 0, (struct sockaddr *)&from, from_len);
	}
	return NULL;
}

static bool
open_socket(struct answerer *a)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval tick = { .tv_usec = 100000 };
	socklen_t len = sizeof(addr);
	int buffer = BUFFER;

	if ((a->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return false;
	(void)setsockopt(a->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	(void)setsockopt(a->fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick));
	if (bind(a->fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || getsockname(a->fd, (struct sockaddr *)&addr, &len) != 0)
		return false;
	a->port = ntohs(addr.sin_port);
	return true;
}

struct answerer *
answerer_start(void)
{
	struct answerer *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->fd = -1;
	if (open_socket(a) && pthread_create(&a->thread, NULL, serve, a) == 0)
		return a;
	if (a->fd != -1)
		(void)close(a->fd);
	free(a);
	return NULL;
}

void
answerer_stop(struct answerer *answerer)
{
	atomic_store(&answerer->stopping, true);
	pthread_join(answerer->thread, NULL);
	(void)close(answerer->fd);
	free(answerer);
}

uint16_t
answerer_port(const struct answerer *answerer)
{
	return answerer->port;
}

unsigned long
answerer_questions(const struct answerer *answerer)
{
	return atomic_load(&answerer->questions);
}
