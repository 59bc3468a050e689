/* SPDX-License-Identifier: ISC */
/* finding_ids.h - the parts of the one table of findings, for finding_ids.c and the files that it is made of. */
#ifndef STSCTL_FINDINGS_FINDING_IDS_H
#define STSCTL_FINDINGS_FINDING_IDS_H

#include <stddef.h>

struct finding_row {
	const char *id, *why;
};

/* finding_ids_doctor.c: doctor's. */
extern const struct finding_row finding_doctor_rows[];
extern const size_t finding_doctor_count;

#endif
