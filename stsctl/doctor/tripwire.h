/* SPDX-License-Identifier: ISC */
/* doctor/tripwire.h - the milters' trip wires, as their signs of life in Redis tell. One thread. */
#ifndef STSCTL_DOCTOR_TRIPWIRE_H
#define STSCTL_DOCTOR_TRIPWIRE_H

#include <stdint.h>

#include "stsctl/machine/inspection.h"

enum { DOCTOR_WIRES_MAX = 8 };
struct doctor_wires {
	struct { char node[256]; int64_t since; } list[DOCTOR_WIRES_MAX];
	size_t count;			/* of those that have tripped; the list has the first of them */
};

/* Asks Redis, where there is one that answers; others find what is wrong with it. */
void look_wires(const struct doctor_means *means, struct doctor_wires *out);
void judge_wires(const struct doctor_wires *wires, struct findings *out);

#endif
