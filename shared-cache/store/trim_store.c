/* SPDX-License-Identifier: ISC */
/*
 * trim_store.c - forgets sender domains: those not seen for stats_days, and those that exceed the limit.
 *
 * The former only have to leave `domains`; their hashes expire by themselves. The hashes of the latter are deleted, too, because
 * somebody who invents domains, and uses each of them twice, would otherwise fill Redis until they expire. They are removed from
 * `domains` first: if the connection breaks then, expiry does the rest.
 */
#include "config.h"

#include "shared-cache/store/redis_store.h"

#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/ledger/counts.h"

enum {
	STEP = 200,		/* domains per exchange */
	STEPS = 50,		/* per call: 10000 domains per minute and node */
	DAY_S = 86400,
};

struct victims {
	struct sts_reply popped;	/* domain, score, domain, score, ... */
	int64_t first[STEP], last[STEP]; /* days since the epoch; last < first: only the name is known */
};

static struct sts_reply
name_of(const struct victims *v, size_t i)
{
	return sts_reply_element(&v->popped, 2 * i);
}

static size_t
count_of(const struct victims *v)
{
	return v->popped.count / 2;
}

/* If somebody put another word into `domains`, it must not become part of a key. */
static bool
is_domain(const struct sts_reply *name, char out[STS_DOMAIN_CAP])
{
	return name->kind == STS_REPLY_TEXT && sts_domain_normalise(name->text, name->len, out) == STS_DOMAIN_OK &&
	    strlen(out) == name->len && memcmp(out, name->text, name->len) == 0;
}

static enum sts_status
read_any(struct sts_store_redis *s, struct sts_reply *reply)
{
	enum sts_status status = sts_redis_read(s->redis, reply);

	return status == STS_OK ? STS_OK : sts_exchange_broken(s, status);
}

/* The contents do not matter: a key that is not ours has been logged already. */
static enum sts_status
skip_reply(struct sts_store_redis *s)
{
	struct sts_reply reply;
	enum sts_status status = read_any(s, &reply);

	if (status == STS_OK)
		sts_reply_free(&reply);
	return status;
}

static int64_t
day_of(const struct sts_reply *hash, size_t i)
{
	struct sts_reply value = i < hash->count ? sts_reply_element(hash, i) : (struct sts_reply){ .text = "" };
	unsigned long long t;

	if (value.kind != STS_REPLY_TEXT || !sts_text_parse_u64(value.text, value.len, 12, &t))
		return -1;
	return (int64_t)t / DAY_S;
}

/* ---- the steps ---- */

static enum sts_status
forget_old(struct sts_store_redis *s, int64_t now)
{
	enum sts_status status = sts_exchange_begin(s);
	char key[STS_KEY_CAP];

	if (status != STS_OK)
		return status;
	sts_redis_command(s->redis, 4);
	sts_redis_text(s->redis, "ZREMRANGEBYSCORE");
	sts_redis_text(s->redis, sts_key_domains(s->prefix, key));
	sts_redis_text(s->redis, "-inf");
	sts_redis_number(s->redis, now - s->stats_ttl_s);
	return skip_reply(s);
}

/* How many domains exceed the limit; 0 when none do, or when it is not known. */
static int64_t
count_surplus(struct sts_store_redis *s)
{
	struct sts_reply reply;
	char key[STS_KEY_CAP];
	int64_t surplus = 0;

	if (s->stats_domains == 0 || sts_exchange_begin(s) != STS_OK)
		return 0;
	sts_redis_command(s->redis, 2);
	sts_redis_text(s->redis, "ZCARD");
	sts_redis_text(s->redis, sts_key_domains(s->prefix, key));
	if (read_any(s, &reply) != STS_OK)
		return 0;
	if (reply.kind == STS_REPLY_INTEGER && reply.integer > s->stats_domains)
		surplus = reply.integer - s->stats_domains;
	sts_reply_free(&reply);
	return surplus;
}

