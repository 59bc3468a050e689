/* SPDX-License-Identifier: ISC */
/*
 * redis_server.h - runs a private redis-server: in a temporary directory, on a unix socket and a loopback port.
 *
 * Every write is on disk before its reply (appendfsync always), so a killed server still has all acknowledged writes. On
 * failure, these functions end the program. The server ends with the test, however that ends.
 */
#ifndef TESTS_REDIS_SERVER_H
#define TESTS_REDIS_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared-cache/names/endpoint.h"

struct redis_server;

/* Whether there is a redis-server in PATH. */
bool redis_server_exists(void);

/* settings: more lines for redis.conf, or "". Returns when the server answers. */
struct redis_server *redis_server_start(const char *settings);
/* A sentinel that monitors master under the name "main". */
struct redis_server *redis_server_sentinel(const struct redis_server *master);
void redis_server_end(struct redis_server **server);
/* A port that was free a moment ago, to use in settings. */
uint16_t redis_server_free_port(void);

void redis_server_kill(struct redis_server *server);	/* SIGKILL, like a crash */
void redis_server_again(struct redis_server *server);	/* after kill: starts it on its old data */
void redis_server_suspend(struct redis_server *server);
void redis_server_resume(struct redis_server *server);

struct sts_endpoint redis_server_unix(const struct redis_server *server);
struct sts_endpoint redis_server_tcp(const struct redis_server *server);

/* Runs a command (redisCommand's format) over the server's own test connection, and returns the reply as text: a string as it is,
 * a number in digits, nil as "(nil)", an error after "(error) ", each element of an array followed by a space. The storage is
 * reused by the next call. */
const char *redis_server_ask(struct redis_server *server, const char *format, ...);
int64_t redis_server_number(struct redis_server *server, const char *format, ...);
/* Call this if the server has closed that connection: the next command opens a new one. */
void redis_server_forget(struct redis_server *server);

#endif
