/* SPDX-License-Identifier: ISC */
/* doctor/tripwire.h - finds milters whose trip wire has tripped, from their heartbeats in Redis. One thread. */
#ifndef STSCTL_DOCTOR_TRIPWIRE_H
#define STSCTL_DOCTOR_TRIPWIRE_H

#include <stdint.h>

#include "stsctl/machine/inspection.h"

enum { DOCTOR_TRIPWIRES_MAX = 8 };
struct doctor_tripwires {
	struct { char node[256]; int64_t since; } list[DOCTOR_TRIPWIRES_MAX];
	size_t count;			/* of tripped ones; the list has the first of them */
};

/* Queries Redis, if it answers. inspect_redis reports what is wrong with Redis. */
void inspect_tripwires(const struct doctor_env *env, struct doctor_tripwires *out);
void judge_tripwires(const struct doctor_tripwires *wires, struct findings *out);

#endif
