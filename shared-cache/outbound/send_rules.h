/* SPDX-License-Identifier: ISC */
/*
 * send_rules.h - the administrator's rules for TLS towards single domains, whatever those publish: the lines of the domain_rules
 * file that begin with `send:`.
 *
 *   send:bank.example      tls=secure                    # never without a matching certificate
 *   send:mx.example        tls=secure match=.mx.example  # ... which must match this, instead of the policy's mx or the domain
 *   send:old.example       tls=may                       # whatever it publishes
 *   send:.gov.example      tls=dane-only                 # all subdomains, not the domain itself
 *   send:odd.example       tls=default                   # as in main.cf: no policy, no DANE
 *
 * tls= is a security level of Postfix (none, may, encrypt, dane, dane-only, secure) or default. The exact pattern wins, then the
 * longest `.suffix`; a pattern may be given only once.
 *
 * Pure. Immutable once made: any thread.
 */
#ifndef STS_OUTBOUND_SEND_RULES_H
#define STS_OUTBOUND_SEND_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/status.h"
#include "shared-cache/enforcement/domain_rules.h"

/* Security levels of smtp_tls_policy_maps, in increasing order. */
enum sts_send_level {
	STS_SEND_DEFAULT,	/* no answer: main.cf decides */
	STS_SEND_NONE, STS_SEND_MAY, STS_SEND_ENCRYPT, STS_SEND_DANE, STS_SEND_DANE_ONLY, STS_SEND_SECURE,
	STS_SEND_LEVELS
};
/* "default", "none", "may", "encrypt", "dane", "dane-only", "secure". "" beyond the last. */
const char *sts_send_level_name(unsigned level);

struct sts_send_rule {
	const char *pattern;	/* "bank.example" or ".gov.example", normalised */
	unsigned line;
	enum sts_send_level level;
	const char *match;	/* with tls=secure: in Postfix's syntax, checked byte by byte; NULL: not given */
};

struct sts_send_rules;

/* Whether a line of the file is a `send:` line. line begins with its first word. */
bool sts_send_rules_is_send_line(const char *line, size_t len);

/* Parses the `send:` lines and skips the others. Mistakes and ownership as with sts_domain_rules_parse; *out is NULL
 * when there are no such lines. */
enum sts_status sts_send_rules_parse(const char *text, size_t len, sts_rules_note_fn *mistake, void *arg,
    struct sts_send_rules **out);
void sts_send_rules_free(struct sts_send_rules **rules);
size_t sts_send_rules_count(const struct sts_send_rules *rules);

/* The rule for a normalised domain, or NULL; borrowed. rules may be NULL. One lookup per label. */
const struct sts_send_rule *sts_send_rules_find(const struct sts_send_rules *rules, const char *domain);

#endif
