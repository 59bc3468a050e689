/* SPDX-License-Identifier: ISC */
/* policy_hash.c - SHA-256 of texts. */
#include "config.h"

#include "shared-cache/reportstats/policy_hash.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "shared-cache/tlsreport/canonical_policy.h"

enum sts_status
sts_text_hash(const char *const *parts, size_t count, char out[STS_TEXT_HASH_CAP])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned int len = 0;
	bool good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL);

	out[0] = '\0';
	for (size_t i = 0; i < count && good; i++) {
		uint64_t part_len = strlen(parts[i]);
		unsigned char before[8];

		for (size_t b = 0; b < sizeof(before); b++)
			before[b] = (unsigned char)(part_len >> (8 * b));
		good = EVP_DigestUpdate(context, before, sizeof(before)) && EVP_DigestUpdate(context, parts[i], part_len);
	}
	good = good && EVP_DigestFinal_ex(context, digest, &len) && len >= (STS_TEXT_HASH_CAP - 1) / 2;
	EVP_MD_CTX_free(context);
	for (size_t i = 0; good && i < (STS_TEXT_HASH_CAP - 1) / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return good ? STS_OK : STS_ENOMEM;
}

enum sts_status
sts_policy_hash(const char *const *lines, size_t count, char out[STS_TEXT_HASH_CAP], char **canon)
{
	char *text;
	enum sts_status status = sts_canonical_policy(lines, count, &text);

	out[0] = '\0';
	if (status == STS_OK)
		status = sts_text_hash((const char *const *)&text, 1, out);
	if (canon != NULL && status == STS_OK)
		*canon = text;
	else
		free(text);
	return status;
}
