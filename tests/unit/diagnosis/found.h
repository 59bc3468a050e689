/* SPDX-License-Identifier: ISC */
/* found.h - findings in one line, "id=level id=level", for comparison with a table; a fail without a fix is "id=fail(no fix)". */
#ifndef FOUND_H
#define FOUND_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "stsctl/findings/findings.h"

static inline const char *
found_line(const struct findings *findings, char *out, size_t cap)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < findings->count; i++) {
		used = strlen(out);
		snprintf(out + used, cap - used, "%s%s=%s%s", i > 0 ? " " : "", findings->list[i].id,
		    finding_level_name(findings->list[i].level),
		    findings->list[i].level == FINDING_FAIL && findings->list[i].fix[0] == '\0' ? "(no fix)" : "");
	}
	return out;
}

#endif
