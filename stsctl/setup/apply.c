/* SPDX-License-Identifier: ISC */
/* apply.c - changes files and directories, and changes them back. */
#include "config.h"

#include "stsctl/setup/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stsctl/context/safe_directory.h"

static enum sts_status
complain(const char *path, const char *what, char why[FILES_WHY_CAP])
{
	snprintf(why, FILES_WHY_CAP, "%.180s: %.60s", path, what);
	return STS_ESYS;
}

/* ---- writing ---- */

/* The present text of a file. NULL with STS_OK: there is no such file; else it cannot be read. */
static char *
text_of(const char *path, enum sts_status *status, char why[FILES_WHY_CAP])
{
	const struct change_set nothing = { .count = 0 };
	char *text;

	*status = change_set_read(&nothing, path, &text, why);
	if (*status == STS_ENOTFOUND)
		*status = STS_OK;
	return text;
}

static enum sts_status
write_file(const struct change_set_entry *change, char why[FILES_WHY_CAP])
{
	enum sts_status status;
	char *now = text_of(change->path, &status, why);
	bool same = now == NULL ? change->before == NULL : change->before != NULL && strcmp(now, change->before) == 0;

	free(now);
	if (status != STS_OK)
		return status;
	if (!same)
		return complain(change->path, "has just been changed by somebody else", why);
	return files_rewrite(change->path, change->after, strlen(change->after), why);
}

static enum sts_status
set_owner(int parent, const char *name, const struct directory_owner *owner, const char *path, char why[FILES_WHY_CAP])
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum sts_status status = STS_OK;

	/* the owner first, because changing it clears the set-group-ID bit */
	if (fd < 0 || fchown(fd, owner->uid, owner->gid) != 0 || fchmod(fd, owner->mode) != 0)
		status = complain(path, strerror(errno), why);
	if (fd >= 0)
		close(fd);
	return status;
}

static enum sts_status
write_directory(const char *path, const struct directory_owner *owner, char why[FILES_WHY_CAP])
{
	const char *name;
	int parent;
	enum sts_status status = safe_directory_open(path, &parent, &name, why);

	if (status != STS_OK)
		return status;
	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		status = complain(path, strerror(errno), why);
	else
		status = set_owner(parent, name, owner, path, why);
	close(parent);
	return status;
}

enum sts_status
apply_changes(const struct change_set *changes, char why[FILES_WHY_CAP])
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < changes->count && status == STS_OK; i++) {
		const struct change_set_entry *change = &changes->list[i];

		status = change->directory ? write_directory(change->path, &change->wanted, why) : write_file(change, why);
	}
	return status;
}

/* ---- undoing ---- */

static const char *
member(const json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text != NULL ? text : "";
}

/* The SHA-256 that the file had before the newer entries of the same path. The entries are walked from the newest to the oldest; seen has
 * the ones so far. */
static const char *
expected(const json_t *seen, const char *path)
{
	return json_string_value(json_object_get(seen, path));
}

/* Setup never writes a link, so somebody else has put it there, even if the text is the same. */
static bool
is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Whether setup found the file like this, or left it like this, in this run or an earlier one. */
static bool
is_known(const json_t *entry, const char *sha)
{
	return strcmp(sha, member(entry, "after")) == 0 || strcmp(sha, member(entry, "before")) == 0 ||
	    strcmp(sha, member(entry, "earlier")) == 0;
}

/* Lists the files that are neither as setup left them nor as it found them. */
static enum sts_status
find_edits(const struct undo_record *record, json_t *edited, char why[FILES_WHY_CAP])
{
	json_t *seen = json_object();
	enum sts_status status = STS_OK;

	for (size_t i = json_array_size(record->entries); i-- > 0 && status == STS_OK;) {
		const json_t *entry = json_array_get(record->entries, i);
		const char *path = member(entry, "path"), *now = expected(seen, path);
		char sha[UNDO_RECORD_SHA_CAP], *text;

		if (json_is_true(json_object_get(entry, "directory")))
			continue;
		if (now == NULL && is_link(path))
			now = "a link";
		else if (now == NULL) {
			text = text_of(path, &status, why);
			now = undo_record_sha(text, sha);
			free(text);
		}
		if (status == STS_OK && !is_known(entry, now))
			(void)json_array_append_new(edited, json_string(path));
		(void)json_object_set_new(seen, path, json_string(member(entry, "before")));
	}
	json_decref(seen);
	return status;
}

