/* SPDX-License-Identifier: ISC */
/* plan/state.c - converts between JSON and struct publish_history. */
#include "config.h"

#include "stsctl/plan/state.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/reportstats/policy_hash.h"
#include "shared-cache/policy/policy.h"

enum { FORMAT = 1 };
static const int64_t last_second = 253402300799;	/* of the year 9999 */

enum sts_status
publish_state_read(const char *text, size_t len, struct publish_state *out, struct sts_diag *diag)
{
	json_error_t error;
	json_t *root, *domains = NULL;
	int format = 0;

	out->domains = NULL;
	if (len == 0)
		return (out->domains = json_object()) != NULL ? STS_OK : STS_ENOMEM;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		sts_diag_error(diag, (unsigned)(error.line > 0 ? error.line : 0), "this is not JSON written by stsctl");
	else if (json_unpack(root, "{s:i, s:o}", "format", &format, "domains", &domains) != 0 || !json_is_object(domains))
		sts_diag_error(diag, 0, "this is not a state file of stsctl publish");
	else if (format != FORMAT)
		sts_diag_error(diag, 0, "written by another version of stsctl (format %d)", format);
	else
		out->domains = json_incref(domains);
	json_decref(root);
	return out->domains != NULL ? STS_OK : STS_EINVAL;
}

void
publish_state_fini(struct publish_state *state)
{
	json_decref(state->domains);
	state->domains = NULL;
}

static bool
is_valid(const struct publish_history *history)
{
	char record[PUBLISH_RECORD_CAP], id[STS_ID_CAP];
	struct sts_txt txt = { .data = record };
	struct sts_policy *policy = NULL;
	bool sound = sts_policy_parse(history->text, strlen(history->text), &policy, NULL) == STS_OK;

	publish_record(history->id, record);
	txt.len = strlen(record);
	sound = sound && sts_record_select(&txt, 1, id, NULL) == STS_RECORD_VALID && history->written > 0 &&
	    history->written <= last_second && history->released >= 0 && history->released <= last_second && history->retired >= 0 &&
	    history->retired <= last_second && history->longest_max_age_s >= 0 &&
	    history->longest_max_age_s <= STS_POLICY_MAX_AGE_S;
	sts_policy_free(&policy);
	return sound;
}

enum sts_status
publish_state_get(const struct publish_state *state, const char *domain, struct publish_history *out)
{
	json_t *object = json_object_get(state->domains, domain);
	const char *text, *id;
	json_int_t written, released, retired, longest;

	*out = (struct publish_history){ .written = 0 };
	if (object == NULL)
		return STS_OK;
	if (json_unpack(object, "{s:s, s:s, s:I, s:I, s:I, s:I}", "policy", &text, "id", &id, "written", &written, "released",
	    &released, "retired", &retired, "longest_max_age", &longest) != 0 || strlen(text) >= sizeof(out->text) ||
	    strlen(id) >= sizeof(out->id))
		return STS_EINVAL;
	memcpy(out->text, text, strlen(text) + 1);
	memcpy(out->id, id, strlen(id) + 1);
	out->written = written;
	out->released = released;
	out->retired = retired;
	out->longest_max_age_s = longest;
	return is_valid(out) ? STS_OK : STS_EINVAL;
}

/* ---- the texts that we have written: an array of [id, hash], the oldest first ---- */

static json_t *
issued_of(const struct publish_state *state, const char *domain)
{
	json_t *list = json_object_get(json_object_get(state->domains, domain), "issued");

	return json_is_array(list) ? list : NULL;
}

static const char *
issued_word(const json_t *list, size_t index, size_t word)
{
	return json_string_value(json_array_get(json_array_get(list, index), word));
}

const char *
publish_state_issued(const struct publish_state *state, const char *domain, const char *hash)
{
	const json_t *list = issued_of(state, domain);

	for (size_t i = list != NULL ? json_array_size(list) : 0; i-- > 0;) {
		const char *id = issued_word(list, i, 0), *known = issued_word(list, i, 1);

		if (id != NULL && known != NULL && (hash == NULL || strcmp(known, hash) == 0))
			return id;
	}
	return NULL;
}

/* A copy of the list, with this text appended unless it is the last. The caller owns it. */
static json_t *
issue(const struct publish_state *state, const char *domain, const struct publish_history *history)
{
	const char *text = history->text;
	char hash[STS_TEXT_HASH_CAP];
	json_t *known = issued_of(state, domain), *list = known != NULL ? json_copy(known) : json_array();
	size_t count = json_array_size(list);

	if (sts_policy_hash(&text, 1, hash, NULL) != STS_OK)
		return list;
	if (count > 0 && issued_word(list, count - 1, 0) != NULL && strcmp(issued_word(list, count - 1, 0), history->id) == 0)
		return list;
	if (count >= PUBLISH_ISSUED_MAX)
		(void)json_array_remove(list, 0);
	(void)json_array_append_new(list, json_pack("[s, s]", history->id, hash));
	return list;
}

enum sts_status
publish_state_set(struct publish_state *state, const char *domain, const struct publish_history *history)
{
	json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "policy", history->text, "id", history->id, "written",
	    (json_int_t)history->written, "released", (json_int_t)history->released, "retired", (json_int_t)history->retired,
	    "longest_max_age", (json_int_t)history->longest_max_age_s, "issued", issue(state, domain, history));

	return json_object_set_new(state->domains, domain, object) == 0 ? STS_OK : STS_ENOMEM;
}

char *
publish_state_text(const struct publish_state *state)
{
	json_t *root = json_pack("{s:i, s:O}", "format", FORMAT, "domains", state->domains);
	char *text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);

	json_decref(root);
	return text;
}
