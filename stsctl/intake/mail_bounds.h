/* SPDX-License-Identifier: ISC */
/*
 * mail_bounds.h - checks whether a mail may be given to a MIME parser.
 *
 * GMime's memory and time depend on the number of fields, parts, parameters and addresses, not on bytes: the time for a field of
 * addresses grows with the square of their number, and nested groups use up its stack. So all of these are counted before GMime sees
 * the mail. Where the header fields are is not known then: each line that begins like a field counts as one, together with the lines
 * that continue it. Pure. Any thread.
 */
#ifndef STSCTL_INTAKE_MAIL_BOUNDS_H
#define STSCTL_INTAKE_MAIL_BOUNDS_H

#include <stddef.h>

#include "shared-cache/base/status.h"

enum {
	MAIL_MAX = 10 * 1024 * 1024,		/* bytes; Postfix's message_size_limit is 10240000 */
	MAIL_BOUNDARIES_MAX = 1000,		/* lines that begin with two hyphens */
	MAIL_COLON_LINES_MAX = 40000,		/* lines that may be header fields */
	MAIL_FIELD_MAX = 32 * 1024,		/* bytes of a field */
	MAIL_FIELD_MARKS_MAX = 1000,		/* of `:', `,' and `;' in a field: groups of addresses nest */
	MAIL_FIELDS_MAX = 512 * 1024,		/* bytes of all fields */
	MAIL_MARKS_MAX = 50000,			/* in all fields */
};

/* STS_EFULL: the mail is beyond a bound; *why (a literal) says which. */
enum sts_status mail_bounds_check(const char *bytes, size_t len, const char **why);

#endif
