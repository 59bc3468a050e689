/* SPDX-License-Identifier: ISC */
/* socket_file.c - removes stale sockets. Knows no protocol. */
#include "config.h"

#include "shared-cache/runtime/socket_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Whether it is certain that nobody listens there. A full backlog, or a socket that we may not use, proves nothing. */
static bool
is_stale(const char *path, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	memcpy(addr.sun_path, path, strnlen(path, sizeof(addr.sun_path) - 1));
	stale = connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0 && errno == ECONNREFUSED;
	close(fd);
	return stale;
}

enum sts_status
sts_socket_file_prepare(const char *path, int type, char why[STS_SOCKET_FILE_WHY_CAP])
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)], *slash;
	struct stat st;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	slash[slash == directory ? 1 : 0] = '\0';
	if (stat(directory, &st) != 0 || !S_ISDIR(st.st_mode)) {
		snprintf(why, STS_SOCKET_FILE_WHY_CAP,
		    "cannot make the socket %s: %s is no directory (the systemd unit and tmpfiles.d make it)", path, directory);
		return STS_ESYS;
	}
	if (lstat(path, &st) != 0)
		return STS_OK;
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(why, STS_SOCKET_FILE_WHY_CAP, "%s is there already and is no socket: remove it, or choose another path",
		    path);
		return STS_ESYS;
	}
	if (!is_stale(path, type)) {
		snprintf(why, STS_SOCKET_FILE_WHY_CAP, "somebody listens on %s already: is another mta-sts-milter running?", path);
		return STS_EUNAVAILABLE;
	}
	if (unlink(path) != 0) {
		snprintf(why, STS_SOCKET_FILE_WHY_CAP, "cannot remove the old socket %s: %s", path, strerror(errno));
		return STS_ESYS;
	}
	return STS_OK;
}
