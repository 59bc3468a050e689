/* SPDX-License-Identifier: ISC */
/* components.c - turns settings into parameters of the library, and starts and stops the parts in order. */
#include "config.h"

#include "milter/daemon/components.h"

#include <stddef.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/base/text.h"
#include "shared-cache/query/query.h"

enum {
	WRITER_DOMAINS = 50000,		/* rows of counters kept while the store is away: 50 MB at worst, known domains 40 */
	HEARTBEAT_MS = 5000,		/* between heartbeats */
	WRITER_STREAM = 10000,		/* evidence entries kept likewise */
	CALLBACKS_MS = 2000,		/* for callbacks in progress */
	LAST_CALLBACKS_MS = 1000,	/* the same, once no callback waits for policies any more */
	FLUSH_MS = 5000,
	WORD_DIGITS = 15,		/* of the number in a command from stsctl */
	ANSWERS_MS = 1000,		/* for answers that are being sent */
};

static struct sts_store_params
store_params(const struct sts_conf *conf)
{
	return (struct sts_store_params){
		.endpoint = conf->redis,
		.username = conf->redis_username,
		.password = conf->redis_password,
		.prefix = conf->redis_prefix,
		.db = conf->redis_db,
		.timeout_ms = conf->redis_timeout_ms,
		.stats_days = conf->domain_stats_days,
		.stats_domains = conf->domain_stats_max,
		.stream_maxlen = conf->evidence_maxlen,
		.node = sts_conf_node(conf),
	};
}

/* Times below a second cannot occur: the settings' bounds see to that. */
static int64_t
seconds(int64_t ms)
{
	return ms / 1000;
}

/* Matches "WORD" or "WORD NUMBER". */
static bool
is_word(const char *text, size_t len, const char *word, unsigned long long *number)
{
	size_t skip = strlen(word);

	*number = 0;
	if (len < skip || memcmp(text, word, skip) != 0)
		return false;
	return len == skip || (text[skip] == ' ' && sts_text_parse_u64(text + skip + 1, len - skip - 1, WORD_DIGITS, number));
}

/* Handles a command that stsctl sent to all nodes, on a thread of the cache. Unknown words belong to another version. Once the
 * command is done, a heartbeat returns its number. */
static void
handle_command(void *arg, const char *word, size_t len)
{
	struct service *service = arg;
	unsigned long long number;

	if (is_word(word, len, STS_TELL_ENFORCE_RESET, &number))
		(void)service_reset_tripwire(service, "stsctl enforce reset");
	else if (!is_word(word, len, STS_TELL_SIGN, &number))
		return;
	if (number == 0)
		return;
	atomic_store(&service->heard, number);
	sts_writer_heartbeat_now(service->writer);
}

static void
fill_heartbeat(void *arg, struct sts_store_heartbeat *heartbeat)
{
	struct service_tripwire wire;

	service_tripwire(arg, &wire);
	heartbeat->enforcing = wire.enforces;
	heartbeat->dry_run = wire.dry_run;
	heartbeat->tripped = wire.tripped_at;
	heartbeat->refused_minute = wire.last_minute;
	heartbeat->heard = atomic_load(&((struct service *)arg)->heard);
}

static enum sts_status
new_cache(struct service *service, const struct sts_conf *conf)
{
	const struct sts_cache_params params = {
		.net = {
			.dns_servers = conf->dns_servers,
			.ca_file = conf->ca_file,
			.contact = conf->user_agent_contact,
			.dns_timeout_ms = conf->dns_timeout_ms,
			.fetch_timeout_ms = conf->fetch_timeout_ms,
			.policy_port = (uint16_t)conf->policy_port,
			.allow_private_addresses = conf->allow_private_addresses,
			.per_host = (size_t)conf->fetch_per_host,
			.backend = service->fetcher != NULL ? sts_fetcher_backend(service->fetcher) : NULL,
		},
		.store = store_params(conf),
		.histories = service->histories,
		.entries = (size_t)conf->cache_entries,
		.dns_concurrency = conf->dns_concurrency,
		.dns_rate = conf->dns_rate,
		.fetch_concurrency = conf->fetch_concurrency,
		.fetch_rate = conf->fetch_rate,
		.fetch_per_host = conf->fetch_per_host,
		.negative_ttl_min_s = seconds(conf->negative_ttl_min_ms),
		.negative_ttl_max_s = seconds(conf->negative_ttl_max_ms),
		.failure_ttl_s = seconds(conf->failure_ttl_ms),
		.refresh_s = seconds(conf->refresh_interval_ms),
		.recheck_s = seconds(conf->recheck_interval_ms),
		.on_command = handle_command,
		.command_arg = service,
		.invalid = service->invalid,
		.invalid_arg = service->invalid_arg,
	};

	return sts_cache_new(&params, &service->cache);
}

