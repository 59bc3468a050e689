/* SPDX-License-Identifier: ISC */
/* replay.c - turns an entry of the stream into evidence again, and decides by it. Knows neither Redis nor how results are printed. */
#include "config.h"

#include "stsctl/simulate/replay.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"

enum { BITS_DIGITS = 5, WORD_CAP = 32 };

/* Copies a field's value as a string: "" when absent. False when it holds a NUL or does not fit. */
static bool
take_text(const struct sts_query_entry *entry, const char *name, char *out, size_t cap)
{
	const struct sts_query_value *value = sts_query_value_of(entry, name);

	out[0] = '\0';
	if (value == NULL)
		return true;
	if (value->len >= cap || memchr(value->value, '\0', value->len) != NULL)
		return false;
	memcpy(out, value->value, value->len);
	out[value->len] = '\0';
	return true;
}

static bool
is_domain(const char *name, size_t len, char out[STS_DOMAIN_CAP])
{
	return sts_domain_normalise(name, len, out) == STS_DOMAIN_OK && strlen(out) == len && memcmp(out, name, len) == 0;
}

static bool
parse_known(const char *name, size_t len, enum sts_policy_known *out)
{
	for (unsigned i = 0; i < STS_POLICY_KNOWN_COUNT; i++) {
		const char *known = sts_policy_known_name((enum sts_policy_known)i);

		if (strlen(known) == len && memcmp(known, name, len) == 0) {
			*out = (enum sts_policy_known)i;
			return true;
		}
	}
	return false;
}

/* ---- evidence ---- */

static bool
take_sender(const struct sts_query_entry *entry, struct sts_evidence *out)
{
	char domain[STS_DOMAIN_CAP], word[WORD_CAP];

	if (!take_text(entry, "domain", domain, sizeof(domain)) || !take_text(entry, "identity", word, sizeof(word)))
		return false;
	out->identity = strcmp(word, "helo") == 0 ? STS_IDENTITY_HELO : STS_IDENTITY_MAILFROM;
	if (!take_text(entry, "history", word, sizeof(word)))
		return false;
	out->history = strcmp(word, sts_history_name(STS_HISTORY_DOWNGRADE)) == 0 ? STS_HISTORY_DOWNGRADE : STS_HISTORY_NONE;
	return strcmp(domain, "-") == 0 || is_domain(domain, strlen(domain), out->domain);
}

static bool
take_tls(const struct sts_query_entry *entry, struct sts_tls *out)
{
	unsigned long long bits;
	char word[WORD_CAP];

	out->bits = -1;
	if (!take_text(entry, "tls", out->version, sizeof(out->version)) || out->version[0] == '\0' ||
	    !take_text(entry, "cipher", out->cipher, sizeof(out->cipher)) || !take_text(entry, "bits", word, sizeof(word)))
		return false;
	if (strcmp(out->version, "none") == 0)
		out->state = STS_TLS_NONE;
	else
		out->state = strcmp(out->version, "unknown") == 0 ? STS_TLS_UNKNOWN : STS_TLS_SECURED;
	if (word[0] == '\0')
		return true;
	if (!sts_text_parse_u64(word, strlen(word), BITS_DIGITS, &bits))
		return false;
	out->bits = (int)bits;
	return true;
}

/* Leaves the address empty if only a masked one was kept: a network is not the address that it was made of. */
static bool
take_client(const struct sts_query_entry *entry, struct sts_ipaddr *out)
{
	char text[64];

	return take_text(entry, "client", text, sizeof(text)) && strchr(text, '/') == NULL &&
	    sts_ipaddr_parse(text, strlen(text), out);
}

static bool
take_policy(const struct sts_query_entry *entry, int64_t now, struct sts_policy_view *out)
{
	char word[WORD_CAP];

	memset(out, 0, sizeof(*out));
	out->checked = now;
	if (!take_text(entry, "policy", word, sizeof(word)) || !parse_known(word, strlen(word), &out->known))
		return false;
	if (out->known == STS_POLICY_UNKNOWN && take_text(entry, "reason", word, sizeof(word)))
		(void)sts_reason_parse(word, strlen(word), &out->reason);
	return true;
}

