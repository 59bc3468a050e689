/* SPDX-License-Identifier: ISC */
/*
 * redis.c - the socket, the deadline, and hiredis' reader. Knows no keys, no scripts, no breaker.
 */
#include "config.h"

#include "shared-cache/redis/redis_private.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/socket.h"

enum {
	HEADER_MAX = 24,	/* type byte, number, CR LF */
	READ_BYTES = 16 * 1024,
	REPLY_MAX = 256 * 1024,	/* a policy is 64 KiB, its list of hosts nearly as much */
	WHY_BYTES = 120,	/* of a server's message */
};

/* ---- reasons of failures ---- */

/* A server's words: spaces stay for readability; everything else but printable ASCII is dropped. */
static void
add_words(struct sts_text *text, const char *s, size_t len)
{
	for (size_t i = 0; i < len && i < WHY_BYTES; i++)
		sts_text_add_bytes(text, s[i] >= ' ' && s[i] < 0x7f ? s + i : "?", 1);
}

enum sts_status
sts_redis_fail(struct sts_redis *r, const char *what)
{
	struct sts_text text;

	sts_text_init(&text, r->why, sizeof(r->why));
	sts_text_add(&text, what);
	sts_redis_drop(r);
	return STS_EUNAVAILABLE;
}

void
sts_redis_set_why(struct sts_redis *redis, const char *what, const struct sts_reply *reply)
{
	static const char cluster[] = "a node of a cluster, for which the setting is cluster:HOST:PORT,HOST:PORT";
	static const char *const codes[] = { "MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN" };
	bool moved = false;
	struct sts_text text;

	for (size_t i = 0; redis->cluster == NULL && i < sizeof(codes) / sizeof(codes[0]); i++)
		moved = moved || sts_reply_is_refusal(reply, codes[i]);
	sts_text_init(&text, redis->why, sizeof(redis->why));
	sts_text_add(&text, moved ? cluster : what);
	if (reply->kind == STS_REPLY_REFUSED) {
		sts_text_add(&text, ": ");
		add_words(&text, reply->text, reply->len);
	} else {
		sts_text_add(&text, ": an answer of another kind than expected");
	}
}

const char *
sts_redis_why(const struct sts_redis *redis)
{
	return redis->why;
}

/* ---- life cycle ---- */

/* Copies the endpoint's strings, which are the caller's. */
static bool
keep_tls_names(struct sts_redis *r)
{
	struct sts_endpoint_tls *with = &r->endpoint.tls_with;
	const char **names[STS_REDIS_TLS_NAMES] = { &with->ca_file, &with->cert_file, &with->key_file, &with->server_name };

	for (size_t i = 0; i < STS_REDIS_TLS_NAMES; i++) {
		r->tls_names[i] = strdup(*names[i] != NULL ? *names[i] : "");
		*names[i] = r->tls_names[i];
		if (r->tls_names[i] == NULL)
			return false;
	}
	return true;
}

static bool
keep_params(struct sts_redis *r, const struct sts_redis_params *params)
{
	struct sts_redis_params kept = *params;

	r->endpoint = *params->endpoint;
	r->find = params->find;
	r->db = params->db;
	r->timeout_ms = params->timeout_ms;
	r->reply_max = params->reply_max != 0 ? params->reply_max : REPLY_MAX;
	r->username = strdup(params->username);
	r->password = strdup(params->password);
	if (!keep_tls_names(r) || r->username == NULL || r->password == NULL)
		return false;
	kept.endpoint = &r->endpoint;
	return r->endpoint.kind != STS_ENDPOINT_CLUSTER || sts_cluster_new(&kept, &r->cluster) == STS_OK;
}

enum sts_status
sts_redis_new(const struct sts_redis_params *params, struct sts_redis **out)
{
	struct sts_redis *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (r == NULL)
		return STS_ENOMEM;
	r->fd = -1;
	if (!keep_params(r, params)) {
		sts_redis_free(&r);
		return STS_ENOMEM;
	}
	*out = r;
	return STS_OK;
}

/* Overwrites a secret, and frees it. */
static void
forget(char *secret, size_t len)
{
	if (secret != NULL)
		explicit_bzero(secret, len);
	free(secret);
}

void
sts_redis_free(struct sts_redis **redis)
{
	struct sts_redis *r = *redis;

	if (r == NULL)
		return;
	sts_redis_drop(r);
	sts_cluster_free(&r->cluster);
	forget(r->password, r->password != NULL ? strlen(r->password) : 0);
	forget(r->out, r->out_cap);
	for (size_t i = 0; i < STS_REDIS_TLS_NAMES; i++)
		free(r->tls_names[i]);
	free(r->username);
	free(r);
	*redis = NULL;
}

