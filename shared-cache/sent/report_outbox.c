/* SPDX-License-Identifier: ISC */
/* report_outbox.c - hashes and locks in Redis. Knows neither a report's format nor when it is sent. */
#include "config.h"

#include "shared-cache/sent/report_outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/ledger/tally.h"
#include "shared-cache/store/keys.h"
#include "shared-cache/store/scripts.h"

enum { KEEP_S = 4 * 86400, OUTCOMES_MAX = 256, NOTES_MAX = 256, NOTE_MAX = 2048 };

/* ---- replies ---- */

static enum sts_status
read_hash(struct sts_store_link *link, const char *key, struct sts_reply *out)
{
	enum sts_status status = sts_redis_begin(link->redis);

	if (status != STS_OK)
		return status;
	sts_redis_command(link->redis, 2);
	sts_redis_text(link->redis, "HGETALL");
	sts_redis_text(link->redis, key);
	return sts_store_link_read(link, STS_REPLY_ARRAY, "sent", out);
}

static enum sts_status
read_number(struct sts_store_link *link, int64_t *out)
{
	struct sts_reply reply;
	enum sts_status status = sts_store_link_read(link, STS_REPLY_INTEGER, "sent", &reply);

	if (status != STS_OK)
		return status;
	*out = reply.integer;
	sts_reply_free(&reply);
	return STS_OK;
}

/* ---- domains ---- */

enum sts_status
sts_outbox_domains(struct sts_store_link *link, int64_t since, size_t max, sts_outbox_domain_fn *fn, void *arg)
{
	enum sts_status status = sts_redis_begin(link->redis);
	struct sts_reply reply;
	char key[STS_KEY_CAP], domain[STS_DOMAIN_CAP];
	bool go_on = true;

	if (status != STS_OK)
		return status;
	sts_redis_command(link->redis, 7);
	sts_redis_text(link->redis, "ZRANGEBYSCORE");
	sts_redis_text(link->redis, sts_key_sent_domains(link->prefix, key));
	sts_redis_number(link->redis, since);
	sts_redis_text(link->redis, "+inf");
	sts_redis_text(link->redis, "LIMIT");
	sts_redis_number(link->redis, 0);
	sts_redis_number(link->redis, (int64_t)max);
	if ((status = sts_store_link_read(link, STS_REPLY_ARRAY, "sent", &reply)) != STS_OK)
		return status;
	for (size_t i = 0; i < reply.count && go_on; i++) {
		struct sts_reply name = sts_reply_element(&reply, i);

		if (name.kind == STS_REPLY_TEXT && sts_domain_normalise(name.text, name.len, domain) == STS_DOMAIN_OK)
			go_on = fn(arg, domain);
	}
	sts_reply_free(&reply);
	return STS_OK;
}

/* ---- the contents of a report ---- */

static bool
add_outcome(struct sts_sent_row *row, const struct sts_reply *name, const struct sts_reply *value)
{
	struct sts_sent_outcome *outcome = &row->outcomes[row->outcome_count];
	int64_t n;

	if (name->kind != STS_REPLY_TEXT || value->kind != STS_REPLY_TEXT || name->len >= STS_SENT_OUTCOME_CAP ||
	    !sts_tally_number(value->text, value->len, &n) || n <= 0)
		return true;
	outcome->name = strndup(name->text, name->len);
	outcome->n = (uint64_t)n;
	row->outcome_count += outcome->name != NULL;
	return outcome->name != NULL;
}

enum sts_status
sts_outbox_outcomes(struct sts_store_link *link, struct sts_sent_row *row)
{
	char key[STS_KEY_CAP];
	struct sts_reply reply;
	enum sts_status status = read_hash(link, sts_key_sent_report(link->prefix, row->domain, row->day, key), &reply);

	if (status != STS_OK)
		return status;
	sts_sent_row_fini(row);
	row->outcomes = calloc(OUTCOMES_MAX, sizeof(*row->outcomes));
	if (row->outcomes == NULL)
		status = STS_ENOMEM;
	for (size_t i = 0; status == STS_OK && i + 1 < reply.count && row->outcome_count < OUTCOMES_MAX; i += 2) {
		struct sts_reply name = sts_reply_element(&reply, i), value = sts_reply_element(&reply, i + 1);

		if (!add_outcome(row, &name, &value))
			status = STS_ENOMEM;
	}
	sts_reply_free(&reply);
	return status;
}

/* ---- notes ---- */

