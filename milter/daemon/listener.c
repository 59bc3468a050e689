/* SPDX-License-Identifier: ISC */
/* listener.c - the listening socket. Knows no protocol. */
#include "config.h"

#include "milter/daemon/listener.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/daemon/mta_filter.h"
#include "milter/session/mlfi.h"
#include "shared-cache/base/log.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/socket_file.h"

enum { ADDRESS_CAP = 320, FD_SEARCH_MAX = 256 };

/* ---- unix ---- */

static int
prepare_unix(const char *path)
{
	char why[STS_SOCKET_FILE_WHY_CAP];
	enum sts_status status = sts_socket_file_prepare(path, SOCK_STREAM, why);

	if (status == STS_OK)
		return 0;
	sts_fatal("milter_socket: %s", why);
	return status == STS_EUNAVAILABLE ? EX_UNAVAILABLE : EX_CANTCREAT;
}

static int
look_up_group(const struct sts_conf *conf, gid_t *gid)
{
	const struct group *gr;

	if (conf->milter_socket_group[0] == '\0')
		return 0;
	gr = getgrnam(conf->milter_socket_group);
	if (gr == NULL) {
		sts_fatal("there is no group %s (setting milter_socket_group)", conf->milter_socket_group);
		return EX_NOUSER;
	}
	*gid = gr->gr_gid;
	return 0;
}

/* A set-group-ID directory gives its group to whatever is created in it, also to a socket; that is why the bit was set. The
 * result must not depend on who starts the milter, root or its own user. */
static bool
has_group_of_directory(const char *path)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (slash == NULL || slash == path)
		return false;
	snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
	return stat(directory, &st) == 0 && (st.st_mode & S_ISGID) != 0;
}

static int
finish_unix(struct listener *listener, const struct sts_conf *conf, const struct privileges *owner, gid_t gid)
{
	struct stat st;

	if (lstat(listener->path, &st) == 0) {
		listener->device = st.st_dev;
		listener->inode = st.st_ino;
		if (conf->milter_socket_group[0] == '\0' && has_group_of_directory(listener->path))
			gid = st.st_gid;
	}
	if ((owner->drop || gid != owner->gid) && chown(listener->path, owner->uid, gid) != 0) {
		sts_fatal("cannot give the socket %s to group id %lu: %s", listener->path, (unsigned long)gid, strerror(errno));
		return EX_NOPERM;
	}
	if (chmod(listener->path, (mode_t)conf->milter_socket_mode) != 0) {
		sts_fatal("cannot set the mode of the socket %s: %s", listener->path, strerror(errno));
		return EX_NOPERM;
	}
	return 0;
}

/* ---- inet ---- */

