/* SPDX-License-Identifier: ISC */
/* undo_record.c - a JSON manifest and copies of files in a directory. */
#include "config.h"

#include "stsctl/setup/undo_record.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "stsctl/context/safe_directory.h"

enum { FORMAT = 1, PRIVATE_DIR = 0700, PRIVATE_FILE = 0600, LOCK_WAIT_MS = 5000 };

static const char manifest[] = "manifest.json", lock_file[] = "lock";

const char *
undo_record_sha(const char *text, char out[UNDO_RECORD_SHA_CAP])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	snprintf(out, UNDO_RECORD_SHA_CAP, "-");
	if (text == NULL || EVP_Digest(text, strlen(text), digest, &len, EVP_sha256(), NULL) != 1)
		return out;
	for (unsigned i = 0; i < len && 2 * i + 2 < UNDO_RECORD_SHA_CAP; i++)
		snprintf(out + (size_t)(2 * i), 3, "%02x", (unsigned)digest[i]);
	return out;
}

const char *
undo_record_owner(const struct directory_owner *owner, char out[UNDO_RECORD_SHA_CAP])
{
	snprintf(out, UNDO_RECORD_SHA_CAP, "%04o %lu %lu", (unsigned)owner->mode, (unsigned long)owner->uid, (unsigned long)owner->gid);
	return out;
}

static enum sts_status
complain(enum sts_status status, const char *path, const char *what, char why[FILES_WHY_CAP])
{
	snprintf(why, FILES_WHY_CAP, "%.180s: %.60s", path, what);
	return status;
}

static const char *
path_in(const struct undo_record *record, const char *name, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/%s", record->directory, name);
	return out;
}

/* ---- opening ---- */

static enum sts_status
make_directory(const char *path, char why[FILES_WHY_CAP])
{
	const char *name;
	int parent;
	enum sts_status status = safe_directory_open(path, &parent, &name, why);

	if (status != STS_OK)
		return status;
	if (mkdirat(parent, name, PRIVATE_DIR) != 0)
		status = complain(STS_ESYS, path, strerror(errno), why);
	close(parent);
	return status;
}

static enum sts_status
check_directory(const char *path, bool make, char why[FILES_WHY_CAP])
{
	struct stat st;

	if (lstat(path, &st) != 0) {
		if (errno != ENOENT)
			return complain(STS_ESYS, path, strerror(errno), why);
		return make ? make_directory(path, why) : STS_ENOTFOUND;
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return complain(STS_EINVAL, path, "is not a directory that only this user may enter (mode 0700)", why);
	return STS_OK;
}

static enum sts_status
read_manifest(struct undo_record *record, char why[FILES_WHY_CAP])
{
	const struct change_set nothing = { .count = 0 };
	char path[PATH_MAX], *text;
	json_t *root = NULL;
	int format = 0;
	enum sts_status status = change_set_read(&nothing, path_in(record, manifest, path), &text, why);

	record->entries = record->afterwards = NULL;
	if (status == STS_OK) {
		root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		free(text);
		if (root == NULL || json_unpack(root, "{s:i, s:O, s:O}", "format", &format, "entries", &record->entries, "afterwards",
		    &record->afterwards) != 0 || format != FORMAT || !json_is_array(record->entries) ||
		    !json_is_array(record->afterwards))
			status = complain(STS_EINVAL, path, "was not written by stsctl setup", why);
		json_decref(root);
	} else if (status == STS_ENOTFOUND) {
		record->entries = json_array();
		record->afterwards = json_array();
		status = STS_OK;
	}
	return status;
}

enum sts_status
undo_record_open(const char *directory, bool make, struct undo_record *out, char why[FILES_WHY_CAP])
{
	char path[PATH_MAX];
	enum sts_status status;

	*out = (struct undo_record){ .directory = directory, .lock = -1 };
	if (directory[0] != '/')
		return complain(STS_EINVAL, directory, "needs an absolute path", why);
	status = check_directory(directory, make, why);
	if (status == STS_OK)
		status = files_lock(path_in(out, lock_file, path), LOCK_WAIT_MS, &out->lock, why);
	if (status == STS_EFULL)
		return complain(STS_EUNAVAILABLE, directory, "another stsctl setup is running", why);
	return status == STS_OK ? read_manifest(out, why) : status;
}

void
undo_record_close(struct undo_record *record)
{
	char path[PATH_MAX];

	bool ours = record->lock >= 0;

	files_unlock(path_in(record, lock_file, path), &record->lock);
	json_decref(record->entries);
	json_decref(record->afterwards);
	record->entries = record->afterwards = NULL;
	if (ours)
		(void)rmdir(record->directory);		/* succeeds only if it is empty */
}

/* ---- adding ---- */

/* The last entry for a path, or NULL. */
static json_t *
last_of(const struct undo_record *record, const char *path)
{
	for (size_t i = json_array_size(record->entries); i-- > 0;) {
		json_t *entry = json_array_get(record->entries, i);
		const char *known = json_string_value(json_object_get(entry, "path"));

		if (known != NULL && strcmp(known, path) == 0)
			return entry;
	}
	return NULL;
}

static bool
names_copy(const struct undo_record *record, const char *name)
{
	for (size_t i = 0; i < json_array_size(record->entries); i++) {
		const char *known = json_string_value(json_object_get(json_array_get(record->entries, i), "copy"));

		if (known != NULL && strcmp(known, name) == 0)
			return true;
	}
	return false;
}

/* Copies the old text to "3.main.cf": a free number, and the name of the file. */
static enum sts_status
keep_copy(const struct undo_record *record, const struct change_set_entry *change, char name[NAME_MAX + 1], char why[FILES_WHY_CAP])
{
	const char *base = strrchr(change->path, '/');
	char path[PATH_MAX];
	enum sts_status status;
	int number = 0;

	do
		snprintf(name, NAME_MAX + 1, "%d.%.200s", ++number, base != NULL ? base + 1 : change->path);
	while (names_copy(record, name));
	status = files_write(path_in(record, name, path), change->before, strlen(change->before), why);
	if (status == STS_OK && chmod(path, PRIVATE_FILE) != 0)
		status = complain(STS_ESYS, path, strerror(errno), why);
	return status;
}

/* Setup changes the file again: undoing goes back to the first text, and the present one is remembered in case this run fails. */
static enum sts_status
change_again(json_t *entry, const char *now, const char *after, char why[FILES_WHY_CAP])
{
	if (json_object_set_new(entry, "earlier", json_string(now)) == 0 && json_object_set_new(entry, "after", json_string(after)) == 0)
		return STS_OK;
	snprintf(why, FILES_WHY_CAP, "%s", sts_status_text(STS_ENOMEM));
	return STS_ENOMEM;
}

static enum sts_status
add_file(struct undo_record *record, const struct change_set_entry *change, char why[FILES_WHY_CAP])
{
	char before[UNDO_RECORD_SHA_CAP], after[UNDO_RECORD_SHA_CAP], copy[NAME_MAX + 1] = "";
	json_t *last = last_of(record, change->path);
	const char *known = json_string_value(json_object_get(last, "after"));
	enum sts_status status = STS_OK;

	undo_record_sha(change->before, before);
	undo_record_sha(change->after, after);
	/* nobody has changed it since the last run */
	if (known != NULL && strcmp(known, before) == 0)
		return change_again(last, before, after, why);
	if (change->before != NULL)
		status = keep_copy(record, change, copy, why);
	if (status == STS_OK && json_array_append_new(record->entries, json_pack("{s:s, s:s, s:s, s:s}", "path", change->path,
	    "copy", copy, "before", before, "after", after)) != 0)
		status = complain(STS_ENOMEM, change->path, "cannot be remembered: its name is not UTF-8, or no memory", why);
	return status;
}

static enum sts_status
add_directory(struct undo_record *record, const struct change_set_entry *change, char why[FILES_WHY_CAP])
{
	char before[UNDO_RECORD_SHA_CAP], after[UNDO_RECORD_SHA_CAP];
	json_t *last = last_of(record, change->path);

	undo_record_owner(&change->was, before);
	undo_record_owner(&change->wanted, after);
	if (last != NULL)
		return change_again(last, before, after, why);
	if (json_array_append_new(record->entries, json_pack("{s:s, s:b, s:b, s:i, s:I, s:I, s:s, s:s}", "path", change->path,
	    "directory", 1, "made", change->exists ? 0 : 1, "mode", (int)change->was.mode, "uid", (json_int_t)change->was.uid, "gid",
	    (json_int_t)change->was.gid, "before", before, "after", after)) != 0)
		return complain(STS_ENOMEM, change->path, "cannot be remembered: its name is not UTF-8, or no memory", why);
	return STS_OK;
}

static void
add_lines(json_t *list, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		json_t *line = json_stringn(text, len);
		bool known = false;

		for (size_t i = 0; i < json_array_size(list); i++)
			known = known || json_equal(json_array_get(list, i), line);
		if (!known && line != NULL)
			(void)json_array_append(list, line);
		json_decref(line);
		text += len + (text[len] == '\n');
	}
}

