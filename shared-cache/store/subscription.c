/* SPDX-License-Identifier: ISC */
/* subscription.c - the thread that listens to Redis. Does not know what the cache does with the events. */
#include "config.h"

#include "shared-cache/store/subscription.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/log.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/redis/breaker.h"
#include "shared-cache/redis/redis_server.h"
#include "shared-cache/runtime/thread.h"
#include "shared-cache/store/keys.h"

enum {
	PING_MS = 10000,
	PAUSE_MS = 1000,	/* between checks whether the breaker allows an attempt */
	REFUSED_LOG_MS = 3600 * 1000,
	SHORT_MS = 5000,	/* a subscription that ends so soon is not renewed at once */
	MARGIN_MS = 2000,	/* reads more than may have been missed; dropping a domain twice does no harm */
	PAGE = 400,		/* of the set, per exchange */
};

struct sts_subscription {
	struct sts_subscription_events events;
	struct sts_endpoint endpoint;
	char prefix[STS_PREFIX_MAX + 1];
	char control[STS_KEY_CAP];	/* the channel */
	int64_t timeout_ms;
	int stop_fd;			/* readable when the thread is to end */
	atomic_bool stopping;
	pthread_t pthread;
	bool running;
	/* of the thread only */
	struct sts_redis *listener;	/* subscribed */
	struct sts_redis *reader;	/* reads the set */
	struct sts_breaker breaker;
	struct sts_log_limit refused_log;
	bool knows_server;		/* whether it is a node of a cluster */
	int64_t synced_ms;		/* everything published before is known; by sts_clock_mono_ms */
};

/* ---- messages ---- */

/* Accepts only what this program would publish as a domain. */
static void
tell(struct sts_subscription *s, const char *text, size_t len)
{
	char domain[STS_DOMAIN_CAP];

	if (sts_domain_normalise(text, len, domain) != STS_DOMAIN_OK || strlen(domain) != len ||
	    memcmp(domain, text, len) != 0)
		return;
	sts_debug("invalidated domain=%s", domain);
	s->events.invalid(s->events.arg, domain);
}

static bool
is_text(const struct sts_reply *reply, const char *text)
{
	return reply->kind == STS_REPLY_TEXT && reply->len == strlen(text) && memcmp(reply->text, text, reply->len) == 0;
}

/* Handles "message", the channel, a domain or a command; or "pong". True for the latter. */
static bool
hear(struct sts_subscription *s, const struct sts_reply *reply)
{
	struct sts_reply kind = { 0 }, channel, payload;

	if (reply->kind == STS_REPLY_ARRAY && reply->count > 0)
		kind = sts_reply_element(reply, 0);
	if (is_text(&kind, "pong"))
		return true;
	if (is_text(&kind, "message") && reply->count == 3) {
		channel = sts_reply_element(reply, 1);
		payload = sts_reply_element(reply, 2);
		if (payload.kind != STS_REPLY_TEXT)
			return false;
		if (is_text(&channel, s->control))
			s->events.told(s->events.arg, payload.text, payload.len);
		else
			tell(s, payload.text, payload.len);
	}
	return false;
}

/* Logs the name of a command that this user may not call, as the other connections do. */
static void
report_refusal(struct sts_subscription *s, struct sts_redis *redis, const char *what, const struct sts_reply *reply)
{
	char name[STS_ENDPOINT_NAME_CAP];
	unsigned long held_back;

	sts_redis_set_why(redis, what, reply);
	if (sts_reply_is_refusal(reply, "NOPERM") && sts_log_allowed(&s->refused_log, sts_clock_mono_ms(), REFUSED_LOG_MS, &held_back))
		sts_warn("redis %s refuses a command (%s): changes that other nodes find are noticed late: see stsctl redis-setup --acl-only",
		    sts_endpoint_name(&s->endpoint, name), sts_redis_why(redis));
}

/* ---- catching up ---- */

