/* SPDX-License-Identifier: ISC */
/* check/state.c - reads and writes the state file: JSON, so that people can read and repair it. */
#include "config.h"

#include "stsctl/check/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stsctl/context/files.h"
#include "stsctl/terminal/json_text.h"

enum { FILE_MAX = 64 << 20, FORMAT = 1 };

struct check_state {
	json_t *root, *domains;		/* domains is borrowed from root */
	char *path, *lock_path;		/* the lock has a file of its own, because saving replaces the state file */
	int lock;			/* held from reading to writing; -1: could not be made, and then the state cannot be saved either */
	bool changed;
};


/* ---- the file ---- */

char *
check_state_path(bool root, const char *xdg, const char *home)
{
	char *path = NULL;
	int rc = -1;

	if (root)
		rc = asprintf(&path, "%s", LOCALSTATEDIR "/lib/mta-sts-milter/check.json");
	else if (xdg != NULL && xdg[0] == '/')
		rc = asprintf(&path, "%s/mta-sts-milter/check.json", xdg);
	else if (home != NULL && home[0] == '/')
		rc = asprintf(&path, "%s/.local/state/mta-sts-milter/check.json", home);
	return rc < 0 ? NULL : path;
}

static bool
is_list_of_strings(const json_t *list)
{
	const json_t *element;
	size_t i;

	json_array_foreach(list, i, element)
		if (!json_is_string(element))
			return false;
	return json_is_array(list);
}

/* Whether id and hash are as check_drift makes them. If not, somebody has edited the file. */
static bool
is_domain(const json_t *domain)
{
	const json_t *id = json_object_get(domain, "id"), *policy = json_object_get(domain, "policy");

	return json_is_string(id) && json_string_length(id) <= STS_ID_MAX && json_is_string(policy) &&
	    (json_string_length(policy) == 0) == (json_string_length(id) == 0) &&
	    (json_string_length(policy) == 0 || json_string_length(policy) == CHECK_HASH_CAP - 1) &&
	    is_list_of_strings(json_object_get(domain, "findings"));
}

static const char *
fault_of(json_t *root)
{
	json_t *domains = json_object_get(root, "domains"), *domain;
	const char *name;

	if (json_integer_value(json_object_get(root, "version")) != FORMAT)
		return "no \"version\":1";
	if (!json_is_object(domains))
		return "no \"domains\"";
	json_object_foreach(domains, name, domain)
		if (!is_domain(domain))
			return "a domain without id, policy or findings";
	return NULL;
}

static enum sts_status
parse(struct check_state *state, const char *text, size_t len, char why[CHECK_STATE_WHY_CAP])
{
	json_error_t error = { .text = "" };
	const char *fault;

	state->root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	fault = state->root == NULL ? error.text : fault_of(state->root);
	if (fault == NULL) {
		state->domains = json_object_get(state->root, "domains");
		return STS_OK;
	}
	snprintf(why, CHECK_STATE_WHY_CAP, "%.200s: not a state file of stsctl check (%.120s); "
	    "it was left as it is: move it away to start afresh", state->path, fault);
	return STS_EINVAL;
}

static enum sts_status
new_state(struct check_state *state)
{
	state->root = json_pack("{s:i, s:{}}", "version", FORMAT, "domains");
	state->domains = json_object_get(state->root, "domains");
	return state->domains != NULL ? STS_OK : STS_ENOMEM;
}

static enum sts_status
lock(struct check_state *state, int64_t wait_ms, char why[CHECK_STATE_WHY_CAP])
{
	char fault[FILES_WHY_CAP];
	enum sts_status status;

	if (asprintf(&state->lock_path, "%s.lock", state->path) < 0) {
		state->lock_path = NULL;
		return STS_ENOMEM;
	}
	status = files_lock(state->lock_path, wait_ms, &state->lock, fault);
	if (status == STS_EFULL)
		snprintf(why, CHECK_STATE_WHY_CAP, "%.200s: another stsctl check is using it", state->path);
	/* a file in a place that is not writable may still be readable; saving reports the error */
	return status == STS_EFULL ? status : STS_OK;
}

