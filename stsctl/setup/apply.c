/* SPDX-License-Identifier: ISC */
/* setup/apply.c - files and directories changed, and changed back. Knows nothing of what they are for. */
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

/* The text of a file now; NULL: there is none, or it cannot be read, as status says. */
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
shape(int parent, const char *name, const struct directory_owner *owner, const char *path, char why[FILES_WHY_CAP])
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	enum sts_status status = STS_OK;

	/* the owner first: changing it takes the set-group-ID bit away */
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
		status = shape(parent, name, owner, path, why);
	close(parent);
	return status;
}

enum sts_status
apply_changes(const struct change_set *changes, char why[FILES_WHY_CAP])
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < changes->count && status == STS_OK; i++) {
		const struct change_set_entry *change = &changes->list[i];

		status = change->directory ? write_directory(change->path, &change->shall, why) : write_file(change, why);
	}
	return status;
}

/* ---- undoing ---- */

static const char *
word(const json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text != NULL ? text : "";
}

/* What the file was just before this entry's change, by what has been looked at so far: entries are walked from the newest on. */
static const char *
expected(const json_t *seen, const char *path)
{
	return json_string_value(json_object_get(seen, path));
}

/* A file of setup's is none: somebody has put the link there, even if the text is the same. */
static bool
is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Whether that is what setup found, or left, or left before it was run once more. */
static bool
is_known(const json_t *entry, const char *sha)
{
	return strcmp(sha, word(entry, "after")) == 0 || strcmp(sha, word(entry, "before")) == 0 ||
	    strcmp(sha, word(entry, "earlier")) == 0;
}

/* The files that are neither as setup left them nor as it found them. */
static enum sts_status
look_for_edits(const struct undo_record *record, json_t *edited, char why[FILES_WHY_CAP])
{
	json_t *seen = json_object();
	enum sts_status status = STS_OK;

	for (size_t i = json_array_size(record->entries); i-- > 0 && status == STS_OK;) {
		const json_t *entry = json_array_get(record->entries, i);
		const char *path = word(entry, "path"), *now = expected(seen, path);
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
		(void)json_object_set_new(seen, path, json_string(word(entry, "before")));
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
	const char *path = word(entry, "path");
	const struct directory_owner was = { (mode_t)json_integer_value(json_object_get(entry, "mode")),
		(uid_t)json_integer_value(json_object_get(entry, "uid")), (gid_t)json_integer_value(json_object_get(entry, "gid")) };
	char now[UNDO_RECORD_SHA_CAP];
	struct stat st;

	/* gone, or something else by now, which is not ours */
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
	const char *path = word(entry, "path");
	char sha[UNDO_RECORD_SHA_CAP], *text;
	enum sts_status status;
	bool done;

	text = text_of(path, &status, why);
	done = strcmp(undo_record_sha(text, sha), word(entry, "before")) == 0;
	free(text);
	if (done || status != STS_OK)
		return status;
	if (word(entry, "copy")[0] == '\0')
		return remove_at(path, 0, why);
	if ((text = undo_record_copy(record, entry, why)) == NULL)
		return STS_ESYS;
	status = files_rewrite(path, text, strlen(text), why);
	free(text);
	return status;
}

/* Its copy is of no use any longer. */
static void
forget(struct undo_record *record, size_t index)
{
	const char *copy = word(json_array_get(record->entries, index), "copy");
	char path[FILES_WHY_CAP];

	if (copy[0] != '\0' && strchr(copy, '/') == NULL &&
	    snprintf(path, sizeof(path), "%s/%s", record->directory, copy) < (int)sizeof(path))
		(void)unlink(path);
	(void)json_array_remove(record->entries, index);
}

enum sts_status
apply_undo(struct undo_record *record, struct undo_result *out, char why[FILES_WHY_CAP])
{
	enum sts_status status = look_for_edits(record, out->edited, why);

	if (status != STS_OK || json_array_size(out->edited) > 0)
		return status;
	for (size_t i = json_array_size(record->entries); i-- > 0 && status == STS_OK;) {
		const json_t *entry = json_array_get(record->entries, i);
		bool directory = json_is_true(json_object_get(entry, "directory"));
		enum sts_status one = directory ? undo_directory(entry, why) : undo_file(record, entry, why);

		if (one == STS_OK) {
			(void)json_array_append_new(out->undone, json_string(word(entry, "path")));
			forget(record, i);
		} else if (one == STS_EFULL)
			(void)json_array_append_new(out->left, json_string(word(entry, "path")));
		else
			status = one;
	}
	return status;
}
