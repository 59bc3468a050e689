/* SPDX-License-Identifier: ISC */
/*
 * domain_rules_private.h - what the files of the domain rules share.
 *
 *   domain_rule_line.c    parses one line into a draft
 *   domain_rules.c        parses a text of rules, and finds the rule for a domain
 *   domain_rule_check.c   compares a rule with a message: whether it applies, and what is lacking
 */
#ifndef STS_ENFORCEMENT_DOMAIN_RULES_PRIVATE_H
#define STS_ENFORCEMENT_DOMAIN_RULES_PRIVATE_H

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/names/domain.h"

/* "postmaster@" and a domain, or a dot and a domain. */
enum { STS_RULE_PATTERN_CAP = 16 + STS_DOMAIN_CAP, STS_RULE_CERT_MAX = 256, STS_RULE_CLIENTS_MAX = 64, STS_RULE_WHY_CAP = 400 };

struct sts_rule_clients {
	struct sts_netlist *networks;	/* owned; NULL: none */
	const char *names;		/* normalised, with a leading `.` for subdomains; NUL-terminated one by one, an empty one
					 * ends the list */
	struct sts_rule_clients *next;	/* list of all of a set of rules, for freeing */
};

/* A part of the line, not NUL-terminated; bytes is NULL when there is none. */
struct sts_rule_slice {
	const char *bytes;
	size_t len;
};

/* A parsed line. */
struct sts_rule_draft {
	enum sts_rule_side side;
	char pattern[STS_RULE_PATTERN_CAP];
	enum sts_rule_kind kind;
	enum sts_action action;
	int min_version;
	struct sts_rule_slice subject, issuer;
	struct sts_netlist *networks;	/* owned, until somebody takes it and leaves NULL */
	char names[STS_RULE_CLIENTS_MAX * (STS_DOMAIN_CAP + 1) + 1];	/* as in struct sts_rule_clients */
	size_t names_len;		/* without the last NUL; 0: no names */
	int32_t from, until;
};

/* STS_OK: *out is a draft; release it with sts_domain_rule_draft_fini. Otherwise there is nothing to release: STS_ENOTFOUND, an empty
 * line or one of another kind; STS_EINVAL, with a sentence in why; STS_ENOMEM. */
enum sts_status sts_domain_rule_parse_line(const char *line, size_t len, struct sts_rule_draft *out,
    char why[STS_RULE_WHY_CAP]);
void sts_domain_rule_draft_fini(struct sts_rule_draft *draft);

/* Whether a rule that lets mail through is limited to some clients. */
static inline bool
sts_domain_rule_is_narrowed(const struct sts_domain_rule *rule)
{
	return rule->kind != STS_RULE_REQUIRE && (rule->cert_subject != NULL || rule->clients != NULL);
}

/* Whether the rule applies to this client. */
bool sts_domain_rule_applies(const struct sts_domain_rule *rule, const struct sts_rule_session *session);

#endif
