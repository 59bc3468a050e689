/* SPDX-License-Identifier: ISC */
/* listener.c - the listening socket. Knows nothing of what is said through it. */
#include "config.h"

#include "milter/daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

enum { ADDRESS_CAP = 320, FD_SEARCH_MAX = 256 };

/* ---- unix ---- */

/* Whether nobody can be there. A full backlog, or a socket that is not for us, is no proof. */
static bool
is_stale(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	memcpy(addr.sun_path, path, strnlen(path, sizeof(addr.sun_path) - 1));
	stale = connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 && errno == ECONNREFUSED;
	close(fd);
	return stale;
}

static int
prepare_unix(const char *path)
{
	char directory[sizeof(((struct listener *)0)->path)], *slash;
	struct stat st;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	slash[slash == directory ? 1 : 0] = '\0';
	if (stat(directory, &st) != 0 || !S_ISDIR(st.st_mode)) {
		sts_fatal("cannot make the socket %s: %s is no directory (the systemd unit and tmpfiles.d make it)", path,
		    directory);
		return EX_CANTCREAT;
	}
	if (lstat(path, &st) != 0)
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		sts_fatal("%s is there already and is no socket: remove it, or choose another milter_socket", path);
		return EX_CANTCREAT;
	}
	if (!is_stale(path)) {
		sts_fatal("somebody listens on %s already: is another mta-sts-milter running?", path);
		return EX_UNAVAILABLE;
	}
	if (unlink(path) != 0) {
		sts_fatal("cannot remove the old socket %s: %s", path, strerror(errno));
		return EX_CANTCREAT;
	}
	return 0;
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

static int
finish_unix(struct listener *door, const struct sts_conf *conf, const struct privileges *owner, gid_t gid)
{
	struct stat st;

	if (lstat(door->path, &st) == 0) {
		door->device = st.st_dev;
		door->inode = st.st_ino;
	}
	if ((owner->drop || gid != owner->gid) && chown(door->path, owner->uid, gid) != 0) {
		sts_fatal("cannot give the socket %s to group id %lu: %s", door->path, (unsigned long)gid, strerror(errno));
		return EX_NOPERM;
	}
	if (chmod(door->path, (mode_t)conf->milter_socket_mode) != 0) {
		sts_fatal("cannot set the mode of the socket %s: %s", door->path, strerror(errno));
		return EX_NOPERM;
	}
	return 0;
}

/* ---- inet ---- */

/* libmilter would only say "cannot open" on syslog: try it before, to have the reason. */
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

/* "inet:PORT@HOST" in libmilter's words, which has a word of its own for IPv6. */
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

/* libmilter answers in two segments, of which the second would wait for the first one's delayed acknowledgement: 40 ms a
 * message. Connections inherit the option from the listening socket. */
static int
finish_inet(struct listener *door, const struct sts_conf *conf)
{
	int one = 1;

	if (setsockopt(door->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0)
		sts_warn("cannot set TCP_NODELAY on the milter's socket: %s", strerror(errno));
	door->is_filtered = !sts_netlist_is_empty(conf->trusted_mtas);
	if (door->is_filtered && !mta_filter_attach(door->fd, conf->trusted_mtas)) {
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

/* Opens, and finds the descriptor, which libmilter does not tell: it is the one that did not listen before (who started us
 * may have left others). Nobody gets in before the mode is set: until then, a unix socket is made for nobody. -1: failed. */
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
		sts_fatal("libmilter cannot listen on %s; its reason is in the system log", conf->milter_socket);
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
listener_has_accepted(const struct listener *door, int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	memset(&addr, 0, sizeof(addr));
	if (fd == door->fd || getsockname(fd, (struct sockaddr *)&addr, &len) != 0 || addr.ss_family != door->addr.ss_family)
		return false;
	if (addr.ss_family == AF_UNIX)
		return strcmp(((const struct sockaddr_un *)(const void *)&addr)->sun_path, door->path) == 0;
	return port_of(&addr) == port_of(&door->addr);
}

/* An address that is no particular one is reached as loopback. */
void
listener_close_but_for_us(const struct listener *door)
{
	struct sts_ipaddr self;
	struct sts_netlist *list;
	char text[128], name[46];

	if (!door->is_filtered || !sts_ipaddr_from_sockaddr((const struct sockaddr *)&door->addr, &self))
		return;
	sts_ipaddr_format(&self, name);
	snprintf(text, sizeof(text), "127.0.0.1 ::1 %s", name);
	if (sts_netlist_parse(text, &list, NULL) != STS_OK)
		return;
	(void)mta_filter_attach(door->fd, list);
	sts_netlist_free(&list);
}

void
listener_knock(const struct listener *door)
{
	int fd = socket(door->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	(void)connect(fd, (const struct sockaddr *)&door->addr, door->addr_len);
	close(fd);
}

void
listener_remove(const struct listener *door)
{
	struct stat st;

	if (door->inode != 0 && lstat(door->path, &st) == 0 && st.st_dev == door->device && st.st_ino == door->inode)
		(void)unlink(door->path);
}
