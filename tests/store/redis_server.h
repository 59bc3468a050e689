/* SPDX-License-Identifier: ISC */
/*
 * redis_server.h - a redis-server of the test's own: in a temporary directory, on a unix socket and a loopback port.
 *
 * Every write is on disk before its reply (appendfsync always), so that a killed server has what it has answered for. Helpers
 * that cannot go on end the program. The server ends with the test, however that ends.
 */
#ifndef TESTS_REDIS_SERVER_H
#define TESTS_REDIS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/names/endpoint.h"

struct redis_server;

/* Whether there is a redis-server in PATH. */
bool redis_server_exists(void);

/* settings: further lines of redis.conf, or "". Returns when the server answers. */
struct redis_server *redis_server_start(const char *settings);
/* A sentinel that watches master under the name "main". */
struct redis_server *redis_server_sentinel(const struct redis_server *master);
void redis_server_end(struct redis_server **server);
/* A port that was free a moment ago, for what settings name. */
uint16_t redis_server_free_port(void);

void redis_server_kill(struct redis_server *server);	/* as a crash does */
void redis_server_again(struct redis_server *server);	/* after kill: starts it on its old data */
void redis_server_suspend(struct redis_server *server);
void redis_server_resume(struct redis_server *server);

struct sts_endpoint redis_server_unix(const struct redis_server *server);
struct sts_endpoint redis_server_tcp(const struct redis_server *server);

/* Runs a command over a connection of its own (redisCommand's format) and returns what it answers as a text: a string as it is,
 * a number in digits, nil as "(nil)", an error after "(error) ", an array's elements each followed by a space. In storage that
 * the next call uses again. */
const char *redis_server_ask(struct redis_server *server, const char *format, ...);
int64_t redis_server_number(struct redis_server *server, const char *format, ...);
/* The server has ended that connection: the next command makes a new one. */
void redis_server_forget(struct redis_server *server);

#endif
