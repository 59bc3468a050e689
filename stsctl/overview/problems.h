/* SPDX-License-Identifier: ISC */
/* problems.h - figures -> what a person should know of them, the newest first. Pure. Any thread. */
#ifndef STSCTL_OVERVIEW_PROBLEMS_H
#define STSCTL_OVERVIEW_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stsctl/overview/snapshot.h"

enum { PROBLEMS_MAX = 20, PROBLEM_TEXT_CAP = 480 };

struct problem {
	int64_t since;			/* seconds; 0: not known */
	bool serious;			/* "problem found"; otherwise something to know */
	char text[PROBLEM_TEXT_CAP];
};

struct problems {
	struct problem list[PROBLEMS_MAX];
	size_t count;
	size_t more;			/* for which there was no room */
};

void problems_find(const struct snapshot *snapshot, struct problems *out);
bool problems_are_serious(const struct problems *problems);

#endif
