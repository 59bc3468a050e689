/* SPDX-License-Identifier: ISC */
/*
 * redis_connect.c - opens a connection to an endpoint: socket, TLS, hiredis' reader, AUTH, SELECT.
 *
 * Works with hiredis 0.14 and 1.x: only the reader is used, which differs in one type.
 */
#include "config.h"

#include "shared-cache/redis/redis_private.h"

#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/runtime/socket.h"

enum { BYTES_PER_ELEMENT = 256 };

/* ---- hiredis' reader ---- */

/* Bounds arrays: hiredis allocates as many elements as a server announces, before any has come. */
static void *
create_array(const redisReadTask *task, element_count count)
{
	const struct sts_redis *r = task->privdata;

	return (size_t)count > r->reply_max / BYTES_PER_ELEMENT ? NULL : r->create_array(task, count);
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

/* ---- connecting ---- */

/* A server that does not know AUTH quotes its arguments in the error. Shows only the words before the first quote, and none if
 * they contain the password. */
static struct sts_reply
without_secret(const struct sts_redis *r, const struct sts_reply *reply)
{
	struct sts_reply shown = *reply;
	size_t secret = strlen(r->password);

	if (reply->kind != STS_REPLY_REFUSED)
		return shown;
	shown.len = strcspn(reply->text, "'`\"");
	while (shown.len > 0 && shown.text[shown.len - 1] == ' ')
		shown.len--;
	if (secret > 0 && memmem(shown.text, shown.len, r->password, secret) != NULL)
		shown.len = 0;
	return shown;
}

/* Reads the reply to AUTH or SELECT. */
static enum sts_status
expect_ok(struct sts_redis *r, const char *what)
{
	struct sts_reply reply, shown;
	enum sts_status status = sts_redis_read(r, &reply);

	if (status != STS_OK)
		return status;
	if (reply.kind != STS_REPLY_TEXT) {
		shown = without_secret(r, &reply);
		sts_redis_set_why(r, what, &shown);
		sts_redis_drop(r);
		status = STS_EUNAVAILABLE;
	}
	sts_reply_free(&reply);
	return status;
}

/* With TLS 1.3, only the server's first reply, whatever it says, shows that it accepts our certificate, or the lack of one.
 * Until then the connection does not count as open. */
static enum sts_status
confirm_tls(struct sts_redis *r)
{
	struct sts_reply reply;
	enum sts_status status;

	sts_redis_command(r, 1);
	sts_redis_text(r, "PING");
	status = sts_redis_read(r, &reply);
	sts_reply_free(&reply);
	return status;
}

static enum sts_status
log_in(struct sts_redis *r)
{
	bool auth = r->username[0] != '\0' || r->password[0] != '\0';
	enum sts_status status = STS_OK;

	if (r->tls != NULL && !auth && r->db == 0)
		return confirm_tls(r);
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
	/* Overwrite the password in the buffer, before the buffer is moved to grow. */
	if (status == STS_OK && auth)
		explicit_bzero(r->out, r->out_cap);
	return status;
}

static enum sts_status
open_socket(struct sts_redis *r)
{
	char why[STS_SOCKET_WHY_CAP], find_why[STS_REDIS_FIND_WHY_CAP] = "", tls_why[STS_REDIS_TLS_WHY_CAP];
	struct sts_endpoint found = r->endpoint;

	if (r->find != NULL && r->find(&r->endpoint, r->deadline_ms, &found, find_why) != STS_OK)
		return sts_redis_fail(r, find_why);
	r->fd = sts_socket_connect(&found, r->deadline_ms, why);
	if (r->fd < 0)
		return sts_redis_fail(r, why);
	if (found.tls && (r->tls = sts_redis_tls_open(&found, r->fd, r->deadline_ms, tls_why)) == NULL)
		return sts_redis_fail(r, tls_why);
	return STS_OK;
}

/* No reply is outstanding, so a readable socket means that the server has closed it, perhaps for idleness; or TLS has something
 * of its own to read. */
static bool
has_gone(const struct sts_redis *r)
{
	return sts_socket_is_readable(r->fd) && (r->tls == NULL || !sts_redis_tls_is_silent(r->tls));
}

static enum sts_status
make_connection(struct sts_redis *r)
{
	sts_redis_drop(r);
	if (open_socket(r) != STS_OK)
		return STS_EUNAVAILABLE;
	if (open_reader(r) != STS_OK)
		return sts_redis_fail(r, "no memory");
	return log_in(r);
}

enum sts_status
sts_redis_begin_until(struct sts_redis *redis, int64_t deadline_ms)
{
	redis->deadline_ms = deadline_ms;
	if (redis->cluster != NULL) {
		redis->words_due = redis->replies_due = 0;
		return sts_cluster_begin(redis->cluster, deadline_ms) == STS_OK ? STS_OK :
		    sts_redis_fail(redis, sts_cluster_why(redis->cluster));
	}
	/* Leftover bytes would be taken for later replies. */
	if (redis->fd >= 0 && (redis->reader->pos < redis->reader->len || has_gone(redis)))
		sts_redis_drop(redis);
	return redis->fd >= 0 ? STS_OK : make_connection(redis);
}

enum sts_status
sts_redis_begin(struct sts_redis *redis)
{
	return sts_redis_begin_until(redis, sts_clock_mono_ms() + redis->timeout_ms);
}

/* ---- cluster nodes ---- */

bool
sts_redis_is_cluster(const struct sts_redis *redis)
{
	return redis->cluster != NULL;
}

size_t
sts_redis_nodes(const struct sts_redis *redis)
{
	return redis->cluster != NULL ? sts_cluster_nodes(redis->cluster) : 1;
}

void
sts_redis_choose(struct sts_redis *redis, size_t node)
{
	if (redis->cluster != NULL)
		sts_cluster_choose(redis->cluster, node);
}
