/* SPDX-License-Identifier: ISC */
/*
 * redis.c - the socket, the deadline, and hiredis' reader. Knows no keys, no scripts, no breaker.
 *
 * Works with hiredis 0.14 and 1.x: of either only the reader is used, which has kept its shape but for one type.
 */
#include "config.h"

#include "shared-cache/redis/redis.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/socket.h"

/* How many elements an array has was an int, then a size_t. */
#if HIREDIS_MAJOR < 1
typedef int element_count;
#else
typedef size_t element_count;
#endif

enum {
	READ_BYTES = 16 * 1024,
	REPLY_MAX = 256 * 1024,	/* a policy is 64 KiB, its list of hosts nearly as much */
	ELEMENTS_MAX = 1024,
	WHY_CAP = 320,
	WHY_BYTES = 120,	/* of what a server says */
};

struct sts_redis {
	struct sts_endpoint endpoint;
	sts_redis_find_fn *find;
	char *username, *password;
	int64_t db, timeout_ms;
	int fd;				/* -1: not connected */
	redisReader *reader;
	redisReplyObjectFunctions functions;		/* hiredis' own, but for arrays */
	void *(*create_array)(const redisReadTask *, element_count);	/* hiredis' own */
	size_t fed;			/* bytes since the last whole reply */
	char *out;			/* commands */
	size_t out_len, out_cap, out_sent;
	size_t words_due;		/* of the last command */
	bool no_memory;			/* for some command of this exchange */
	int64_t deadline_ms;
	char why[WHY_CAP];
};

/* ---- why ---- */

/* A server's words: spaces stay, so that a person can read them, all that is not printable ASCII goes. */
static void
add_words(struct sts_text *text, const char *s, size_t len)
{
	for (size_t i = 0; i < len && i < WHY_BYTES; i++)
		sts_text_add_bytes(text, s[i] >= ' ' && s[i] < 0x7f ? s + i : "?", 1);
}

static enum sts_status
fail(struct sts_redis *r, const char *what)
{
	struct sts_text text;

	sts_text_init(&text, r->why, sizeof(r->why));
	sts_text_add(&text, what);
	sts_redis_drop(r);
	return STS_EUNAVAILABLE;
}

void
sts_redis_blame(struct sts_redis *redis, const char *what, const struct sts_reply *reply)
{
	struct sts_text text;

	sts_text_init(&text, redis->why, sizeof(redis->why));
	sts_text_add(&text, what);
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

/* ---- life ---- */

enum sts_status
sts_redis_new(const struct sts_redis_params *params, struct sts_redis **out)
{
	struct sts_redis *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (r == NULL)
		return STS_ENOMEM;
	r->fd = -1;
	r->endpoint = *params->endpoint;
	r->find = params->find;
	r->db = params->db;
	r->timeout_ms = params->timeout_ms;
	r->username = strdup(params->username);
	r->password = strdup(params->password);
	if (r->username == NULL || r->password == NULL) {
		sts_redis_free(&r);
		return STS_ENOMEM;
	}
	*out = r;
	return STS_OK;
}

/* The password has been in both. */
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
	forget(r->password, r->password != NULL ? strlen(r->password) : 0);
	forget(r->out, r->out_cap);
	free(r->username);
	free(r);
	*redis = NULL;
}

void
sts_redis_drop(struct sts_redis *redis)
{
	if (redis->fd >= 0)
		close(redis->fd);
	redis->fd = -1;
	if (redis->reader != NULL)
		redisReaderFree(redis->reader);
	redis->reader = NULL;
	redis->fed = 0;
	redis->out_len = redis->out_sent = 0;
	redis->words_due = 0;
	redis->no_memory = false;
}

/* ---- the reader ---- */

/* hiredis makes room for as many elements as a server announces, before there is one. */
static void *
create_array(const redisReadTask *task, element_count count)
{
	const struct sts_redis *r = task->privdata;

	return count > ELEMENTS_MAX ? NULL : r->create_array(task, count);
}

