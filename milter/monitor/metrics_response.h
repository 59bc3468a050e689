/* SPDX-License-Identifier: ISC */
/*
 * metrics_response.h - the response to a request: /metrics, /healthz, or an error. Knows no HTTP library.
 * Any thread.
 */
#ifndef MILTER_MONITOR_METRICS_RESPONSE_H
#define MILTER_MONITOR_METRICS_RESPONSE_H

#include <stddef.h>

#include "milter/service/service.h"

struct metrics_response {
	unsigned status;	/* HTTP status */
	const char *type;	/* Content-Type */
	char *body;		/* the caller frees it; NULL: no memory, status is 500 */
	size_t len;
};

/* For HEAD, gives the response to GET; the caller leaves the body out. */
void metrics_response(struct service *service, const char *method, const char *path, struct metrics_response *out);

#endif
