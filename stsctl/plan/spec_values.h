/* SPDX-License-Identifier: ISC */
/*
 * plan/spec_values.h - the kinds of values in the file that publish reads: what each may hold, and the form in which it is kept.
 * Pure. Any thread.
 */
#ifndef STSCTL_PLAN_SPEC_VALUES_H
#define STSCTL_PLAN_SPEC_VALUES_H

#include <stdint.h>

#include "shared-cache/settings/conf_syntax.h"

/* A value, and whose it is. */
struct spec_value {
	const char *text;		/* trimmed, without control bytes */
	const char *domain;		/* what %d stands for */
	int64_t lo, hi;			/* bounds of times, ms */
	bool may_be_empty;
	const struct sts_conf_place *place;
};

/* Makes the field of a value, and frees what was in it. Complains on STS_EINVAL, and leaves the field as it was. */
typedef enum sts_status spec_set_fn(const struct spec_value *value, void *field);

spec_set_fn spec_set_mode;	/* enum sts_mode */
spec_set_fn spec_set_time;	/* int64_t, ms */
/* char *, owned: */
spec_set_fn spec_set_mx;		/* from-dns, or patterns of RFC 8461 section 3.2 */
spec_set_fn spec_set_rua;		/* mailto: and https: URIs */
spec_set_fn spec_set_web_host;	/* IP addresses, or one host name */
spec_set_fn spec_set_listen;
spec_set_fn spec_set_address;	/* one IP address */
spec_set_fn spec_set_path;	/* from the root; a final slash is removed */

#endif
