/* SPDX-License-Identifier: ISC */
/*
 * metrics_response.h - which answer a request gets: /metrics, /healthz, or why none. Knows no HTTP library.
 * Any thread.
 */
#ifndef MILTER_MONITOR_METRICS_RESPONSE_H
#define MILTER_MONITOR_METRICS_RESPONSE_H

#include <stddef.h>

#include "milter/service/service.h"

struct metrics_response {
	unsigned status;	/* of HTTP */
	const char *type;	/* Content-Type */
	char *body;		/* the caller's to free; NULL: no memory for one, status is 500 */
	size_t len;
};

/* For HEAD, the answer to GET; leaving the body out is left to who sends it. */
void metrics_response(struct service *service, const char *method, const char *path, struct metrics_response *out);

#endif
