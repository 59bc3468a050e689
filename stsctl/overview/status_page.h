/* SPDX-License-Identifier: ISC */
/* status_page.h - one screen about everything, as text. Pure but for the printing. */
#ifndef STSCTL_OVERVIEW_STATUS_PAGE_H
#define STSCTL_OVERVIEW_STATUS_PAGE_H

#include <stdio.h>

#include "stsctl/overview/snapshot.h"
#include "stsctl/overview/local_metrics.h"
#include "stsctl/overview/problems.h"

struct overview {
	const char *version;		/* of stsctl */
	const char *redis;		/* the endpoint; "none" */
	bool has_redis;			/* false: redis = none */
	bool reachable;
	const char *why;		/* why it is not; clean */
	bool enforces, dry_run;		/* the settings of this machine */
	const char *metrics_listen;	/* "": nowhere */
	struct local_metrics local;	/* with metrics_listen */
	struct snapshot snapshot;		/* if reachable; now in any case */
	struct problems problems;	/* if reachable */
};

/* What the settings of this machine say of enforcement: "on", "dry-run", "off". */
const char *overview_enforcement(const struct overview *overview);

/* False: memory ran out for a part. */
bool status_page_print(const struct overview *overview, size_t width, FILE *to);

#endif
