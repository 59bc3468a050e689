/* SPDX-License-Identifier: ISC */
/* service.c - settings behind a lock, and warnings that do not flood the log. Knows neither libmilter nor sessions. */
#include "config.h"

#include "milter/service.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/sts_clock.h"

enum { WARN_PERIOD_MS = 60 * 1000, WARN_CAP = 512 };

const char *
service_trouble_name(unsigned trouble)
{
	static const char *const names[SERVICE_TROUBLES] = {
		[SERVICE_MEMORY] = "memory", [SERVICE_REFUSED] = "refused", [SERVICE_SIGNING] = "signing",
	};

	return trouble < SERVICE_TROUBLES ? names[trouble] : "";
}

void
service_init(struct service *service, struct sts_conf *conf)
{
	memset(service, 0, sizeof(*service));
	pthread_mutex_init(&service->lock, NULL);
	service->conf = conf;
	service->started_ms = (uint64_t)sts_clock_now_ms();
}

void
service_fini(struct service *service)
{
	sts_conf_unref(&service->conf);
	pthread_mutex_destroy(&service->lock);
}

struct sts_conf *
service_conf_ref(struct service *service)
{
	struct sts_conf *conf;

	pthread_mutex_lock(&service->lock);
	conf = sts_conf_ref(service->conf);
	pthread_mutex_unlock(&service->lock);
	return conf;
}

void
service_conf_swap(struct service *service, struct sts_conf *conf)
{
	struct sts_conf *old;

	pthread_mutex_lock(&service->lock);
	old = service->conf;
	service->conf = conf;
	pthread_mutex_unlock(&service->lock);
	/* Outside of the lock: the last reference frees the whole set. */
	sts_conf_unref(&old);
}

void
service_warn(struct service *service, enum service_trouble trouble, const char *format, ...)
{
	int64_t now = sts_clock_mono_ms();
	char text[WARN_CAP];
	unsigned long held;
	bool allowed;
	va_list ap;

	metrics_count(&service->metrics, METRICS_TROUBLES, trouble, 0);
	pthread_mutex_lock(&service->lock);
	allowed = sts_log_allowed(&service->limits[trouble], now, WARN_PERIOD_MS, &held);
	pthread_mutex_unlock(&service->lock);
	if (!allowed)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (held > 0)
		sts_warn("%s (and %lu more since the last such line)", text, held);
	else
		sts_warn("%s", text);
}
