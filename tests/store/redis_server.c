/* SPDX-License-Identifier: ISC */
/* redis_server.c - starts, kills, suspends and asks a redis-server. */
#include "config.h"

#include "redis_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "shared-cache/base/clock.h"

enum { START_MS = 30000, ANSWER_CAP = 8192 };

struct redis_server {
	char dir[64];
	char socket[96];
	char conf[96];
	uint16_t port;
	bool is_sentinel;
	pid_t pid;			/* 0: not running */
	redisContext *admin;
	char answer[ANSWER_CAP];
	struct redis_server *next;
};

/* All running servers: a failing test does not stop its own. */
static struct redis_server *alive;

static void
die(const char *what)
{
	fprintf(stderr, "redis_server: %s: %s\n", what, strerror(errno));
	abort();
}

bool
redis_server_exists(void)
{
	return system("command -v redis-server >/dev/null 2>&1") == 0;
}

uint16_t
redis_server_free_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
		die("bind");
	close(fd);
	return ntohs(addr.sin_port);
}

static void
write_conf(const struct redis_server *s, const char *settings)
{
	FILE *f = fopen(s->conf, "we");

	if (f == NULL)
		die(s->conf);
	fprintf(f, "dir %s\nunixsocket %s\nunixsocketperm 700\nbind 127.0.0.1\nport %u\ndaemonize no\nlogfile %s/log\n"
	    "save \"\"\nappendonly yes\nappendfsync always\nenable-debug-command yes\n%s\n", s->dir, s->socket,
	    (unsigned)s->port, s->dir, settings);
	if (fclose(f) != 0)
		die(s->conf);
}

/* A single sentinel, with quorum 1: no other must agree that the master is down. */
static void
write_sentinel_conf(const struct redis_server *s, const struct redis_server *master)
{
	FILE *f = fopen(s->conf, "we");

	if (f == NULL)
		die(s->conf);
	fprintf(f, "dir %s\nunixsocket %s\nunixsocketperm 700\nbind 127.0.0.1\nport %u\ndaemonize no\nlogfile %s/log\n"
	    "sentinel monitor main 127.0.0.1 %u 1\nsentinel down-after-milliseconds main 500\n"
	    "sentinel failover-timeout main 5000\n", s->dir, s->socket, (unsigned)s->port, s->dir, (unsigned)master->port);
	if (fclose(f) != 0)
		die(s->conf);
}

static void
run(struct redis_server *s)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("redis-server", "redis-server", s->conf, s->is_sentinel ? "--sentinel" : NULL, (char *)NULL);
		_exit(127);
	}
	s->pid = pid;
}

static void
pause_a_bit(void)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	nanosleep(&pause, NULL);
}

/* Any reply will do: a server with a password replies NOAUTH. */
static bool
answers(struct redis_server *s)
{
	redisContext *c = redisConnectUnix(s->socket);
	redisReply *reply = c != NULL && c->err == 0 ? redisCommand(c, "PING") : NULL;
	bool ready = reply != NULL && (reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "LOADING", 7) != 0);

	if (reply != NULL)
		freeReplyObject(reply);
	if (c != NULL)
		redisFree(c);
	return ready;
}

static void
await(struct redis_server *s)
{
	int64_t until_ms = sts_clock_mono_ms() + START_MS;

	while (!answers(s)) {
		if (waitpid(s->pid, NULL, WNOHANG) != 0 || sts_clock_mono_ms() > until_ms)
			die("redis-server does not start");
		pause_a_bit();
	}
}

static void
end_all(void)
{
	while (alive != NULL) {
		struct redis_server *s = alive;

		redis_server_end(&s);
	}
}

/* Creates the directory and the names; does not start the server. */
static struct redis_server *
new_server(void)
{
	struct redis_server *s = calloc(1, sizeof(*s));
	const char *tmp = getenv("TMPDIR");
	static bool registered;

	if (s == NULL || (!registered && atexit(end_all) != 0))
		die("calloc");
	registered = true;
	s->next = alive;
	alive = s;
	/* sun_path has little room. */
	snprintf(s->dir, sizeof(s->dir), "%s/sts-redis.XXXXXX", tmp != NULL && strlen(tmp) < 40 ? tmp : "/tmp");
	if (mkdtemp(s->dir) == NULL)
		die("mkdtemp");
	snprintf(s->socket, sizeof(s->socket), "%s/sock", s->dir);
	snprintf(s->conf, sizeof(s->conf), "%s/conf", s->dir);
	s->port = redis_server_free_port();
	return s;
}

