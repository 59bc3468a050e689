/* SPDX-License-Identifier: ISC */
/*
 * journal.c - (evidence, policy, verdict) -> log line, counter fields, stream entry. Knows neither Redis nor threads.
 *
 * Names of counters come from fixed sets, apart from ciphers, which are the MTA's words and are cut and cleaned: no sender
 * can make up a field name.
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

/* "" when there is no address, or when it must not be put down. A masked address is written as the network it is. */
static void
format_client(const struct journal_case *c, char out[CLIENT_CAP])
{
	struct sts_ipaddr addr = c->evidence->client;
	char text[46];

	out[0] = '\0';
	if (addr.family == 0 || c->client_addr == STS_CLIENT_NO)
		return;
	if (c->client_addr == STS_CLIENT_MASKED)
		sts_ipaddr_mask(&addr);
	sts_ipaddr_format(&addr, text);
	snprintf(out, CLIENT_CAP, "%s%s", text,
	    c->client_addr == STS_CLIENT_FULL ? "" : addr.family == 4 ? "/24" : "/48");
}

static void
format_bits(const struct sts_tls *tls, char out[12])
{
	out[0] = '\0';
	if (tls->state == STS_TLS_SECURED && tls->bits >= 0)
		snprintf(out, 12, "%d", tls->bits);
}

static const char *
rcpt_of(const struct journal_case *c)
{
	return c->evidence->has_rcpt ? sts_policy_known_name(c->evidence->rcpt) : "";
}

static const char *
deed_of(const struct journal_case *c)
{
	return sts_deed_name(sts_deed(c->verdict->action, c->verdict->wanted));
}

static const char *
cause_of(const struct journal_case *c)
{
	return c->deed != NULL ? sts_cause_name(c->deed->cause) : "";
}

/* ---- counters ---- */

/* Appends a field name to both lists. The name is cut at its cap. */
static void
count(struct journal_counts *out, size_t *n, const char *prefix, const char *name)
{
	struct sts_text text;

	assert(*n < JOURNAL_FIELDS);
	sts_text_init(&text, out->names[*n], sizeof(out->names[*n]));
	sts_text_add(&text, prefix);
	sts_text_add_token(&text, name, strlen(name));
	out->total[*n] = out->names[*n];
	out->domain[*n] = out->names[*n];
	(*n)++;
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
		count(out, n, "cipher:", ev->tls.cipher);
	count(out, n, "aligned:", sts_aligned_name(ev->aligned));
	if (ev->has_rcpt)
		count(out, n, "rcpt:", rcpt_of(c));
	if (ev->history != STS_HISTORY_NONE)
		count(out, n, "history:", sts_history_name(ev->history));
	count(out, n, "action:", deed_of(c));
	if (c->deed != NULL && c->deed->cause != STS_CAUSE_NONE && c->verdict->wanted != STS_ACTION_ACCEPT)
		count(out, n, "cause:", sts_cause_name(c->deed->cause));
	if (c->deed != NULL && !c->deed->delivered)
		count(out, n, "refused", "");
}

/* The same fields once more for a client that looks like the domain's own, so that forgers' sessions can be told apart in
 * the record of a domain. */
static size_t
add_aligned(struct journal_counts *out, size_t n)
{
	size_t total = n;

	for (size_t i = 0; i < n; i++) {
		struct sts_text text;

		if (strncmp(out->names[i], "aligned:", 8) == 0)
			continue;
		sts_text_init(&text, out->names[total], sizeof(out->names[total]));
		sts_text_add(&text, "aligned:");
		sts_text_add(&text, out->names[i]);
		out->domain[total] = out->names[total];
		total++;
	}
	return total;
}

/* A policy is something in the domain's zone, an aligned client a machine of its own: more than a word in MAIL FROM, which
 * anybody can make up. A failure to find out says nothing for the domain. */
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

	if (judged)
		count_judged(c, out, &n);
	else
		count(out, &n, "exempt", "");
	/* Messages that carried forged fields, not fields. */
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

static void
free_values(struct sts_stream_entry *entry)
{
	for (size_t i = 0; i < entry->field_count; i++)
		free(entry->fields[i].value);
	entry->field_count = 0;
}

