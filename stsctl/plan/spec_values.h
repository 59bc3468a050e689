/* SPDX-License-Identifier: ISC */
/*
 * plan/spec_values.h - the types of values in the spec: checks each value, and stores it in its normal form. Pure. Any thread.
 */
#ifndef STSCTL_PLAN_SPEC_VALUES_H
#define STSCTL_PLAN_SPEC_VALUES_H

#include <stdint.h>

#include "shared-cache/settings/conf_syntax.h"

/* A value, and the domain it belongs to. */
struct spec_value {
	const char *text;		/* trimmed, without control bytes */
	const char *domain;		/* replaces %d */
	int64_t lo, hi;			/* bounds of times, ms */
	bool may_be_empty;
	const struct sts_conf_place *place;
};

/* Parses a value into a field, and frees the field's old value. Reports STS_EINVAL to value->place, and leaves the field as it was. */
typedef enum sts_status spec_set_fn(const struct spec_value *value, void *field);

spec_set_fn spec_set_mode;	/* enum sts_mode */
spec_set_fn spec_set_time;	/* int64_t, ms */
/* The field is a char *, which it owns: */
spec_set_fn spec_set_mx;		/* from-dns, or patterns of RFC 8461 section 3.2 */
spec_set_fn spec_set_rua;		/* mailto: and https: URIs */
spec_set_fn spec_set_web_host;	/* IP addresses, or one host name */
spec_set_fn spec_set_listen;
spec_set_fn spec_set_address;	/* one IP address */
spec_set_fn spec_set_path;	/* absolute; a final slash is removed */

#endif