struct redis_server *
redis_server_start(const char *settings)
{
	struct redis_server *s = new_server();

	write_conf(s, settings);
	run(s);
	await(s);
	return s;
}

struct redis_server *
redis_server_sentinel(const struct redis_server *master)
{
	struct redis_server *s = new_server();

	s->is_sentinel = true;
	write_sentinel_conf(s, master);
	run(s);
	await(s);
	return s;
}

void
redis_server_forget(struct redis_server *server)
{
	if (server->admin != NULL)
		redisFree(server->admin);
	server->admin = NULL;
}

void
redis_server_kill(struct redis_server *server)
{
	redis_server_forget(server);
	if (server->pid == 0)
		return;
	kill(server->pid, SIGKILL);
	if (waitpid(server->pid, NULL, 0) != server->pid)
		die("waitpid");
	server->pid = 0;
}

/* Killed in the middle of a write, Redis leaves half a transaction at the end of its append-only file. Redis 7.0 truncates it at
 * the next start, but keeps the MULTI; at the start after that, it drops the transaction written after the MULTI, though that was
 * acknowledged. redis-check-aof truncates correctly. */
static void
mend(const struct redis_server *s)
{
	char command[256];
	int n = snprintf(command, sizeof(command),
	    "cd %s/appendonlydir && echo y | redis-check-aof --fix appendonly.aof.manifest >../check-aof.log 2>&1", s->dir);

	if (n < 0 || (size_t)n >= sizeof(command) || system(command) != 0)
		die("redis-check-aof");
}

void
redis_server_again(struct redis_server *server)
{
	mend(server);
	run(server);
	await(server);
}

void
redis_server_suspend(struct redis_server *server)
{
	int status;

	if (kill(server->pid, SIGSTOP) != 0 || waitpid(server->pid, &status, WUNTRACED) != server->pid)
		die("SIGSTOP");
}

void
redis_server_resume(struct redis_server *server)
{
	if (kill(server->pid, SIGCONT) != 0)
		die("SIGCONT");
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void
redis_server_end(struct redis_server **server)
{
	struct redis_server **link = &alive;

	while (*link != *server)
		link = &(*link)->next;
	*link = (*server)->next;
	redis_server_kill(*server);
	nftw((*server)->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(*server);
	*server = NULL;
}

/* ---- addresses ---- */

struct sts_endpoint
redis_server_unix(const struct redis_server *server)
{
	struct sts_endpoint e = { .kind = STS_ENDPOINT_UNIX };

	snprintf(e.host, sizeof(e.host), "%s", server->socket);
	return e;
}

struct sts_endpoint
redis_server_tcp(const struct redis_server *server)
{
	return (struct sts_endpoint){ .kind = STS_ENDPOINT_TCP, .host = "127.0.0.1", .port = server->port };
}

/* ---- commands ---- */

static void
print_reply(const redisReply *r, char *out, size_t cap)
{
	size_t len = 0;

	out[0] = '\0';
	switch (r->type) {
	case REDIS_REPLY_INTEGER:
		snprintf(out, cap, "%lld", r->integer);
		break;
	case REDIS_REPLY_NIL:
		snprintf(out, cap, "(nil)");
		break;
	case REDIS_REPLY_ERROR:
		snprintf(out, cap, "(error) %s", r->str);
		break;
	case REDIS_REPLY_ARRAY:
		for (size_t i = 0; i < r->elements && len + 2 < cap; i++) {
			print_reply(r->element[i], out + len, cap - len - 1);
			len += strlen(out + len);
			out[len++] = ' ';
			out[len] = '\0';
		}
		break;
	default:
		snprintf(out, cap, "%s", r->str);
		break;
	}
}

static void
ask(struct redis_server *s, const char *format, va_list ap)
{
	redisReply *reply;

	if (s->admin == NULL)
		s->admin = redisConnectUnix(s->socket);
	if (s->admin == NULL || s->admin->err != 0)
		die("connect");
	reply = redisvCommand(s->admin, format, ap);
	if (reply == NULL)
		die(s->admin->errstr);
	print_reply(reply, s->answer, sizeof(s->answer));
	freeReplyObject(reply);
}

const char *
redis_server_ask(struct redis_server *server, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	ask(server, format, ap);
	va_end(ap);
	return server->answer;
}

int64_t
redis_server_number(struct redis_server *server, const char *format, ...)
{
	char *end;
	long long n;
	va_list ap;

	va_start(ap, format);
	ask(server, format, ap);
	va_end(ap);
	n = strtoll(server->answer, &end, 10);
	return end == server->answer || *end != '\0' ? INT64_MIN : n;
}
