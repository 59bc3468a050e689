/* SPDX-License-Identifier: ISC */
/* published_rua.c - asks DNS for a few domains at a time, and then replaces the whole list. */
#include "config.h"

#include "milter/service/published_rua.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "milter/service/service.h"
#include "shared-cache/base/ascii.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/dns/dns.h"
#include "shared-cache/names/domain_set.h"
#include "shared-cache/policy/tlsrpt_record.h"
#include "shared-cache/runtime/thread.h"

enum {
	CHECK_MS = 5000,			/* between checks whether the settings have changed */
	PERIOD_MS = 3600 * 1000,
	RETRY_MS = 5 * 60 * 1000,	/* after a round in which some lookups failed */
	AT_A_TIME = 16,
	TURN_MS = 200,			/* the longest that a stop has to wait */
	ADDRESS_CAP = STS_ADDRESS_LOCAL_CAP + STS_DOMAIN_CAP,
};

/* ---- addresses ---- */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = sts_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Copies the part before the query, %XX decoded. 0: too long, or malformed. */
static size_t
decode(const char *s, size_t len, char out[ADDRESS_CAP])
{
	size_t n = 0;

	for (size_t i = 0; i < len && s[i] != '?'; i++) {
		char c = s[i];

		if (n + 1 == ADDRESS_CAP)
			return 0;
		if (c == '%') {
			int high = i + 2 < len ? hex_value(s[i + 1]) : -1, low = i + 2 < len ? hex_value(s[i + 2]) : -1;

			if (high < 0 || low < 0 || (high | low) == 0)
				return 0;
			c = (char)(high * 16 + low);
			i += 2;
		}
		out[n++] = c;
	}
	out[n] = '\0';
	return n;
}

void
published_rua_add(struct sts_address_list *list, const struct sts_domain_set *local, const struct sts_slice *uri)
{
	static const size_t scheme = sizeof("mailto:") - 1;
	char domain[STS_DOMAIN_CAP], address[ADDRESS_CAP];
	size_t len;

	if (!sts_tlsrpt_mail_domain(*uri, domain) || !sts_domain_set_contains(local, domain))
		return;
	len = decode(uri->s + scheme, uri->len - scheme, address);
	if (len > 0)
		(void)sts_address_list_add(list, address, len);
}

/* ---- DNS ---- */

struct round {
	const struct sts_conf *conf;
	struct sts_address_list *list;
	bool complete;			/* every lookup succeeded */
};

static void
on_txt(void *arg, const struct sts_txt_answer *answer)
{
	struct round *round = arg;
	struct sts_tlsrpt record;

	if (answer->outcome != STS_DNS_OK) {
		round->complete = round->complete && answer->outcome == STS_DNS_NODATA;
		return;
	}
	if (sts_tlsrpt_select(answer->rrset, answer->count, &record, NULL) != STS_RECORD_VALID)
		return;
	for (size_t i = 0; i < record.rua_count; i++)
		published_rua_add(round->list, round->conf->local_domains, &record.rua[i]);
}

static bool
is_stopping(struct published_rua *rua)
{
	bool stopping;

	pthread_mutex_lock(&rua->mutex);
	stopping = rua->stopping;
	pthread_mutex_unlock(&rua->mutex);
	return stopping;
}

/* When stopping, nobody wants the results. */
static void
run_until_idle(struct published_rua *rua, struct sts_dns *dns)
{
	while (!sts_dns_is_idle(dns)) {
		struct pollfd fds[STS_DNS_SOCKETS];
		size_t count = sts_dns_sockets(dns, fds);
		int64_t wait_ms = sts_dns_wait_ms(dns, sts_clock_mono_ms());

		(void)poll(fds, (nfds_t)count, wait_ms < 0 || wait_ms > TURN_MS ? TURN_MS : (int)wait_ms);
		if (is_stopping(rua))
			sts_dns_stop(dns);
		sts_dns_process(dns, sts_clock_mono_ms());
	}
}

