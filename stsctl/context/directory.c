/* SPDX-License-Identifier: ISC */
/* directory.c - from a path to an open directory, step by step. Knows nothing of what is written there. */
#include "config.h"

#include "stsctl/context/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0755 };

/* How far the walk is. */
struct walk {
	int fd;
	bool firm;		/* nobody but root and this user can have led us here, nor move this directory's parts that are theirs */
	bool ours;		/* nor has anybody else put anything here */
};

static const char link_refused[] = "is a symbolic link, and others may write there";

/* A sticky directory lets others make what they like, but not move what is ours. */
static void
look(struct walk *w)
{
	struct stat st;
	mode_t others = S_IWOTH;

	w->ours = false;
	if (!w->firm || fstat(w->fd, &st) != 0) {
		w->firm = false;
		return;
	}
	if (st.st_gid != getegid())
		others |= S_IWGRP;
	w->firm = st.st_uid == 0 || st.st_uid == geteuid();
	w->ours = w->firm && (st.st_mode & others) == 0;
	w->firm = w->ours || (w->firm && (st.st_mode & S_ISVTX) != 0);
}

static bool
is_link(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* No chmod afterwards: somebody else's directory could be there by then. */
static bool
make(int fd, const char *name)
{
	mode_t mask = umask(0);
	bool made = mkdirat(fd, name, DIRECTORY_MODE) == 0 || errno == EEXIST;

	umask(mask);
	return made;
}

/* NULL, or what is wrong; errno then. */
static const char *
step(struct walk *w, const char *name)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;	/* those above need not be readable */
	bool link = is_link(w->fd, name);
	int next;

	if (link && !w->ours) {
		errno = ELOOP;
		return link_refused;
	}
	/* what is no link now is not followed, should it be one by now */
	next = openat(w->fd, name, link ? flags : flags | O_NOFOLLOW);
	if (next < 0 && errno == ENOENT && !link && make(w->fd, name))
		next = openat(w->fd, name, flags | O_NOFOLLOW);
	if (next < 0)
		return "its directory cannot be made";
	close(w->fd);
	w->fd = next;
	w->firm = w->firm && !link;
	look(w);
	return NULL;
}

static enum sts_status
blame(const char *path, const char *where, const char *what, char why[FILES_WHY_CAP])
{
	if (what == link_refused)
		snprintf(why, FILES_WHY_CAP, "%.100s: %.100s %s", path, where, what);
	else
		snprintf(why, FILES_WHY_CAP, "%s: %s: %s", path, what, strerror(errno));
	return STS_ESYS;
}

enum sts_status
directory_of(const char *path, int *fd, const char **name, char why[FILES_WHY_CAP])
{
	const char *last = strrchr(path, '/'), *wrong = NULL;
	char copy[PATH_MAX], *rest = copy, *part = copy;
	struct walk w;

	*fd = -1;
	*name = last != NULL ? last + 1 : path;
	if (snprintf(copy, sizeof(copy), "%.*s", last != NULL ? (int)(last - path) : 0, path) >= (int)sizeof(copy)) {
		errno = ENAMETOOLONG;
		return blame(path, path, "its directory cannot be made", why);
	}
	w.fd = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	w.firm = true;
	look(&w);
	if (w.fd < 0)
		wrong = "its directory cannot be made";
	while (wrong == NULL && (part = strsep(&rest, "/")) != NULL)
		if (part[0] != '\0' && strcmp(part, ".") != 0)
			wrong = step(&w, part);
	if (wrong == NULL && (*fd = openat(w.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		wrong = "its directory cannot be read";
	if (wrong == NULL) {
		close(w.fd);
		return STS_OK;
	}
	(void)blame(path, part != NULL ? part : path, wrong, why);
	if (w.fd >= 0)
		close(w.fd);
	return STS_ESYS;
}