static void
put(struct sts_stream_entry *entry, bool *failed, const char *name, const char *value)
{
	char storage[4 * VALUE_MAX + 4];
	struct sts_text text;
	char *copy;

	assert(entry->field_count < STS_STREAM_FIELDS);
	sts_text_init(&text, storage, sizeof(storage));
	sts_text_add_escaped(&text, value, strlen(value), VALUE_MAX);
	copy = strdup(text.buf);
	if (copy == NULL) {
		*failed = true;
		return;
	}
	entry->fields[entry->field_count].name = name;
	entry->fields[entry->field_count].value = copy;
	entry->field_count++;
}

enum sts_status
journal_entry(const struct journal_case *c, struct sts_stream_entry *out)
{
	const struct sts_evidence *ev = c->evidence;
	char ts[24], bits[12], client[CLIENT_CAP];
	bool failed = false;

	snprintf(ts, sizeof(ts), "%" PRId64, c->now_ms);
	format_bits(&ev->tls, bits);
	format_client(c, client);
	out->field_count = 0;
	put(out, &failed, "ts", ts);	/* milliseconds since the epoch, by the milter's clock, not Redis' */
	put(out, &failed, "node", c->node);
	put(out, &failed, "queue_id", ev->queue_id);
	put(out, &failed, "domain", ev->domain[0] != '\0' ? ev->domain : "-");
	put(out, &failed, "identity", sts_identity_name(ev->identity));
	put(out, &failed, "result", sts_result_name(c->verdict->result));
	put(out, &failed, "reason", sts_reason_name(c->verdict->reason));
	put(out, &failed, "policy", sts_policy_known_name(c->policy->known));
	put(out, &failed, "id", c->policy->id);
	put(out, &failed, "tls", sts_tls_name(&ev->tls));
	put(out, &failed, "cipher", ev->tls.cipher);
	put(out, &failed, "bits", bits);
	put(out, &failed, "aligned", sts_aligned_name(ev->aligned));
	put(out, &failed, "rcpt", rcpt_of(c));
	put(out, &failed, "history", sts_history_name(ev->history));
	put(out, &failed, "action", deed_of(c));
	put(out, &failed, "client", client);
	put(out, &failed, "cause", cause_of(c));
	put(out, &failed, "rcpts", ev->rcpts);
	if (!failed)
		return STS_OK;
	free_values(out);
	return STS_ENOMEM;
}

/* ---- the log line ---- */

static void
say(struct sts_text *line, const char *name, const char *value)
{
	sts_text_addf(line, " %s=", name);
	if (value[0] == '\0')
		sts_text_add(line, "-");
	else
		sts_text_add_escaped(line, value, strlen(value), VALUE_MAX);
}

static void
say_judged(struct sts_text *line, const struct journal_case *c)
{
	const struct sts_evidence *ev = c->evidence;
	char bits[12];

	format_bits(&ev->tls, bits);
	say(line, "result", sts_result_name(c->verdict->result));
	say(line, "reason", sts_reason_name(c->verdict->reason));
	say(line, "domain", ev->domain);
	say(line, "identity", sts_identity_name(ev->identity));
	say(line, "policy", sts_policy_known_name(c->policy->known));
	say(line, "id", c->policy->id);
	say(line, "tls", sts_tls_name(&ev->tls));
	say(line, "cipher", ev->tls.cipher);
	say(line, "bits", bits);
	say(line, "aligned", sts_aligned_name(ev->aligned));
	say(line, "rcpt", rcpt_of(c));
	say(line, "history", sts_history_name(ev->history));
	say(line, "action", deed_of(c));
	if (c->deed != NULL) {
		say(line, "cause", cause_of(c));
		say(line, "waived", sts_waiver_name(c->deed->waiver));
		sts_text_addf(line, " refused=%u", c->deed->refused);
	}
	say(line, "source", c->source);
	sts_text_addf(line, " wait_ms=%" PRId64, c->waited_ms);
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
		say_judged(&line, c);
	else
		say(&line, "exempt", exempt_names[c->exempt]);
	sts_text_addf(&line, " forged=%u", ev->forged);
	say(&line, "client", client);
}
