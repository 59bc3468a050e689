/* SPDX-License-Identifier: ISC */
/* service.c - settings behind a lock, and warnings that do not flood the log. Knows neither libmilter nor sessions. */
#include "config.h"

#include "milter/service/service.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/hash.h"

enum { WARN_PERIOD_MS = 60 * 1000, WARN_CAP = 512 };

void
service_init(struct service *service, struct sts_conf *conf)
{
	memset(service, 0, sizeof(*service));
	pthread_mutex_init(&service->lock, NULL);
	published_rua_init(&service->published_rua);
	service->conf = conf;
	(void)counter_names_new(&service->counter_names);
	service->started_ms = (uint64_t)sts_clock_now_ms();
}

void
service_fini(struct service *service)
{
	sts_conf_unref(&service->conf);
	counter_names_free(&service->counter_names);
	published_rua_fini(&service->published_rua);
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

unsigned
service_conf_swaps(const struct service *service)
{
	return atomic_load_explicit(&service->conf_swaps, memory_order_acquire);
}

void
service_conf_swap(struct service *service, struct sts_conf *conf)
{
	struct sts_conf *old;

	pthread_mutex_lock(&service->lock);
	old = service->conf;
	service->conf = conf;
	atomic_fetch_add_explicit(&service->conf_swaps, 1, memory_order_release);
	pthread_mutex_unlock(&service->lock);
	/* Outside the lock: dropping the last reference frees the whole set. */
	sts_conf_unref(&old);
}

/* ---- the trip wire ---- */

bool
service_is_tripped(struct service *service)
{
	bool tripped;

	pthread_mutex_lock(&service->lock);
	tripped = service->wire.tripped;
	pthread_mutex_unlock(&service->lock);
	return tripped;
}

/* Clients count by network, /24 or /48: whoever has one address there has others. */
static struct tripwire_message
message_of(const char *domain, const struct sts_ipaddr *client)
{
	struct sts_ipaddr network = { .family = 0 };

	if (client != NULL)
		network = *client;
	sts_ipaddr_mask(&network);
	return (struct tripwire_message){ sts_hash_bytes(domain, strlen(domain)), sts_hash_bytes(&network, sizeof(network)) };
}

bool
service_allow_refusal(struct service *service, int64_t limit, const char *domain, const struct sts_ipaddr *client)
{
	const struct tripwire_message message = message_of(domain, client);
	int64_t mono_ms = sts_clock_mono_ms(), now = sts_clock_now();
	bool pass, first;

	pthread_mutex_lock(&service->lock);
	first = !service->wire.tripped;
	pass = tripwire_allow(&service->wire, &message, limit, mono_ms);
	if (!pass && first) {
		service->tripped_at = now;
		service->trips++;
	}
	pthread_mutex_unlock(&service->lock);
	if (!pass && first)
		sts_warn("trip wire: mail of more than %lld domains, from as many networks, refused or held within a minute: from now on as "
		    "with dry_run, until `stsctl enforce reset' or a reload", (long long)limit);
	return pass;
}

bool
service_reset_tripwire(struct service *service, const char *why)
{
	bool tripped;

	pthread_mutex_lock(&service->lock);
	tripped = service->wire.tripped;
	tripwire_reset(&service->wire);
	service->tripped_at = 0;
	pthread_mutex_unlock(&service->lock);
	if (tripped)
		sts_info("trip wire reset (%s): mail is refused again as the settings say", why);
	return tripped;
}

void
service_tripwire(struct service *service, struct service_tripwire *out)
{
	int64_t mono_ms = sts_clock_mono_ms();

	pthread_mutex_lock(&service->lock);
	*out = (struct service_tripwire){
		.tripped_at = service->tripped_at,
		.trips = service->trips,
		.last_minute = tripwire_count(&service->wire, mono_ms),
		.limit = service->conf->max_refusals,
		.dry_run = service->conf->enforcement.dry_run,
		.enforces = sts_conf_enforces(service->conf),
	};
	pthread_mutex_unlock(&service->lock);
}

void
service_warn(struct service *service, enum warning_kind kind, const char *format, ...)
{
	int64_t now = sts_clock_mono_ms();
	char text[WARN_CAP];
	unsigned long held;
	bool allowed;
	va_list ap;

	metrics_count(&service->metrics, METRICS_TROUBLES, kind, 0);
	pthread_mutex_lock(&service->lock);
	allowed = sts_log_allowed(&service->limits[kind], now, WARN_PERIOD_MS, &held);
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
