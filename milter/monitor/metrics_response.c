/* SPDX-License-Identifier: ISC */
/* metrics_response.c - from a request to its response, as text. */
#include "config.h"

#include "milter/monitor/metrics_response.h"

#include <stdlib.h>
#include <string.h>

#include "milter/monitor/metrics_collect.h"
#include "milter/record/metrics_text.h"

#define PLAIN_TEXT "text/plain; charset=utf-8"
#define METRICS_TEXT "text/plain; version=0.0.4; charset=utf-8"

/* Too large for the stack. */
struct response_work {
	struct metrics_snapshot snapshot;
	struct health_facts health;
};

static void
write_metrics(const struct response_work *work, struct metrics_response *out, struct sts_text *text)
{
	metrics_text(&work->snapshot, text);
	out->type = METRICS_TEXT;
	/* Half of the metrics would be taken for all. */
	if (text->overflow)
		out->status = 500;
}

static void
write_body(struct service *service, const char *path, struct metrics_response *out, struct sts_text *text)
{
	struct response_work *work = malloc(sizeof(*work));

	if (work == NULL) {
		out->status = 500;
		return;
	}
	metrics_collect(service, &work->snapshot, &work->health);
	if (strcmp(path, "/metrics") == 0)
		write_metrics(work, out, text);
	else if (!health_report(&work->health, text))
		out->status = 503;
	free(work);
}

void
metrics_response(struct service *service, const char *method, const char *path, struct metrics_response *out)
{
	struct sts_text text;

	*out = (struct metrics_response){ .status = 500, .type = PLAIN_TEXT, .body = malloc(METRICS_TEXT_CAP) };
	if (out->body == NULL)
		return;
	sts_text_init(&text, out->body, METRICS_TEXT_CAP);
	out->status = 200;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		out->status = 405;
		sts_text_add(&text, "only GET and HEAD\n");
	} else if (strcmp(path, "/metrics") != 0 && strcmp(path, "/healthz") != 0) {
		out->status = 404;
		sts_text_add(&text, "there are /metrics and /healthz\n");
	} else {
		write_body(service, path, out, &text);
	}
	out->len = text.len;
}