enum sts_status
check_state_open(const char *path, int64_t wait_ms, struct check_state **out, char why[CHECK_STATE_WHY_CAP])
{
	struct check_state *state = calloc(1, sizeof(*state));
	enum sts_status status = STS_ENOMEM;
	char *text = NULL;
	size_t len;

	*out = NULL;
	snprintf(why, CHECK_STATE_WHY_CAP, "%s", sts_status_text(STS_ENOMEM));
	if (state != NULL) {
		state->lock = -1;
		if ((state->path = strdup(path)) != NULL)
			status = lock(state, wait_ms, why);
	}
	if (status == STS_OK)
		status = files_read(path, FILE_MAX, &text, &len, why);
	if (status == STS_ENOTFOUND)
		status = new_state(state);
	else if (status == STS_OK)
		status = parse(state, text, len, why);
	free(text);
	if (status == STS_OK)
		*out = state;
	else
		check_state_free(&state);
	return status;
}

void
check_state_free(struct check_state **state)
{
	if (*state == NULL)
		return;
	if ((*state)->lock_path != NULL)
		files_unlock((*state)->lock_path, &(*state)->lock);
	json_decref((*state)->root);
	free((*state)->lock_path);
	free((*state)->path);
	free(*state);
	*state = NULL;
}

enum sts_status
check_state_save(const struct check_state *state, char why[CHECK_STATE_WHY_CAP])
{
	char *text;
	enum sts_status status;

	if (!state->changed)
		return STS_OK;
	snprintf(why, CHECK_STATE_WHY_CAP, "%s", sts_status_text(STS_ENOMEM));
	text = json_dumps(state->root, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (text == NULL)
		return STS_ENOMEM;
	status = files_write(state->path, text, strlen(text), why);
	free(text);
	return status;
}

/* ---- one domain ---- */

void
check_state_get(const struct check_state *state, const char *domain, struct check_baseline *out)
{
	const json_t *object = json_object_get(state->domains, domain);

	memset(out, 0, sizeof(*out));
	if (object == NULL)
		return;
	snprintf(out->id, sizeof(out->id), "%s", json_string_value(json_object_get(object, "id")));
	snprintf(out->policy, sizeof(out->policy), "%s", json_string_value(json_object_get(object, "policy")));
}

/* "LEVEL ID SUBJECT" */
static json_t *
line_of(const struct finding *f)
{
	json_t *line = NULL;
	char *text;

	if (asprintf(&text, "%s %s %s", finding_level_name(f->level), f->id, f->subject) < 0)
		return NULL;
	line = json_text(text);
	free(text);
	return line;
}

/* NULL when memory ran out. */
static json_t *
lines_of(const struct findings *found)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < found->count; i++) {
		if (found->list[i].level == FINDING_PASS)
			continue;
		if (json_array_append_new(lines, line_of(&found->list[i])) != 0) {
			json_decref(lines);
			return NULL;
		}
	}
	return lines;
}

/* The elements of from that are not in without. */
static json_t *
difference(json_t *from, json_t *without)
{
	json_t *left = json_array(), *line, *other;
	size_t i, k;

	json_array_foreach(from, i, line) {
		bool found = false;

		json_array_foreach(without, k, other)
			found = found || json_equal(line, other);
		if (!found && json_array_append(left, line) != 0) {
			json_decref(left);
			return NULL;
		}
	}
	return left;
}

bool
check_state_compare(const struct check_state *state, const char *domain, const struct findings *now, json_t **added,
    json_t **gone)
{
	json_t *before = json_object_get(json_object_get(state->domains, domain), "findings"), *lines = lines_of(now);

	*added = lines != NULL ? difference(lines, before) : NULL;
	*gone = lines != NULL ? difference(before, lines) : NULL;
	json_decref(lines);
	if (*added != NULL && *gone != NULL)
		return true;
	json_decref(*added);
	json_decref(*gone);
	*added = *gone = NULL;
	return false;
}

enum sts_status
check_state_put(struct check_state *state, const char *domain, const struct check_baseline *baseline, const struct findings *found)
{
	json_t *object = json_pack("{s:s, s:s, s:o}", "id", baseline->id, "policy", baseline->policy, "findings", lines_of(found));

	state->changed = true;
	return json_object_set_new(state->domains, domain, object) == 0 ? STS_OK : STS_ENOMEM;
}
