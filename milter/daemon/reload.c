/* SPDX-License-Identifier: ISC */
/* reload.c - settings read again and swapped. Knows nothing of what they mean. */
#include "config.h"

#include "milter/daemon/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "milter/record/metrics_table.h"
#include "shared-cache/base/log.h"
#include "shared-cache/base/text.h"

static void
warn_each_line(char *lines)
{
	char *line, *end;

	for (line = lines; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		if (*end != '\0')
			*end++ = '\0';
		sts_warn("reload: %s", line);
	}
}

static void
add_name(void *arg, const char *name)
{
	struct sts_text *text = arg;

	if (text->len > 0)
		sts_text_add(text, " ");
	sts_text_add(text, name);
}

static void
take_up(struct service *service, struct sts_conf *conf, const struct sts_conf *started)
{
	char names[1024];
	struct sts_text text;

	sts_text_init(&text, names, sizeof(names));
	sts_conf_restart_needed(started, conf, add_name, &text);
	service_conf_swap(service, conf);
	(void)service_reset_tripwire(service, "reload");
	sts_info("reload: new settings are in use");
	if (text.len > 0)
		sts_warn("reload: changed, but used in full only after a restart: %s", names);
}

void
reload(struct service *service, const struct settings_source *source, const struct sts_conf *started)
{
	struct sts_conf *conf = NULL;
	enum sts_status status;
	char *mistakes = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&mistakes, &len);

	status = sts_conf_load(source->file, source->overrides, source->override_count, errors, &conf);
	if (errors != NULL)
		fclose(errors);
	atomic_store(&service->reload_refused, status != STS_OK);
	metrics_count(&service->metrics, METRICS_RELOADS, status == STS_OK ? METRICS_RELOAD_DONE : METRICS_RELOAD_REFUSED, 0);
	if (status == STS_OK) {
		take_up(service, conf, started);
	} else {
		if (mistakes != NULL)
			warn_each_line(mistakes);
		sts_warn("reload: %s: the old settings stay in use", sts_status_text(status));
	}
	free(mistakes);
}
