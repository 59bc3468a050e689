/* SPDX-License-Identifier: ISC */
/* setup/draft.c - the list. Knows nothing of what is in the files. */
#include "config.h"

#include "stsctl/setup/draft.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stsctl/context/safe_directory.h"

enum { FIRST_CAP = 8, USUAL_MODE = 0755 };

bool
draft_begin(struct draft *draft)
{
	*draft = (struct draft){ .count = 0 };
	draft->command_lines = open_memstream(&draft->commands, &draft->lens[0]);
	draft->afterwards_lines = open_memstream(&draft->afterwards, &draft->lens[1]);
	draft->note_lines = open_memstream(&draft->notes, &draft->lens[2]);
	return draft->command_lines != NULL && draft->afterwards_lines != NULL && draft->note_lines != NULL;
}

void
draft_end(struct draft *draft)
{
	FILE **lines[] = { &draft->command_lines, &draft->afterwards_lines, &draft->note_lines };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (*lines[i] != NULL)
			fclose(*lines[i]);
		*lines[i] = NULL;
	}
}

void
draft_fini(struct draft *draft)
{
	draft_end(draft);
	for (size_t i = 0; i < draft->count; i++) {
		free(draft->list[i].path);
		free(draft->list[i].before);
		free(draft->list[i].after);
	}
	free(draft->list);
	free(draft->commands);
	free(draft->afterwards);
	free(draft->notes);
	*draft = (struct draft){ .count = 0 };
}

static struct draft_change *
find(const struct draft *draft, const char *path)
{
	for (size_t i = 0; i < draft->count; i++)
		if (strcmp(draft->list[i].path, path) == 0)
			return &draft->list[i];
	return NULL;
}

static struct draft_change *
add(struct draft *draft, const char *path)
{
	struct draft_change *change;

	if (draft->count == draft->cap) {
		size_t cap = draft->cap == 0 ? FIRST_CAP : 2 * draft->cap;
		struct draft_change *grown = realloc(draft->list, cap * sizeof(*grown));

		if (grown == NULL)
			return NULL;
		draft->list = grown;
		draft->cap = cap;
	}
	change = &draft->list[draft->count];
	*change = (struct draft_change){ .path = strdup(path) };
	if (change->path == NULL)
		return NULL;
	draft->count++;
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
	enum sts_status status = files_read(path, DRAFT_FILE_MAX, &bytes, &len, why);

	*text = NULL;
	if (status != STS_OK)
		return status;
	if (memchr(bytes, '\0', len) != NULL) {
		snprintf(why, FILES_WHY_CAP, "%s: holds a NUL: this is not a text file", path);
		free(bytes);
		return STS_EINVAL;
	}
	*text = strndup(bytes, len);
	free(bytes);
	return *text != NULL ? STS_OK : no_memory(why);
}

enum sts_status
draft_read(const struct draft *draft, const char *path, char **text, char why[FILES_WHY_CAP])
{
	char real[PATH_MAX];
	const struct draft_change *change;
	enum sts_status status = safe_directory_resolve(path, real, why);

	*text = NULL;
	if (status != STS_OK)
		return status;
	change = find(draft, real);
	if (change == NULL || change->after == NULL)
		return read_text(real, text, why);
	*text = strdup(change->after);
	return *text != NULL ? STS_OK : no_memory(why);
}

/* ---- directories ---- */

/* Those above path that are missing, the topmost first. */
static enum sts_status
add_parents(struct draft *draft, const char *path, char why[FILES_WHY_CAP])
{
	const struct draft_owner usual = { USUAL_MODE, geteuid(), getegid() };
	char parent[PATH_MAX];

	for (const char *c = strchr(path + 1, '/'); c != NULL; c = strchr(c + 1, '/')) {
		struct draft_change *change;
		struct stat st;

		snprintf(parent, sizeof(parent), "%.*s", (int)(c - path), path);
		if (stat(parent, &st) == 0 || find(draft, parent) != NULL)
			continue;
		if ((change = add(draft, parent)) == NULL)
			return no_memory(why);
		change->directory = true;
		change->shall = usual;
	}
	return STS_OK;
}

enum sts_status
draft_directory(struct draft *draft, const char *path, const struct draft_owner *shall, char why[FILES_WHY_CAP])
{
	struct draft_change *change;
	struct stat st;
	bool exists = lstat(path, &st) == 0;

	if (exists && !S_ISDIR(st.st_mode)) {
		snprintf(why, FILES_WHY_CAP, "%s: is no directory", path);
		return STS_EINVAL;
	}
	if (exists && (st.st_mode & 07777) == shall->mode && st.st_uid == shall->uid && st.st_gid == shall->gid)
		return STS_OK;
	if (add_parents(draft, path, why) != STS_OK || (change = add(draft, path)) == NULL)
		return no_memory(why);
	change->directory = true;
	change->exists = exists;
	change->shall = *shall;
	if (exists)
		change->was = (struct draft_owner){ st.st_mode & 07777, st.st_uid, st.st_gid };
	return STS_OK;
}

/* ---- files ---- */

enum sts_status
draft_file(struct draft *draft, const char *path, const char *text, char why[FILES_WHY_CAP])
{
	char real[PATH_MAX], *before, *after;
	struct draft_change *change;
	enum sts_status status;
	const char *given = path;
	struct stat st;

	if ((status = safe_directory_resolve(path, real, why)) != STS_OK)
		return status;
	path = real;
	if ((after = strdup(text)) == NULL)
		return no_memory(why);
	if ((change = find(draft, path)) != NULL) {
		free(change->after);
		change->after = after;
		return STS_OK;
	}
	status = read_text(path, &before, why);
	if (status == STS_ENOTFOUND && given[0] != '/') {
		snprintf(why, FILES_WHY_CAP, "%.200s: name it by its whole path", given);
		status = STS_EINVAL;
	} else if (status == STS_ENOTFOUND && lstat(given, &st) == 0) {
		snprintf(why, FILES_WHY_CAP, "%.200s: is a symbolic link to what is not there", given);
		status = STS_EINVAL;
	}
	if ((status == STS_OK && strcmp(before, text) == 0) || (status != STS_OK && status != STS_ENOTFOUND)) {
		free(after);
		free(before);
		return status;
	}
	if ((status = add_parents(draft, path, why)) == STS_OK && (change = add(draft, path)) == NULL)
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