/* ---- decisions ---- */

static void
add_side(const struct sts_side_decision *side, bool first, struct replay *out)
{
	if (!first && sts_enforce_stronger(&out->decision, &side->decision) == &out->decision)
		return;
	out->decision = side->decision;
	out->lacks = side->lacks;
	out->unsure = (side->decision.cause == STS_CAUSE_SENDER_RULE || side->decision.cause == STS_CAUSE_RECIPIENT_RULE) &&
	    (side->rule->clients != NULL || side->rule->cert_subject != NULL || side->rule->cert_issuer != NULL);
}

/* Whether an element ends with the mark of recipients that are never refused, which is cut off. */
static bool
is_spared(const char *element, size_t *len)
{
	size_t mark = strlen(STS_RCPTS_SPARED);

	if (*len < mark || memcmp(element + *len - mark, STS_RCPTS_SPARED, mark) != 0)
		return false;
	*len -= mark;
	return true;
}

/* Decides about one recipient: len bytes of "DOMAIN:POLICY", possibly with the mark. Which of the spared local parts it was is not
 * known: rules that name one do not apply. */
static bool
decide_rcpt(const struct sts_enforce_facts *facts, const char *element, size_t len, struct sts_enforce_rcpt_decision *out)
{
	const char *colon = memchr(element, ':', len);
	struct sts_policy_view policy;
	char domain[STS_DOMAIN_CAP];
	struct sts_enforce_rcpt rcpt = { domain, is_spared(element, &len) ? "" : NULL, &policy };
	size_t domain_len = colon != NULL ? (size_t)(colon - element) : len;

	sts_policy_view_absent(&policy);
	policy.checked = facts->now;
	if (colon == NULL || !is_domain(element, domain_len, domain) ||
	    !parse_known(colon + 1, len - domain_len - 1, &policy.known))
		return false;
	sts_enforce_rcpt(facts, &rcpt, out);
	return true;
}

/* Decides about the recipients that a field of the entry lists. False: not such a list. */
static bool
decide_rcpts(const struct sts_query_entry *entry, const char *field, const struct sts_enforce_facts *facts, bool *first,
    struct replay *out)
{
	struct sts_enforce_rcpt_decision answer;
	char list[STS_RCPTS_CAP];
	size_t len;

	if (!take_text(entry, field, list, sizeof(list)))
		return false;
	for (const char *p = list; *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		if (!decide_rcpt(facts, p, len, &answer))
			return false;
		add_side(&answer.decisive, *first, out);
		*first = false;
	}
	return true;
}

/* Both fields are read: other settings may accept recipients that were refused then, and refuse others. */
static bool
decide(const struct sts_query_entry *entry, const struct sts_enforce_facts *facts, struct replay *out)
{
	struct sts_side_decision side;
	bool first = true;

	if (!decide_rcpts(entry, "rcpts", facts, &first, out) || !decide_rcpts(entry, "refused_rcpts", facts, &first, out))
		return false;
	if (first) {
		sts_enforce_message(facts, STS_SHARE_NONE, STS_SHARE_NONE, &side);
		add_side(&side, true, out);
	}
	return true;
}

bool
replay_entry(const struct sts_query_entry *entry, const struct sts_enforce_rules *by, int64_t now, struct replay *out)
{
	const struct sts_query_value *ts = sts_query_value_of(entry, "ts");
	struct sts_evidence evidence = { .domain = "" };
	struct sts_rule_session client = { .client = &evidence.client };
	struct sts_policy_view policy;
	const struct sts_enforce_facts facts = { .by = *by, .judged = true, .evidence = &evidence, .policy = &policy,
		.client = &client, .now = now };

	memset(out, 0, sizeof(*out));
	if (ts == NULL || !sts_tally_number(ts->value, ts->len, &out->ts_ms) || !take_sender(entry, &evidence) ||
	    !take_tls(entry, &evidence.tls) || !take_policy(entry, now, &policy))
		return false;
	if (!take_client(entry, &evidence.client))
		client.client = NULL;
	memcpy(out->domain, evidence.domain, sizeof(out->domain));
	return decide(entry, &facts, out);
}
