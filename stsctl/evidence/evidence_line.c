/* SPDX-License-Identifier: ISC */
/* evidence_line.c - prints entries. Knows the order of fields, not what they mean. */
#include "config.h"

#include "stsctl/evidence/evidence_line.h"

#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/evidence/evidence_filter.h"
#include "stsctl/terminal/csv.h"
#include "stsctl/terminal/human_numbers.h"

enum { LINE_CAP = 4096 };

const char *
evidence_word(const struct sts_query_entry *entry, const char *name, char out[EVIDENCE_VALUE_CAP])
{
	const struct sts_query_value *value = sts_query_value_of(entry, name);
	struct sts_text text;

	sts_text_init(&text, out, EVIDENCE_VALUE_CAP);
	if (value == NULL || value->len == 0)
		sts_text_add(&text, "-");
	else
		sts_text_add_escaped(&text, value->value, value->len, EVIDENCE_VALUE_MAX);
	return out;
}

void
evidence_line_print(const struct sts_query_entry *entry, FILE *to)
{
	static const char *const more[] = {
		"reason", "policy", "aligned", "cipher", "sni", "rcpt", "requiretls", "history", "action", "cause", "client",
		"identity", "node", "queue_id",
	};
	char value[EVIDENCE_VALUE_CAP], time[HUMAN_TIME_CAP], line[LINE_CAP];
	struct sts_text text;

	sts_text_init(&text, line, sizeof(line));
	sts_text_addf(&text, "%s", human_time(evidence_time(entry), time));
	sts_text_addf(&text, " %-9s", evidence_word(entry, "result", value));
	sts_text_addf(&text, " %-7s", evidence_word(entry, "tls", value));
	sts_text_addf(&text, " %s", evidence_word(entry, "domain", value));
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (strcmp(evidence_word(entry, more[i], value), "-") != 0)
			sts_text_addf(&text, " %s=%s", more[i], value);
	fprintf(to, "%s\n", line);
}

json_t *
evidence_line_json(const struct sts_query_entry *entry)
{
	json_t *object = json_pack("{s:s}", "stream_id", entry->id);
	bool good = object != NULL;

	for (size_t i = 0; good && i < entry->value_count; i++) {
		const struct sts_query_value *v = &entry->values[i];
		char shown[EVIDENCE_VALUE_CAP];
		struct sts_text text;
		int64_t ms;

		sts_text_init(&text, shown, sizeof(shown));
		sts_text_add_shown(&text, v->value, v->len, EVIDENCE_VALUE_MAX);
		if (strcmp(v->name, "ts") == 0 && sts_tally_number(v->value, v->len, &ms))
			good = json_object_set_new(object, v->name, json_integer((json_int_t)ms)) == 0;
		else
			good = json_object_set_new(object, v->name, json_string(shown)) == 0;
	}
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

/* ---- CSV ---- */

/* The columns of the CSV form, after the time. */
static const char *const columns[] = {
	"result", "tls", "domain", "reason", "policy", "id", "aligned", "cipher", "bits", "sni", "rcpt", "rcpts", "refused_rcpts",
	"requiretls", "history", "action", "cause", "client", "identity", "node", "queue_id", NULL,
};

void
evidence_line_csv_head(FILE *to)
{
	struct csv csv = { .to = to };

	csv_text(&csv, "time");
	csv_head(&csv, columns);
}

/* A lone dash stands for an absent field; it is not a formula. */
void
evidence_line_csv(const struct sts_query_entry *entry, FILE *to)
{
	struct csv csv = { .to = to };

	csv_time(&csv, evidence_time(entry));
	for (size_t i = 0; columns[i] != NULL; i++) {
		const struct sts_query_value *value = sts_query_value_of(entry, columns[i]);

		if (value == NULL || evidence_field_is(entry, columns[i], "-"))
			csv_text(&csv, "");
		else
			csv_bytes(&csv, value->value, value->len);
	}
	csv_end(&csv);
}
