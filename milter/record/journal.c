/* SPDX-License-Identifier: ISC */
/*
 * journal.c - (evidence, policy, verdict) -> log line, counter fields, stream entry. Knows neither Redis nor threads.
 *
 * Counter names come from fixed sets, except for ciphers: those are the MTA's words, and are cut and cleaned. So no sender can
 * invent a field name.
 */
#include "config.h"

#include "milter/record/journal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"

enum { CLIENT_CAP = 56, VALUE_MAX = 255 };

static const char *const exempt_names[] = {
	[JOURNAL_JUDGED] = "no",
	[JOURNAL_AUTH] = "auth",
	[JOURNAL_TRUSTED] = "trusted",
	[JOURNAL_LOCAL] = "local",
};

const char *
journal_exempt_name(enum journal_exempt exempt)
{
	return (unsigned)exempt < JOURNAL_EXEMPT_COUNT ? exempt_names[exempt] : "";
}

/* "" if there is no address, or if it must not be recorded. A masked address is written as its network. */
static void
format_client(const struct journal_case *c, char out[CLIENT_CAP])
{
	struct sts_ipaddr addr = c->evidence->client;
	struct sts_text text;
	char shown[46];

	out[0] = '\0';
	if (addr.family == 0 || c->client_addr == STS_CLIENT_NO)
		return;
	if (c->client_addr == STS_CLIENT_MASKED)
		sts_ipaddr_mask(&addr);
	sts_ipaddr_format(&addr, shown);
	sts_text_init(&text, out, CLIENT_CAP);
	sts_text_add(&text, shown);
	if (c->client_addr != STS_CLIENT_FULL)
		sts_text_add(&text, addr.family == 4 ? "/24" : "/48");
}

static void
format_bits(const struct sts_tls *tls, char out[12])
{
	struct sts_text text;

	sts_text_init(&text, out, 12);
	if (tls->state == STS_TLS_SECURED && tls->bits >= 0)
		sts_text_add_number(&text, tls->bits);
}

static const char *
rcpt_of(const struct journal_case *c)
{
	return c->evidence->has_rcpt ? sts_policy_known_name(c->evidence->rcpt) : "";
}

static const char *
action_of(const struct journal_case *c)
{
	return sts_action_taken_name(sts_action_taken(c->verdict->action, c->verdict->wanted));
}

static const char *
cause_of(const struct journal_case *c)
{
	return c->enforcement != NULL ? sts_cause_name(c->enforcement->cause) : "";
}

/* ---- counters ---- */

/* Appends a name to both lists. */
static void
add_name(struct journal_counts *out, size_t *n, const char *name)
{
	assert(*n < JOURNAL_FIELDS);
	out->total[*n] = name;
	out->domain[*n] = name;
	(*n)++;
}

/* Builds the name as text, cut to its cap. */
static const char *
make_name(char storage[STS_COUNT_FIELD_CAP], const char *prefix, const char *name)
{
	struct sts_text text;

	sts_text_init(&text, storage, STS_COUNT_FIELD_CAP);
	sts_text_add(&text, prefix);
	sts_text_add_token(&text, name, strlen(name));
	return storage;
}

/* name may be hostile. */
static void
count_words(struct journal_counts *out, size_t *n, const char *prefix, const char *name)
{
	assert(*n < JOURNAL_FIELDS);
	add_name(out, n, make_name(out->names[*n], prefix, name));
}

/* prefix is a literal, name a word from a table. */
static void
count(struct journal_counts *out, size_t *n, const char *prefix, const char *name)
{
	const char *known = out->known != NULL ? counter_name(out->known, prefix, name) : NULL;

	if (known != NULL)
		add_name(out, n, known);
	else
		count_words(out, n, prefix, name);
}

