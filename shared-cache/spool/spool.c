/* SPDX-License-Identifier: ISC */
/* spool.c - a directory, a lock, a file that is appended to and replaced. Does not know what the records mean. */
#include "config.h"

#include "shared-cache/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared-cache/base/log.h"

static const char lock_name[] = "lock", file_name[] = "pending", new_name[] = "pending.new", damaged_name[] = "damaged";

enum { ROOM = 64 * 1024 };	/* for a new file, on top of the size of the old one */

struct sts_spool {
	char *directory;	/* for log lines */
	int64_t limit;
	int dir, lock, file;
	atomic_int_fast64_t size;	/* of the file */
};

static enum sts_status
cannot(char why[STS_SPOOL_WHY_CAP], const char *what, const struct sts_spool *s, const char *name)
{
	snprintf(why, STS_SPOOL_WHY_CAP, "spool_dir: cannot %s %s%s%s: %s", what, s->directory, name[0] != '\0' ? "/" : "", name,
	    strerror(errno));
	return STS_ESYS;
}

/* ---- opening ---- */

static int
open_file(const struct sts_spool *s, const char *name, int flags)
{
	int fd = openat(s->dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fchmod(fd, 0600) == 0)
		return fd;
	if (!S_ISREG(st.st_mode))
		errno = EINVAL;
	close(fd);
	return -1;
}

static enum sts_status
take_directory(struct sts_spool *s, char why[STS_SPOOL_WHY_CAP])
{
	s->dir = open(s->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return cannot(why, "open", s, "");
	s->lock = open_file(s, lock_name, 0);
	if (s->lock < 0)
		return cannot(why, "open", s, lock_name);
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return STS_OK;
	if (errno != EWOULDBLOCK)
		return cannot(why, "lock", s, lock_name);
	snprintf(why, STS_SPOOL_WHY_CAP, "spool_dir: another process uses %s: each mta-sts-milter needs a directory of its own",
	    s->directory);
	return STS_EUNAVAILABLE;
}

static enum sts_status
read_all(int fd, unsigned char *bytes, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, bytes + done, len - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n == 0 ? EIO : errno;
			return STS_ESYS;
		}
		done += (size_t)n;
	}
	return STS_OK;
}

static void
tell_state(const struct sts_spool *s, const struct sts_spool_state *state, bool kept)
{
	if (state->damages > 0)
		sts_warn("spool_dir: %s/%s is damaged in %zu places; what is sound in it is counted, %zu messages are in doubt and are "
		    "not%s%s%s%s", s->directory, file_name, state->damages, state->left_out, kept ? "; it is kept as " : "",
		    kept ? s->directory : "", kept ? "/" : "", kept ? damaged_name : "");
	else if (state->torn > 0)
		sts_info("spool_dir: the last record of %s/%s was incomplete: %zu bytes were cut off", s->directory, file_name, state->torn);
}

static enum sts_status
read_file(struct sts_spool *s, struct sts_spool_state *state, char why[STS_SPOOL_WHY_CAP])
{
	enum sts_status status = STS_ENOMEM;
	unsigned char *bytes;
	struct stat st;
	bool kept;

	if (fstat(s->file, &st) != 0)
		return cannot(why, "read", s, file_name);
	if ((bytes = malloc(st.st_size > 0 ? (size_t)st.st_size : 1)) != NULL) {
		if (read_all(s->file, bytes, (size_t)st.st_size) != STS_OK) {
			free(bytes);
			return cannot(why, "read", s, file_name);
		}
		status = sts_spool_state_read(bytes, (size_t)st.st_size, state);
		free(bytes);
	}
	if (status != STS_OK) {
		snprintf(why, STS_SPOOL_WHY_CAP, "spool_dir: no memory for %s/%s", s->directory, file_name);
		return status;
	}
	atomic_store(&s->size, st.st_size);
	/* A second name: the first one stays until a new file replaces it. */
	kept = state->damages > 0 && (unlinkat(s->dir, damaged_name, 0) == 0 || errno == ENOENT) &&
	    linkat(s->dir, file_name, s->dir, damaged_name, 0) == 0;
	tell_state(s, state, kept);
	return STS_OK;
}

