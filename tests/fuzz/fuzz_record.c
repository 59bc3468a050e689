/* SPDX-License-Identifier: ISC */
/* fuzz_record.c - any RRset. The input is cut into records at line ends. */
#include "config.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/policy/record.h"
#include "tests/fuzz/fuzz.h"

enum { RECORDS_MAX = 16 };

static size_t
cut(const char *data, size_t size, struct sts_txt rrset[RECORDS_MAX])
{
	size_t count = 0;

	while (count < RECORDS_MAX) {
		const char *end = size > 0 ? memchr(data, '\n', size) : NULL;
		size_t len = end != NULL ? (size_t)(end - data) : size;

		rrset[count++] = (struct sts_txt){ data, len };
		if (end == NULL)
			break;
		data = end + 1;
		size -= len + 1;
	}
	return count;
}

static void
check_id(const char *id)
{
	size_t len = strlen(id);

	MUST(len >= 1 && len <= STS_ID_MAX);
	for (size_t i = 0; i < len; i++)
		MUST(sts_ascii_is_alnum(id[i]));
}

static void
check_printable(const struct sts_diag_note *note)
{
	for (const char *p = note->text; *p != '\0'; p++)
		MUST((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_txt rrset[RECORDS_MAX];
	size_t count = cut((const char *)data, size, rrset), stsv1 = 0;
	char id[STS_ID_CAP], again[STS_ID_CAP];
	struct sts_diag diag;
	enum sts_record_result result;

	sts_diag_init(&diag);
	result = sts_record_select(rrset, count, id, &diag);
	for (size_t i = 0; i < count; i++)
		stsv1 += rrset[i].len >= 8 && memcmp(rrset[i].data, "v=STSv1;", 8) == 0;
	MUST((result == STS_RECORD_NONE) == (stsv1 != 1));
	if (result == STS_RECORD_VALID)
		check_id(id);
	else
		MUST(id[0] == '\0');
	MUST((diag.error.text[0] == '\0') == (result == STS_RECORD_VALID));
	check_printable(&diag.error);
	for (size_t i = 0; i < diag.warning_count; i++)
		check_printable(&diag.warnings[i]);
	MUST(sts_record_select(rrset, count, again, NULL) == result && strcmp(id, again) == 0);
	return 0;
}