static void
count_judged(const struct journal_case *c, struct journal_counts *out, size_t *n)
{
	const struct sts_evidence *ev = c->evidence;

	count(out, n, "messages", "");
	if (c->first)
		count(out, n, "sessions", "");
	count(out, n, "result:", sts_result_name(c->verdict->result));
	if (c->verdict->reason != STS_REASON_NONE)
		count(out, n, "reason:", sts_reason_name(c->verdict->reason));
	count(out, n, "policy:", sts_policy_known_name(c->policy->known));
	count(out, n, "tls:", sts_tls_known_name(sts_tls_known(&ev->tls)));
	if (ev->tls.state == STS_TLS_SECURED && ev->tls.cipher[0] != '\0')
		count_words(out, n, "cipher:", ev->tls.cipher);
	count(out, n, "aligned:", sts_aligned_name(ev->aligned));
	if (ev->has_rcpt)
		count(out, n, "rcpt:", rcpt_of(c));
	if (ev->requiretls)
		count(out, n, "requiretls", "");
	if (ev->history != STS_HISTORY_NONE)
		count(out, n, "history:", sts_history_name(ev->history));
	count(out, n, "action:", action_of(c));
	if (c->enforcement != NULL && c->enforcement->cause != STS_CAUSE_NONE && c->verdict->wanted != STS_ACTION_ACCEPT)
		count(out, n, "cause:", sts_cause_name(c->enforcement->cause));
	if (c->enforcement != NULL && !c->enforcement->delivered)
		count(out, n, "refused", "");
}

/* The same fields once more for an aligned client, so that a domain's record tells forgers' sessions apart. */
static size_t
add_aligned(struct journal_counts *out, size_t n)
{
	size_t total = n;

	for (size_t i = 0; i < n; i++) {
		const char *plain = out->total[i];
		const char *twin = out->known != NULL ? counter_name_aligned(out->known, plain) : NULL;

		if (strncmp(plain, COUNTER_NAMES_ALIGNED, sizeof(COUNTER_NAMES_ALIGNED) - 1) == 0)
			continue;
		out->domain[total] = twin != NULL ? twin : make_name(out->names[total], COUNTER_NAMES_ALIGNED, plain);
		total++;
	}
	return total;
}

/* A policy is a record in the domain's zone, an aligned client is a machine of its own: evidence beyond a MAIL FROM that anybody
 * can invent. A failed lookup is no evidence. */
static bool
is_stranger(const struct journal_case *c)
{
	return c->evidence->aligned != STS_ALIGNED_YES &&
	    (c->policy->known == STS_POLICY_ABSENT || c->policy->known == STS_POLICY_UNKNOWN);
}

void
journal_count(const struct journal_case *c, struct journal_counts *out)
{
	bool judged = c->exempt == JOURNAL_JUDGED;
	bool aligned = judged && c->evidence->aligned == STS_ALIGNED_YES;
	size_t n = 0, domain_count;

	out->known = c->names;
	if (judged)
		count_judged(c, out, &n);
	else
		count(out, &n, "exempt", "");
	/* The number of messages with forged fields, not of fields. */
	if (c->evidence->forged > 0)
		count(out, &n, "forged", "");
	domain_count = aligned ? add_aligned(out, n) : n;
	out->total[n] = NULL;
	out->domain[domain_count] = NULL;
	out->message = (struct sts_counts_message){
		.domain = judged ? c->evidence->domain : NULL,
		.now = c->now_ms / 1000,
		.plaintext = c->evidence->tls.state == STS_TLS_NONE,
		.own_tls = aligned && c->keeps_history && c->evidence->tls.state == STS_TLS_SECURED,
		.own_plaintext = aligned && c->keeps_history && c->evidence->tls.state == STS_TLS_NONE,
		.stranger = is_stranger(c),
		.total_fields = out->total,
		.domain_fields = out->domain,
	};
}

/* ---- the stream ---- */

/* An entry before it has memory of its own: its values are still elsewhere. */
struct draft {
	size_t count, len;		/* number of fields; bytes that the values need, NULs included */
	const char *names[STS_STREAM_FIELDS];
	const char *values[STS_STREAM_FIELDS];
	bool is_known[STS_STREAM_FIELDS];	/* a word from a table, which never moves */
	char ts[24], bits[12], client[CLIENT_CAP];
};

static void
put(struct draft *out, const char *name, const char *value)
{
	assert(out->count < STS_STREAM_FIELDS);
	out->names[out->count] = name;
	out->is_known[out->count] = false;
	out->values[out->count++] = value;
	out->len += sts_text_escaped_len(value, strlen(value), VALUE_MAX) + 1;
}

/* word: from a table, or a literal. */
static void
put_known(struct draft *out, const char *name, const char *word)
{
	assert(out->count < STS_STREAM_FIELDS);
	out->names[out->count] = name;
	out->is_known[out->count] = true;
	out->values[out->count++] = word;
}

