/* SPDX-License-Identifier: ISC */
/*
 * domain_rules.h - rules about the TLS of incoming mail, agreed with single domains (the setting `domain_rules`).
 *
 * One rule a line: a pattern and words, separated by white space; `#` at the beginning of a word starts a comment.
 *
 *   bank.example            the domain itself, as the sender's
 *   .supplier.example       its subdomains at any depth, not the domain itself
 *   rcpt:board.example      the same, or .SUFFIX, for the recipient's domain
 *   rcpt:postmaster@D       the role account only (or abuse@), which no other pattern matches
 *
 *   tls=required            adequate TLS, by min_tls_version, min_cipher_bits and weak_ciphers
 *   version=TLSv1.3         the same, with this version in place of min_tls_version (higher or lower)
 *   cert=SUBJECT[/ISSUER]   the same, and a client certificate with these common names whose chain the MTA has verified;
 *                           `*` matches any bytes, `?` one (the only way to write a space)
 *   client=A,B,...          the client: a verified host name, `.suffix` (its subdomains), an address or a network
 *   action=accept|quarantine|tempfail|reject   what to do with mail that does not meet all of this
 *   tls=optional            no TLS required, whatever the domain publishes
 *   exempt                  nothing required; the mail is never refused
 *   from=, until=           YYYY-MM-DD: the days (UTC, both inclusive) on which the rule is in force
 *
 * A rule either requires something; then it must have an action, because no default would be a safe guess for somebody else's mail. Or
 * it lets mail through (exempt, tls=optional); then client= and cert= narrow it to some clients, and for all others it does not
 * exist. client= alone is not a rule: it says who, but not what.
 * Only the most specific rule applies: the exact pattern, then the longest `.suffix`; of the rules for one pattern the narrowed
 * ones first, in the order of the file, then the other one. Two that could both apply on the same day are an error.
 *
 * Unknown never makes anybody fail: neither a TLS state that the MTA did not report, nor a certificate it was not asked for. A host
 * name that DNS could not verify just now does not match, but turns a reject into a tempfail (sts_domain_rule_action).
 *
 * Pure: time and text are passed in. Immutable once made: any thread, concurrently.
 */
#ifndef STS_ENFORCEMENT_DOMAIN_RULES_H
#define STS_ENFORCEMENT_DOMAIN_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/judge/action.h"
#include "shared-cache/judge/tls.h"
#include "shared-cache/names/ipaddr.h"

enum {
	STS_RULES_TEXT_MAX = 32 << 20,	/* bytes of a file */
	STS_RULES_MAX = 1000000,	/* rules of a file */
	STS_RULES_PER_PATTERN = 64,	/* with different days or clients */
	STS_RULES_NOTES = 100,		/* mistakes or warnings reported one by one */
	STS_RULE_LINE_MAX = 4096,	/* bytes */
};

enum sts_rule_side { STS_RULE_SENDER, STS_RULE_RCPT, STS_RULE_SIDES };
enum sts_rule_kind { STS_RULE_REQUIRE, STS_RULE_OPTIONAL, STS_RULE_EXEMPT };

/* The first requirement of a rule, in this order, that a message does not meet. */
enum sts_unmet {
	STS_UNMET_NOTHING,
	STS_UNMET_TLS,		/* it arrived in plaintext */
	STS_UNMET_VERSION, STS_UNMET_CIPHER, STS_UNMET_CERT, STS_UNMET_CLIENT,
	STS_UNMET_COUNT
};

struct sts_rule_clients;

struct sts_domain_rule {
	const char *pattern;		/* normalised: "bank.example", ".supplier.example", "postmaster@board.example" */
	unsigned line;			/* of the file, from 1 */
	enum sts_rule_side side;
	enum sts_rule_kind kind;
	enum sts_action action;		/* with STS_RULE_REQUIRE; else accept */
	int min_version;		/* rank (tls.h); 0: as in the settings */
	const char *cert_subject, *cert_issuer;	/* patterns; NULL: any; no certificate is required if both are NULL */
	const struct sts_rule_clients *clients;	/* NULL: any */
	int32_t from, until;		/* days since 1970-01-01, both inclusive */
};

