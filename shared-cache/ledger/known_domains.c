/* SPDX-License-Identifier: ISC */
/* known_domains.c - two tables with a list each, in order of age and of use. Knows neither rows nor Redis. */
#include "config.h"

#include "shared-cache/ledger/known_domains.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"

struct held {
	struct sts_sighting sighting;	/* first, so that freeing it frees all */
	TAILQ_ENTRY(held) link;
	UT_hash_handle hh;
	const char *fields[];		/* and after the last the domain */
};

struct known {
	TAILQ_ENTRY(known) link;
	UT_hash_handle hh;
	char domain[];
};

TAILQ_HEAD(held_list, held);
TAILQ_HEAD(known_list, known);

struct sts_sightings {
	size_t max_held, max_known;
	struct held *held;
	struct held_list by_age;	/* oldest first */
	struct known *known;
	struct known_list by_use;	/* seen last first */
};

enum sts_status
sts_sightings_new(size_t max_held, size_t max_known, struct sts_sightings **out)
{
	struct sts_sightings *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return STS_ENOMEM;
	s->max_held = max_held;
	s->max_known = max_known;
	TAILQ_INIT(&s->by_age);
	TAILQ_INIT(&s->by_use);
	return STS_OK;
}

/* ---- known domains ---- */

static struct known *
find_known(const struct sts_sightings *s, const char *domain)
{
	struct known *known;

	HASH_FIND(hh, s->known, domain, strlen(domain), known);
	return known;
}

static void
forget(struct sts_sightings *s, struct known *known)
{
	HASH_DEL(s->known, known);
	TAILQ_REMOVE(&s->by_use, known, link);
	free(known);
}

bool
sts_sightings_knows(struct sts_sightings *sightings, const char *domain)
{
	struct known *known = find_known(sightings, domain);

	if (known == NULL)
		return false;
	TAILQ_REMOVE(&sightings->by_use, known, link);
	TAILQ_INSERT_HEAD(&sightings->by_use, known, link);
	return true;
}

void
sts_sightings_admit(struct sts_sightings *sightings, const char *domain)
{
	size_t len = strlen(domain);
	struct known *known;

	if (sts_sightings_knows(sightings, domain) || (known = calloc(1, sizeof(*known) + len + 1)) == NULL)
		return;
	memcpy(known->domain, domain, len);
	HASH_ADD_KEYPTR(hh, sightings->known, known->domain, len, known);
	if (known->hh.tbl == NULL) {
		free(known);
		return;
	}
	TAILQ_INSERT_HEAD(&sightings->by_use, known, link);
	if (HASH_COUNT(sightings->known) > sightings->max_known)
		forget(sightings, TAILQ_LAST(&sightings->by_use, known_list));
}

/* ---- messages held back ---- */

/* The copy of message, in one piece. */
static struct held *
copy(const struct sts_sighting *message)
{
	size_t len = strlen(message->domain), count = 0;
	struct held *held;
	char *domain;

	while (message->fields != NULL && message->fields[count] != NULL)
		count++;
	held = calloc(1, sizeof(*held) + (count + 1) * sizeof(held->fields[0]) + len + 1);
	if (held == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		held->fields[i] = message->fields[i];
	domain = (char *)(void *)&held->fields[count + 1];
	memcpy(domain, message->domain, len);
	held->sighting = (struct sts_sighting){ message->now, message->plaintext, held->fields, domain };
	return held;
}

enum sts_status
sts_sightings_hold(struct sts_sightings *sightings, const struct sts_sighting *message)
{
	struct held *held = copy(message);

	if (held == NULL)
		return STS_ENOMEM;
	HASH_ADD_KEYPTR(hh, sightings->held, held->sighting.domain, strlen(held->sighting.domain), held);
	if (held->hh.tbl == NULL) {
		free(held);
		return STS_ENOMEM;
	}
	TAILQ_INSERT_TAIL(&sightings->by_age, held, link);
	return STS_OK;
}

static struct sts_sighting *
give_out(struct sts_sightings *s, struct held *held)
{
	HASH_DEL(s->held, held);
	TAILQ_REMOVE(&s->by_age, held, link);
	return &held->sighting;
}

struct sts_sighting *
sts_sightings_take(struct sts_sightings *sightings, const char *domain)
{
	struct held *held;

	HASH_FIND(hh, sightings->held, domain, strlen(domain), held);
	return held != NULL ? give_out(sightings, held) : NULL;
}

struct sts_sighting *
sts_sightings_take_stale(struct sts_sightings *sightings, int64_t since)
{
	struct held *oldest = TAILQ_FIRST(&sightings->by_age);

	if (oldest == NULL || (oldest->sighting.now >= since && HASH_COUNT(sightings->held) <= sightings->max_held))
		return NULL;
	return give_out(sightings, oldest);
}

size_t
sts_sightings_held(const struct sts_sightings *sightings)
{
	return HASH_COUNT(sightings->held);
}

void
sts_sightings_free(struct sts_sightings **sightings)
{
	struct sts_sightings *s = *sightings;
	struct held *held;
	struct known *known;

	if (s == NULL)
		return;
	while ((held = TAILQ_FIRST(&s->by_age)) != NULL)
		free(give_out(s, held));
	while ((known = TAILQ_FIRST(&s->by_use)) != NULL)
		forget(s, known);
	free(s);
	*sightings = NULL;
}
