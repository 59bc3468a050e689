/* SPDX-License-Identifier: ISC */
/*
 * txt_fields.h - what the TXT records of RFC 8461 section 3.1 and RFC 8460 section 3 have in common: exactly one record with
 * the version in front, and `name=value' fields with semicolons between them.
 *
 * The messages name what stands in the record, escaped. Pure. Any thread.
 */
#ifndef STS_POLICY_TXT_FIELDS_H
#define STS_POLICY_TXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/policy/record.h"

/* Which kind of record. */
struct sts_txtkind {
	const char *version;	/* "v=STSv1"; its last two bytes are the number */
	const char *first;	/* the field that people put in front by mistake: "id=" */
};

/* Records without the version in front are discarded, with a warning when they look like one that is misspelt. The one that is
 * left; NULL, and the error says why, when none or several are. */
const struct sts_txt *sts_txt_fields_pick(const struct sts_txt *rrset, size_t count, const struct sts_txtkind *kind,
    struct sts_diag *diag);

/* Bytes of the record. */
struct sts_slice {
	const char *s;
	size_t len;
};
bool sts_slice_is(struct sts_slice slice, const char *text);

/* Reads the fields behind the version, one after the other. */
struct sts_txt_fields {
	const char *pos, *end;
	struct sts_diag *diag;
	struct sts_slice name, value;	/* of the field that was read last */
};
void sts_txt_fields_init(struct sts_txt_fields *fields, const struct sts_txt *txt, const struct sts_txtkind *kind,
    struct sts_diag *diag);

/* Bytes that a field's value may hold, by its name. NULL stands for those of both RFCs' extensions: visible ASCII but = and ; */
typedef bool sts_txt_fields_byte_fn(struct sts_slice name, char byte);

enum sts_txt_fields_next { STS_FIELD, STS_FIELDS_END, STS_FIELDS_BAD /* the error says how */ };
enum sts_txt_fields_next sts_txt_fields_next(struct sts_txt_fields *fields, sts_txt_fields_byte_fn *is_value_byte);

/* Escapes bytes of the record for a message; returns storage. */
enum { STS_TXT_FIELDS_SHOW_MAX = 32, STS_TXT_FIELDS_SHOWN_CAP = 4 * STS_TXT_FIELDS_SHOW_MAX + 4 };
const char *sts_slice_shown(struct sts_slice slice, char storage[STS_TXT_FIELDS_SHOWN_CAP]);

#endif
