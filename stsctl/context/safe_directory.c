/* SPDX-License-Identifier: ISC */
/* safe_directory.c - walks a path to an open directory, step by step. */
#include "config.h"

#include "stsctl/context/safe_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIRECTORY_MODE = 0755, LINKS_MAX = 40 };

/* The state of the walk. */
struct walk {
	int fd;
	bool firm;		/* only root or this user can have led us here, or can move what is theirs in this directory */
	bool ours;		/* and nobody else can have put anything here */
};

static const char no_name[] = "its name is too long, or /proc is not there", too_many[] = "too many symbolic links";
static const char link_refused[] = "is a symbolic link, and others may write there";

/* In a sticky directory others can create files, but cannot move ours. */
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

/* The mode is set by the umask, not by chmod afterwards: by then, somebody else's directory could be there. */
static bool
make(int fd, const char *name)
{
	mode_t mask = umask(0);
	bool made = mkdirat(fd, name, DIRECTORY_MODE) == 0 || errno == EEXIST;

	umask(mask);
	return made;
}

/* Returns NULL, or what is wrong, with errno. */
static const char *
step(struct walk *w, const char *name)
{
	const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;	/* directories on the way need not be readable */
	bool link = is_link(w->fd, name);
	int next;

	if (link && !w->ours) {
		errno = ELOOP;
		return link_refused;
	}
	/* if it is no link now, it must not be followed should it become one */
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
explain(const char *path, const char *where, const char *what, char why[FILES_WHY_CAP])
{
	if (what == link_refused)
		snprintf(why, FILES_WHY_CAP, "%.100s: %.100s %s", path, where, what);
	else
		snprintf(why, FILES_WHY_CAP, "%s: %s: %s", path, what, strerror(errno));
	return STS_ESYS;
}

enum sts_status
safe_directory_open(const char *path, int *fd, const char **name, char why[FILES_WHY_CAP])
{
	const char *last = strrchr(path, '/'), *wrong = NULL;
	char copy[PATH_MAX], *rest = copy, *part = copy;
	struct walk w;

	*fd = -1;
	*name = last != NULL ? last + 1 : path;
	if (snprintf(copy, sizeof(copy), "%.*s", last != NULL ? (int)(last - path) : 0, path) >= (int)sizeof(copy)) {
		errno = ENAMETOOLONG;
		return explain(path, path, "its directory cannot be made", why);
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
	(void)explain(path, part != NULL ? part : path, wrong, why);
	if (w.fd >= 0)
		close(w.fd);
	return STS_ESYS;
}

/* ---- resolving ---- */

/* Writes the absolute path of name in the directory, followed by rest. The kernel names the directory: nobody can have changed what
 * leads there. */
static bool
put_together(int fd, const char *name, const char *rest, char out[PATH_MAX])
{
	char self[64], directory[PATH_MAX];
	ssize_t len = 0;

	if (name[0] != '/') {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		len = readlink(self, directory, sizeof(directory) - 1);
		if (len <= 0)
			return false;
	}
	directory[len] = '\0';
	return snprintf(out, PATH_MAX, "%s%s%s%s%s", directory, len > 1 ? "/" : "", name, rest != NULL ? "/" : "",
	    rest != NULL ? rest : "") < PATH_MAX;
}

/* Walks real from the root to the first link, and replaces the link in real (*again), or to the end. Returns NULL, or what is wrong
 * with *part. */
static const char *
expand(struct walk *w, char real[PATH_MAX], char copy[PATH_MAX], const char **part, bool *again)
{
	char target[PATH_MAX], *rest = copy;
	ssize_t len;
	int next;

	strcpy(copy, real);
	*again = false;
	while ((*part = strsep(&rest, "/")) != NULL) {
		if ((*part)[0] == '\0' || strcmp(*part, ".") == 0)
			continue;
		len = readlinkat(w->fd, *part, target, sizeof(target) - 1);
		*again = len >= 0;
		if (*again && !w->ours)
			return link_refused;
		if (*again || rest == NULL) {
			target[*again ? len : 0] = '\0';
			return put_together(w->fd, *again ? target : *part, rest, real) ? NULL : no_name;
		}
		/* a missing directory is left to the caller, who reads the file or makes it */
		if ((next = openat(w->fd, *part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
			return NULL;
		close(w->fd);
		w->fd = next;
		look(w);
	}
	return NULL;
}

enum sts_status
safe_directory_resolve(const char *path, char real[PATH_MAX], char why[FILES_WHY_CAP])
{
	const char *wrong = NULL, *part = path;
	char copy[PATH_MAX];
	bool again = true;

	if (snprintf(real, PATH_MAX, "%s", path) >= PATH_MAX)
		wrong = no_name;
	for (int links = 0; wrong == NULL && again; links++) {
		struct walk w = { .fd = open(real[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), .firm = true };

		look(&w);
		wrong = links > LINKS_MAX ? too_many : expand(&w, real, copy, &part, &again);
		if (w.fd >= 0)
			close(w.fd);
	}
	if (wrong == NULL)
		return STS_OK;
	if (wrong == link_refused)
		return explain(path, part, wrong, why);
	snprintf(why, FILES_WHY_CAP, "%.180s: %s", path, wrong);
	return STS_ESYS;
}