enum sts_status
sts_spool_open(const char *directory, int64_t limit, struct sts_spool **out, struct sts_spool_state *state,
    char why[STS_SPOOL_WHY_CAP])
{
	struct sts_spool *s = calloc(1, sizeof(*s));
	enum sts_status status = STS_ENOMEM;

	*out = NULL;
	memset(state, 0, sizeof(*state));
	snprintf(why, STS_SPOOL_WHY_CAP, "spool_dir: no memory");
	if (s == NULL)
		return STS_ENOMEM;
	s->dir = s->lock = s->file = -1;
	s->limit = limit;
	if ((s->directory = strdup(directory)) != NULL)
		status = take_directory(s, why);
	if (status == STS_OK && (s->file = open_file(s, file_name, O_APPEND)) < 0)
		status = cannot(why, "open", s, file_name);
	if (status == STS_OK)
		status = read_file(s, state, why);
	if (status == STS_OK)
		*out = s;
	else
		sts_spool_close(&s);
	return status;
}

static void
close_one(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
sts_spool_close(struct sts_spool **spool)
{
	struct sts_spool *s = *spool;

	if (s == NULL)
		return;
	close_one(s->file);
	close_one(s->lock);
	close_one(s->dir);
	free(s->directory);
	free(s);
	*spool = NULL;
}

/* ---- writing ---- */

/* Writes to a regular file are complete, as a rule, unless the disk is full or the process is being killed. */
static enum sts_status
write_all(int fd, const struct sts_spool_bytes *records)
{
	size_t done = 0;
	ssize_t n;

	while (done < records->len) {
		n = write(fd, records->data + done, records->len - done);
		if (n < 0 && errno != EINTR)
			return STS_ESYS;
		done += n > 0 ? (size_t)n : 0;
	}
	return STS_OK;
}

enum sts_status
sts_spool_append(struct sts_spool *spool, const struct sts_spool_bytes *records, bool bounded)
{
	int64_t size = atomic_load(&spool->size);
	int saved;

	if (records->failed) {
		errno = ENOMEM;
		return STS_ESYS;
	}
	if (bounded && size + (int64_t)records->len > spool->limit)
		return STS_EFULL;
	if (write_all(spool->file, records) == STS_OK) {
		atomic_store(&spool->size, size + (int64_t)records->len);
		return STS_OK;
	}
	saved = errno;
	/* If this fails, readers of the file skip the partial record. */
	if (ftruncate(spool->file, size) != 0)
		sts_debug("spool_dir: cannot cut off half a record: %s", strerror(errno));
	errno = saved;
	return STS_ESYS;
}

enum sts_status
sts_spool_sync(struct sts_spool *spool)
{
	return fdatasync(spool->file) == 0 ? STS_OK : STS_ESYS;
}

enum sts_status
sts_spool_replace(struct sts_spool *spool, const struct sts_spool_bytes *records)
{
	int saved, fd;

	if (records->failed) {
		errno = ENOMEM;
		return STS_ESYS;
	}
	fd = open_file(spool, new_name, O_APPEND | O_TRUNC);
	if (fd < 0)
		return STS_ESYS;
	if (write_all(fd, records) == STS_OK && fdatasync(fd) == 0 && renameat(spool->dir, new_name, spool->dir, file_name) == 0) {
		/* If the disk loses the new name, it still has the old one. */
		if (fsync(spool->dir) != 0)
			sts_debug("spool_dir: cannot sync %s: %s", spool->directory, strerror(errno));
		close(spool->file);
		spool->file = fd;
		atomic_store(&spool->size, (int64_t)records->len);
		return STS_OK;
	}
	saved = errno;
	close(fd);
	(void)unlinkat(spool->dir, new_name, 0);
	errno = saved;
	return STS_ESYS;
}

enum sts_status
sts_spool_empty(struct sts_spool *spool)
{
	if (ftruncate(spool->file, 0) != 0)
		return STS_ESYS;
	atomic_store(&spool->size, 0);
	return sts_spool_sync(spool);
}

bool
sts_spool_has_room(struct sts_spool *spool)
{
	int fd = open_file(spool, new_name, O_TRUNC), rc;

	if (fd < 0)
		return false;
	rc = posix_fallocate(fd, 0, (off_t)(2 * atomic_load(&spool->size) + ROOM));
	close(fd);
	(void)unlinkat(spool->dir, new_name, 0);
	return rc == 0 || rc == EOPNOTSUPP || rc == EINVAL;
}

int64_t
sts_spool_size(struct sts_spool *spool)
{
	return atomic_load(&spool->size);
}