/* libmilter would only log "cannot open": try it first, to know the reason. */
static int
try_inet(const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	int fd = -1, one = 1, rc;

	rc = getaddrinfo(host, port, &hints, &list);
	if (rc != 0) {
		sts_fatal("cannot listen on %s: %s", host, gai_strerror(rc));
		return EX_NOHOST;
	}
	rc = 0;
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, 1) != 0) {
		rc = errno == EACCES ? EX_NOPERM : EX_UNAVAILABLE;
		sts_fatal("cannot listen on port %s of %s: %s", port, host, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	freeaddrinfo(list);
	return rc;
}

/* Converts "inet:PORT@HOST" to libmilter's form, which has a keyword of its own for IPv6. */
static int
prepare_inet(const char *setting, char address[ADDRESS_CAP])
{
	const char *port = setting + strlen("inet:"), *at = strchr(port, '@');
	char host[ADDRESS_CAP], number[8];
	struct sts_text text;

	sts_text_init(&text, number, sizeof(number));
	sts_text_add_bytes(&text, port, (size_t)(at - port));
	sts_text_init(&text, host, sizeof(host));
	sts_text_add(&text, at + 1 + strspn(at + 1, "["));
	host[strcspn(host, "]")] = '\0';
	sts_text_init(&text, address, ADDRESS_CAP);
	if (strchr(host, ':') != NULL)
		sts_text_addf(&text, "inet6:%s@[%s]", number, host);
	else
		sts_text_addf(&text, "inet:%s@%s", number, host);
	return try_inet(host, number);
}

/* libmilter answers in two segments, and the second would wait for the delayed acknowledgement of the first: 40 ms a message.
 * Connections inherit the option from the listening socket. */
static int
finish_inet(struct listener *listener, const struct sts_conf *conf)
{
	int one = 1;

	if (setsockopt(listener->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
		sts_warn("cannot set TCP_NODELAY on the milter's socket: %s", strerror(errno));
	listener->is_filtered = !sts_netlist_is_empty(conf->trusted_mtas);
	if (listener->is_filtered && !mta_filter_attach(listener->fd, conf->trusted_mtas)) {
		sts_fatal("cannot keep out who is not in trusted_mtas: %s", errno == E2BIG || errno == ENOMEM ?
		    "too many networks (some 200 of IPv6 or 500 of IPv4 at most)" : strerror(errno));
		return EX_OSERR;
	}
	return 0;
}

/* ---- both ---- */

static bool
is_listening(int fd)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening != 0;
}

/* Opens the socket, and finds its descriptor, which libmilter does not tell: the one that was not listening before (our parent
 * may have left others open). A unix socket is created without any permissions, so that nobody connects before its mode is set.
 * -1: failed. */
static int
open_closed(struct service *service, const char *address)
{
	bool before[FD_SEARCH_MAX];
	mode_t mask = umask(0777);
	enum sts_status status;

	for (int fd = 0; fd < FD_SEARCH_MAX; fd++)
		before[fd] = is_listening(fd);
	status = mlfi_open(service, address);
	umask(mask);
	for (int fd = 0; fd < FD_SEARCH_MAX && status == STS_OK; fd++) {
		if (!before[fd] && is_listening(fd))
			return fd;
	}
	return -1;
}

int
listener_open(struct service *service, const struct sts_conf *conf, const struct privileges *owner, struct listener *out)
{
	bool is_unix = strncmp(conf->milter_socket, "unix:", 5) == 0;
	char address[ADDRESS_CAP];
	gid_t gid = owner->gid;
	int rc;

	*out = (struct listener){ .addr_len = sizeof(out->addr), .fd = -1 };
	if (is_unix) {
		snprintf(out->path, sizeof(out->path), "%s", conf->milter_socket + 5);
		snprintf(address, sizeof(address), "unix:%s", out->path);
	}
	rc = is_unix ? prepare_unix(out->path) : prepare_inet(conf->milter_socket, address);
	if (rc == 0 && is_unix)
		rc = look_up_group(conf, &gid);
	if (rc != 0)
		return rc;
	out->fd = open_closed(service, address);
	if (out->fd < 0 || getsockname(out->fd, (struct sockaddr *)&out->addr, &out->addr_len) != 0) {
		sts_fatal("libmilter cannot listen on %s; a line before this one has the reason", conf->milter_socket);
		return EX_CANTCREAT;
	}
	return is_unix ? finish_unix(out, conf, owner, gid) : finish_inet(out, conf);
}

static in_port_t
port_of(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)addr)->sin_port;
	return ((const struct sockaddr_in6 *)(const void *)addr)->sin6_port;
}

bool
listener_has_accepted(const struct listener *listener, int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	memset(&addr, 0, sizeof(addr));
	if (fd == listener->fd || getsockname(fd, (struct sockaddr *)&addr, &len) != 0 || addr.ss_family != listener->addr.ss_family)
		return false;
	if (addr.ss_family == AF_UNIX)
		return strcmp(((const struct sockaddr_un *)(const void *)&addr)->sun_path, listener->path) == 0;
	return port_of(&addr) == port_of(&listener->addr);
}

/* The descriptor is libmilter's: by now its number may belong to another file. */
void
listener_shut(const struct listener *listener)
{
	if (listener->is_filtered && is_listening(listener->fd))
		(void)shutdown(listener->fd, SHUT_RD);
}

void
listener_wake(const struct listener *listener)
{
	int fd = listener->is_filtered ? -1 : socket(listener->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	(void)connect(fd, (const struct sockaddr *)&listener->addr, listener->addr_len);
	close(fd);
}

void
listener_remove(const struct listener *listener)
{
	struct stat st;

	if (listener->inode != 0 && lstat(listener->path, &st) == 0 && st.st_dev == listener->device && st.st_ino == listener->inode)
		(void)unlink(listener->path);
}
