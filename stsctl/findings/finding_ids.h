/* SPDX-License-Identifier: ISC */
/* finding_ids.h - the parts of the table of findings, shared by finding_ids.c and the files that hold the parts. */
#ifndef STSCTL_FINDINGS_FINDING_IDS_H
#define STSCTL_FINDINGS_FINDING_IDS_H

#include <stddef.h>

struct finding_row {
	const char *id, *why;
};

/* The rows of doctor (finding_ids_doctor.c). */
extern const struct finding_row finding_doctor_rows[];
extern const size_t finding_doctor_count;

#endif
