/* SPDX-License-Identifier: ISC */
/* query_reports.c - writes the counters of reports to Redis, and reads them back. Does not know what their names mean. */
#include "config.h"

#include "shared-cache/query/query_reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/query/query_private.h"
#include "shared-cache/store/scripts.h"
#include "shared-cache/tlsreport/canonical_policy.h"

enum { SCRIPT_KEYS = 3, FIXED_ARGS = 8, NAME_MAX_LEN = 1024, TEXT_FIELD_CAP = 5 + STS_TEXT_HASH_CAP };

/* ---- writing ---- */

static void
queue_rows(struct sts_redis *redis, const struct sts_domain_counts *counts)
{
	char name[TEXT_FIELD_CAP];

	for (size_t i = 0; i < counts->text_count; i++) {
		snprintf(name, sizeof(name), "text:%s", counts->texts[i].hash);
		sts_redis_text(redis, name);
		sts_redis_text(redis, counts->texts[i].canon);
	}
	for (size_t i = 0; i < counts->row_count; i++) {
		sts_redis_text(redis, counts->rows[i].name);
		sts_redis_number(redis, counts->rows[i].n);
		sts_redis_number(redis, counts->rows[i].scope);
	}
}

static void
queue_report(struct sts_query *q, const struct sts_query_report *r, int64_t now, const char *digest)
{
	const struct sts_domain_counts *counts = r->counts;
	char key[STS_KEY_CAP];

	sts_redis_command(q->redis, 3 + SCRIPT_KEYS + FIXED_ARGS + 2 * counts->text_count + 3 * counts->row_count);
	sts_redis_text(q->redis, digest != NULL ? "EVALSHA" : "EVAL");
	sts_redis_text(q->redis, digest != NULL ? digest : sts_script_text(STS_SCRIPT_REPORT));
	sts_redis_number(q->redis, SCRIPT_KEYS);
	sts_redis_text(q->redis, sts_key_reports_seen(q->prefix, counts->domain, r->day, r->verified, key));
	sts_redis_text(q->redis, sts_key_report(q->prefix, counts->domain, r->day, r->verified, key));
	sts_redis_text(q->redis, sts_key_report(q->prefix, counts->domain, NULL, r->verified, key));
	sts_redis_text(q->redis, r->id);
	sts_redis_number(q->redis, r->day_start + STS_REPORT_KEPT_S - now);
	sts_redis_number(q->redis, r->verified ? STS_REPORT_IDS_MAX : STS_REPORT_IDS_UNVERIFIED_MAX);
	sts_redis_number(q->redis, r->verified ? STS_REPORT_FIELDS_MAX : STS_REPORT_FIELDS_UNVERIFIED_MAX);
	sts_redis_number(q->redis, STS_REPORT_TOTALS_MAX);
	sts_redis_number(q->redis, now);
	sts_redis_number(q->redis, r->day_start);
	sts_redis_number(q->redis, (int64_t)counts->text_count);
	queue_rows(q->redis, counts);
}

static enum sts_report_counted
outcome_of(int64_t code)
{
	switch (code) {
	case 1:
		return STS_REPORT_COUNTED;
	case 0:
		return STS_REPORT_KNOWN;
	case -4:
		return STS_REPORT_FULL;
	default:
		return STS_REPORT_ODD;
	}
}

/* Leaves *out alone if Redis does not know the script. */
static enum sts_status
read_outcome(struct sts_query *query, enum sts_report_counted *out)
{
	struct sts_reply reply;
	enum sts_status status = sts_redis_read(query->redis, &reply);

	if (status != STS_OK)
		return status;
	if (reply.kind == STS_REPLY_INTEGER)
		*out = outcome_of(reply.integer);
	else if (!sts_reply_is_refusal(&reply, "NOSCRIPT"))
		return sts_query_refuse(query, "report", &reply);
	sts_reply_free(&reply);
	return STS_OK;
}

/* Imports the pending ones. digest NULL: each call brings the script's text. Otherwise only the first does, and the others refer
 * to it. */
static enum sts_status
import(struct sts_query *query, const struct sts_query_report *list, size_t count, int64_t now, const char *digest,
    enum sts_report_counted *outcomes)
{
	enum sts_status status = sts_redis_begin(query->redis);
	bool told = false;

	for (size_t i = 0; i < count && status == STS_OK; i++) {
		if (outcomes[i] != STS_REPORT_PENDING)
			continue;
		queue_report(query, &list[i], now, told ? digest : NULL);
		told = true;
	}
	for (size_t i = 0; i < count && status == STS_OK; i++)
		if (outcomes[i] == STS_REPORT_PENDING)
			status = read_outcome(query, &outcomes[i]);
	return status;
}

