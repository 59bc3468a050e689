/* SPDX-License-Identifier: ISC */
/*
 * domain_rules.h - what was agreed with single domains about TLS of mail that comes in (the setting `domain_rules`).
 *
 * One rule a line: a pattern and words, separated by white space; `#` at the beginning of a word starts a comment.
 *
 *   bank.example            the domain itself, as the sender's
 *   .supplier.example       all its subdomains at any depth, not the domain itself
 *   rcpt:board.example      the same two about the recipient's domain
 *   rcpt:postmaster@D       the role account alone (also abuse@): no other pattern speaks of the two
 *
 *   tls=required            TLS that is adequate by min_tls_version, min_cipher_bits and weak_ciphers
 *   version=TLSv1.3         the same, with this version in the place of min_tls_version (higher or lower)
 *   cert=SUBJECT[/ISSUER]   the same, and a client certificate whose chain the MTA has verified, with these common names;
 *                           `*` stands for any bytes, `?` for one (a blank cannot be written otherwise)
 *   client=A,B,...          the client: a verified host name, `.suffix` (its subdomains), an address or a network
 *   action=accept|quarantine|tempfail|reject   what to do with mail that does not satisfy all of this
 *   tls=optional            TLS is not asked for, whatever the domain publishes
 *   exempt                  nothing is asked for, and nothing held against the mail
 *   from=, until=           YYYY-MM-DD: the days (UTC, both included) on which the rule is there
 *
 * A rule either requires, and then says its action: no default would be a safe guess for somebody else's mail. Or it lets
 * through (exempt, tls=optional): then client= and cert= say to whom it applies, and for everybody else it is not there. client=
 * alone is not a rule: it says who, not what.
 * The most specific rule wins, and it alone speaks: the exact pattern, then the longest `.suffix`; of one pattern those that say
 * to whom they apply, in the order of the file, then the one that does not. Two that could both apply on a day are an error.
 *
 * Unknown never fails anybody: not TLS whose state the MTA did not tell, not a certificate it was not asked about. A host name
 * that DNS could not verify just now does not match, but turns a reject into a tempfail (sts_domain_rule_action).
 *
 * Pure: time and text are passed in. Immutable once made: any thread, many at a time.
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
	STS_RULES_PER_PATTERN = 64,	/* for other days, or for other clients */
	STS_RULES_NOTES = 100,		/* mistakes, or warnings, told one by one */
	STS_RULE_LINE_MAX = 4096,	/* bytes */
};

enum sts_rule_side { STS_RULE_SENDER, STS_RULE_RCPT, STS_RULE_SIDES };
enum sts_rule_kind { STS_RULE_REQUIRE, STS_RULE_OPTIONAL, STS_RULE_EXEMPT };

/* What a message lacks that a rule asks for; the first in this order. */
enum sts_unmet {
	STS_UNMET_NOTHING,
	STS_UNMET_TLS,		/* it came in plaintext */
	STS_UNMET_VERSION, STS_UNMET_CIPHER, STS_UNMET_CERT, STS_UNMET_CLIENT,
	STS_UNMET_COUNT
};

struct sts_rule_clients;

struct sts_domain_rule {
	const char *pattern;		/* normalised: "bank.example", ".supplier.example", "postmaster@board.example" */
	unsigned line;			/* of the file, from 1 */
	enum sts_rule_side side;
	enum sts_rule_kind kind;
	enum sts_action action;		/* STS_RULE_REQUIRE; else accept */
	int min_version;		/* rank (tls.h); 0: that of the settings */
	const char *cert_subject, *cert_issuer;	/* patterns; NULL: any, with both NULL no certificate is asked for */
	const struct sts_rule_clients *clients;	/* NULL: any */
	int32_t from, until;		/* days since 1970-01-01, both included */
};

struct sts_domain_rules;

/* Where mistakes and warnings go, in the order of the lines; line 0: about the whole. text holds no bytes of the input except
 * escaped ones, and is gone after the call. */
typedef void sts_rules_note_fn(void *arg, unsigned line, const char *text);

/* Makes rules of a text; the caller owns *out. STS_EINVAL, and *out NULL, when a line is wrong: all wrong lines have been told by
 * then, one mistake each; after STS_RULES_NOTES of them only how many more there are. An empty text is a set without rules. */
enum sts_status sts_domain_rules_parse(const char *text, size_t len, sts_rules_note_fn *mistake, void *arg,
    struct sts_domain_rules **out);
void sts_domain_rules_free(struct sts_domain_rules **rules);
size_t sts_domain_rules_count(const struct sts_domain_rules *rules);
/* Whether any of them looks at client certificates. rules may be NULL, here and above. */
bool sts_domain_rules_asks_cert(const struct sts_domain_rules *rules);

/* What is allowed and perhaps not meant: rules whose days are over at now (seconds since the epoch), patterns that cover a whole
 * top-level domain. Bounded as the mistakes are. */
void sts_domain_rules_warn(const struct sts_domain_rules *rules, int64_t now, sts_rules_note_fn *warning, void *arg);

/* Who brings the message, as far as rules ask. Strings as the MTA says them, borrowed. */
struct sts_rule_session {
	const struct sts_ipaddr *client;	/* NULL: has no address */
	const char *client_name;	/* verified ({client_name}); NULL, "" or "unknown": there is none */
	bool client_name_pending;	/* {client_resolve} is TEMP: DNS could not say now whether there is one */
	bool cert_told;			/* the MTA was asked for {cert_subject} and {cert_issuer}: without them there is no
					 * certificate, or none that it trusts; false: nothing is known */
	const char *cert_subject, *cert_issuer;	/* common names; NULL or "": none */
};

/* The rule that speaks about a message, or NULL; borrowed from rules, which may be NULL (none at all). domain is normalised (the
 * sender's or the recipient's; "" has no rule), now in seconds since the epoch. Costs one look-up for each label of domain.
 * NULL while the client's name is pending is not the last word either: a reject by the general settings, too, should then be a
 * tempfail. */
const struct sts_domain_rule *sts_domain_rules_find(const struct sts_domain_rules *rules, enum sts_rule_side side,
    const char *domain, const struct sts_rule_session *session, int64_t now);

/* The same for a recipient that is a role account, with its local part in any case ("postmaster", "abuse"): only a rule that
 * names it speaks. NULL for every other local part. */
const struct sts_domain_rule *sts_domain_rules_find_role(const struct sts_domain_rules *rules, const char *local_part,
    const char *domain, const struct sts_rule_session *session, int64_t now);

/* What the message lacks. Nothing, always, for rules that let through, and when the TLS state or version is unknown. */
enum sts_unmet sts_domain_rule_check(const struct sts_domain_rule *rule, const struct sts_tls *tls,
    const struct sts_tls_rules *tls_rules, const struct sts_rule_session *session);

/* What to do about it: accept when nothing is lacking, else the rule's action; but tempfail for reject while the client's name
 * is pending, since another rule may turn out to apply, or this one to be satisfied. */
enum sts_action sts_domain_rule_action(const struct sts_domain_rule *rule, enum sts_unmet unmet,
    const struct sts_rule_session *session);

/* "nothing", "tls", "version", "cipher", "cert", "client"; "require", "optional", "exempt"; "" and "rcpt:". Never NULL. */
const char *sts_unmet_name(enum sts_unmet unmet);
const char *sts_rule_kind_name(enum sts_rule_kind kind);
const char *sts_rule_side_prefix(enum sts_rule_side side);

#endif
