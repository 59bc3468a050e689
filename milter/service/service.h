/* SPDX-License-Identifier: ISC */
/*
 * service.h - what all sessions share: the current settings, the policy cache, the writer of counters, the metrics.
 *
 * The daemon creates it before libmilter starts, and takes it apart after libmilter has ended. Only the settings change in between:
 * a reload replaces them, and each session keeps the set that it began with.
 */
#ifndef MILTER_SERVICE_SERVICE_H
#define MILTER_SERVICE_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "milter/record/counter_names.h"
#include "milter/record/metrics.h"
#include "milter/record/warning_kind.h"
#include "milter/service/client_macros.h"
#include "milter/service/published_rua.h"
#include "milter/service/shutdown_gate.h"
#include "milter/service/tripwire.h"
#include "shared-cache/base/log.h"
#include "shared-cache/cache/cache.h"
#include "shared-cache/cache/histories.h"
#include "shared-cache/fetcher/fetcher.h"
#include "shared-cache/judge/align.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/settings/conf.h"
#include "shared-cache/writer/writer.h"

struct service {
	pthread_mutex_t lock;
	struct sts_conf *conf;				/* guarded by lock; one reference */
	atomic_uint conf_swaps;				/* how often conf was replaced */
	struct sts_log_limit limits[WARNING_KINDS];	/* guarded by lock */
	struct tripwire wire;				/* guarded by lock, as the next two */
	int64_t tripped_at;				/* seconds since the epoch; 0: not tripped */
	uint64_t trips;					/* since the start */
	struct sts_fetcher *fetcher;			/* NULL: HTTPS is done in this process; immutable after start, like the next four */
	struct sts_cache *cache;			/* not owned, like the next three */
	struct sts_writer *writer;
	struct sts_histories *histories;
	struct sts_align *align;			/* NULL: there is no Public Suffix List */
	struct counter_names *counter_names;		/* owned; NULL without memory: names are built as text */
	void (*invalid)(void *arg, const char *domain);	/* called for sts_cache_params.invalid; NULL: not wanted */
	void *invalid_arg;
	struct metrics metrics;
	struct client_macros client_macros;
	bool over_tcp;					/* the MTA connects by TCP; immutable after start */
	uint64_t started_ms;				/* since the epoch; immutable */
	atomic_uint_fast64_t heard;			/* the number of the last command from stsctl */
	atomic_bool stopping;				/* about to be taken apart */
	atomic_bool reload_refused;			/* the last reload failed */
	struct published_rua published_rua;		/* has a lock of its own */
	struct shutdown_gate gate;				/* callbacks that use any of the above are inside it */
};

/* Takes over the reference to conf. cache, writer, histories and align are NULL until the daemon sets them. */
void service_init(struct service *service, struct sts_conf *conf);
/* Drops the settings. All sessions must have ended. */
void service_fini(struct service *service);

/* The current settings, with a reference for the caller. Any thread. */
struct sts_conf *service_conf_ref(struct service *service);
/* Changes after the settings did: a thread that keeps a reference notices new ones without a lock. Any thread. */
unsigned service_conf_swaps(const struct service *service);
/* Replaces the settings for new sessions; takes over the reference to conf. Any thread. */
void service_conf_swap(struct service *service, struct sts_conf *conf);

/* ---- the trip wire of max_refusals_per_minute; any thread ---- */

/* Whether it has tripped: then nothing may be refused or held. */
bool service_is_tripped(struct service *service);
/* Call once for each message that is about to be refused or held, however many of its recipients are. domain: the sender's;
 * client: NULL or of family 0 if unknown. limit: sender domains and client networks a minute (tripwire.h), 0: no limit. False:
 * it must not be refused, the wire has tripped; if this call tripped it, that is logged. */
bool service_allow_refusal(struct service *service, int64_t limit, const char *domain, const struct sts_ipaddr *client);
/* Allows refusals again; why: for the log. True: it had tripped. */
bool service_reset_tripwire(struct service *service, const char *why);

struct service_tripwire {
	int64_t tripped_at;		/* seconds since the epoch; 0: not tripped, refusals follow the settings */
	uint64_t trips;			/* since the start of the process */
	uint64_t last_minute;		/* messages refused or held */
	int64_t limit;			/* of the current settings; 0: no limit */
	bool dry_run;			/* of the current settings */
	bool enforces;			/* the current settings can refuse something */
};
void service_tripwire(struct service *service, struct service_tripwire *out);

/* Counts the warning, and logs it unless one of its kind was logged less than a minute ago; the next one logged tells how many
 * were left out. Any thread. */
void service_warn(struct service *service, enum warning_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
