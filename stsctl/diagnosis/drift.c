/* SPDX-License-Identifier: ISC */
/* drift.c - hashes policies, and compares them with those of the last run. */
#include "config.h"

#include "stsctl/diagnosis/drift.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
add_policy(EVP_MD_CTX *digest, const struct sts_policy *policy, char **mx)
{
	char head[64];
	int len = snprintf(head, sizeof(head), "%s %u\n", sts_mode_name(policy->mode), (unsigned)policy->max_age_s);
	bool ok = EVP_DigestUpdate(digest, head, (size_t)len) == 1;

	if (policy->mx_count > 0)
		memcpy(mx, policy->mx, policy->mx_count * sizeof(*mx));
	qsort(mx, policy->mx_count, sizeof(*mx), compare);
	for (size_t i = 0; ok && i < policy->mx_count; i++)
		ok = EVP_DigestUpdate(digest, mx[i], strlen(mx[i])) == 1 && EVP_DigestUpdate(digest, "\n", 1) == 1;
	return ok;
}

bool
check_drift_hash(const struct sts_policy *policy, char out[CHECK_HASH_CAP])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	char **mx = calloc(policy->mx_count + 1, sizeof(*mx));
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool ok = digest != NULL && mx != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
	    add_policy(digest, policy, mx) && EVP_DigestFinal_ex(digest, bytes, &len) == 1;

	out[0] = '\0';
	for (unsigned i = 0; ok && i < len && 2 * i + 2 < CHECK_HASH_CAP; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	EVP_MD_CTX_free(digest);
	free(mx);
	return ok;
}

static void
report_content(const struct check_facts *facts, int64_t now, struct findings *out)
{
	char seen[STS_ID_CAP + 80], fix[STS_DOMAIN_CAP + 80], id[STS_ID_CAP] = "";
	time_t seconds = (time_t)now;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) != NULL)
		strftime(id, sizeof(id), "%Y%m%dT%H%M%S", &tm);
	snprintf(seen, sizeof(seen), "the policy has changed, but its id is still %s", facts->id);
	snprintf(fix, sizeof(fix), "_mta-sts.%s. IN TXT \"v=STSv1; id=%s;\"", facts->domain, id);
	findings_add(out, FINDING_FAIL, "drift.content-without-id", facts->domain, seen, fix);
}

void
check_drift(const struct check_facts *facts, int64_t now, struct check_baseline *baseline, struct findings *out)
{
	struct check_baseline is;
	char seen[2 * STS_ID_CAP + 80];
	bool same_id, same_policy, known = baseline->id[0] != '\0';

	if (facts->id[0] == '\0' || facts->policy == NULL)
		return;
	snprintf(is.id, sizeof(is.id), "%s", facts->id);
	if (!check_drift_hash(facts->policy, is.policy)) {
		out->no_memory = true;
		return;
	}
	same_id = strcmp(baseline->id, is.id) == 0;
	same_policy = strcmp(baseline->policy, is.policy) == 0;
	if (known && same_id && !same_policy) {
		report_content(facts, now, out);
		return;
	}
	if (known && !same_id && same_policy) {
		snprintf(seen, sizeof(seen), "the id was %s and is %s; the policy is the same", baseline->id, is.id);
		findings_add(out, FINDING_INFO, "drift.id-without-content", facts->domain, seen, NULL);
	}
	*baseline = is;
}
