/* SPDX-License-Identifier: ISC */
/* problems.h - finds the problems in a snapshot, the latest first. Pure. Any thread. */
#ifndef STSCTL_OVERVIEW_PROBLEMS_H
#define STSCTL_OVERVIEW_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stsctl/overview/snapshot.h"

enum { PROBLEMS_MAX = 20, PROBLEM_TEXT_CAP = 480 };

struct problem {
	int64_t since;			/* seconds; 0: unknown */
	bool serious;			/* exit status 1; otherwise only worth knowing */
	char text[PROBLEM_TEXT_CAP];
};

struct problems {
	struct problem list[PROBLEMS_MAX];
	size_t count;
	size_t more;			/* problems for which there was no room */
};

/* Overwrites *out. */
void problems_find(const struct snapshot *snapshot, struct problems *out);
/* Whether any of them is serious. */
bool problems_are_serious(const struct problems *problems);

#endif
