/* SPDX-License-Identifier: ISC */
/* status_page.h - prints what `stsctl status' found out, as one screen of text. */
#ifndef STSCTL_OVERVIEW_STATUS_PAGE_H
#define STSCTL_OVERVIEW_STATUS_PAGE_H

#include <stdio.h>

#include "stsctl/overview/snapshot.h"
#include "stsctl/overview/local_metrics.h"
#include "stsctl/overview/problems.h"

struct overview {
	const char *version;		/* stsctl's */
	const char *redis;		/* the endpoint, or "none" */
	bool has_redis;			/* false: redis = none */
	bool reachable;
	const char *why;		/* why not; safe to print */
	bool enforces, dry_run;		/* by the settings of this machine */
	const char *metrics_listen;	/* "": the milter serves no metrics */
	struct local_metrics local;	/* valid if metrics_listen is set */
	struct snapshot snapshot;		/* valid if reachable; now is always set */
	struct problems problems;	/* valid if reachable */
};

/* The mode of enforcement by the settings of this machine: "on", "dry-run", "off". */
const char *overview_enforcement(const struct overview *overview);

/* Prints the page in width columns. False: memory ran out, and a part is missing. */
bool status_page_print(const struct overview *overview, size_t width, FILE *to);

#endif
