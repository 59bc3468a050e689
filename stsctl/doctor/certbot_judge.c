/* SPDX-License-Identifier: ISC */
/* certbot_judge.c - reports keys that change at renewal although TLSA records name them. Pure. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/doctor/certbot.h"

/* The first record that depends on the key: of the key itself, or of the certificate. */
static const struct dane_record *
key_record(const struct dane_records *tlsa)
{
	for (size_t i = 0; i < tlsa->count; i++)
		if (dane_record_use(&tlsa->list[i]) == DANE_USABLE && tlsa->list[i].usage == DANE_EE)
			return &tlsa->list[i];
	return NULL;
}

/* certbot before 2.3 has no command for this. */
static const char *
fix_of(const struct doctor_lineage *lineage, char out[DOCTOR_LINE + POSTFIX_VALUE_CAP])
{
	out[0] = '\0';
	if (strchr(lineage->path, '\'') == NULL)
		snprintf(out, DOCTOR_LINE + POSTFIX_VALUE_CAP,
		    "sed -i -e '/^reuse_key/d' -e '/^\\[renewalparams\\]/a reuse_key = True' '%s'", lineage->path);
	return out;
}

static void
judge_lineage(const struct doctor_certbot *certbot, const struct doctor_lineage *lineage, struct findings *out)
{
	const struct dane_records *tlsa = certbot->tlsa.count > 0 ? &certbot->tlsa : &lineage->tlsa;
	const struct dane_record *record = key_record(tlsa);
	char fix[DOCTOR_LINE + POSTFIX_VALUE_CAP], shown[DANE_SHOWN_CAP];

	if (lineage->denied) {
		doctor_add(out, FINDING_INFO, "dane.reuse-key", lineage->path, "run stsctl doctor as root", "Permission denied");
		findings_set_unsure(out);
	} else if (lineage->reuses_key) {
		doctor_add(out, FINDING_PASS, "dane.reuse-key", lineage->path, NULL, "certbot keeps the key at renewal");
	} else if (certbot->failed[0] != '\0') {
		doctor_add(out, FINDING_INFO, "dane.reuse-key", lineage->path, NULL,
		    "certbot makes a new key at each renewal; whether there are TLSA records could not be determined: %s", certbot->failed);
		findings_set_unsure(out);
	} else if (record != NULL) {
		doctor_add(out, FINDING_WARN, "dane.reuse-key", lineage->path, fix_of(lineage, fix), "certbot makes a new key at each "
		    "renewal, and %s has TLSA %s", tlsa->owner, dane_record_show(record, shown));
	}
}

bool
certbot_wants_dns(const struct doctor_certbot *certbot)
{
	for (size_t i = 0; i < certbot->count; i++)
		if (!certbot->list[i].reuses_key && !certbot->list[i].denied)
			return true;
	return false;
}

void
judge_certbot(const struct doctor_certbot *certbot, struct findings *out)
{
	for (size_t i = 0; i < certbot->count; i++)
		judge_lineage(certbot, &certbot->list[i], out);
	switch (certbot->validation) {
	case VALIDATION_NOT_ASKED:
		break;
	case VALIDATION_THERE:
		doctor_add(out, FINDING_PASS, "dane.resolver", certbot->resolver, NULL, "it validates (AD)");
		break;
	case VALIDATION_NONE:
		doctor_add(out, FINDING_INFO, "dane.resolver", certbot->resolver,
		    "run a validating resolver on this machine, such as unbound; Postfix also needs `options trust-ad' in resolv.conf",
		    "it does not validate: no AD flag, not even for the root");
		break;
	case VALIDATION_UNKNOWN:
		doctor_add(out, FINDING_INFO, "dane.resolver", certbot->resolver, NULL, "whether it validates could not be determined: %s",
		    certbot->why);
		findings_set_unsure(out);
		break;
	}
}