enum sts_status
undo_record_add(struct undo_record *record, const struct change_set *changes, char why[FILES_WHY_CAP])
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < changes->count && status == STS_OK; i++) {
		const struct change_set_entry *change = &changes->list[i];

		status = change->directory ? add_directory(record, change, why) : add_file(record, change, why);
	}
	add_lines(record->afterwards, changes->afterwards);
	return status == STS_OK ? undo_record_save(record, why) : status;
}

enum sts_status
undo_record_save(struct undo_record *record, char why[FILES_WHY_CAP])
{
	char path[PATH_MAX], *text;
	json_t *root;
	enum sts_status status;

	path_in(record, manifest, path);
	if (json_array_size(record->entries) == 0)
		return unlink(path) == 0 || errno == ENOENT ? STS_OK : complain(STS_ESYS, path, strerror(errno), why);
	root = json_pack("{s:i, s:O, s:O}", "format", FORMAT, "entries", record->entries, "afterwards", record->afterwards);
	text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;
	json_decref(root);
	if (text == NULL)
		return complain(STS_ENOMEM, path, sts_status_text(STS_ENOMEM), why);
	status = files_write(path, text, strlen(text), why);
	free(text);
	return status;
}

char *
undo_record_copy(const struct undo_record *record, const json_t *entry, char why[FILES_WHY_CAP])
{
	const struct change_set nothing = { .count = 0 };
	const char *name = json_string_value(json_object_get(entry, "copy"));
	const char *before = json_string_value(json_object_get(entry, "before"));
	char path[PATH_MAX], sha[UNDO_RECORD_SHA_CAP], *text;
	enum sts_status status;

	if (name == NULL || before == NULL || name[0] == '\0' || strchr(name, '/') != NULL) {
		(void)complain(STS_EINVAL, record->directory, "a copy is missing", why);
		return NULL;
	}
	status = change_set_read(&nothing, path_in(record, name, path), &text, why);
	if (status == STS_ENOTFOUND)
		(void)complain(status, path, "the copy is gone", why);
	if (status == STS_OK && strcmp(undo_record_sha(text, sha), before) != 0) {
		(void)complain(STS_EINVAL, path, "the copy is not what was copied", why);
		free(text);
		text = NULL;
	}
	return text;
}