struct sts_domain_rules;

/* Receives mistakes and warnings in the order of the lines; line 0: the text as a whole. In text, bytes of the input are
 * escaped; it is valid during the call only. */
typedef void sts_rules_note_fn(void *arg, unsigned line, const char *text);

/* Parses a text; the caller owns *out. STS_EINVAL, with *out NULL, when a line is wrong: then all wrong lines have been reported,
 * with one mistake each; after STS_RULES_NOTES only the number of the rest. An empty text is a set without rules. */
enum sts_status sts_domain_rules_parse(const char *text, size_t len, sts_rules_note_fn *mistake, void *arg,
    struct sts_domain_rules **out);
void sts_domain_rules_free(struct sts_domain_rules **rules);
size_t sts_domain_rules_count(const struct sts_domain_rules *rules);
/* Whether any rule needs client certificates. rules may be NULL, here and above. */
bool sts_domain_rules_asks_cert(const struct sts_domain_rules *rules);

/* Reports what is allowed but perhaps not meant: rules that have ended at now (seconds since the epoch), patterns that cover a whole
 * top-level domain. The number of warnings is bounded like that of mistakes. */
void sts_domain_rules_warn(const struct sts_domain_rules *rules, int64_t now, sts_rules_note_fn *warning, void *arg);

/* The client, as far as rules need it. The strings are the MTA's, borrowed. */
struct sts_rule_session {
	const struct sts_ipaddr *client;	/* NULL: it has no address */
	const char *client_name;	/* verified ({client_name}); NULL, "" or "unknown": there is none */
	bool client_name_pending;	/* {client_resolve} is TEMP: DNS could not tell now whether there is one */
	bool cert_told;			/* the MTA was asked for {cert_subject} and {cert_issuer}: if it sent none, there is no
					 * certificate, or none that it trusts; false: nothing is known */
	const char *cert_subject, *cert_issuer;	/* common names; NULL or "": none */
};

/* The rule that applies to a message, or NULL; borrowed from rules, which may be NULL (no rules). domain is normalised (the
 * sender's or the recipient's; "" has no rule), now in seconds since the epoch. Costs one lookup per label of domain.
 * While the client's name is pending, another rule may yet turn out to apply: then a reject by the general settings should be a
 * tempfail, too. */
const struct sts_domain_rule *sts_domain_rules_find(const struct sts_domain_rules *rules, enum sts_rule_side side,
    const char *domain, const struct sts_rule_session *session, int64_t now);

/* The same for a recipient that is a role account, by its local part in any case ("postmaster", "abuse"): only a rule that
 * names it applies. NULL for every other local part. */
const struct sts_domain_rule *sts_domain_rules_find_role(const struct sts_domain_rules *rules, const char *local_part,
    const char *domain, const struct sts_rule_session *session, int64_t now);

/* What the message lacks. Always nothing for rules that let mail through, and when the TLS state or version is unknown. */
enum sts_unmet sts_domain_rule_check(const struct sts_domain_rule *rule, const struct sts_tls *tls,
    const struct sts_tls_rules *tls_rules, const struct sts_rule_session *session);

/* The action: accept when nothing is lacking, else the rule's; but tempfail in place of reject while the client's name
 * is pending, because another rule may turn out to apply, or this one to be met. */
enum sts_action sts_domain_rule_action(const struct sts_domain_rule *rule, enum sts_unmet unmet,
    const struct sts_rule_session *session);

/* "nothing", "tls", "version", "cipher", "cert", "client"; "require", "optional", "exempt"; "" and "rcpt:". Never NULL. */
const char *sts_unmet_name(enum sts_unmet unmet);
const char *sts_rule_kind_name(enum sts_rule_kind kind);
const char *sts_rule_side_prefix(enum sts_rule_side side);

#endif
