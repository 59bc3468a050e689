/* SPDX-License-Identifier: ISC */
/* troubles.h - figures -> what a person should know of them, the newest first. Pure. Any thread. */
#ifndef STSCTL_OVERVIEW_TROUBLES_H
#define STSCTL_OVERVIEW_TROUBLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stsctl/overview/snapshot.h"

enum { TROUBLES_MAX = 20, TROUBLE_TEXT_CAP = 480 };

struct trouble {
	int64_t since;			/* seconds; 0: not known */
	bool serious;			/* "problem found"; otherwise something to know */
	char text[TROUBLE_TEXT_CAP];
};

struct troubles {
	struct trouble list[TROUBLES_MAX];
	size_t count;
	size_t more;			/* for which there was no room */
};

void troubles_find(const struct moment *figures, struct troubles *out);
bool troubles_are_serious(const struct troubles *troubles);

#endif
