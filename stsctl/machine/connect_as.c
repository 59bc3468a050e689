/* SPDX-License-Identifier: ISC */
/* connect_as.c - forks a child that switches to the user, and connects. */
#include "config.h"

#include "stsctl/machine/connect_as.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_TRY = 255 };		/* not an errno */

/* A relative path needs no chroot. */
static bool
become(const struct passwd *user, const char *root, const char *path)
{
	bool jailed = path[0] == '/' && strcmp(root, "/") != 0;

	return chdir(root) == 0 && initgroups(user->pw_name, user->pw_gid) == 0 && (!jailed || chroot(root) == 0) &&
	    setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
}

/* 0, or errno. */
static int
connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return CANNOT_TRY;
	/* a full backlog means that the user may connect, too */
	return connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 || errno == EAGAIN ? 0 : errno;
}

int
connect_as(const char *name, const char *root, const char *path, char *why, size_t cap)
{
	const struct passwd *user = getpwnam(name);
	int raw = 0;
	pid_t pid;

	if (user == NULL || geteuid() != 0) {
		snprintf(why, cap, user == NULL ? "there is no such user" : "only root can try it");
		return -1;
	}
	fflush(NULL);
	if ((pid = fork()) == 0)
		_exit(become(user, root, path) ? connect_to(path) : CANNOT_TRY);
	if (pid < 0 || waitpid(pid, &raw, 0) != pid || !WIFEXITED(raw) || WEXITSTATUS(raw) == CANNOT_TRY) {
		snprintf(why, cap, "this process may not become %s", name);
		return -1;
	}
	if (WEXITSTATUS(raw) != 0)
		snprintf(why, cap, "%s", strerror(WEXITSTATUS(raw)));
	return WEXITSTATUS(raw);
}
