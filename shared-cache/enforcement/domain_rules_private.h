/* SPDX-License-Identifier: ISC */
/*
 * domain_rules_private.h - what the files of the domain rules share among themselves.
 *
 *   domain_rule_line.c    one line -> a draft, or what is wrong with it
 *   domain_rules.c        a text -> its lines -> rules that are found by pattern
 *   domain_rule_check.c   rule, TLS, session -> does it apply, what is lacking
 */
#ifndef STS_ENFORCEMENT_DOMAIN_RULES_PRIVATE_H
#define STS_ENFORCEMENT_DOMAIN_RULES_PRIVATE_H

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/names/domain.h"

/* "postmaster@" and a domain, or a dot and a domain. */
enum { STS_RULE_PATTERN_CAP = 16 + STS_DOMAIN_CAP, STS_RULE_CERT_MAX = 256, STS_RULE_CLIENTS_MAX = 64, STS_RULE_WHY_CAP = 400 };

struct sts_rule_clients {
	struct sts_netlist *networks;	/* owned; NULL: none */
	const char *names;		/* normalised, `.` before those that stand for subdomains; each ends with a NUL, and the
					 * last is followed by an empty one */
	struct sts_rule_clients *next;	/* of the same set of rules, for the one who frees */
};

/* Bytes of the line, not terminated; NULL when there is nothing. */
struct sts_rule_slice {
	const char *bytes;
	size_t len;
};

/* A line taken apart. */
struct sts_rule_draft {
	enum sts_rule_side side;
	char pattern[STS_RULE_PATTERN_CAP];
	enum sts_rule_kind kind;
	enum sts_action action;
	int min_version;
	struct sts_rule_slice subject, issuer;
	struct sts_netlist *networks;	/* owned until somebody takes it and leaves NULL */
	char names[STS_RULE_CLIENTS_MAX * (STS_DOMAIN_CAP + 1) + 1];	/* as in struct sts_rule_clients */
	size_t names_len;		/* without the last NUL; 0: none */
	int32_t from, until;
};

/* STS_OK: *out is a draft, to be ended with sts_domain_rule_draft_fini. Otherwise there is nothing to end: STS_ENOTFOUND, the line
 * says nothing; STS_EINVAL with a sentence in why; STS_ENOMEM. */
enum sts_status sts_domain_rule_parse_line(const char *line, size_t len, struct sts_rule_draft *out,
    char why[STS_RULE_WHY_CAP]);
void sts_domain_rule_draft_fini(struct sts_rule_draft *draft);

/* Whether a rule that lets through says to whom it applies. */
static inline bool
sts_domain_rule_is_narrowed(const struct sts_domain_rule *rule)
{
	return rule->kind != STS_RULE_REQUIRE && (rule->cert_subject != NULL || rule->clients != NULL);
}

/* Whether it is there for this client. */
bool sts_domain_rule_applies(const struct sts_domain_rule *rule, const struct sts_rule_session *session);

#endif