static enum sts_status
pop(struct sts_store_redis *s, int64_t count, struct victims *out)
{
	char key[STS_KEY_CAP];

	sts_redis_command(s->redis, 3);
	sts_redis_text(s->redis, "ZPOPMIN");
	sts_redis_text(s->redis, sts_key_domains(s->prefix, key));
	sts_redis_number(s->redis, count);
	return read_any(s, &out->popped);
}

/* Learns for which days each domain has hashes. */
static enum sts_status
learn_days(struct sts_store_redis *s, struct victims *v)
{
	char domain[STS_DOMAIN_CAP], key[STS_KEY_CAP];
	enum sts_status status = STS_OK;
	struct sts_reply name, hash;

	for (size_t i = 0; i < count_of(v); i++) {
		name = name_of(v, i);
		sts_redis_command(s->redis, 4);
		sts_redis_text(s->redis, "HMGET");
		sts_redis_text(s->redis, sts_key_domain(s->prefix, is_domain(&name, domain) ? domain : "other", NULL, key));
		sts_redis_text(s->redis, "first_seen");
		sts_redis_text(s->redis, "last_seen");
	}
	for (size_t i = 0; i < count_of(v) && status == STS_OK; i++) {
		status = read_any(s, &hash);
		if (status != STS_OK)
			break;
		v->first[i] = hash.kind == STS_REPLY_ARRAY ? day_of(&hash, 0) : -1;
		v->last[i] = hash.kind == STS_REPLY_ARRAY ? day_of(&hash, 1) : -1;
		sts_reply_free(&hash);
	}
	return status;
}

/* Queues one UNLINK for all hashes of a domain, which share a slot. */
static void
queue_unlink(struct sts_store_redis *s, const char *domain, int64_t first, int64_t last)
{
	int64_t oldest = last - s->stats_ttl_s / DAY_S;	/* older ones have expired */
	int64_t from = first > oldest ? first : oldest;
	size_t days = first >= 0 && last >= from ? (size_t)(last - from + 1) : 0;
	char key[STS_KEY_CAP], day[STS_DAY_CAP];

	sts_redis_command(s->redis, 3 + days);
	sts_redis_text(s->redis, "UNLINK");
	sts_redis_text(s->redis, sts_key_domain(s->prefix, domain, NULL, key));
	sts_redis_text(s->redis, sts_key_history(s->prefix, domain, key));
	for (size_t i = 0; i < days; i++) {
		sts_day_of((from + (int64_t)i) * DAY_S, day);
		sts_redis_text(s->redis, sts_key_domain(s->prefix, domain, day, key));
	}
}

static enum sts_status
forget_hashes(struct sts_store_redis *s, const struct victims *v)
{
	char domain[STS_DOMAIN_CAP];
	enum sts_status status = STS_OK;
	size_t queued = 0;

	for (size_t i = 0; i < count_of(v); i++) {
		struct sts_reply name = name_of(v, i);

		if (!is_domain(&name, domain))
			continue;
		queue_unlink(s, domain, v->first[i], v->last[i]);
		queued++;
	}
	while (queued-- > 0 && status == STS_OK)
		status = skip_reply(s);
	return status;
}

static enum sts_status
forget_surplus(struct sts_store_redis *s, int64_t count)
{
	enum sts_status status = sts_exchange_begin(s);
	struct victims v;

	if (status == STS_OK)
		status = pop(s, count, &v);
	if (status != STS_OK)
		return status;
	if (v.popped.kind != STS_REPLY_ARRAY || v.popped.count > 2 * (size_t)STEP)
		status = STS_EINVAL;
	if (status == STS_OK)
		status = learn_days(s, &v);
	if (status == STS_OK)
		status = forget_hashes(s, &v);
	sts_reply_free(&v.popped);
	return status;
}

void
sts_store_redis_trim(struct sts_store_redis *s, int64_t now)
{
	enum sts_status status = forget_old(s, now);
	int64_t surplus = status == STS_OK ? count_surplus(s) : 0;

	if (status == STS_OK)
		s->trimmed = now;
	for (int step = 0; step < STEPS && surplus > 0 && status == STS_OK; step++) {
		int64_t count = surplus < STEP ? surplus : STEP;

		status = forget_surplus(s, count);
		surplus -= count;
	}
}
