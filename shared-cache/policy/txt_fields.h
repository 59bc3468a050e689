/* SPDX-License-Identifier: ISC */
/*
 * txt_fields.h - the common part of the TXT records of RFC 8461 section 3.1 and RFC 8460 section 3: exactly one record that begins
 * with the version, and `name=value' fields separated by semicolons.
 *
 * Diagnostics quote the record, escaped. Pure. Any thread.
 */
#ifndef STS_POLICY_TXT_FIELDS_H
#define STS_POLICY_TXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/base/diag.h"
#include "shared-cache/policy/record.h"

/* The kind of record. */
struct sts_txtkind {
	const char *version;	/* "v=STSv1"; its last two bytes are the number */
	const char *first;	/* the field that people put first by mistake: "id=" */
};

/* Discards records that do not begin with the version, with a warning about misspelt ones. Returns the one that is left, or NULL,
 * with an error in diag, when none or several are. */
const struct sts_txt *sts_txt_fields_pick(const struct sts_txt *rrset, size_t count, const struct sts_txtkind *kind,
    struct sts_diag *diag);

/* A part of the record. */
struct sts_slice {
	const char *s;
	size_t len;
};
bool sts_slice_is(struct sts_slice slice, const char *text);

/* Reads the fields after the version, one by one. */
struct sts_txt_fields {
	const char *pos, *end;
	struct sts_diag *diag;
	struct sts_slice name, value;	/* of the last field read */
};
void sts_txt_fields_init(struct sts_txt_fields *fields, const struct sts_txt *txt, const struct sts_txtkind *kind,
    struct sts_diag *diag);

/* Whether the value of a field of that name may contain the byte. NULL: the rule of both RFCs' extensions, visible ASCII but = and ; */
typedef bool sts_txt_fields_byte_fn(struct sts_slice name, char byte);

enum sts_txt_fields_next { STS_FIELD, STS_FIELDS_END, STS_FIELDS_BAD /* diag has the error */ };
enum sts_txt_fields_next sts_txt_fields_next(struct sts_txt_fields *fields, sts_txt_fields_byte_fn *is_value_byte);

/* Escapes bytes of the record for a message; returns storage. */
enum { STS_TXT_FIELDS_SHOW_MAX = 32, STS_TXT_FIELDS_SHOWN_CAP = 4 * STS_TXT_FIELDS_SHOW_MAX + 4 };
const char *sts_slice_shown(struct sts_slice slice, char storage[STS_TXT_FIELDS_SHOWN_CAP]);

#endif