/* Redis's time in milliseconds. */
static enum sts_status
read_time(struct sts_subscription *s, int64_t *out)
{
	unsigned long long seconds, micros;
	struct sts_reply reply, part[2] = { 0 };
	enum sts_status status;

	sts_redis_command(s->reader, 1);
	sts_redis_text(s->reader, "TIME");
	if ((status = sts_redis_read(s->reader, &reply)) != STS_OK)
		return status;
	for (size_t i = 0; i < 2 && reply.kind == STS_REPLY_ARRAY && reply.count == 2; i++)
		part[i] = sts_reply_element(&reply, i);
	if (part[1].kind == STS_REPLY_TEXT && part[0].kind == STS_REPLY_TEXT &&
	    sts_text_parse_u64(part[0].text, part[0].len, 12, &seconds) &&
	    sts_text_parse_u64(part[1].text, part[1].len, 6, &micros))
		*out = (int64_t)(seconds * 1000 + micros / 1000);
	else
		status = STS_EINVAL;
	if (status == STS_EINVAL)
		report_refusal(s, s->reader, "time", &reply);
	sts_reply_free(&reply);
	return status;
}

/* A node of a cluster turns most keys away: said at the start, before mail meets it. (One that may not be asked is told of then.) */
static enum sts_status
look_at_server(struct sts_subscription *s)
{
	char name[STS_ENDPOINT_NAME_CAP];
	struct sts_reply reply;
	enum sts_status status;

	if (s->knows_server || sts_redis_is_cluster(s->reader))
		return STS_OK;
	sts_redis_command(s->reader, 2);
	sts_redis_text(s->reader, "CLUSTER");
	sts_redis_text(s->reader, "SLOTS");
	s->knows_server = true;		/* in any case: a proxy may hang up on the command, and must not be asked it again */
	if ((status = sts_redis_read(s->reader, &reply)) != STS_OK)
		return status;
	if (reply.kind == STS_REPLY_ARRAY)
		sts_warn("redis %s is a node of a cluster: the setting for that is cluster:HOST:PORT,HOST:PORT",
		    sts_endpoint_name(&s->endpoint, name));
	sts_reply_free(&reply);
	return STS_OK;
}

/* The position in the set. Scores only increase: a domain published again meanwhile moves to the end, which has not been read yet. */
struct cursor {
	int64_t score;			/* of the last element read; reading goes on with this score, inclusive */
	size_t offset;			/* elements of this score to skip, when a page did not get past it */
};

static void
queue_page(struct sts_subscription *s, const struct cursor *at)
{
	char key[STS_KEY_CAP];

	sts_redis_command(s->reader, 8);
	sts_redis_text(s->reader, "ZRANGEBYSCORE");
	sts_redis_text(s->reader, sts_key_invalidated(s->prefix, key));
	sts_redis_number(s->reader, at->score);
	sts_redis_text(s->reader, "+inf");
	sts_redis_text(s->reader, "WITHSCORES");
	sts_redis_text(s->reader, "LIMIT");
	sts_redis_number(s->reader, (int64_t)at->offset);
	sts_redis_number(s->reader, PAGE);
}

/* False when it is not a score of ours. */
static bool
read_score(const struct sts_reply *reply, int64_t *out)
{
	unsigned long long score;

	if (reply->kind != STS_REPLY_TEXT || !sts_text_parse_u64(reply->text, reply->len, 15, &score))
		return false;
	*out = (int64_t)score;
	return true;
}

static void
move_on(struct cursor *at, size_t count, int64_t last)
{
	if (last > at->score)
		*at = (struct cursor){ .score = last };
	else
		at->offset += count;
}

/* Reads one page. *count: its elements. */
static enum sts_status
read_page(struct sts_subscription *s, struct cursor *at, size_t *count)
{
	struct sts_reply reply;
	enum sts_status status = sts_redis_read(s->reader, &reply);
	int64_t last = at->score;

	if (status != STS_OK)
		return status;
	if (reply.kind != STS_REPLY_ARRAY || reply.count % 2 != 0) {
		report_refusal(s, s->reader, "invalidated", &reply);
		status = STS_EINVAL;
	}
	*count = status == STS_OK ? reply.count / 2 : 0;
	for (size_t i = 0; i < *count; i++) {
		struct sts_reply domain = sts_reply_element(&reply, 2 * i), score = sts_reply_element(&reply, 2 * i + 1);

		if (domain.kind == STS_REPLY_TEXT)
			tell(s, domain.text, domain.len);
		(void)read_score(&score, &last);
	}
	move_on(at, *count, last);
	sts_reply_free(&reply);
	return status;
}

