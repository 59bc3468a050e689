/* SPDX-License-Identifier: ISC */
/*
 * socketmap_answer_text.c - writes a decision in the syntax of smtp_tls_policy_maps.
 *
 * Attributes are separated by white space or commas; `{ name = value }` is for values with spaces. An unknown name or a
 * stray brace makes Postfix defer all mail to the domain, so only expected bytes are written.
 */
#include "config.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/outbound/socketmap_answer.h"

/* How much of the policy text the reply includes. */
enum detail { ALL_LINES, ONE_LINE, NO_REPORT };

static bool
is_name_byte(char c)
{
	return sts_ascii_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

/* Leaves out bytes that no name contains. */
static void
add_name(struct sts_text *t, const char *name)
{
	while (*name != '\0') {
		size_t len = 0;

		while (is_name_byte(name[len]))
			len++;
		sts_text_add_bytes(t, name, len);
		name += len + (name[len] != '\0');
	}
}

/* ---- what the certificate must match ---- */

/* Postfix writes `.example.net` where the policy has `*.example.net`. */
static void
add_match(struct sts_text *t, const struct sts_policy *policy)
{
	for (size_t i = 0; i < policy->mx_count; i++) {
		sts_text_add(t, i == 0 ? " match=" : ":");
		add_name(t, policy->mx[i] + (policy->mx[i][0] == '*'));
	}
}

static const struct sts_policy *
policy_with_mx(const struct sts_outbound_facts *f)
{
	if (f->entry == NULL || f->entry->state != STS_STATE_POLICY || !sts_entry_is_live(f->entry, f->now))
		return NULL;
	return f->entry->policy->mx_count > 0 ? f->entry->policy : NULL;
}

static void
add_secure(struct sts_text *t, const struct sts_outbound_facts *f)
{
	const struct sts_policy *policy = policy_with_mx(f);

	if (f->rule != NULL && f->rule->match != NULL) {
		sts_text_addf(t, " match=%s", f->rule->match);
	} else if (policy != NULL) {
		add_match(t, policy);
	}
	/* SNI with the name of the MX host (RFC 8461 section 4.3). */
	sts_text_add(t, " servername=hostname");
}

/* ---- what Postfix 3.10 and later pass on for reports ---- */

static bool
is_line_byte(char c)
{
	return is_name_byte(c) || c == ' ' || c == ':' || c == '*';
}

static bool
line_is_harmless(const char *line, size_t len)
{
	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_line_byte(line[i]))
			return false;
	return true;
}

static void
add_line(struct sts_text *t, const char *line, size_t len)
{
	sts_text_add(t, " { policy_string = ");
	sts_text_add_bytes(t, line, len);
	sts_text_add(t, " }");
}

/* Postfix 3.10.0 to 3.10.5 crash when there is no policy_string at all. */
static void
add_lines(struct sts_text *t, const struct sts_entry *entry, enum detail detail)
{
	const char *at = entry->text, *end = entry->text + entry->text_len;
	bool any = false;

	while (at < end && detail == ALL_LINES) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
		size_t kept = len > 0 && at[len - 1] == '\r' ? len - 1 : len;

		if (line_is_harmless(at, kept)) {
			add_line(t, at, kept);
			any = true;
		}
		at += newline != NULL ? len + 1 : len;
	}
	if (!any)
		add_line(t, "version: STSv1", strlen("version: STSv1"));
}

static void
add_report(struct sts_text *t, const struct sts_outbound_facts *f, enum detail detail)
{
	const struct sts_policy *policy = f->entry->policy;

	sts_text_add(t, " policy_type=sts policy_domain=");
	add_name(t, f->domain);
	add_lines(t, f->entry, detail);
	for (size_t i = 0; i < policy->mx_count; i++) {
		bool wild = policy->mx[i][0] == '*';

		sts_text_add(t, wild ? " mx_host_pattern=*" : " mx_host_pattern=");
		add_name(t, policy->mx[i] + wild);
	}
}

/* ---- the reply ---- */

static void
add_answer(struct sts_text *t, const struct sts_outbound_facts *f, const struct sts_outbound_answer *a, enum detail detail)
{
	bool by_policy = a->why == STS_WHY_POLICY || a->why == STS_WHY_TESTING;

	sts_text_addf(t, "OK %s", sts_send_level_name(a->level));
	if (a->level == STS_SEND_SECURE)
		add_secure(t, f);
	if (by_policy && f->map == STS_MAP_TLSRPT && detail != NO_REPORT && policy_with_mx(f) != NULL)
		add_report(t, f, detail);
}

void
sts_outbound_write(const struct sts_outbound_facts *f, const struct sts_outbound_answer *a, struct sts_text *reply)
{
	size_t start = reply->len;

	if (a->defer) {
		sts_text_add(reply, "TEMP the policy of ");
		add_name(reply, f->domain);
		sts_text_add(reply, " could not be looked up yet");
		return;
	}
	if (a->level == STS_SEND_DEFAULT) {
		sts_text_add(reply, "NOTFOUND ");
		return;
	}
	for (unsigned detail = ALL_LINES; detail <= NO_REPORT; detail++) {
		reply->len = start;
		reply->overflow = false;
		add_answer(reply, f, a, (enum detail)detail);
		if (!reply->overflow)
			return;
	}
}
