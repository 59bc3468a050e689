/* SPDX-License-Identifier: ISC */
/*
 * redis.h - one connection to Redis: commands out, replies in, never longer than a deadline.
 *
 * hiredis reads the replies; the socket is ours, because hiredis bounds each read but not a whole exchange: a server that
 * sends a byte now and then would hold its caller for as long as it likes. A reply has a bound as well. So TLS is ours, too
 * (redis_tls.h), and bounded by the same deadline.
 * An exchange: sts_redis_begin (connects where needed, with AUTH and SELECT; the deadline runs from here), any number of
 * commands, then a sts_redis_read for each. Whatever fails drops the connection; the next exchange makes a new one.
 * Knows no keys and no scripts. BUGS: the name of a tcp: host is resolved by getaddrinfo(3), which has time limits of its own;
 * where that matters, give an address.
 * One thread at a time.
 */
#ifndef STS_REDIS_REDIS_H
#define STS_REDIS_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/endpoint.h"
#include "shared-cache/redis/redis_reply.h"

struct sts_redis;

/* Finds the server that an endpoint stands for, until deadline_ms (sts_clock_mono_ms): *out is what can be connected to, with TLS as
 * endpoint says. Asked for each new connection. STS_EUNAVAILABLE, and a few words in why. redis_server.h has the one that knows
 * Sentinel. */
enum { STS_REDIS_FIND_WHY_CAP = 300 };
typedef enum sts_status sts_redis_find_fn(const struct sts_endpoint *endpoint, int64_t deadline_ms, struct sts_endpoint *out,
    char why[STS_REDIS_FIND_WHY_CAP]);

struct sts_redis_params {
	const struct sts_endpoint *endpoint;
	sts_redis_find_fn *find;		/* NULL: endpoint is the server */
	const char *username, *password;	/* "" for none */
	int64_t db;
	int64_t timeout_ms;			/* of a whole exchange, connecting included */
	size_t reply_max;			/* bytes, and for each 256 of them one element of an array; 0: 256 KiB */
};

/* Connects to nothing yet; copies what params points to. For the server that the settings name: sts_redis_open of redis_server.h. */
enum sts_status sts_redis_new(const struct sts_redis_params *params, struct sts_redis **out);
void sts_redis_free(struct sts_redis **redis);

/* STS_OK; STS_EUNAVAILABLE: no connection. */
enum sts_status sts_redis_begin(struct sts_redis *redis);
/* The same, to end at a time of the caller's (sts_clock_mono_ms). */
enum sts_status sts_redis_begin_until(struct sts_redis *redis, int64_t deadline_ms);

/* Whether keys have slots, so that all keys of a command or script must be in one: a matter of what the server is, not of how many
 * there are, as a cluster may have but one master, and more tomorrow. */
bool sts_redis_is_cluster(const struct sts_redis *redis);

/* How many servers there are: 1, but for a cluster's masters, which are known once an exchange has begun. A command with a key goes to
 * the server that has the key; one without goes to the first, or, for the rest of the exchange, to the chosen one. */
size_t sts_redis_nodes(const struct sts_redis *redis);
void sts_redis_choose(struct sts_redis *redis, size_t node);

/* A command of argc words, then exactly as many words. What memory is missing for is told by sts_redis_read. */
void sts_redis_command(struct sts_redis *redis, size_t argc);
void sts_redis_word(struct sts_redis *redis, const char *word, size_t len);
void sts_redis_text(struct sts_redis *redis, const char *word);
void sts_redis_number(struct sts_redis *redis, int64_t number);
/* Bytes of commands not yet sent. */
size_t sts_redis_queued(const struct sts_redis *redis);

/* The next reply; give it back with sts_reply_free. STS_EUNAVAILABLE: the exchange is over, see sts_redis_why. */
enum sts_status sts_redis_read(struct sts_redis *redis, struct sts_reply *out);
/* Replies that have not been read yet. */
size_t sts_redis_due(const struct sts_redis *redis);
/* For a connection that is told things nobody knows the time of (SUBSCRIBE): sends what is queued, and waits until until_ms,
 * or until wake_fd is readable. STS_ENOTFOUND: there was nothing to read by then, the connection stays. */
enum sts_status sts_redis_await(struct sts_redis *redis, int wake_fd, int64_t until_ms, struct sts_reply *out);

/* Ends the exchange: unread replies cannot be told from later ones, so that the connection goes with them. */
void sts_redis_drop(struct sts_redis *redis);

/* What went wrong in the last exchange; escaped, for a log line. */
const char *sts_redis_why(const struct sts_redis *redis);
/* Puts down what a reply said as the reason. */
void sts_redis_set_why(struct sts_redis *redis, const char *what, const struct sts_reply *reply);

#endif