/* Reads all that was invalidated in the last gone_ms, page by page, one exchange each. *total: elements read, some of them twice.
 * STS_EINVAL: Redis sent an unexpected reply. */
static enum sts_status
read_missed(struct sts_subscription *s, int64_t gone_ms, size_t *total)
{
	enum sts_status status = sts_redis_begin(s->reader);
	struct cursor at = { .offset = 0 };
	size_t count = PAGE;
	int64_t now = 0;

	*total = 0;
	if (status == STS_OK)
		status = look_at_server(s);
	if (status == STS_OK)
		status = read_time(s, &now);
	at.score = now - gone_ms - MARGIN_MS;
	while (status == STS_OK && count == PAGE && *total < STS_SUBSCRIPTION_KEEP_MAX) {
		if ((status = sts_redis_begin(s->reader)) != STS_OK)
			break;
		queue_page(s, &at);
		status = read_page(s, &at, &count);
		*total += count;
	}
	return status;
}

static enum sts_status
catch_up(struct sts_subscription *s)
{
	int64_t now_ms = sts_clock_mono_ms(), gone_ms = now_ms - s->synced_ms;
	size_t total;
	enum sts_status status = read_missed(s, gone_ms, &total);

	sts_redis_drop(s->reader);
	if (status != STS_OK && status != STS_EINVAL)
		return status;
	/* A set that is not ours, or that we may not read, must not prevent us from listening. */
	if (status == STS_EINVAL || gone_ms + MARGIN_MS > STS_SUBSCRIPTION_KEEP_MS || total >= STS_SUBSCRIPTION_KEEP_MAX)
		s->events.all_invalid(s->events.arg);
	s->synced_ms = now_ms;
	return STS_OK;
}

/* ---- listening ---- */

/* Reads one confirmation per channel. */
static enum sts_status
read_subscribed(struct sts_subscription *s)
{
	struct sts_reply reply, kind = { 0 };
	enum sts_status status;

	if ((status = sts_redis_read(s->listener, &reply)) != STS_OK)
		return status;
	if (reply.kind == STS_REPLY_ARRAY && reply.count == 3)
		kind = sts_reply_element(&reply, 0);
	if (!is_text(&kind, "subscribe")) {
		report_refusal(s, s->listener, "subscribe", &reply);
		status = STS_EUNAVAILABLE;
	}
	sts_reply_free(&reply);
	return status;
}

static enum sts_status
subscribe(struct sts_subscription *s)
{
	char key[STS_KEY_CAP];
	enum sts_status status = sts_redis_begin(s->listener);

	if (status != STS_OK)
		return status;
	sts_redis_command(s->listener, 3);
	sts_redis_text(s->listener, "SUBSCRIBE");
	sts_redis_text(s->listener, sts_key_invalidate(s->prefix, key));
	sts_redis_text(s->listener, s->control);
	for (int i = 0; i < 2 && status == STS_OK; i++)
		status = read_subscribed(s);
	return status;
}

static void
ping(struct sts_subscription *s)
{
	sts_redis_command(s->listener, 1);
	sts_redis_text(s->listener, "PING");
}

/* Receives messages until a ping has been sent and answered. Redis replies in order: everything published before the ping
 * has arrived when the answer is here. */
