/* SPDX-License-Identifier: ISC */
/*
 * service.h - what all sessions share: the current settings, the policy cache, the writer of counters, the metrics.
 *
 * The daemon makes it before libmilter starts and takes it apart after libmilter has ended. Only the settings change in
 * between: a reload swaps them, and each session keeps the set that it began with.
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
	atomic_uint conf_swaps;				/* how often it was replaced */
	struct sts_log_limit limits[WARNING_KINDS];	/* guarded by lock */
	struct tripwire wire;				/* guarded by lock, as the next two */
	int64_t tripped_at;				/* seconds since the epoch; 0: not tripped */
	uint64_t trips;					/* since the start */
	struct sts_fetcher *fetcher;			/* NULL: HTTPS is done in this process; immutable after start, as the next four */
	struct sts_cache *cache;			/* not owned, as the next three */
	struct sts_writer *writer;
	struct sts_histories *histories;
	struct sts_align *align;			/* NULL when there is no Public Suffix List */
	struct counter_names *counter_names;		/* owned; NULL without memory: names are made anew */
	void (*invalid)(void *arg, const char *domain);	/* news of the cache (sts_cache_params); NULL: nobody wants them */
	void *invalid_arg;
	struct metrics metrics;
	struct client_macros client_macros;
	bool over_tcp;					/* the MTA comes by TCP; immutable after start */
	uint64_t started_ms;				/* since the epoch; immutable */
	atomic_uint_fast64_t heard;			/* the number with the last word of stsctl's */
	atomic_bool stopping;				/* about to be taken apart */
	atomic_bool reload_refused;			/* the last reload found mistakes */
	struct published_rua published_rua;		/* has a lock of its own */
	struct shutdown_gate gate;				/* callbacks that use any of the above are inside */
};

/* Takes over the reference to conf. cache, writer, histories and align are NULL until the daemon sets them. */
void service_init(struct service *service, struct sts_conf *conf);
/* Gives the settings back. Sessions must have ended. */
void service_fini(struct service *service);

/* The current settings with a reference of the caller's own. Any thread. */
struct sts_conf *service_conf_ref(struct service *service);
/* Changes after the settings did: who keeps a reference sees by it, without a lock, that there are new ones. Any thread. */
unsigned service_conf_swaps(const struct service *service);
/* Replaces the settings for sessions to come; takes over the reference to conf. Any thread. */
void service_conf_swap(struct service *service, struct sts_conf *conf);

/* ---- the trip wire of max_refusals_per_minute; any thread ---- */

/* Whether it has tripped: then nothing is to be refused or held. */
bool service_is_tripped(struct service *service);
/* A message is about to be refused or held; domain: its sender's, client: NULL or of family 0 when unknown. False: don't, the wire has
 * tripped; when it is this one that tripped it, that is logged. limit: sender domains and client networks a minute (tripwire.h), 0
 * for no bound. Once for each message, however many of its recipients are refused. */
bool service_allow_refusal(struct service *service, int64_t limit, const char *domain, const struct sts_ipaddr *client);
/* Lets refusals go on; why: for the log. True when it had tripped. */
bool service_reset_tripwire(struct service *service, const char *why);

struct service_tripwire {
	int64_t tripped_at;		/* seconds since the epoch; 0: not tripped, mail is refused as the settings say */
	uint64_t trips;			/* since the start of the process */
	uint64_t last_minute;		/* messages refused or held */
	int64_t limit;			/* of the current settings; 0: no bound */
	bool dry_run;			/* of the current settings */
	bool enforces;			/* the current settings could refuse something */
};
void service_tripwire(struct service *service, struct service_tripwire *out);

/* Counts a trouble, and logs a warning unless one of its kind was logged less than a minute ago; then the next one says how
 * many there were. Any thread. */
void service_warn(struct service *service, enum warning_kind trouble, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
