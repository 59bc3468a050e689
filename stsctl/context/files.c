/* SPDX-License-Identifier: ISC */
/* files.c - reads, replaces and locks files. Knows nothing of their contents. */
#include "config.h"

#include "stsctl/context/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/read.h"
#include "stsctl/context/safe_directory.h"

enum { FILE_MODE = 0644, LOCK_MODE = 0600, LOOK_AGAIN_MS = 50 };

static enum sts_status
explain(const char *what, const char *path, char why[FILES_WHY_CAP])
{
	snprintf(why, FILES_WHY_CAP, "%s: %s: %s", path, what, strerror(errno));
	return STS_ESYS;
}

enum sts_status
files_read(const char *path, size_t max, char **out, size_t *len, char why[FILES_WHY_CAP])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum sts_status status = STS_OK;
	ssize_t n = -1;

	*out = NULL;
	if (fd < 0)
		return errno == ENOENT ? STS_ENOTFOUND : explain("cannot be read", path, why);
	*out = malloc(max + 1);
	if (*out == NULL)
		status = STS_ENOMEM;
	else if ((n = sts_read_up_to(fd, *out, max + 1)) < 0)
		status = explain("cannot be read", path, why);
	else if ((size_t)n > max) {
		snprintf(why, FILES_WHY_CAP, "%s: longer than %zu bytes", path, max);
		status = STS_EFULL;
	}
	close(fd);
	if (status != STS_OK) {
		free(*out);
		*out = NULL;
		return status;
	}
	*len = (size_t)n;
	return STS_OK;
}

enum files_change
files_compare(const char *path, const char *text, size_t len)
{
	char why[FILES_WHY_CAP], *have;
	size_t have_len;
	enum files_change change = FILES_CHANGED;
	enum sts_status status = files_read(path, len, &have, &have_len, why);

	if (status == STS_ENOTFOUND)
		return FILES_MISSING;
	if (status == STS_OK && have_len == len && memcmp(have, text, len) == 0)
		change = FILES_SAME;
	free(have);
	return change;
}

/* ---- writing ---- */

static bool
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/* The new file stays as private as the old one: whoever restricted it had a reason. most: the bits of the old mode that may be kept. */
static bool
set_mode(int directory, const char *name, int fd, mode_t most)
{
	struct stat old;
	mode_t mode = FILE_MODE;

	if (fstatat(directory, name, &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(old.st_mode)) {
		mode = old.st_mode & most;
		/* root can keep owner and group, others the group if they are in it; a group that replaces the old one gets no more
		 * than everybody */
		if ((old.st_uid != geteuid() || old.st_gid != getegid()) && fchown(fd, old.st_uid, old.st_gid) != 0 &&
		    fchown(fd, (uid_t)-1, old.st_gid) != 0)
			mode &= S_IRWXU | S_IRWXO | (mode & S_IRWXO) << 3;
	}
	return fchmod(fd, mode) == 0;
}

/* Creates a temporary file in the directory. O_EXCL: nobody else can have made it. */
static int
make_temporary(int directory, const char *name, char temp[NAME_MAX + 1])
{
	unsigned long long number;
	int fd;

	for (int i = 0; i < 100; i++) {
		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return -1;
		if (snprintf(temp, NAME_MAX + 1, "%s.%016llx", name, number) > NAME_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = openat(directory, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static bool
replace(int directory, const char *name, const char *text, size_t len, mode_t most)
{
	char temp[NAME_MAX + 1];
	int fd = make_temporary(directory, name, temp), number;
	bool ok = fd >= 0;

	if (!ok)
		return false;
	ok = write_all(fd, text, len) && set_mode(directory, name, fd, most) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	/* the rename must survive a crash, too */
	if (ok && renameat(directory, temp, directory, name) == 0)
		return fsync(directory) == 0;
	number = errno;
	(void)unlinkat(directory, temp, 0);
	errno = number;
	return false;
}

static enum sts_status
write_file(const char *path, const char *text, size_t len, mode_t most, char why[FILES_WHY_CAP])
{
	const char *name;
	enum sts_status status;
	int directory;

	if (files_compare(path, text, len) == FILES_SAME)
		return STS_OK;
	status = safe_directory_open(path, &directory, &name, why);
	if (status != STS_OK)
		return status;
	if (!replace(directory, name, text, len, most))
		status = explain("cannot be written", path, why);
	close(directory);
	return status;
}

enum sts_status
files_write(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP])
{
	return write_file(path, text, len, FILE_MODE, why);
}

enum sts_status
files_rewrite(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP])
{
	return write_file(path, text, len, 07777, why);
}

/* ---- locking ---- */

/* Nobody else may open the lock file: whoever can open it could lock it, and never let go. */
static int
open_lock(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, LOCK_MODE);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ((st.st_mode & 07777) == LOCK_MODE || st.st_uid != geteuid() ||
	    fchmod(fd, LOCK_MODE) == 0))
		return fd;
	if (fd >= 0) {
		close(fd);
		errno = EINVAL;
	}
	return -1;
}

/* Whether the file still has its name: the previous holder of the lock may have removed it. */
static bool
is_named(int directory, const char *name, int fd)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 && fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

/* Returns the locked descriptor, or -1: errno is EWOULDBLOCK when somebody held the lock until the deadline. */
static int
take_lock(int directory, const char *name, int64_t deadline_ms)
{
	int fd;

	while ((fd = open_lock(directory, name)) >= 0) {
		int number;

		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			if (is_named(directory, name, fd))
				return fd;
			close(fd);
			continue;
		}
		number = errno;
		close(fd);
		errno = number;
		if (number != EWOULDBLOCK || sts_clock_mono_ms() >= deadline_ms)
			return -1;
		(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
	return -1;
}

enum sts_status
files_lock(const char *path, int64_t wait_ms, int *fd, char why[FILES_WHY_CAP])
{
	const char *name;
	int directory;
	enum sts_status status = safe_directory_open(path, &directory, &name, why);

	*fd = -1;
	if (status != STS_OK)
		return status;
	*fd = take_lock(directory, name, sts_clock_mono_ms() + wait_ms);
	if (*fd < 0)
		status = errno == EWOULDBLOCK ? STS_EFULL : explain("cannot be locked", path, why);
	close(directory);
	return status;
}

void
files_unlock(const char *path, int *fd)
{
	char why[FILES_WHY_CAP];
	const char *name;
	int directory;

	if (*fd >= 0 && safe_directory_open(path, &directory, &name, why) == STS_OK) {
		if (is_named(directory, name, *fd))
			(void)unlinkat(directory, name, 0);
		close(directory);
	}
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