static enum sts_status
listen_for_a_while(struct sts_subscription *s)
{
	int64_t pinged_ms = 0, until_ms = sts_clock_mono_ms() + PING_MS;
	enum sts_status status;
	struct sts_reply reply;
	bool is_pong = false;

	while (!is_pong && !atomic_load(&s->stopping)) {
		status = sts_redis_await(s->listener, s->stop_fd, until_ms, &reply);
		if (status == STS_OK) {
			is_pong = hear(s, &reply);
			sts_reply_free(&reply);
		} else if (status != STS_ENOTFOUND || (pinged_ms > 0 && sts_clock_mono_ms() >= until_ms)) {
			return STS_EUNAVAILABLE;
		} else if (pinged_ms == 0 && sts_clock_mono_ms() >= until_ms) {
			pinged_ms = sts_clock_mono_ms();
			until_ms = pinged_ms + s->timeout_ms;
			ping(s);
		}
	}
	if (is_pong)
		s->synced_ms = pinged_ms;
	return STS_OK;
}

/* Runs one subscription, from beginning to end. */
static void
serve(struct sts_subscription *s)
{
	int64_t began_ms = sts_clock_mono_ms(), away_ms;
	enum sts_status status = subscribe(s);

	if (status == STS_OK)
		status = catch_up(s);
	if (status == STS_OK)
		(void)sts_breaker_succeeded(&s->breaker, true, sts_clock_mono_ms(), &away_ms);
	while (status == STS_OK && !atomic_load(&s->stopping))
		status = listen_for_a_while(s);
	if (status != STS_OK && sts_clock_mono_ms() - began_ms < SHORT_MS)
		(void)sts_breaker_failed(&s->breaker, STS_BREAKER_AWAY, sts_clock_mono_ms());
	sts_debug("subscription ends: %s", sts_redis_why(s->listener));
	sts_redis_drop(s->listener);
}

static void *
thread_main(void *arg)
{
	struct sts_subscription *s = arg;
	struct pollfd pfd = { .fd = s->stop_fd, .events = POLLIN };

	while (!atomic_load(&s->stopping)) {
		if (sts_breaker_allows(&s->breaker, sts_clock_mono_ms()))
			serve(s);
		else
			(void)poll(&pfd, 1, PAUSE_MS);
	}
	return NULL;
}

/* ---- life ---- */

static void
subscription_free(struct sts_subscription *s)
{
	if (s->stop_fd >= 0)
		close(s->stop_fd);
	if (s->listener != NULL)
		sts_redis_free(&s->listener);
	if (s->reader != NULL)
		sts_redis_free(&s->reader);
	free(s);
}

enum sts_status
sts_subscription_new(const struct sts_store_params *params, const struct sts_subscription_events *events,
    struct sts_subscription **out)
{
	const struct sts_redis_params connection = {
		.endpoint = &params->endpoint, .username = params->username, .password = params->password,
		.db = params->db, .timeout_ms = params->timeout_ms,
	};
	struct sts_subscription *s;
	enum sts_status status;

	*out = NULL;
	if (!sts_keys_prefix_fits(params->prefix) || params->timeout_ms < 1)
		return STS_EINVAL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return STS_ENOMEM;
	s->events = *events;
	s->endpoint = params->endpoint;
	s->timeout_ms = params->timeout_ms;
	strcpy(s->prefix, params->prefix);
	sts_key_control(s->prefix, s->control);
	s->synced_ms = sts_clock_mono_ms();
	sts_breaker_init(&s->breaker, (uint32_t)s->synced_ms);
	s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	status = s->stop_fd >= 0 ? STS_OK : STS_ESYS;
	if (status == STS_OK)
		status = sts_redis_open(&connection, &s->listener);
	if (status == STS_OK)
		status = sts_redis_open(&connection, &s->reader);
	if (status == STS_OK)
		*out = s;
	else
		subscription_free(s);
	return status;
}

enum sts_status
sts_subscription_start(struct sts_subscription *subscription)
{
	enum sts_status status = sts_thread_start("sts-subscriber", thread_main, subscription, &subscription->pthread);

	subscription->running = status == STS_OK;
	return status;
}

void
sts_subscription_stop(struct sts_subscription **subscription)
{
	struct sts_subscription *s = *subscription;
	const uint64_t one = 1;

	*subscription = NULL;
	if (s == NULL)
		return;
	atomic_store(&s->stopping, true);
	if (s->running && write(s->stop_fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
		pthread_join(s->pthread, NULL);
	subscription_free(s);
}
