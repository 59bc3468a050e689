/* SPDX-License-Identifier: ISC */
/* fuzz_tlsrpt.c - any TLSRPTv1 record, and any second one after a line end. */
#include "config.h"

#include <string.h>

#include "shared-cache/policy/tlsrpt_record.h"
#include "tests/fuzz/fuzz.h"

static void
check_rua(struct sts_slice uri, const char *data, size_t size)
{
	char domain[STS_DOMAIN_CAP];

	MUST(uri.len > 0 && uri.s >= data && uri.s + uri.len <= data + size);
	for (size_t i = 0; i < uri.len; i++)
		MUST(uri.s[i] > 0x20 && uri.s[i] < 0x7f && strchr(",;!", uri.s[i]) == NULL);
	if ((uri.s[0] | 0x20) == 'm')
		MUST(sts_tlsrpt_mail_domain(uri, domain));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = size > 0 ? memchr(text, '\n', size) : NULL;
	size_t first = end != NULL ? (size_t)(end - text) : size;
	struct sts_txt rrset[2] = { { text, first }, { end != NULL ? end + 1 : NULL, end != NULL ? size - first - 1 : 0 } };
	struct sts_tlsrpt tlsrpt, again;
	struct sts_diag diag;
	enum sts_record_result result;

	sts_diag_init(&diag);
	result = sts_tlsrpt_select(rrset, end != NULL ? 2 : 1, &tlsrpt, &diag);
	MUST((result == STS_RECORD_VALID) == (tlsrpt.rua_count > 0));
	MUST((diag.error.text[0] == '\0') == (result == STS_RECORD_VALID));
	for (size_t i = 0; i < tlsrpt.rua_count; i++)
		check_rua(tlsrpt.rua[i], text, size);
	for (const char *p = diag.error.text; *p != '\0'; p++)
		MUST((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
	MUST(sts_tlsrpt_select(rrset, end != NULL ? 2 : 1, &again, NULL) == result && again.rua_count == tlsrpt.rua_count);
	return 0;
}