static void
ask_all(struct published_rua *rua, struct sts_dns *dns, struct round *round)
{
	int64_t budget_ms = round->conf->dns_timeout_ms;
	const char *domain;

	for (size_t i = 0; i < PUBLISHED_RUA_DOMAINS && (domain = sts_domain_set_at(round->conf->local_domains, i)) != NULL; i++) {
		char name[sizeof("_smtp._tls.") + STS_DOMAIN_CAP];

		snprintf(name, sizeof(name), "_smtp._tls.%s", domain);
		if (sts_dns_txt(dns, name, sts_clock_mono_ms() + budget_ms, on_txt, round) != STS_OK)
			round->complete = false;
		if (i % AT_A_TIME == AT_A_TIME - 1)
			run_until_idle(rua, dns);
		if (is_stopping(rua))
			break;
	}
	run_until_idle(rua, dns);
}

static void
replace(struct published_rua *rua, struct sts_address_list *list)
{
	struct sts_address_list *old;

	pthread_mutex_lock(&rua->mutex);
	old = rua->list;
	rua->list = list;
	pthread_mutex_unlock(&rua->mutex);
	sts_address_list_free(&old);
}

/* Asks for all domains. False: some lookups failed; then the old list stays, if there was one. */
static bool
refresh(struct published_rua *rua, const struct sts_conf *conf)
{
	struct round round = { .conf = conf, .complete = true };
	struct sts_dns *dns = NULL;
	bool had;

	if (conf->local_domains == NULL) {
		replace(rua, NULL);
		return true;
	}
	if (sts_address_list_new(&round.list) != STS_OK || sts_dns_new(conf->dns_servers, conf->dns_timeout_ms, &dns) != STS_OK) {
		sts_address_list_free(&round.list);
		return false;
	}
	ask_all(rua, dns, &round);
	sts_dns_free(&dns);
	pthread_mutex_lock(&rua->mutex);
	had = rua->list != NULL;
	pthread_mutex_unlock(&rua->mutex);
	if (round.complete || !had)
		replace(rua, round.list);
	else
		sts_address_list_free(&round.list);
	return round.complete;
}

/* ---- the thread ---- */

static void
sleep_a_while(struct published_rua *rua)
{
	int64_t until_ms = sts_clock_mono_ms() + CHECK_MS;
	const struct timespec until = { .tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000 };
	int rc = 0;

	pthread_mutex_lock(&rua->mutex);
	while (!rua->stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&rua->wake, &rua->mutex, &until);
	pthread_mutex_unlock(&rua->mutex);
}

static void *
thread_main(void *arg)
{
	struct service *service = arg;
	struct published_rua *rua = &service->published_rua;
	struct sts_conf *seen = NULL;	/* a reference, so that new settings have another address */
	int64_t due_ms = 0;

	while (!is_stopping(rua)) {
		struct sts_conf *conf = service_conf_ref(service);

		if (conf != seen || sts_clock_mono_ms() >= due_ms)
			due_ms = sts_clock_mono_ms() + (refresh(rua, conf) ? PERIOD_MS : RETRY_MS);
		sts_conf_unref(&seen);
		seen = conf;
		sleep_a_while(rua);
	}
	sts_conf_unref(&seen);
	return NULL;
}

void
published_rua_init(struct published_rua *rua)
{
	pthread_condattr_t attr;

	memset(rua, 0, sizeof(*rua));
	pthread_mutex_init(&rua->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&rua->wake, &attr);
	pthread_condattr_destroy(&attr);
}

enum sts_status
published_rua_start(struct published_rua *rua, struct service *service)
{
	enum sts_status status = sts_thread_start("rua", thread_main, service, &rua->thread);

	rua->started = status == STS_OK;
	return status;
}

void
published_rua_stop(struct published_rua *rua)
{
	if (!rua->started)
		return;
	rua->started = false;
	pthread_mutex_lock(&rua->mutex);
	rua->stopping = true;
	pthread_mutex_unlock(&rua->mutex);
	pthread_cond_signal(&rua->wake);
	pthread_join(rua->thread, NULL);
}

void
published_rua_fini(struct published_rua *rua)
{
	sts_address_list_free(&rua->list);
	pthread_cond_destroy(&rua->wake);
	pthread_mutex_destroy(&rua->mutex);
}

bool
published_rua_has(struct published_rua *rua, const char *path, size_t len)
{
	bool has;

	pthread_mutex_lock(&rua->mutex);
	has = sts_address_list_find(rua->list, path, len) != NULL;
	pthread_mutex_unlock(&rua->mutex);
	return has;
}