static enum sts_status
open_reader(struct sts_redis *r)
{
	r->reader = redisReaderCreate();
	if (r->reader == NULL)
		return STS_ENOMEM;
	r->functions = *r->reader->fn;
	r->create_array = r->functions.createArray;
	r->functions.createArray = create_array;
	r->reader->fn = &r->functions;
	r->reader->privdata = r;
	return STS_OK;
}

/* ---- commands ---- */

static void
put(struct sts_redis *r, const char *bytes, size_t len)
{
	if (r->no_memory)
		return;
	if (len > r->out_cap - r->out_len) {
		size_t cap = 2 * (r->out_cap + len) + 1024;
		char *grown = realloc(r->out, cap);

		if (grown == NULL) {
			r->no_memory = true;
			return;
		}
		r->out = grown;
		r->out_cap = cap;
	}
	memcpy(r->out + r->out_len, bytes, len);
	r->out_len += len;
}

/* RESP: "*COUNT\r\n" and "$LENGTH\r\n". Written from the end; there are dozens of these in a message's entry. */
static void
put_header(struct sts_redis *r, char mark, size_t number)
{
	char text[24], *p = text + sizeof(text);

	*--p = '\n';
	*--p = '\r';
	do {
		*--p = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	*--p = mark;
	put(r, p, (size_t)(text + sizeof(text) - p));
}

void
sts_redis_command(struct sts_redis *redis, size_t argc)
{
	assert(redis->words_due == 0 && argc > 0);
	redis->words_due = argc;
	put_header(redis, '*', argc);
}

void
sts_redis_word(struct sts_redis *redis, const char *word, size_t len)
{
	assert(redis->words_due > 0);
	redis->words_due--;
	put_header(redis, '$', len);
	put(redis, word, len);
	put(redis, "\r\n", 2);
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
	return redis->out_len - redis->out_sent;
}

/* ---- the exchange ---- */

static enum sts_status
wait_for(struct sts_redis *r)
{
	short wanted = (short)(POLLIN | (sts_redis_queued(r) > 0 ? POLLOUT : 0));
	int events = sts_socket_wait(r->fd, wanted, r->deadline_ms);

	if (events > 0)
		return STS_OK;
	return fail(r, events == 0 ? "no answer in time" : "poll fails");
}

static enum sts_status
fail_errno(struct sts_redis *r)
{
	char text[128];

	return fail(r, strerror_r(errno, text, sizeof(text)));
}

static enum sts_status
send_some(struct sts_redis *r)
{
	ssize_t n = send(r->fd, r->out + r->out_sent, sts_redis_queued(r), MSG_NOSIGNAL | MSG_DONTWAIT);

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
	ssize_t n = recv(r->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? STS_OK : fail_errno(r);
	if (n == 0)
		return fail(r, "the server has closed the connection");
	r->fed += (size_t)n;
	if (r->fed > REPLY_MAX)
		return fail(r, "an answer is too long");
	return redisReaderFeed(r->reader, bytes, (size_t)n) == REDIS_OK ? STS_OK : fail(r, "no memory for an answer");
}

/* A whole reply that is here already, or NULL in *raw. */
static enum sts_status
take_reply(struct sts_redis *r, void **raw)
{
	*raw = NULL;
	if (redisReaderGetReply(r->reader, raw) != REDIS_OK)
		return fail(r, "an answer that is not Redis' protocol");
	if (*raw != NULL)
		r->fed = 0;
	return STS_OK;
}

enum sts_status
sts_redis_read(struct sts_redis *redis, struct sts_reply *out)
{
	enum sts_status status = STS_OK;
	void *raw = NULL;

	memset(out, 0, sizeof(*out));
	if (redis->fd < 0)
		return STS_EUNAVAILABLE;
	assert(redis->words_due == 0);
	if (redis->no_memory) {
		(void)fail(redis, "no memory");
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
	if (status == STS_OK)
		*out = sts_reply_of(raw);
	return status;
}

/* ---- being told ---- */

/* STS_ENOTFOUND: the time is over, or somebody woke us. */
static enum sts_status
wait_to_be_told(struct sts_redis *r, int wake_fd, int64_t until_ms)
{
	struct pollfd pfds[] = {
		{ .fd = r->fd, .events = (short)(POLLIN | (sts_redis_queued(r) > 0 ? POLLOUT : 0)) },
		{ .fd = wake_fd, .events = POLLIN },
	};
	int64_t left = until_ms - sts_clock_mono_ms();
	int rc = poll(pfds, 2, left < 0 ? 0 : left > 60000 ? 60000 : (int)left);

	if (rc < 0 && errno != EINTR)
		return fail_errno(r);
	if (rc > 0 && pfds[1].revents != 0)
		return STS_ENOTFOUND;
	if (rc > 0)
		return STS_OK;
	return sts_clock_mono_ms() < until_ms ? STS_OK : STS_ENOTFOUND;
}

enum sts_status
sts_redis_await(struct sts_redis *redis, int wake_fd, int64_t until_ms, struct sts_reply *out)
{
	enum sts_status status = redis->fd >= 0 ? STS_OK : STS_EUNAVAILABLE;
	void *raw = NULL;

	memset(out, 0, sizeof(*out));
	while (status == STS_OK) {
		status = take_reply(redis, &raw);
		if (status != STS_OK || raw != NULL)
			break;
		if (sts_redis_queued(redis) > 0)
			status = send_some(redis);
		if (status == STS_OK)
			status = wait_to_be_told(redis, wake_fd, until_ms);
		if (status == STS_OK)
			status = receive_some(redis);
	}
	if (status == STS_OK)
		*out = sts_reply_of(raw);
	return status;
}

/* ---- connecting ---- */

/* Reads the reply to AUTH or SELECT. */
static enum sts_status
expect_ok(struct sts_redis *r, const char *what)
{
	struct sts_reply reply;
	enum sts_status status = sts_redis_read(r, &reply);

	if (status != STS_OK)
		return status;
	if (reply.kind != STS_REPLY_TEXT) {
		sts_redis_blame(r, what, &reply);
		sts_redis_drop(r);
		status = STS_EUNAVAILABLE;
	}
	sts_reply_free(&reply);
	return status;
}

static enum sts_status
introduce(struct sts_redis *r)
{
	bool auth = r->username[0] != '\0' || r->password[0] != '\0';
	enum sts_status status = STS_OK;

	if (auth) {
		sts_redis_command(r, r->username[0] != '\0' ? 3 : 2);
		sts_redis_text(r, "AUTH");
		if (r->username[0] != '\0')
			sts_redis_text(r, r->username);
		sts_redis_text(r, r->password);
	}
	if (r->db != 0) {
		sts_redis_command(r, 2);
		sts_redis_text(r, "SELECT");
		sts_redis_number(r, r->db);
	}
	if (auth)
		status = expect_ok(r, "AUTH");
	if (status == STS_OK && r->db != 0)
		status = expect_ok(r, "SELECT");
	return status;
}

static enum sts_status
open_socket(struct sts_redis *r)
{
	char why[STS_SOCKET_WHY_CAP], find_why[STS_REDIS_FIND_WHY_CAP] = "";
	struct sts_endpoint found = r->endpoint;

	if (r->find != NULL && r->find(&r->endpoint, r->deadline_ms, &found, find_why) != STS_OK)
		return fail(r, find_why);
	r->fd = sts_socket_connect(&found, r->deadline_ms, why);
	return r->fd >= 0 ? STS_OK : fail(r, why);
}

static enum sts_status
make_connection(struct sts_redis *r)
{
	sts_redis_drop(r);
	if (open_socket(r) != STS_OK)
		return STS_EUNAVAILABLE;
	if (open_reader(r) != STS_OK)
		return fail(r, "no memory");
	return introduce(r);
}

enum sts_status
sts_redis_begin(struct sts_redis *redis)
{
	redis->deadline_ms = sts_clock_mono_ms() + redis->timeout_ms;
	/* Nothing is due, so a socket that has something to say says that the server has gone, if only for our being idle; and
	 * what is left of answers would be taken for those to come. */
	if (redis->fd >= 0 && (redis->reader->pos < redis->reader->len || sts_socket_is_readable(redis->fd)))
		sts_redis_drop(redis);
	return redis->fd >= 0 ? STS_OK : make_connection(redis);
}