static enum sts_status
remove_at(const char *path, int flags, char why[FILES_WHY_CAP])
{
	const char *name;
	int parent;
	enum sts_status status = safe_directory_open(path, &parent, &name, why);

	if (status != STS_OK)
		return status;
	if (unlinkat(parent, name, flags) != 0 && errno != ENOENT)
		status = errno == ENOTEMPTY || errno == EEXIST ? STS_EFULL : complain(path, strerror(errno), why);
	close(parent);
	return status;
}

static enum sts_status
undo_directory(const json_t *entry, char why[FILES_WHY_CAP])
{
	const char *path = member(entry, "path");
	const struct directory_owner was = { (mode_t)json_integer_value(json_object_get(entry, "mode")),
		(uid_t)json_integer_value(json_object_get(entry, "uid")), (gid_t)json_integer_value(json_object_get(entry, "gid")) };
	char now[UNDO_RECORD_SHA_CAP];
	struct stat st;

	/* if it is gone, or not a directory any more, it is not ours */
	if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return STS_OK;
	if (json_is_true(json_object_get(entry, "made")))
		return remove_at(path, AT_REMOVEDIR, why);
	undo_record_owner(&(struct directory_owner){ st.st_mode & 07777, st.st_uid, st.st_gid }, now);
	return is_known(entry, now) ? write_directory(path, &was, why) : STS_OK;
}

static enum sts_status
undo_file(const struct undo_record *record, const json_t *entry, char why[FILES_WHY_CAP])
{
	const char *path = member(entry, "path");
	char sha[UNDO_RECORD_SHA_CAP], *text;
	enum sts_status status;
	bool done;

	text = text_of(path, &status, why);
	done = strcmp(undo_record_sha(text, sha), member(entry, "before")) == 0;
	free(text);
	if (done || status != STS_OK)
		return status;
	if (member(entry, "copy")[0] == '\0')
		return remove_at(path, 0, why);
	if ((text = undo_record_copy(record, entry, why)) == NULL)
		return STS_ESYS;
	status = files_rewrite(path, text, strlen(text), why);
	free(text);
	return status;
}

/* Removes an entry, and its copy. */
static void
remove_entry(struct undo_record *record, size_t index)
{
	const char *copy = member(json_array_get(record->entries, index), "copy");
	char path[FILES_WHY_CAP];

	if (copy[0] != '\0' && strchr(copy, '/') == NULL &&
	    snprintf(path, sizeof(path), "%s/%s", record->directory, copy) < (int)sizeof(path))
		(void)unlink(path);
	(void)json_array_remove(record->entries, index);
}

enum sts_status
apply_undo(struct undo_record *record, struct undo_result *out, char why[FILES_WHY_CAP])
{
	enum sts_status status = find_edits(record, out->edited, why);

	if (status != STS_OK || json_array_size(out->edited) > 0)
		return status;
	for (size_t i = json_array_size(record->entries); i-- > 0 && status == STS_OK;) {
		const json_t *entry = json_array_get(record->entries, i);
		bool directory = json_is_true(json_object_get(entry, "directory"));
		enum sts_status one = directory ? undo_directory(entry, why) : undo_file(record, entry, why);

		if (one == STS_OK) {
			(void)json_array_append_new(out->undone, json_string(member(entry, "path")));
			remove_entry(record, i);
		} else if (one == STS_EFULL)
			(void)json_array_append_new(out->left, json_string(member(entry, "path")));
		else
			status = one;
	}
	return status;
}
