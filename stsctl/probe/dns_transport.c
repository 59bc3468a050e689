/* SPDX-License-Identifier: ISC */
/* dns_transport.c - DNS messages over UDP and TCP sockets. */
#include "config.h"

#include "stsctl/probe/dns_transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/socket.h"

/* RFC 1035 section 4.1.1 */
enum { HEADER_LEN = 12, FLAGS_AT = 2, RCODE_AT = 3, QDCOUNT_AT = 4, TYPE_AND_CLASS_LEN = 4, QR = 0x80, TC = 0x02, RCODE = 0x0f };

/* The length of the question in the message. The query is our own, so its labels can be trusted. */
static size_t
question_len(const struct dns_transport_query *query)
{
	size_t end = HEADER_LEN;

	while (end < query->len && query->bytes[end] != 0)
		end += query->bytes[end] + 1U;
	return end + 1 + TYPE_AND_CLASS_LEN - HEADER_LEN;
}

bool
dns_transport_is_answer(const struct dns_transport_query *query, const uint8_t *answer, size_t len)
{
	size_t question = question_len(query);
	unsigned questions;

	if (len < HEADER_LEN || memcmp(answer, query->bytes, 2) != 0 || (answer[FLAGS_AT] & QR) == 0)
		return false;
	questions = (unsigned)answer[QDCOUNT_AT] << 8 | answer[QDCOUNT_AT + 1];
	if (questions == 0)
		return (answer[RCODE_AT] & RCODE) != 0;
	return questions == 1 && len >= HEADER_LEN + question &&
	    memcmp(answer + HEADER_LEN, query->bytes + HEADER_LEN, question) == 0;
}

static enum dns_transport_result
fail(struct dns_transport_answer *answer, const char *why)
{
	snprintf(answer->why, sizeof(answer->why), "%s", why);
	return DNS_TRANSPORT_FAILED;
}

static enum dns_transport_result
fail_errno(struct dns_transport_answer *answer, int error)
{
	char text[DNS_TRANSPORT_WHY_CAP];

	answer->no_route = error == ENETUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
	return fail(answer, strerror_r(error, text, sizeof(text)));
}

/* ---- UDP ---- */

static int
connect_udp(const struct dns_transport_server *server)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(server->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(server->port) };
	bool is6 = server->addr.family == 6;
	int fd = socket(is6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	memcpy(&in.sin_addr, server->addr.bytes, sizeof(in.sin_addr));
	memcpy(&in6.sin6_addr, server->addr.bytes, sizeof(in6.sin6_addr));
	/* connected, so that the kernel drops other hosts' packets, and reports a closed port at once */
	if (fd >= 0 && connect(fd, is6 ? (const struct sockaddr *)&in6 : (const struct sockaddr *)&in,
	    is6 ? sizeof(in6) : sizeof(in)) != 0) {
		error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static enum dns_transport_result
receive_udp(int fd, const struct dns_transport_query *query, int64_t deadline_ms, struct dns_transport_answer *answer)
{
	for (;;) {
		int ready = sts_socket_wait(fd, POLLIN, deadline_ms);
		ssize_t n;

		if (ready <= 0)
			return ready == 0 ? DNS_TRANSPORT_TIME_OUT : fail_errno(answer, errno);
		n = recv(fd, answer->bytes, DNS_TRANSPORT_MAX, 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return fail_errno(answer, errno);
		if (n > 0 && dns_transport_is_answer(query, answer->bytes, (size_t)n)) {
			answer->len = (size_t)n;
			return DNS_TRANSPORT_ANSWER;
		}
	}
}

static enum dns_transport_result
ask_udp(const struct dns_transport_server *server, const struct dns_transport_query *query, int64_t deadline_ms,
    struct dns_transport_answer *answer)
{
	int fd = connect_udp(server);
	enum dns_transport_result result;

	if (fd < 0)
		return fail_errno(answer, errno);
	if (send(fd, query->bytes, query->len, 0) < 0)
		result = fail_errno(answer, errno);
	else
		result = receive_udp(fd, query, deadline_ms, answer);
	close(fd);
	return result;
}

/* ---- TCP: a length of two bytes precedes each message (RFC 1035 section 4.2.2) ---- */

/* Reads or writes all of len bytes. */
static enum dns_transport_result
transfer(int fd, bool is_write, uint8_t *bytes, size_t len, int64_t deadline_ms)
{
	size_t done = 0;

	while (done < len) {
		int ready = sts_socket_wait(fd, is_write ? POLLOUT : POLLIN, deadline_ms);
		ssize_t n;

		if (ready <= 0)
			return ready == 0 ? DNS_TRANSPORT_TIME_OUT : DNS_TRANSPORT_FAILED;
		n = is_write ? send(fd, bytes + done, len - done, MSG_NOSIGNAL) : recv(fd, bytes + done, len - done, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return DNS_TRANSPORT_FAILED;
		if (n > 0)
			done += (size_t)n;
	}
	return DNS_TRANSPORT_ANSWER;
}

/* The answer's buffer holds the query while it is sent. */
static enum dns_transport_result
talk_tcp(int fd, const struct dns_transport_query *query, int64_t deadline_ms, struct dns_transport_answer *answer)
{
	uint8_t prefix[2] = { (uint8_t)(query->len >> 8), (uint8_t)query->len };
	enum dns_transport_result result;

	memcpy(answer->bytes, prefix, sizeof(prefix));
	memcpy(answer->bytes + sizeof(prefix), query->bytes, query->len);
	result = transfer(fd, true, answer->bytes, sizeof(prefix) + query->len, deadline_ms);
	if (result == DNS_TRANSPORT_ANSWER)
		result = transfer(fd, false, prefix, sizeof(prefix), deadline_ms);
	answer->len = (size_t)prefix[0] << 8 | prefix[1];
	if (result == DNS_TRANSPORT_ANSWER)
		result = transfer(fd, false, answer->bytes, answer->len, deadline_ms);
	if (result == DNS_TRANSPORT_FAILED)
		return fail(answer, "the connection was cut short");
	if (result == DNS_TRANSPORT_ANSWER && !dns_transport_is_answer(query, answer->bytes, answer->len))
		return fail(answer, "an answer to another query");
	return result;
}

static enum dns_transport_result
ask_tcp(const struct dns_transport_server *server, const struct dns_transport_query *query, int64_t deadline_ms,
    struct dns_transport_answer *answer)
{
	struct sts_endpoint endpoint = { .kind = STS_ENDPOINT_TCP, .port = server->port };
	char why[STS_SOCKET_WHY_CAP] = "";
	enum dns_transport_result result;
	int fd;

	sts_ipaddr_format(&server->addr, endpoint.host);
	fd = sts_socket_connect(&endpoint, deadline_ms, why);
	if (fd < 0) {
		snprintf(answer->why, sizeof(answer->why), "the answer is truncated, and over TCP: %.40s", why);
		return DNS_TRANSPORT_FAILED;
	}
	result = talk_tcp(fd, query, deadline_ms, answer);
	close(fd);
	return result;
}

enum dns_transport_result
dns_transport_ask(const struct dns_transport_server *server, const struct dns_transport_query *query, int64_t deadline_ms,
    struct dns_transport_answer *answer)
{
	enum dns_transport_result result = ask_udp(server, query, deadline_ms, answer);

	if (result == DNS_TRANSPORT_ANSWER && (answer->bytes[FLAGS_AT] & TC) != 0)
		result = ask_tcp(server, query, deadline_ms, answer);
	return result;
}
