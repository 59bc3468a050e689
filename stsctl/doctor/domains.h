/* SPDX-License-Identifier: ISC */
/* doctor/domains.h - compares local_domains with Postfix's domains, and looks up their policies. One thread. */
#ifndef STSCTL_DOCTOR_DOMAINS_H
#define STSCTL_DOCTOR_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/names/domain.h"
#include "stsctl/context/settings.h"
#include "stsctl/smtpd/postfix_config.h"

enum doctor_policy { POLICY_NOT_ASKED, POLICY_THERE, POLICY_ABSENT, POLICY_BROKEN, POLICY_UNKNOWN };
struct doctor_domain {
	char name[STS_DOMAIN_CAP];
	const char *setting;		/* of Postfix, that names it; NULL: only in local_domains */
	bool local;			/* in local_domains */
	enum doctor_policy policy;
	char why[DOCTOR_LINE];
};
struct doctor_domains {
	struct doctor_domain *list;
	size_t count, cap;
	bool no_local;			/* local_domains is empty */
	char unlisted[DOCTOR_LINE];	/* tables whose contents cannot be listed */
};
void inspect_domains(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_domains *out);
/* Queries DNS and policy hosts. */
void inspect_policies(const struct doctor_env *env, const struct cmd_context *context, struct doctor_domains *domains);
void judge_domains(const struct doctor_postfix *pf, const struct doctor_domains *domains, struct findings *out);
void doctor_domains_fini(struct doctor_domains *domains);

#endif