void
sts_redis_drop(struct sts_redis *redis)
{
	if (redis->cluster != NULL)
		sts_cluster_drop(redis->cluster);
	sts_redis_tls_close(&redis->tls);
	if (redis->fd >= 0)
		close(redis->fd);
	redis->fd = -1;
	if (redis->reader != NULL)
		redisReaderFree(redis->reader);
	redis->reader = NULL;
	redis->fed = 0;
	redis->out_len = redis->out_sent = 0;
	redis->words_due = redis->replies_due = 0;
	redis->no_memory = false;
}

/* ---- commands ---- */

/* Makes room for len bytes at the end of the output buffer; NULL without memory. */
static char *
make_room(struct sts_redis *r, size_t len)
{
	if (r->no_memory)
		return NULL;
	if (len > r->out_cap - r->out_len) {
		size_t cap = 2 * (r->out_cap + len) + 1024;
		char *grown = realloc(r->out, cap);

		if (grown == NULL) {
			r->no_memory = true;
			return NULL;
		}
		r->out = grown;
		r->out_cap = cap;
	}
	return r->out + r->out_len;
}

static char *
write_digits(char *at, size_t number)
{
	if (number >= 10)
		at = write_digits(at, number / 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

/* RESP: "*COUNT\r\n" or "$LENGTH\r\n". Returns its end. */
static char *
write_header(char *at, char mark, size_t number)
{
	*at++ = mark;
	at = write_digits(at, number);
	*at++ = '\r';
	*at++ = '\n';
	return at;
}

void
sts_redis_command(struct sts_redis *redis, size_t argc)
{
	char *at;

	assert(redis->words_due == 0 && argc > 0);
	redis->words_due = argc;
	redis->replies_due++;
	if (redis->cluster != NULL)
		sts_cluster_command(redis->cluster, argc);
	else if ((at = make_room(redis, HEADER_MAX)) != NULL)
		redis->out_len = (size_t)(write_header(at, '*', argc) - redis->out);
}

/* In one piece, for speed: a message's entry has dozens of words. */
void
sts_redis_word(struct sts_redis *redis, const char *word, size_t len)
{
	char *at;

	assert(redis->words_due > 0);
	redis->words_due--;
	if (redis->cluster != NULL) {
		sts_cluster_word(redis->cluster, word, len);
		return;
	}
	if ((at = make_room(redis, HEADER_MAX + len + 2)) == NULL)
		return;
	at = write_header(at, '$', len);
	memcpy(at, word, len);
	memcpy(at + len, "\r\n", 2);	/* NOLINT(bugprone-not-null-terminated-result): bytes of a message */
	redis->out_len = (size_t)(at + len + 2 - redis->out);
}

void
sts_redis_text(struct sts_redis *redis, const char *word)
{
	sts_redis_word(redis, word, strlen(word));
}

void
sts_redis_number(struct sts_redis *redis, int64_t number)
{
	char storage[24];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_add_number(&text, number);
	sts_redis_word(redis, text.buf, text.len);
}

size_t
sts_redis_queued(const struct sts_redis *redis)
{
	return redis->cluster != NULL ? sts_cluster_queued(redis->cluster) : redis->out_len - redis->out_sent;
}

/* ---- the exchange ---- */

/* The events that poll(2) waits for. */
static short
wanted(const struct sts_redis *r)
{
	short events = (short)(POLLIN | (sts_redis_queued(r) > 0 ? POLLOUT : 0));

	return r->tls != NULL ? (short)(events | sts_redis_tls_wants(r->tls)) : events;
}

/* Whether there is buffered input, which poll(2) does not report. */
static bool
has_bytes(const struct sts_redis *r)
{
	return r->tls != NULL && sts_redis_tls_has_bytes(r->tls);
}

static enum sts_status
wait_for(struct sts_redis *r)
{
	int events = has_bytes(r) ? POLLIN : sts_socket_wait(r->fd, wanted(r), r->deadline_ms);

	if (events > 0)
		return STS_OK;
	return sts_redis_fail(r, events == 0 ? "no answer in time" : "poll fails");
}

static enum sts_status
fail_errno(struct sts_redis *r)
{
	char text[STS_REDIS_TLS_WHY_CAP];

	if (r->tls != NULL && errno == EPROTO) {
		strcpy(text, sts_redis_tls_why(r->tls));	/* copied, as it is freed with the connection */
		return sts_redis_fail(r, text);
	}
	return sts_redis_fail(r, strerror_r(errno, text, sizeof(text)));
}

static enum sts_status
send_some(struct sts_redis *r)
{
	const char *bytes = r->out + r->out_sent;
	size_t len = sts_redis_queued(r);
	ssize_t n = r->tls != NULL ? sts_redis_tls_send(r->tls, bytes, len) : send(r->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STS_OK : fail_errno(r);
	r->out_sent += (size_t)n;
	if (r->out_sent == r->out_len)
		r->out_sent = r->out_len = 0;
	return STS_OK;
}

static enum sts_status
receive_some(struct sts_redis *r)
{
	char bytes[READ_BYTES];
	ssize_t n = r->tls != NULL ? sts_redis_tls_receive(r->tls, bytes, sizeof(bytes)) :
	    recv(r->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STS_OK : fail_errno(r);
	if (n == 0)
		return sts_redis_fail(r, "the server has closed the connection");
	r->fed += (size_t)n;
	if (r->fed > r->reply_max)
		return sts_redis_fail(r, "an answer is too long");
	return redisReaderFeed(r->reader, bytes, (size_t)n) == REDIS_OK ? STS_OK : sts_redis_fail(r, "no memory for an answer");
}

/* A complete reply from the buffer, or NULL in *raw. */
static enum sts_status
take_reply(struct sts_redis *r, void **raw)
{
	*raw = NULL;
	if (redisReaderGetReply(r->reader, raw) != REDIS_OK)
		return sts_redis_fail(r, "an answer that is not Redis' protocol");
	if (*raw != NULL)
		r->fed = 0;
	return STS_OK;
}

/* Passes on the cluster's status and reason. */
static enum sts_status
cluster_result(struct sts_redis *r, enum sts_status status)
{
	if (status != STS_OK && status != STS_ENOTFOUND) {
		(void)sts_redis_fail(r, sts_cluster_why(r->cluster));
		return status;
	}
	r->replies_due -= status == STS_OK && r->replies_due > 0;
	return status;
}

enum sts_status
sts_redis_read(struct sts_redis *redis, struct sts_reply *out)
{
	enum sts_status status = STS_OK;
	void *raw = NULL;

	if (redis->cluster != NULL)
		return cluster_result(redis, sts_cluster_read(redis->cluster, out));
	memset(out, 0, sizeof(*out));
	if (redis->fd < 0)
		return STS_EUNAVAILABLE;
	assert(redis->words_due == 0);
	if (redis->no_memory) {
		(void)sts_redis_fail(redis, "no memory");
		return STS_ENOMEM;
	}
	while (status == STS_OK) {
		status = take_reply(redis, &raw);
		if (status != STS_OK || raw != NULL)
			break;
		if (sts_redis_queued(redis) > 0)
			status = send_some(redis);
		if (status == STS_OK)
			status = wait_for(redis);
		if (status == STS_OK)
			status = receive_some(redis);
	}
	if (status == STS_OK) {
		*out = sts_reply_of(raw);
		redis->replies_due -= redis->replies_due > 0;
	}
	return status;
}

size_t
sts_redis_due(const struct sts_redis *redis)
{
	return redis->replies_due;
}

/* ---- waiting for pushed messages ---- */

/* STS_ENOTFOUND: the time is over, or wake_fd is readable. */
static enum sts_status
wait_for_push(struct sts_redis *r, int wake_fd, int64_t until_ms)
{
	struct pollfd pfds[] = {
		{ .fd = r->fd, .events = wanted(r) },
		{ .fd = wake_fd, .events = POLLIN },
	};
	int64_t left = until_ms - sts_clock_mono_ms();
	int rc = poll(pfds, 2, left < 0 || has_bytes(r) ? 0 : left > 60000 ? 60000 : (int)left);

	if (rc < 0 && errno != EINTR)
		return fail_errno(r);
	if (rc > 0 && pfds[1].revents != 0)
		return STS_ENOTFOUND;
	if (rc > 0 || has_bytes(r))
		return STS_OK;
	return sts_clock_mono_ms() < until_ms ? STS_OK : STS_ENOTFOUND;
}

enum sts_status
sts_redis_await(struct sts_redis *redis, int wake_fd, int64_t until_ms, struct sts_reply *out)
{
	enum sts_status status = redis->fd >= 0 ? STS_OK : STS_EUNAVAILABLE;
	void *raw = NULL;

	if (redis->cluster != NULL)
		return cluster_result(redis, sts_cluster_await(redis->cluster, wake_fd, until_ms, out));
	memset(out, 0, sizeof(*out));
	while (status == STS_OK) {
		status = take_reply(redis, &raw);
		if (status != STS_OK || raw != NULL)
			break;
		if (sts_redis_queued(redis) > 0)
			status = send_some(redis);
		if (status == STS_OK)
			status = wait_for_push(redis, wake_fd, until_ms);
		if (status == STS_OK)
			status = receive_some(redis);
	}
	if (status == STS_OK)
		*out = sts_reply_of(raw);
	return status;
}

