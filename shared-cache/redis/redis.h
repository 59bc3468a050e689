/* SPDX-License-Identifier: ISC */
/*
 * redis.h - one connection to Redis: sends commands and reads replies within a deadline.
 *
 * hiredis parses the replies; the socket is ours, because hiredis bounds each read but not a whole exchange: a server that sends a
 * byte now and then could hold its caller for as long as it likes. A reply is bounded in size as well. TLS (redis_tls.h) is ours
 * for the same reason, and within the same deadline.
 * An exchange: sts_redis_begin (connects if needed, with AUTH and SELECT; the deadline runs from here), any number of commands,
 * then one sts_redis_read for each. Any failure drops the connection; the next exchange makes a new one.
 * Knows no keys and no scripts. BUGS: the name of a tcp: host is resolved by getaddrinfo(3), which has time limits of its own;
 * where that matters, configure an address.
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

/* Finds the server behind an endpoint before deadline_ms (sts_clock_mono_ms): *out can be connected to, with the endpoint's TLS
 * settings. Called for each new connection. STS_EUNAVAILABLE, and a few words in why. The one that knows Sentinel is used by
 * redis_server.h. */
enum { STS_REDIS_FIND_WHY_CAP = 300 };
typedef enum sts_status sts_redis_find_fn(const struct sts_endpoint *endpoint, int64_t deadline_ms, struct sts_endpoint *out,
    char why[STS_REDIS_FIND_WHY_CAP]);

struct sts_redis_params {
	const struct sts_endpoint *endpoint;
	sts_redis_find_fn *find;		/* NULL: endpoint is the server */
	const char *username, *password;	/* "" for none */
	int64_t db;
	int64_t timeout_ms;			/* of a whole exchange, including connecting */
	size_t reply_max;			/* bytes; an array may have one element for each 256 of them; 0: 256 KiB */
};

/* Does not connect yet; copies what params points to. To reach the server that the settings name, use sts_redis_open
 * (redis_server.h). */
enum sts_status sts_redis_new(const struct sts_redis_params *params, struct sts_redis **out);
void sts_redis_free(struct sts_redis **redis);

/* Begins an exchange. STS_EUNAVAILABLE: no connection. */
enum sts_status sts_redis_begin(struct sts_redis *redis);
/* The same, with a deadline of the caller's (sts_clock_mono_ms). */
enum sts_status sts_redis_begin_until(struct sts_redis *redis, int64_t deadline_ms);

/* Whether keys have slots, so that all keys of a command or script must share one. That depends on what the server is, not on
 * the number of nodes: a cluster may have only one master now, and more tomorrow. */
bool sts_redis_is_cluster(const struct sts_redis *redis);

/* The number of servers: 1, or a cluster's masters, which are known once an exchange has begun. A command with a key goes to the
 * server that owns it; one without goes to the first or, for the rest of the exchange, to the chosen server. */
size_t sts_redis_nodes(const struct sts_redis *redis);
void sts_redis_choose(struct sts_redis *redis, size_t node);

/* A command of argc words, to be followed by exactly as many words. sts_redis_read reports a lack of memory. */
void sts_redis_command(struct sts_redis *redis, size_t argc);
void sts_redis_word(struct sts_redis *redis, const char *word, size_t len);
void sts_redis_text(struct sts_redis *redis, const char *word);
void sts_redis_number(struct sts_redis *redis, int64_t number);
/* Bytes of commands that have not been sent. */
size_t sts_redis_queued(const struct sts_redis *redis);

/* The next reply; free it with sts_reply_free. STS_EUNAVAILABLE: the exchange is over, see sts_redis_why. */
enum sts_status sts_redis_read(struct sts_redis *redis, struct sts_reply *out);
/* The number of replies that have not been read. */
size_t sts_redis_due(const struct sts_redis *redis);
/* For a connection that gets messages at any time (SUBSCRIBE): sends what is queued, and waits until until_ms, or until wake_fd
 * is readable. STS_ENOTFOUND: nothing came; the connection stays. */
enum sts_status sts_redis_await(struct sts_redis *redis, int wake_fd, int64_t until_ms, struct sts_reply *out);

/* Ends the exchange, and the connection: unread replies could not be told from later ones. */
void sts_redis_drop(struct sts_redis *redis);

/* Why the last exchange failed; escaped, for a log line. */
const char *sts_redis_why(const struct sts_redis *redis);
/* Sets the reason from a reply; what: the command or purpose. */
void sts_redis_set_why(struct sts_redis *redis, const char *what, const struct sts_reply *reply);

#endif
