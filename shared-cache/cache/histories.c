/* SPDX-License-Identifier: ISC */
/* histories.c - a hash table and an LRU list of histories under one mutex. Knows neither the store nor the meaning of a history. */
#include "config.h"

#include "shared-cache/cache/histories.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "shared-cache/base/hash.h"
#include "shared-cache/judge/history_packed.h"

struct slot {
	struct sts_history_packed *history;
	int64_t due_ms;		/* when to read it from the store again */
	uint64_t ticket;	/* of the read in progress; 0: none */
	TAILQ_ENTRY(slot) by_use;
	UT_hash_handle hh;
	bool here;		/* it has been read once */
	char domain[];		/* last, so that the fields leave no hole */
};
TAILQ_HEAD(slot_list, slot);

struct sts_histories {
	size_t max;			/* fixed */
	int64_t (*mono_ms)(void);	/* fixed */
	pthread_mutex_t mutex;		/* guards all below */
	pthread_cond_t changed;
	struct slot *table;
	struct slot_list by_use;	/* most recently used first */
	size_t bytes;			/* of all slots */
	sts_histories_load_fn *load;	/* NULL: there is no store */
	void *arg;
	uint64_t tickets;		/* given out so far */
};

/* ---- bytes ---- */

/* glibc's malloc has a head of 8 bytes before each chunk, and rounds up to 16; uthash needs up to 16 for its buckets. */
enum { CHUNK = 16, CHUNK_HEAD = 8, BUCKETS = 16 };

static size_t
chunk(size_t size)
{
	return size > 0 ? (size + CHUNK_HEAD + CHUNK - 1) / CHUNK * CHUNK : 0;
}

static size_t
slot_size(size_t name_len)
{
	size_t size = offsetof(struct slot, domain) + name_len + 1;

	return size < sizeof(struct slot) ? sizeof(struct slot) : size;
}

static size_t
bytes_of(const struct slot *slot)
{
	return chunk(slot_size(slot->hh.keylen)) + chunk(sts_history_packed_size(slot->history)) + BUCKETS;
}

/* ---- life cycle ---- */

static enum sts_status
init_locks(struct sts_histories *h)
{
	pthread_condattr_t attr;
	int rc;

	if (pthread_mutex_init(&h->mutex, NULL) != 0)
		return STS_ENOMEM;
	rc = pthread_condattr_init(&attr);
	if (rc == 0) {
		rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
		if (rc == 0)
			rc = pthread_cond_init(&h->changed, &attr);
		pthread_condattr_destroy(&attr);
	}
	if (rc != 0)
		pthread_mutex_destroy(&h->mutex);
	return rc == 0 ? STS_OK : STS_ENOMEM;
}

enum sts_status
sts_histories_new(size_t max, int64_t (*mono_ms)(void), struct sts_histories **out)
{
	struct sts_histories *h = calloc(1, sizeof(*h));

	*out = NULL;
	if (h == NULL)
		return STS_ENOMEM;
	if (init_locks(h) != STS_OK) {
		free(h);
		return STS_ENOMEM;
	}
	h->max = max;
	h->mono_ms = mono_ms;
	TAILQ_INIT(&h->by_use);
	*out = h;
	return STS_OK;
}

/* A thread that waits for it will find it gone. */
static void
drop_locked(struct sts_histories *h, struct slot *slot)
{
	HASH_DEL(h->table, slot);
	TAILQ_REMOVE(&h->by_use, slot, by_use);
	h->bytes -= bytes_of(slot);
	if (slot->ticket != 0)
		pthread_cond_broadcast(&h->changed);
	sts_history_packed_free(&slot->history);
	free(slot);
}

static void
drop_all_locked(struct sts_histories *h)
{
	struct slot *slot;

	while ((slot = TAILQ_FIRST(&h->by_use)) != NULL)
		drop_locked(h, slot);
}

void
sts_histories_free(struct sts_histories **histories)
{
	struct sts_histories *h = *histories;

	if (h == NULL)
		return;
	drop_all_locked(h);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->mutex);
	free(h);
	*histories = NULL;
}

void
sts_histories_attach(struct sts_histories *histories, sts_histories_load_fn *load, void *arg)
{
	pthread_mutex_lock(&histories->mutex);
	histories->load = load;
	histories->arg = arg;
	pthread_cond_broadcast(&histories->changed);
	pthread_mutex_unlock(&histories->mutex);
}

/* ---- slots ---- */

static struct slot *
find_locked(struct sts_histories *h, const char *domain)
{
	size_t len = strlen(domain);
	struct slot *slot;

	HASH_FIND(hh, h->table, domain, len, slot);
	return slot;
}

static void
use_locked(struct sts_histories *h, struct slot *slot)
{
	TAILQ_REMOVE(&h->by_use, slot, by_use);
	TAILQ_INSERT_HEAD(&h->by_use, slot, by_use);
}

static bool
is_too_much_locked(const struct sts_histories *h)
{
	return HASH_COUNT(h->table) > h->max || h->bytes > h->max * STS_HISTORIES_BYTES;
}

/* Evicts others to make room for the most recently used slot, which stays however large it is. */
static void
make_room_locked(struct sts_histories *h)
{
	struct slot *slot;

	while (is_too_much_locked(h) && (slot = TAILQ_LAST(&h->by_use, slot_list)) != TAILQ_FIRST(&h->by_use))
		drop_locked(h, slot);
}

