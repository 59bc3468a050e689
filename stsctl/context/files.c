/* SPDX-License-Identifier: ISC */
/* files.c - bytes and directories. Knows nothing of what is in the files. */
#include "config.h"

#include "stsctl/context/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared-cache/base/read.h"

enum { FILE_MODE = 0644, DIRECTORY_MODE = 0755 };

static enum sts_status
blame(const char *what, const char *path, char why[FILES_WHY_CAP])
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
		return errno == ENOENT ? STS_ENOTFOUND : blame("cannot be read", path, why);
	*out = malloc(max + 1);
	if (*out == NULL)
		status = STS_ENOMEM;
	else if ((n = sts_read_up_to(fd, *out, max + 1)) < 0)
		status = blame("cannot be read", path, why);
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

/* mkdir -p of what stands before the last slash; mode without regard to the umask, for web servers have to get in. */
static bool
make_directories(const char *path)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
		errno = ENAMETOOLONG;
		return false;
	}
	for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, DIRECTORY_MODE) == 0) {
			if (chmod(copy, DIRECTORY_MODE) != 0)
				return false;
		} else if (errno != EEXIST) {
			return false;
		}
		*slash = '/';
	}
	return true;
}

static bool
fill(int fd, const char *text, size_t len)
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
	return fchmod(fd, FILE_MODE) == 0 && fsync(fd) == 0;
}

/* The new name in its directory must survive a crash, too. */
static bool
sync_directory(const char *path)
{
	char copy[PATH_MAX];
	char *slash;
	bool synced;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	slash = strrchr(copy, '/');
	if (slash == NULL)
		snprintf(copy, sizeof(copy), ".");
	else
		slash[slash == copy] = '\0';
	fd = open(copy, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	synced = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return synced;
}

enum sts_status
files_write(const char *path, const char *text, size_t len, char why[FILES_WHY_CAP])
{
	char temp[PATH_MAX];
	bool ok;
	int fd;

	if (files_compare(path, text, len) == FILES_SAME)
		return STS_OK;
	if (!make_directories(path))
		return blame("its directory cannot be made", path, why);
	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= (int)sizeof(temp)) {
		errno = ENAMETOOLONG;
		return blame("cannot be written", path, why);
	}
	fd = mkstemp(temp);
	if (fd < 0)
		return blame("cannot be written", path, why);
	ok = fill(fd, text, len);
	ok = close(fd) == 0 && ok;
	if (ok && rename(temp, path) == 0 && sync_directory(path))
		return STS_OK;
	(void)blame("cannot be written", path, why);
	unlink(temp);
	return STS_ESYS;
}

enum sts_status
files_lock(const char *path, int *fd, char why[FILES_WHY_CAP])
{
	int file = make_directories(path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE) : -1;
	enum sts_status status;

	*fd = -1;
	if (file < 0)
		return blame("cannot be locked", path, why);
	if (flock(file, LOCK_EX | LOCK_NB) == 0) {
		*fd = file;
		return STS_OK;
	}
	status = errno == EWOULDBLOCK ? STS_EFULL : blame("cannot be locked", path, why);
	close(file);
	return status;
}
