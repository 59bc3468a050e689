/* SPDX-License-Identifier: ISC */
/* reload.c - reads the settings again, and replaces the old ones. Knows nothing of their meaning. */
#include "config.h"

#include "milter/daemon/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "milter/record/metrics_table.h"
#include "shared-cache/base/log.h"
#include "shared-cache/base/text.h"

static void
warn_each_line(const char *before, char *lines)
{
	char *line, *end;

	for (line = lines; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		if (*end != '\0')
			*end++ = '\0';
		sts_warn("%s%s", before, line);
	}
}

/* Unless it returns STS_OK, each error is logged as a warning, with `before' in front. */
static enum sts_status
load(const struct settings_source *source, const char *before, struct sts_conf **out)
{
	char *mistakes = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&mistakes, &len);
	enum sts_status status = sts_conf_load(source->file, source->overrides, source->override_count, errors, out);

	if (errors != NULL)
		fclose(errors);
	if (status != STS_OK && mistakes != NULL)
		warn_each_line(before, mistakes);
	free(mistakes);
	return status;
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
apply(struct service *service, struct sts_conf *conf, const struct sts_conf *started)
{
	char names[1024];
	struct sts_text text;

	sts_text_init(&text, names, sizeof(names));
	sts_conf_restart_needed(started, conf, add_name, &text);
	service_conf_swap(service, conf);
	(void)service_reset_tripwire(service, "reload");
	sts_info("reload: new settings are in use");
	if (text.len > 0)
		sts_warn("reload: changed, but takes full effect only after a restart: %s", names);
}

void
reload(struct service *service, const struct settings_source *source, const struct sts_conf *started)
{
	struct sts_conf *conf = NULL;
	enum sts_status status = load(source, "reload: ", &conf);

	atomic_store(&service->reload_refused, status != STS_OK);
	metrics_count(&service->metrics, METRICS_RELOADS, status == STS_OK ? METRICS_RELOAD_DONE : METRICS_RELOAD_REFUSED, 0);
	if (status == STS_OK)
		apply(service, conf, started);
	else
		sts_warn("reload: %s: the old settings stay in use", sts_status_text(status));
}

void
reload_check_access(const struct settings_source *source)
{
	struct sts_conf *conf = NULL;

	if (load(source, "a reload will fail, root alone may read this: ", &conf) == STS_OK)
		sts_conf_unref(&conf);
}