static enum sts_status
new_writer(struct service *service, const struct sts_conf *conf)
{
	size_t names_size = 0;
	const char *names = service->counter_names != NULL ? counter_names_memory(service->counter_names, &names_size) : NULL;
	const struct sts_writer_params params = {
		.store = store_params(conf),
		.names = names,
		.names_size = names_size,
		.flush_interval_ms = conf->flush_interval_ms,
		.heartbeat_interval_ms = HEARTBEAT_MS,
		.fill_heartbeat = fill_heartbeat,
		.heartbeat_arg = service,
		.max_domains = WRITER_DOMAINS,
		.max_stream = WRITER_STREAM,
		.spool_dir = conf->redis.kind != STS_ENDPOINT_NONE ? conf->spool_dir : "",
		.spool_max = conf->spool_max,
		.spool_wait_ms = conf->spool_wait_ms,
	};

	return sts_writer_new(&params, &service->writer);
}

/* Works without the list, too: names are then compared by their last two labels. */
static enum sts_status
new_align(struct sts_align **out)
{
	enum sts_status status = sts_align_new(out);

	if (status != STS_ENOTFOUND)
		return status;
	sts_warn("there is no Public Suffix List: `aligned' is a guess (install the package publicsuffix)");
	*out = NULL;
	return STS_OK;
}

enum sts_status
components_start(struct service *service, struct fetcher_program *program)
{
	struct sts_conf *conf = service_conf_ref(service);
	enum sts_status status = new_align(&service->align);

	if (status == STS_OK)
		status = sts_histories_new((size_t)conf->cache_entries, sts_clock_mono_ms, &service->histories);
	if (status == STS_OK)
		status = fetcher_start(conf, program, &service->fetcher);
	if (status == STS_OK)
		status = new_cache(service, conf);
	if (status == STS_OK)
		status = new_writer(service, conf);
	if (status == STS_OK)
		status = sts_cache_start(service->cache);
	if (status == STS_OK)
		status = sts_writer_start(service->writer);
	sts_conf_unref(&conf);
	if (status != STS_OK)
		(void)components_stop(service);
	return status;
}

static void
take_apart(struct service *service)
{
	if (service->cache != NULL)
		sts_cache_stop(&service->cache);
	sts_fetcher_free(&service->fetcher);
	if (service->writer != NULL)
		sts_writer_stop(&service->writer, 0);
	sts_histories_free(&service->histories);
	sts_align_free(&service->align);
}

bool
components_stop(struct service *service)
{
	bool outside, answered;

	if (!shutdown_gate_close(&service->gate, CALLBACKS_MS))
		sts_info("stopping: messages still wait for policies; they are answered without them");
	if (service->cache != NULL)
		sts_cache_end(service->cache);
	/* No callback waits for anything any more. */
	outside = shutdown_gate_close(&service->gate, LAST_CALLBACKS_MS);
	if (!outside)
		sts_warn("stopping: %u callbacks do not end; as many messages may be missing from the counters",
		    atomic_load(&service->gate.inside));
	if (service->writer != NULL)
		sts_writer_end(service->writer, FLUSH_MS);
	answered = shutdown_gate_wait_answers(&service->gate, ANSWERS_MS);
	if (!answered)
		sts_warn("stopping: the MTA does not read the answers to %u messages, which are counted all the same",
		    atomic_load(&service->gate.answering));
	if (outside)
		take_apart(service);
	return outside && answered;
}
