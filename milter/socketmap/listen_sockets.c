/* SPDX-License-Identifier: ISC */
/*
 * listen_sockets.c - the listening sockets of socketmap_listen: opened here, or inherited from the service manager (LISTEN_FDS of
 * sd_listen_fds(3)). The service manager keeps them open while we restart, so that Postfix waits instead of being refused.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/socketmap/socketmap_private.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/socket_file.h"
#include "shared-cache/settings/conf_syntax.h"

enum { BACKLOG = 1024, ADDRESS_CAP = 400, FIRST_INHERITED = 3, INHERITED_MAX = 32 };

/* ---- inherited from the service manager ---- */

/* How many descriptors, starting with FIRST_INHERITED, are meant for this process. */
static int
inherited_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	unsigned long long number;

	if (pid == NULL || count == NULL || !sts_text_parse_u64(pid, strlen(pid), 10, &number) ||
	    number != (unsigned long long)getpid())
		return 0;
	if (!sts_text_parse_u64(count, strlen(count), 4, &number) || number > INHERITED_MAX)
		return 0;
	return (int)number;
}

static bool
is_bound_to(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_storage bound;
	socklen_t bound_len = sizeof(bound);
	int listening = 0;
	socklen_t size = sizeof(listening);

	memset(&bound, 0, sizeof(bound));
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening ||
	    getsockname(fd, (struct sockaddr *)&bound, &bound_len) != 0 || bound.ss_family != addr->sa_family)
		return false;
	if (addr->sa_family == AF_UNIX)
		return strcmp(((const struct sockaddr_un *)&bound)->sun_path, ((const struct sockaddr_un *)addr)->sun_path) == 0;
	return bound_len == len && memcmp(&bound, addr, len) == 0;
}

/* -1: there is none for this address. */
static int
inherit(const struct sockaddr *addr, socklen_t len)
{
	int count = inherited_count();

	for (int fd = FIRST_INHERITED; fd < FIRST_INHERITED + count; fd++) {
		if (!is_bound_to(fd, addr, len))
			continue;
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		return fd;
	}
	return -1;
}

static bool
is_served(const struct socketmap *s, int fd)
{
	for (size_t i = 0; i < s->listening_count; i++)
		if (s->listening[i].watched.fd == fd)
			return true;
	return false;
}

/* Warns of inherited sockets that nobody serves: clients that connect to one would wait for ever. */
static void
warn_unserved(const struct socketmap *s)
{
	int count = inherited_count();

	for (int fd = FIRST_INHERITED; fd < FIRST_INHERITED + count; fd++) {
		struct sockaddr_storage bound = { 0 };
		socklen_t len = sizeof(bound);
		char host[ADDRESS_CAP] = "", port[8] = "";

		if (is_served(s, fd) || getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
			continue;
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (bound.ss_family == AF_UNIX)
			sts_warn("socketmap_listen: the service manager keeps unix:%.107s open, which is not named here: nobody answers there",
			    ((const struct sockaddr_un *)&bound)->sun_path);
		else if (getnameinfo((const struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
			sts_warn("socketmap_listen: the service manager keeps inet:%s@%s open, which is not named here: nobody answers there",
			    port, host);
	}
}

/* ---- opened here ---- */

static int
fail(const char *setting, const char *what)
{
	int code = errno == EACCES || errno == EPERM ? EX_NOPERM : EX_UNAVAILABLE;

	sts_fatal("socketmap_listen: %s: %s: %s", setting, what, strerror(errno));
	return code;
}

static int
open_unix(struct listening *l, const char *setting, const struct sts_conf *conf)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char why[STS_SOCKET_FILE_WHY_CAP];
	struct stat st;
	mode_t mask;
	int rc;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.107s", setting + strlen("unix:"));
	l->watched.fd = inherit((const struct sockaddr *)&addr, sizeof(addr));
	l->inherited = l->watched.fd >= 0;
	if (l->inherited)
		return 0;
	if (sts_socket_file_prepare(addr.sun_path, SOCK_STREAM, why) != STS_OK) {
		sts_fatal("socketmap_listen: %s", why);
		return EX_CANTCREAT;
	}
	l->watched.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->watched.fd < 0)
		return fail(setting, "socket");
	/* No permissions until the mode is set, so that nobody connects before. */
	mask = umask(0777);
	rc = bind(l->watched.fd, (const struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (rc != 0)
		return fail(setting, "bind");
	snprintf(l->path, sizeof(l->path), "%s", addr.sun_path);
	if (lstat(l->path, &st) == 0) {
		l->device = st.st_dev;
		l->inode = st.st_ino;
	}
	if (chmod(l->path, (mode_t)conf->socketmap_mode) != 0)
		return fail(setting, "chmod");
	return listen(l->watched.fd, BACKLOG) == 0 ? 0 : fail(setting, "listen");
}

static int
open_address(struct listening *l, const char *setting, const struct addrinfo *ai)
{
	int one = 1;

	l->is_tcp = true;
	l->watched.fd = inherit(ai->ai_addr, ai->ai_addrlen);
	l->inherited = l->watched.fd >= 0;
	if (l->inherited)
		return 0;
	l->watched.fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->watched.fd < 0 || setsockopt(l->watched.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(l->watched.fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(l->watched.fd, BACKLOG) != 0)
		return fail(setting, "cannot listen");
	return 0;
}

/* inet:PORT@HOST: the first address of the host. */
static int
open_inet(struct listening *l, const char *setting)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	const char *port = setting + strlen("inet:"), *at = strchr(port, '@');
	char host[ADDRESS_CAP], number[8];
	struct addrinfo *list = NULL;
	int rc;

	snprintf(number, sizeof(number), "%.*s", (int)(at - port), port);
	snprintf(host, sizeof(host), "%s", at + 1 + strspn(at + 1, "["));
	host[strcspn(host, "]")] = '\0';
	rc = getaddrinfo(host, number, &hints, &list);
	if (rc != 0) {
		sts_fatal("socketmap_listen: %s: %s", setting, gai_strerror(rc));
		return EX_NOHOST;
	}
	rc = open_address(l, setting, list);
	freeaddrinfo(list);
	return rc;
}

/* ---- all of them ---- */

int
listen_sockets_open(struct socketmap *s, const struct sts_conf *conf)
{
	const char *list = conf->socketmap_listen, *element;
	char setting[ADDRESS_CAP];
	size_t len;
	int rc = 0;

	while (rc == 0 && s->listening_count < SOCKETS_MAX && (element = sts_conf_next_element(&list, &len)) != NULL) {
		struct listening *l = &s->listening[s->listening_count++];

		*l = (struct listening){ .watched = { .fd = -1 }, .server = s };
		snprintf(setting, sizeof(setting), "%.*s", (int)len, element);
		rc = strncmp(setting, "unix:", 5) == 0 ? open_unix(l, setting, conf) : open_inet(l, setting);
	}
	if (rc == 0)
		warn_unserved(s);
	return rc;
}

void
listen_sockets_close(struct socketmap *s)
{
	for (size_t i = 0; i < s->listening_count; i++) {
		struct listening *l = &s->listening[i];
		struct stat st;

		if (l->watched.fd >= 0)
			close(l->watched.fd);
		l->watched.fd = -1;
		if (l->inode != 0 && lstat(l->path, &st) == 0 && st.st_dev == l->device && st.st_ino == l->inode)
			(void)unlink(l->path);
	}
	s->listening_count = 0;
}