static void
draft_entry(const struct journal_case *c, struct draft *out)
{
	const struct sts_evidence *ev = c->evidence;
	struct sts_text text;

	sts_text_init(&text, out->ts, sizeof(out->ts));
	sts_text_add_number(&text, c->now_ms);
	format_bits(&ev->tls, out->bits);
	format_client(c, out->client);
	out->count = out->len = 0;
	put(out, "ts", out->ts);	/* milliseconds since the epoch, by the milter's clock, not by Redis' */
	put(out, "node", c->node);
	put(out, "queue_id", ev->queue_id);
	put(out, "domain", ev->domain[0] != '\0' ? ev->domain : "-");
	put_known(out, "identity", sts_identity_name(ev->identity));
	put_known(out, "result", sts_result_name(c->verdict->result));
	put_known(out, "reason", sts_reason_name(c->verdict->reason));
	put_known(out, "policy", sts_policy_known_name(c->policy->known));
	put(out, "id", c->policy->id);
	put(out, "tls", sts_tls_name(&ev->tls));
	put(out, "cipher", ev->tls.cipher);
	put(out, "bits", out->bits);
	put_known(out, "aligned", sts_aligned_name(ev->aligned));
	put_known(out, "rcpt", rcpt_of(c));
	put_known(out, "history", sts_history_name(ev->history));
	put_known(out, "action", action_of(c));
	put(out, "client", out->client);
	put_known(out, "cause", cause_of(c));
	put(out, "rcpts", ev->rcpts);
	put(out, "refused_rcpts", ev->refused_rcpts);
	put_known(out, "requiretls", ev->requiretls ? "yes" : "");
	put(out, "sni", ev->sni);
}

/* memory: draft->len bytes in the block of out. */
static void
finish_entry(const struct draft *draft, char *memory, struct sts_stream_entry *out)
{
	struct sts_text text;
	size_t left = draft->len;

	out->field_count = draft->count;
	for (size_t i = 0; i < draft->count; i++) {
		out->fields[i].name = draft->names[i];
		out->fields[i].value = draft->is_known[i] ? draft->values[i] : memory;
		if (draft->is_known[i])
			continue;
		sts_text_init(&text, memory, left);
		sts_text_add_escaped(&text, draft->values[i], strlen(draft->values[i]), VALUE_MAX);
		memory += text.len + 1;
		left -= text.len + 1;
	}
}

enum sts_status
journal_entry(const struct journal_case *c, struct sts_stream_entry *out)
{
	struct draft draft;

	draft_entry(c, &draft);
	out->field_count = 0;
	if ((out->block = malloc(draft.len)) == NULL)
		return STS_ENOMEM;
	finish_entry(&draft, out->block, out);
	return STS_OK;
}

/* ---- counters and entry in one record ---- */

static bool
is_ours(const struct journal_counts *counts, const char *name)
{
	return (uintptr_t)name - (uintptr_t)counts->names < sizeof(counts->names);
}

/* Counts the names, and the bytes of those that must be copied. */
static size_t
measure(const struct journal_counts *counts, const char *const *fields, size_t *bytes)
{
	size_t n = 0;

	for (; fields[n] != NULL; n++)
		*bytes += is_ours(counts, fields[n]) ? strlen(fields[n]) + 1 : 0;
	return n;
}

static const char *
keep_text(char **memory, const char *text)
{
	const char *kept = *memory;

	*memory = stpcpy(*memory, text) + 1;
	return kept;
}

static void
keep_fields(const struct journal_counts *counts, const char *const *fields, const char **out, char **memory)
{
	size_t n = 0;

	for (; fields[n] != NULL; n++)
		out[n] = is_ours(counts, fields[n]) ? keep_text(memory, fields[n]) : fields[n];
	out[n] = NULL;
}

