/* SPDX-License-Identifier: ISC */
/* report_types.c - tables of the keywords of RFC 8460. */
#include "config.h"

#include "shared-cache/tlsreport/report_types.h"

#include <string.h>

#include "shared-cache/base/ascii.h"

static const struct {
	const char *name, *word;
} kinds[STS_REPORT_KINDS] = {
	[STS_REPORT_STS] = { "sts", "sts" },
	[STS_REPORT_TLSA] = { "tlsa", "tlsa" },
	[STS_REPORT_NONE] = { "none", "no-policy-found" },
};

static const char *const results[STS_REPORT_RESULTS] = {
	"starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted",
	"validation-failure", "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error",
	"sts-policy-invalid", "sts-webpki-invalid", "sts-webpki-not-trusted", "other",
};

static bool
same_word(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && sts_ascii_same_letters(a, b, strlen(a));
}

const char *
sts_report_kind_name(enum sts_report_kind kind)
{
	return kinds[kind].name;
}

const char *
sts_report_kind_word(enum sts_report_kind kind)
{
	return kinds[kind].word;
}

bool
sts_report_kind_parse(const char *word, enum sts_report_kind *out)
{
	for (size_t i = 0; i < STS_REPORT_KINDS; i++)
		if (same_word(word, kinds[i].word)) {
			*out = (enum sts_report_kind)i;
			return true;
		}
	return false;
}

size_t
sts_report_result_find(const char *word)
{
	for (size_t i = 0; i < STS_REPORT_RESULT_OTHER; i++)
		if (same_word(word, results[i]))
			return i;
	return STS_REPORT_RESULT_OTHER;
}

const char *
sts_report_result_name(size_t index)
{
	return results[index];
}
