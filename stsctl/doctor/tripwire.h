/* SPDX-License-Identifier: ISC */
/* doctor/tripwire.h - the milters' trip wires, as their signs of life in Redis tell. One thread. */
#ifndef STSCTL_DOCTOR_TRIPWIRE_H
#define STSCTL_DOCTOR_TRIPWIRE_H

#include <stdint.h>

#include "stsctl/machine/inspection.h"

enum { DOCTOR_TRIPWIRES_MAX = 8 };
struct doctor_tripwires {
	struct { char node[256]; int64_t since; } list[DOCTOR_TRIPWIRES_MAX];
	size_t count;			/* of those that have tripped; the list has the first of them */
};

/* Asks Redis, where there is one that answers; others find what is wrong with it. */
void inspect_tripwires(const struct doctor_env *env, struct doctor_tripwires *out);
void judge_tripwires(const struct doctor_tripwires *wires, struct findings *out);

#endif
