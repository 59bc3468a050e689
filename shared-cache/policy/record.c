/* SPDX-License-Identifier: ISC */
/* record.c - picks and parses the STSv1 record. Knows nothing of DNS. */
#include "config.h"

#include "shared-cache/policy/record.h"

#include <stdbool.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/policy/txt_fields.h"

static const struct sts_txtkind stsv1 = { "v=STSv1", "id=" };

static bool
check_id(struct sts_slice value, char id[STS_ID_CAP], struct sts_diag *diag)
{
	char shown[STS_TXT_FIELDS_SHOWN_CAP];

	for (size_t i = 0; i < value.len; i++) {
		if (!sts_ascii_is_alnum(value.s[i])) {
			sts_diag_error(diag, 0, "id must hold letters and digits only, not: %s", sts_slice_shown(value, shown));
			return false;
		}
	}
	if (value.len > STS_ID_MAX) {
		sts_diag_error(diag, 0, "id is longer than 32 bytes: %s", sts_slice_shown(value, shown));
		return false;
	}
	memcpy(id, value.s, value.len);
	id[value.len] = '\0';
	return true;
}

/* The fields after the version. Repeated ids and versions are ignored (RFC 8461 section 3.2: all entries but the first), but must
 * be well-formed fields. */
static bool
parse_fields(struct sts_txt_fields *fields, char id[STS_ID_CAP], struct sts_diag *diag)
{
	enum sts_txt_fields_next next;
	bool seen_id = false;

	while ((next = sts_txt_fields_next(fields, NULL)) == STS_FIELD) {
		if (sts_slice_is(fields->name, "v"))
			sts_diag_warn(diag, 0, "v is given again; the first one counts");
		else if (sts_slice_is(fields->name, "id") && seen_id)
			sts_diag_warn(diag, 0, "id is given again; the first one counts");
		else if (sts_slice_is(fields->name, "id")) {
			if (!check_id(fields->value, id, diag))
				return false;
			seen_id = true;
		} else if (fields->name.len == 2 && sts_ascii_same_letters(fields->name.s, "id", 2))
			sts_diag_warn(diag, 0, "a field %.2s is unknown; the name of id is in lower case", fields->name.s);
	}
	if (next == STS_FIELDS_END && !seen_id)
		sts_diag_error(diag, 0, "id is missing");
	return next == STS_FIELDS_END && seen_id;
}

enum sts_record_result
sts_record_select(const struct sts_txt *rrset, size_t count, char id[STS_ID_CAP], struct sts_diag *diag)
{
	const struct sts_txt *found = sts_txt_fields_pick(rrset, count, &stsv1, diag);
	struct sts_txt_fields fields;

	id[0] = '\0';
	if (found == NULL)
		return STS_RECORD_NONE;
	sts_txt_fields_init(&fields, found, &stsv1, diag);
	if (parse_fields(&fields, id, diag))
		return STS_RECORD_VALID;
	id[0] = '\0';
	return STS_RECORD_INVALID;
}

const char *
sts_record_result_name(enum sts_record_result result)
{
	switch (result) {
	case STS_RECORD_VALID:
		return "valid";
	case STS_RECORD_NONE:
		return "none";
	case STS_RECORD_INVALID:
		return "invalid";
	}
	return "none";
}
