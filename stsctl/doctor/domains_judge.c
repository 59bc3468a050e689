/* SPDX-License-Identifier: ISC */
/* domains_judge.c - judges the lists of domains and their policies. Pure. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/doctor/domains.h"

enum { SHOWN_MAX = 50 };

/* A list of domain names as text, and their number. */
struct names {
	char text[DOCTOR_TEXT];
	size_t count;
};

static void
add_name(struct names *names, const char *name, const char *separator)
{
	size_t used = strlen(names->text);
	struct sts_text text;

	if (names->count++ >= SHOWN_MAX)
		return;
	sts_text_init(&text, names->text + used, sizeof(names->text) - used);
	sts_text_addf(&text, "%s%s", used > 0 ? separator : "", name);
}

static void
judge_lists(const struct doctor_domains *domains, struct findings *out)
{
	struct names missing = { .count = 0 }, unknown = { .count = 0 }, all = { .count = 0 };
	char fix[DOCTOR_TEXT + 64];

	for (size_t i = 0; i < domains->count; i++) {
		const struct doctor_domain *d = &domains->list[i];

		add_name(&all, d->name, ", ");
		if (!d->local)
			add_name(&missing, d->name, ", ");
		else if (d->setting == NULL && domains->unlisted[0] == '\0')
			add_name(&unknown, d->name, ", ");
	}
	snprintf(fix, sizeof(fix), "local_domains = %s\nin mta-sts-milter.conf", all.text);
	if (all.count > SHOWN_MAX)
		fix[0] = '\0';
	if (domains->no_local && all.count > 0)
		findings_add(out, FINDING_INFO, "domains.none", "local_domains", "empty", fix);
	else if (missing.count > 0)
		doctor_add(out, FINDING_WARN, "domains.missing", "local_domains", fix, "%zu of Postfix's domains: %s",
		    missing.count, missing.text);
	if (unknown.count > 0)
		doctor_add(out, FINDING_INFO, "domains.unknown", "local_domains", NULL, "Postfix accepts no mail for %s",
		    unknown.text);
	if (domains->unlisted[0] != '\0')
		findings_add(out, FINDING_INFO, "domains.unlisted", "Postfix", domains->unlisted, NULL);
	if (!domains->no_local && missing.count + unknown.count == 0 && all.count > 0)
		doctor_add(out, FINDING_PASS, "domains.ok", "local_domains", NULL, "%zu, the same as in Postfix", all.count);
}

static void
judge_policy(const struct doctor_domain *d, struct findings *out)
{
	char fix[STS_DOMAIN_CAP + 32];

	snprintf(fix, sizeof(fix), "stsctl check %s", d->name);
	switch (d->policy) {
	case POLICY_THERE:
		findings_add(out, FINDING_PASS, "domains.policy", d->name, d->why, NULL);
		break;
	case POLICY_ABSENT:
		findings_add(out, FINDING_WARN, "domains.policy", d->name, "no policy is published", fix);
		break;
	case POLICY_BROKEN:
		findings_add(out, FINDING_FAIL, "domains.policy", d->name, d->why, fix);
		break;
	case POLICY_UNKNOWN:
		findings_add(out, FINDING_INFO, "domains.policy", d->name, d->why, fix);
		findings_set_unsure(out);
		break;
	case POLICY_NOT_ASKED:
		break;
	}
}

void
judge_domains(const struct doctor_postfix *pf, const struct doctor_domains *domains, struct findings *out)
{
	if (pf->conf != NULL)
		judge_lists(domains, out);
	for (size_t i = 0; i < domains->count; i++)
		judge_policy(&domains->list[i], out);
}
