/* SPDX-License-Identifier: ISC */
/* change_set.c - the list of changes to files and directories. */
#include "config.h"

#include "stsctl/setup/change_set.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stsctl/context/safe_directory.h"

enum { FIRST_CAP = 8, USUAL_MODE = 0755 };

bool
change_set_begin(struct change_set *changes)
{
	*changes = (struct change_set){ .count = 0 };
	changes->command_lines = open_memstream(&changes->commands, &changes->lens[0]);
	changes->afterwards_lines = open_memstream(&changes->afterwards, &changes->lens[1]);
	changes->note_lines = open_memstream(&changes->notes, &changes->lens[2]);
	return changes->command_lines != NULL && changes->afterwards_lines != NULL && changes->note_lines != NULL;
}

void
change_set_end(struct change_set *changes)
{
	FILE **lines[] = { &changes->command_lines, &changes->afterwards_lines, &changes->note_lines };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (*lines[i] != NULL)
			fclose(*lines[i]);
		*lines[i] = NULL;
	}
}

void
change_set_fini(struct change_set *changes)
{
	change_set_end(changes);
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->list[i].path);
		free(changes->list[i].before);
		free(changes->list[i].after);
	}
	free(changes->list);
	free(changes->commands);
	free(changes->afterwards);
	free(changes->notes);
	*changes = (struct change_set){ .count = 0 };
}

static struct change_set_entry *
find(const struct change_set *changes, const char *path)
{
	for (size_t i = 0; i < changes->count; i++)
		if (strcmp(changes->list[i].path, path) == 0)
			return &changes->list[i];
	return NULL;
}

static struct change_set_entry *
add(struct change_set *changes, const char *path)
{
	struct change_set_entry *change;

	if (changes->count == changes->cap) {
		size_t cap = changes->cap == 0 ? FIRST_CAP : 2 * changes->cap;
		struct change_set_entry *grown = realloc(changes->list, cap * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		changes->list = grown;
		changes->cap = cap;
	}
	change = &changes->list[changes->count];
	*change = (struct change_set_entry){ .path = strdup(path) };
	if (change->path == NULL)
		return NULL;
	changes->count++;
	return change;
}

static enum sts_status
no_memory(char why[FILES_WHY_CAP])
{
	snprintf(why, FILES_WHY_CAP, "%s", sts_status_text(STS_ENOMEM));
	return STS_ENOMEM;
}

static enum sts_status
read_text(const char *path, char **text, char why[FILES_WHY_CAP])
{
	size_t len = 0;
	char *bytes;
	enum sts_status status = files_read(path, CHANGE_SET_FILE_MAX, &bytes, &len, why);

	*text = NULL;
	if (status != STS_OK)
		return status;
	if (memchr(bytes, '\0', len) != NULL) {
		snprintf(why, FILES_WHY_CAP, "%s: contains a NUL: this is not a text file", path);
		free(bytes);
		return STS_EINVAL;
	}
	*text = strndup(bytes, len);
	free(bytes);
	return *text != NULL ? STS_OK : no_memory(why);
}

enum sts_status
change_set_read(const struct change_set *changes, const char *path, char **text, char why[FILES_WHY_CAP])
{
	char real[PATH_MAX];
	const struct change_set_entry *change;
	enum sts_status status = safe_directory_resolve(path, real, why);

	*text = NULL;
	if (status != STS_OK)
		return status;
	change = find(changes, real);
	if (change == NULL || change->after == NULL)
		return read_text(real, text, why);
	*text = strdup(change->after);
	return *text != NULL ? STS_OK : no_memory(why);
}

/* ---- directories ---- */

/* Adds the missing directories above path, the topmost first. */
static enum sts_status
add_parents(struct change_set *changes, const char *path, char why[FILES_WHY_CAP])
{
	const struct directory_owner usual = { USUAL_MODE, geteuid(), getegid() };
	char parent[PATH_MAX];

	for (const char *c = strchr(path + 1, '/'); c != NULL; c = strchr(c + 1, '/')) {
		struct change_set_entry *change;
		struct stat st;

		snprintf(parent, sizeof(parent), "%.*s", (int)(c - path), path);
		if (stat(parent, &st) == 0 || find(changes, parent) != NULL)
			continue;
		if ((change = add(changes, parent)) == NULL)
			return no_memory(why);
		change->directory = true;
		change->wanted = usual;
	}
	return STS_OK;
}

enum sts_status
change_set_add_directory(struct change_set *changes, const char *path, const struct directory_owner *wanted, char why[FILES_WHY_CAP])
{
	struct change_set_entry *change;
	struct stat st;
	bool exists = lstat(path, &st) == 0;

	if (exists && !S_ISDIR(st.st_mode)) {
		snprintf(why, FILES_WHY_CAP, "%s: is not a directory", path);
		return STS_EINVAL;
	}
	if (exists && (st.st_mode & 07777) == wanted->mode && st.st_uid == wanted->uid && st.st_gid == wanted->gid)
		return STS_OK;
	if (add_parents(changes, path, why) != STS_OK || (change = add(changes, path)) == NULL)
		return no_memory(why);
	change->directory = true;
	change->exists = exists;
	change->wanted = *wanted;
	if (exists)
		change->was = (struct directory_owner){ st.st_mode & 07777, st.st_uid, st.st_gid };
	return STS_OK;
}

/* ---- files ---- */

enum sts_status
change_set_add_file(struct change_set *changes, const char *path, const char *text, char why[FILES_WHY_CAP])
{
	char real[PATH_MAX], *before, *after;
	struct change_set_entry *change;
	enum sts_status status;
	const char *given = path;
	struct stat st;

	if ((status = safe_directory_resolve(path, real, why)) != STS_OK)
		return status;
	path = real;
	if ((after = strdup(text)) == NULL)
		return no_memory(why);
	if ((change = find(changes, path)) != NULL) {
		free(change->after);
		change->after = after;
		return STS_OK;
	}
	status = read_text(path, &before, why);
	if (status == STS_ENOTFOUND && given[0] != '/') {
		snprintf(why, FILES_WHY_CAP, "%.200s: needs an absolute path", given);
		status = STS_EINVAL;
	} else if (status == STS_ENOTFOUND && lstat(given, &st) == 0) {
		snprintf(why, FILES_WHY_CAP, "%.200s: is a dangling symbolic link", given);
		status = STS_EINVAL;
	}
	if ((status == STS_OK && strcmp(before, text) == 0) || (status != STS_OK && status != STS_ENOTFOUND)) {
		free(after);
		free(before);
		return status;
	}
	if ((status = add_parents(changes, path, why)) == STS_OK && (change = add(changes, path)) == NULL)
		status = no_memory(why);
	if (status != STS_OK) {
		free(after);
		free(before);
		return status;
	}
	change->exists = before != NULL;
	change->before = before;
	change->after = after;
	return STS_OK;
}
