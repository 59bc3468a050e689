/* SPDX-License-Identifier: ISC */
/* known_domains.c - two hash tables, each with a list, by age and by last use. Knows neither rows nor Redis. */
#include "config.h"

#include "shared-cache/ledger/known_domains.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"

struct held {
	struct sts_held_message message;	/* first, so that freeing it frees the whole */
	TAILQ_ENTRY(held) link;
	UT_hash_handle hh;
	const char *fields[];		/* followed by the domain */
};

struct known {
	TAILQ_ENTRY(known) link;
	UT_hash_handle hh;
	char domain[];
};

TAILQ_HEAD(held_list, held);
TAILQ_HEAD(known_list, known);

struct sts_known_domains {
	size_t max_held, max_known;
	struct held *held;
	struct held_list by_age;	/* oldest first */
	struct known *known;
	struct known_list by_use;	/* most recently seen first */
};

enum sts_status
sts_known_domains_new(size_t max_held, size_t max_known, struct sts_known_domains **out)
{
	struct sts_known_domains *s = calloc(1, sizeof(*s));

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
find_known(const struct sts_known_domains *s, const char *domain)
{
	struct known *known;

	HASH_FIND(hh, s->known, domain, strlen(domain), known);
	return known;
}

static void
forget(struct sts_known_domains *s, struct known *known)
{
	HASH_DEL(s->known, known);
	TAILQ_REMOVE(&s->by_use, known, link);
	free(known);
}

bool
sts_known_domains_contains(struct sts_known_domains *domains, const char *domain)
{
	struct known *known = find_known(domains, domain);

	if (known == NULL)
		return false;
	TAILQ_REMOVE(&domains->by_use, known, link);
	TAILQ_INSERT_HEAD(&domains->by_use, known, link);
	return true;
}

void
sts_known_domains_add(struct sts_known_domains *domains, const char *domain)
{
	size_t len = strlen(domain);
	struct known *known;

	if (sts_known_domains_contains(domains, domain) || (known = calloc(1, sizeof(*known) + len + 1)) == NULL)
		return;
	memcpy(known->domain, domain, len);
	HASH_ADD_KEYPTR(hh, domains->known, known->domain, len, known);
	if (known->hh.tbl == NULL) {
		free(known);
		return;
	}
	TAILQ_INSERT_HEAD(&domains->by_use, known, link);
	if (HASH_COUNT(domains->known) > domains->max_known)
		forget(domains, TAILQ_LAST(&domains->by_use, known_list));
}

/* ---- messages held back ---- */

/* A copy of message, in one block. */
static struct held *
copy(const struct sts_held_message *message)
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
	held->message = (struct sts_held_message){ message->now, message->plaintext, held->fields, domain };
	return held;
}

enum sts_status
sts_known_domains_hold(struct sts_known_domains *domains, const struct sts_held_message *message)
{
	struct held *held = copy(message);

	if (held == NULL)
		return STS_ENOMEM;
	HASH_ADD_KEYPTR(hh, domains->held, held->message.domain, strlen(held->message.domain), held);
	if (held->hh.tbl == NULL) {
		free(held);
		return STS_ENOMEM;
	}
	TAILQ_INSERT_TAIL(&domains->by_age, held, link);
	return STS_OK;
}

static struct sts_held_message *
give_out(struct sts_known_domains *s, struct held *held)
{
	HASH_DEL(s->held, held);
	TAILQ_REMOVE(&s->by_age, held, link);
	return &held->message;
}

struct sts_held_message *
sts_known_domains_take_held(struct sts_known_domains *domains, const char *domain)
{
	struct held *held;

	HASH_FIND(hh, domains->held, domain, strlen(domain), held);
	return held != NULL ? give_out(domains, held) : NULL;
}

struct sts_held_message *
sts_known_domains_take_stale(struct sts_known_domains *domains, int64_t since)
{
	struct held *oldest = TAILQ_FIRST(&domains->by_age);

	if (oldest == NULL || (oldest->message.now >= since && HASH_COUNT(domains->held) <= domains->max_held))
		return NULL;
	return give_out(domains, oldest);
}

size_t
sts_known_domains_held_count(const struct sts_known_domains *domains)
{
	return HASH_COUNT(domains->held);
}

void
sts_known_domains_free(struct sts_known_domains **domains)
{
	struct sts_known_domains *s = *domains;
	struct held *held;
	struct known *known;

	if (s == NULL)
		return;
	while ((held = TAILQ_FIRST(&s->by_age)) != NULL)
		free(give_out(s, held));
	while ((known = TAILQ_FIRST(&s->by_use)) != NULL)
		forget(s, known);
	free(s);
	*domains = NULL;
}