/* One block: the record, its two lists of names, then the texts. */
static struct sts_mail_record *
assemble(const struct journal_counts *counts, const struct draft *draft)
{
	const struct sts_counts_message *message = &counts->message;
	size_t bytes = draft->len + (message->domain != NULL ? strlen(message->domain) + 1 : 0);
	size_t totals = measure(counts, counts->total, &bytes) + 1, domains = measure(counts, counts->domain, &bytes) + 1;
	struct sts_mail_record *record = malloc(sizeof(*record) + (totals + domains) * sizeof(char *) + bytes);
	const char **lists;
	char *memory;

	if (record == NULL)
		return NULL;
	lists = (const char **)(void *)(record + 1);
	memory = (char *)(void *)(lists + totals + domains);
	record->message = *message;
	keep_fields(counts, counts->total, lists, &memory);
	keep_fields(counts, counts->domain, lists + totals, &memory);
	record->message.total_fields = lists;
	record->message.domain_fields = lists + totals;
	if (message->domain != NULL)
		record->message.domain = keep_text(&memory, message->domain);
	finish_entry(draft, memory, &record->entry);
	record->entry.block = record;
	return record;
}

struct sts_mail_record *
journal_record(const struct journal_case *c)
{
	struct journal_counts counts;
	struct draft draft;

	draft.count = draft.len = 0;
	if (c->exempt == JOURNAL_JUDGED && c->keeps_evidence)
		draft_entry(c, &draft);
	journal_count(c, &counts);
	return assemble(&counts, &draft);
}

/* ---- the log line ---- */

/* name: with a blank in front and `=' at the end. */
static void
add_value(struct sts_text *line, const char *name, const char *value)
{
	sts_text_add(line, name);
	if (value[0] == '\0')
		sts_text_add(line, "-");
	else
		sts_text_add_escaped(line, value, strlen(value), VALUE_MAX);
}

static void
add_number(struct sts_text *line, const char *name, int64_t number)
{
	sts_text_add(line, name);
	sts_text_add_number(line, number);
}

static void
add_judged(struct sts_text *line, const struct journal_case *c)
{
	const struct sts_evidence *ev = c->evidence;
	char bits[12];

	format_bits(&ev->tls, bits);
	add_value(line, " result=", sts_result_name(c->verdict->result));
	add_value(line, " reason=", sts_reason_name(c->verdict->reason));
	add_value(line, " domain=", ev->domain);
	add_value(line, " identity=", sts_identity_name(ev->identity));
	add_value(line, " policy=", sts_policy_known_name(c->policy->known));
	add_value(line, " id=", c->policy->id);
	add_value(line, " tls=", sts_tls_name(&ev->tls));
	add_value(line, " cipher=", ev->tls.cipher);
	add_value(line, " bits=", bits);
	if (ev->sni[0] != '\0')
		add_value(line, " sni=", ev->sni);
	add_value(line, " aligned=", sts_aligned_name(ev->aligned));
	add_value(line, " rcpt=", rcpt_of(c));
	if (ev->requiretls)
		add_value(line, " requiretls=", "yes");
	add_value(line, " history=", sts_history_name(ev->history));
	add_value(line, " action=", action_of(c));
	if (c->enforcement != NULL) {
		add_value(line, " cause=", cause_of(c));
		add_value(line, " waived=", sts_waiver_name(c->enforcement->waiver));
		add_number(line, " refused=", c->enforcement->refused);
	}
	add_value(line, " source=", c->source);
	add_number(line, " wait_ms=", c->waited_ms);
}

void
journal_line(const struct journal_case *c, char out[JOURNAL_LINE_CAP])
{
	const struct sts_evidence *ev = c->evidence;
	char client[CLIENT_CAP];
	struct sts_text line;

	format_client(c, client);
	sts_text_init(&line, out, JOURNAL_LINE_CAP);
	sts_text_add_escaped(&line, ev->queue_id[0] != '\0' ? ev->queue_id : "NOQUEUE",
	    ev->queue_id[0] != '\0' ? strlen(ev->queue_id) : 7, VALUE_MAX);
	sts_text_add(&line, ":");
	if (c->exempt == JOURNAL_JUDGED)
		add_judged(&line, c);
	else
		add_value(&line, " exempt=", exempt_names[c->exempt]);
	if (c->exempt != JOURNAL_JUDGED && c->enforcement != NULL && c->enforcement->cause != STS_CAUSE_NONE) {
		add_value(&line, " action=", action_of(c));
		add_value(&line, " cause=", cause_of(c));
	}
	add_number(&line, " forged=", ev->forged);
	add_value(&line, " client=", client);
}
