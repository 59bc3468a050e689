/* SPDX-License-Identifier: ISC */
/* metrics_http.c - the only file that uses libmicrohttpd. Knows nothing of what is served. */
#include "config.h"

#include "milter/monitor/metrics_http.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include <microhttpd.h>

#include "milter/monitor/metrics_response.h"
#include "shared-cache/base/log.h"
#include "shared-cache/names/endpoint.h"

enum {
	BACKLOG = 16,
	CONNECTIONS = 2 * CONNECTION_LIMIT,	/* at a time, including those that are being closed */
	PATIENCE_S = 5,		/* for a client that sends nothing, or does not read */
	CONNECTION_BYTES = 8 * 1024,	/* must hold a request line with its headers */
};

/* ---- the socket ---- */

/* Returns -1 and errno on failure. */
static int
open_socket(const struct addrinfo *where)
{
	int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, saved;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
metrics_http_listen(const struct sts_conf *conf, struct metrics_http *out)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	char text[512], why[160], port[8];
	struct sts_endpoint endpoint;
	struct addrinfo *list = NULL;
	int rc;

	*out = (struct metrics_http){ .fd = -1 };
	snprintf(text, sizeof(text), "tcp:%s", conf->metrics_listen);
	if (conf->metrics_listen[0] == '\0' || !sts_endpoint_parse(text, &endpoint, why, sizeof(why)))
		return 0;
	snprintf(port, sizeof(port), "%u", endpoint.port);
	rc = getaddrinfo(endpoint.host, port, &hints, &list);
	if (rc != 0) {
		sts_fatal("metrics_listen: cannot listen on %s: %s", conf->metrics_listen, gai_strerror(rc));
		return EX_NOHOST;
	}
	/* A name may have addresses that this host does not have. */
	for (const struct addrinfo *where = list; where != NULL && out->fd < 0; where = where->ai_next)
		out->fd = open_socket(where);
	if (out->fd < 0) {
		rc = errno == EACCES ? EX_NOPERM : EX_UNAVAILABLE;
		sts_fatal("metrics_listen: cannot listen on %s: %s", conf->metrics_listen, strerror(errno));
	}
	freeaddrinfo(list);
	return rc;
}

/* ---- requests; on the server's thread ---- */

/* Takes over the response's body. */
static enum MHD_Result
send_answer(struct MHD_Connection *connection, const struct metrics_response *answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(answer->len, answer->body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (response == NULL) {
		free(answer->body);
		return MHD_NO;
	}
	result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	if (result == MHD_YES && answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (result == MHD_YES)
		result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

/* The signature is libmicrohttpd's. Called for the headers, then for each piece of a body, then for the response. Responding
 * before the body has come closes the connection, which is right for clients that send one. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
    const char *body, size_t *body_len, void **state)
{
	struct metrics_response answer;

	(void)version;
	(void)body;
	if (*state == NULL && (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)) {
		*state = arg;
		return MHD_YES;
	}
	if (*body_len != 0)
		return MHD_NO;
	metrics_response(arg, method, path, &answer);
	return answer.body != NULL ? send_answer(connection, &answer) : MHD_NO;
}

/* The server notices the shutdown of a dropped connection as if the client had closed it. */
static void
on_connection(void *arg, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	int first;

	(void)state;
	if (info == NULL)
		return;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED)
		connection_limit_remove(arg, info->connect_fd);
	else if ((first = connection_limit_add(arg, info->connect_fd)) != -1)
		(void)shutdown(first, SHUT_RDWR);
}

static void __attribute__((format(printf, 2, 0)))
on_log(void *arg, const char *format, va_list ap)
{
	char text[256];

	(void)arg;
	vsnprintf(text, sizeof(text), format, ap);
	text[strcspn(text, "\n")] = '\0';
	sts_debug("metrics: %s", text);
}

/* ---- the thread ---- */

/* Threads inherit the signal mask; signals must reach only the threads that wait for them. */
static struct MHD_Daemon *
start_server(struct metrics_http *http, struct service *service)
{
	struct MHD_Daemon *server;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request,
	    service, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, http->fd, MHD_OPTION_NOTIFY_CONNECTION,
	    on_connection, &http->clients, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)PATIENCE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return server;
}

int
metrics_http_start(struct metrics_http *http, struct service *service)
{
	if (http->fd < 0)
		return 0;
	http->server = start_server(http, service);
	if (http->server == NULL) {
		sts_fatal("metrics_listen: libmicrohttpd does not start: %s", strerror(errno));
		return EX_OSERR;
	}
	http->fd = -1;
	return 0;
}

void
metrics_http_stop(struct metrics_http *http)
{
	if (http->server != NULL)
		MHD_stop_daemon(http->server);
	if (http->fd >= 0)
		close(http->fd);
	*http = (struct metrics_http){ .fd = -1 };
}