void
sts_outbox_notes_fini(struct sts_outbox_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		free(notes->list[i].name);
		free(notes->list[i].value);
	}
	free(notes->list);
	*notes = (struct sts_outbox_notes){ 0 };
}

const char *
sts_outbox_note_find(const struct sts_outbox_notes *notes, const char *name)
{
	for (size_t i = 0; i < notes->count; i++)
		if (strcmp(notes->list[i].name, name) == 0)
			return notes->list[i].value;
	return NULL;
}

static bool
add_note(struct sts_outbox_notes *notes, const struct sts_reply *name, const struct sts_reply *value)
{
	struct sts_outbox_note *note = &notes->list[notes->count];

	if (name->kind != STS_REPLY_TEXT || value->kind != STS_REPLY_TEXT || name->len > NOTE_MAX || value->len > NOTE_MAX)
		return true;
	note->name = strndup(name->text, name->len);
	note->value = strndup(value->text, value->len);
	notes->count++;
	return note->name != NULL && note->value != NULL;
}

enum sts_status
sts_outbox_notes(struct sts_store_link *link, const char *domain, const char *day, struct sts_outbox_notes *out)
{
	char key[STS_KEY_CAP];
	struct sts_reply reply;
	enum sts_status status;

	*out = (struct sts_outbox_notes){ 0 };
	status = read_hash(link, sts_key_sent_mailed(link->prefix, domain, day, key), &reply);
	if (status != STS_OK)
		return status;
	out->list = calloc(NOTES_MAX, sizeof(*out->list));
	if (out->list == NULL)
		status = STS_ENOMEM;
	for (size_t i = 0; status == STS_OK && i + 1 < reply.count && out->count < NOTES_MAX; i += 2) {
		struct sts_reply name = sts_reply_element(&reply, i), value = sts_reply_element(&reply, i + 1);

		if (!add_note(out, &name, &value))
			status = STS_ENOMEM;
	}
	sts_reply_free(&reply);
	if (status != STS_OK)
		sts_outbox_notes_fini(out);
	return status;
}

enum sts_status
sts_outbox_note(struct sts_store_link *link, const char *domain, const char *day, const char *name, const char *value)
{
	enum sts_status status = sts_redis_begin(link->redis);
	char key[STS_KEY_CAP];
	int64_t n;

	if (status != STS_OK)
		return status;
	sts_redis_command(link->redis, 4);
	sts_redis_text(link->redis, "HSET");
	sts_redis_text(link->redis, sts_key_sent_mailed(link->prefix, domain, day, key));
	sts_redis_text(link->redis, name);
	sts_redis_text(link->redis, value);
	sts_redis_command(link->redis, 3);
	sts_redis_text(link->redis, "EXPIRE");
	sts_redis_text(link->redis, key);
	sts_redis_number(link->redis, KEEP_S);
	status = read_number(link, &n);
	return status == STS_OK ? read_number(link, &n) : status;
}

/* ---- the lock ---- */

static void
queue_script(struct sts_store_link *link, enum sts_script script, const char *key, const char *owner, int64_t ms)
{
	sts_redis_command(link->redis, ms > 0 ? 6 : 5);
	sts_redis_text(link->redis, "EVAL");
	sts_redis_text(link->redis, sts_script_text(script));
	sts_redis_number(link->redis, 1);
	sts_redis_text(link->redis, key);
	sts_redis_text(link->redis, owner);
	if (ms > 0)
		sts_redis_number(link->redis, ms);
}

enum sts_status
sts_outbox_lock(struct sts_store_link *link, const char *domain, const char *day, const char *owner, int64_t ms)
{
	enum sts_status status = sts_redis_begin(link->redis);
	char key[STS_KEY_CAP];
	int64_t got = 0;

	if (status != STS_OK)
		return status;
	queue_script(link, STS_SCRIPT_LOCK, sts_key_sent_lock(link->prefix, domain, day, key), owner, ms);
	status = read_number(link, &got);
	return status == STS_OK && got != 1 ? STS_EFULL : status;
}

void
sts_outbox_unlock(struct sts_store_link *link, const char *domain, const char *day, const char *owner)
{
	char key[STS_KEY_CAP];
	int64_t n;

	/* without an answer, the lock expires by itself */
	if (sts_redis_begin(link->redis) != STS_OK)
		return;
	queue_script(link, STS_SCRIPT_UNLOCK, sts_key_sent_lock(link->prefix, domain, day, key), owner, 0);
	(void)read_number(link, &n);
}