enum sts_status
sts_query_import(struct sts_query *query, const struct sts_query_report *list, size_t count, int64_t now,
    enum sts_report_counted *outcomes)
{
	char digest[STS_SCRIPT_DIGEST_CAP];
	bool short_form = sts_script_digest(STS_SCRIPT_REPORT, digest);
	enum sts_status status;

	for (size_t i = 0; i < count; i++)
		outcomes[i] = STS_REPORT_PENDING;
	status = import(query, list, count, now, short_form ? digest : NULL, outcomes);
	/* The scripts were flushed meanwhile; or it is a cluster, and only one node has got the text. */
	for (size_t i = 0; i < count && status == STS_OK; i++)
		if (outcomes[i] == STS_REPORT_PENDING)
			return import(query, list, count, now, NULL, outcomes);
	return status;
}

enum sts_status
sts_query_intake_add(struct sts_query *query, const struct sts_query_intake *list, size_t count)
{
	enum sts_status status = sts_redis_begin(query->redis);
	struct sts_reply reply;
	char key[STS_KEY_CAP];

	for (size_t i = 0; i < count && status == STS_OK; i++) {
		sts_redis_command(query->redis, 4);
		sts_redis_text(query->redis, "HINCRBY");
		sts_redis_text(query->redis, sts_key_reports(query->prefix, key));
		sts_redis_text(query->redis, list[i].name);
		sts_redis_number(query->redis, list[i].n);
	}
	for (size_t i = 0; i < count && status == STS_OK; i++) {
		status = sts_query_read(query, "intake", STS_REPLY_INTEGER, &reply);
		if (status == STS_OK)
			sts_reply_free(&reply);
	}
	return status;
}

/* ---- reading ---- */

struct reading {
	sts_report_field_fn *fn;
	void *arg;
};

static bool
is_name(const char *name, size_t len)
{
	if (len == 0 || len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!sts_ascii_is_alnum(name[i]) && (name[i] == '\0' || strchr("._+-:", name[i]) == NULL))
			return false;
	return true;
}

static enum sts_status
take(void *arg, const struct sts_query_field *field)
{
	struct reading *r = arg;
	struct sts_report_field out = { .name = field->name };

	if (!is_name(field->name, field->name_len))
		return STS_OK;
	if (strncmp(field->name, "text:", 5) == 0) {
		if (field->value_len >= STS_REPORT_COUNTS_TEXT_CAP || strlen(field->value) != field->value_len)
			return STS_OK;
		out.text = field->value;
	} else if (!sts_tally_number(field->value, field->value_len, &out.n))
		return STS_OK;
	return r->fn(r->arg, &out);
}

enum sts_status
sts_query_report(struct sts_query *query, const char *domain, const char *day, bool verified, sts_report_field_fn *fn, void *arg)
{
	struct reading reading = { fn, arg };
	char key[STS_KEY_CAP];

	return sts_query_scan(query, sts_key_report(query->prefix, domain, day, verified, key), take, &reading);
}

enum sts_status
sts_query_intake_read(struct sts_query *query, sts_report_field_fn *fn, void *arg)
{
	struct reading reading = { fn, arg };
	char key[STS_KEY_CAP];

	return sts_query_scan(query, sts_key_reports(query->prefix, key), take, &reading);
}

/* ---- policies ---- */

struct policy_reading {
	char *id, *text;
};

static enum sts_status
take_policy(void *arg, const struct sts_query_field *field)
{
	struct policy_reading *r = arg;

	if (strcmp(field->name, "id") == 0 && field->value_len < STS_ID_CAP && strlen(field->value) == field->value_len)
		strcpy(r->id, field->value);
	else if (strcmp(field->name, "text") == 0 && field->value_len <= STS_CANONICAL_POLICY_MAX && r->text == NULL)
		r->text = strdup(field->value);
	return STS_OK;
}

enum sts_status
sts_query_policy(struct sts_query *query, const char *domain, char id[STS_ID_CAP], char **text)
{
	struct policy_reading r = { id, NULL };
	char key[STS_KEY_CAP];
	enum sts_status status;

	id[0] = '\0';
	*text = NULL;
	status = sts_query_scan(query, sts_key_policy(query->prefix, domain, key), take_policy, &r);
	if (status == STS_OK && id[0] != '\0' && r.text != NULL)
		*text = r.text;
	else
		free(r.text);
	return status == STS_OK && *text == NULL ? STS_ENOTFOUND : status;
}