static struct slot *
make_locked(struct sts_histories *h, const char *domain)
{
	size_t len = strlen(domain);
	struct slot *slot = calloc(1, slot_size(len));

	if (slot == NULL)
		return NULL;
	memcpy(slot->domain, domain, len + 1);
	HASH_ADD_KEYPTR(hh, h->table, slot->domain, len, slot);
	if (slot->hh.tbl == NULL) {
		free(slot);
		return NULL;
	}
	TAILQ_INSERT_HEAD(&h->by_use, slot, by_use);
	h->bytes += bytes_of(slot);
	make_room_locked(h);
	return slot;
}

/* The domain's slot, created if needed, now the most recently used. NULL without memory. */
static struct slot *
take_locked(struct sts_histories *h, const char *domain)
{
	struct slot *slot = find_locked(h, domain);

	if (slot == NULL)
		return h->max > 0 ? make_locked(h, domain) : NULL;
	use_locked(h, slot);
	return slot;
}

/* Sets the history of the most recently used slot. False without memory: it keeps the old one. */
static bool
keep_locked(struct sts_histories *h, struct slot *slot, const struct sts_history_days *history)
{
	size_t before = bytes_of(slot);

	if (sts_history_pack(history, &slot->history) != STS_OK)
		return false;
	h->bytes += bytes_of(slot) - before;
	make_room_locked(h);
	return true;
}

/* ---- for the store thread ---- */

static void
ask_locked(struct sts_histories *h, struct slot *slot)
{
	int64_t now_ms = h->mono_ms();

	if (h->load == NULL || slot->ticket != 0 || (slot->due_ms != 0 && now_ms < slot->due_ms))
		return;
	if (h->load(h->arg, slot->domain, h->tickets + 1))
		slot->ticket = ++h->tickets;
	else
		slot->due_ms = now_ms + STS_HISTORIES_RETRY_MS;
}

static bool
merge_locked(struct sts_histories *h, struct slot *slot, const struct sts_history_days *found)
{
	struct sts_history_days history;

	sts_history_unpack(slot->history, &history);
	sts_history_merge(&history, found);
	use_locked(h, slot);
	return keep_locked(h, slot, &history);
}

void
sts_histories_read(struct sts_histories *histories, const char *domain, uint64_t ticket,
    const struct sts_history_days *found)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = find_locked(histories, domain);
	if (slot != NULL && slot->ticket == ticket) {
		bool merged = found != NULL && merge_locked(histories, slot, found);

		slot->ticket = 0;
		slot->due_ms = histories->mono_ms() + (merged ? STS_HISTORIES_REREAD_MS : STS_HISTORIES_RETRY_MS);
		slot->here = slot->here || merged;
		pthread_cond_broadcast(&histories->changed);
	}
	pthread_mutex_unlock(&histories->mutex);
}

/* ---- for mail threads ---- */

void
sts_histories_want(struct sts_histories *histories, const char *domain)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	/* Without a store there is nothing to wait for. */
	slot = histories->load != NULL ? take_locked(histories, domain) : NULL;
	if (slot != NULL)
		ask_locked(histories, slot);
	pthread_mutex_unlock(&histories->mutex);
}

static bool
is_coming_locked(struct sts_histories *h, const char *domain)
{
	struct slot *slot = find_locked(h, domain);

	return h->load != NULL && slot != NULL && slot->ticket != 0 && !slot->here;
}

void
sts_histories_wait(struct sts_histories *histories, const char *domain, int64_t deadline_ms)
{
	int64_t ms = deadline_ms < 0 ? 0 : deadline_ms;
	const struct timespec deadline = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
	int rc = 0;

	pthread_mutex_lock(&histories->mutex);
	while (is_coming_locked(histories, domain) && rc == 0)
		rc = pthread_cond_timedwait(&histories->changed, &histories->mutex, &deadline);
	pthread_mutex_unlock(&histories->mutex);
}

bool
sts_histories_get(struct sts_histories *histories, const char *domain, struct sts_history_days *out)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = find_locked(histories, domain);
	sts_history_unpack(slot != NULL ? slot->history : NULL, out);
	pthread_mutex_unlock(&histories->mutex);
	return slot != NULL;
}

void
sts_histories_add(struct sts_histories *histories, const char *domain, int64_t now, enum sts_tls_state tls)
{
	struct sts_history_days history;
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = tls != STS_TLS_UNKNOWN ? take_locked(histories, domain) : NULL;
	if (slot != NULL && !sts_history_packed_add(slot->history, now, tls)) {
		sts_history_unpack(slot->history, &history);
		sts_history_add(&history, now, tls);
		(void)keep_locked(histories, slot, &history);
	}
	pthread_mutex_unlock(&histories->mutex);
}

void
sts_histories_forget(struct sts_histories *histories, const char *domain)
{
	struct slot *slot;

	pthread_mutex_lock(&histories->mutex);
	slot = find_locked(histories, domain);
	if (slot != NULL)
		drop_locked(histories, slot);
	pthread_mutex_unlock(&histories->mutex);
}

void
sts_histories_forget_all(struct sts_histories *histories)
{
	pthread_mutex_lock(&histories->mutex);
	drop_all_locked(histories);
	pthread_mutex_unlock(&histories->mutex);
}

size_t
sts_histories_count(struct sts_histories *histories)
{
	size_t count;

	pthread_mutex_lock(&histories->mutex);
	count = HASH_COUNT(histories->table);
	pthread_mutex_unlock(&histories->mutex);
	return count;
}

size_t
sts_histories_bytes(struct sts_histories *histories)
{
	size_t bytes;

	pthread_mutex_lock(&histories->mutex);
	bytes = histories->bytes;
	pthread_mutex_unlock(&histories->mutex);
	return bytes;
}
