/* SPDX-License-Identifier: ISC */
/* answer_memo.c - a hash table with buckets of four. Knows neither questions nor answers. */
#include "config.h"

#include "milter/socketmap/answer_memo.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/hash.h"

enum {
	BUCKETS = 1 << 15,
	WAYS = 4,
	SWEEPS = 16,		/* to cover the whole table */
};

struct kept {
	uint32_t place, stamp;
	uint16_t question_len, answer_len;
	unsigned char level;
	char bytes[];		/* the question, then the answer */
};

/* One cache line: tags and expiry times are read without touching the answers. */
struct bucket {
	uint32_t tags[WAYS], until[WAYS];
	struct kept *kept[WAYS];	/* NULL: free */
};

struct answer_memo {
	size_t count, bytes, max_bytes;
	size_t swept;		/* the bucket where the next sweep begins */
	struct bucket *buckets;
};

struct answer_memo *
answer_memo_new(size_t max_bytes)
{
	struct answer_memo *memo = calloc(1, sizeof(*memo));

	if (memo == NULL)
		return NULL;
	memo->max_bytes = max_bytes;
	memo->buckets = calloc(BUCKETS, sizeof(*memo->buckets));
	if (memo->buckets == NULL)
		answer_memo_free(&memo);
	return memo;
}

static size_t
size_of(const struct kept *k)
{
	return sizeof(*k) + k->question_len + k->answer_len;
}

static void
drop(struct answer_memo *memo, struct bucket *bucket, int way)
{
	if (bucket->kept[way] == NULL)
		return;
	memo->bytes -= size_of(bucket->kept[way]);
	memo->count--;
	free(bucket->kept[way]);
	bucket->kept[way] = NULL;
}

void
answer_memo_clear(struct answer_memo *memo)
{
	for (size_t i = 0; i < BUCKETS && memo->count > 0; i++)
		for (int way = 0; way < WAYS; way++)
			drop(memo, &memo->buckets[i], way);
}

void
answer_memo_free(struct answer_memo **memo)
{
	if (*memo != NULL && (*memo)->buckets != NULL)
		answer_memo_clear(*memo);
	if (*memo != NULL)
		free((*memo)->buckets);
	free(*memo);
	*memo = NULL;
}

/* ---- finding ---- */

static struct bucket *
bucket_of(const struct answer_memo *memo, uint64_t hash)
{
	return &memo->buckets[hash % BUCKETS];
}

static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* -1: not found. */
static int
way_of(const struct bucket *bucket, uint64_t hash, const char *question, size_t len)
{
	for (int way = 0; way < WAYS; way++) {
		const struct kept *k = bucket->kept[way];

		if (k != NULL && bucket->tags[way] == tag_of(hash) && k->question_len == len && memcmp(k->bytes, question, len) == 0)
			return way;
	}
	return -1;
}

bool
answer_memo_find(const struct answer_memo *memo, const char *question, size_t len, int64_t now, struct kept_answer *out)
{
	uint64_t hash = sts_hash64(question, len);
	const struct bucket *bucket = bucket_of(memo, hash);
	int way = way_of(bucket, hash, question, len);
	const struct kept *k;

	if (way < 0 || (int64_t)bucket->until[way] <= now)
		return false;
	k = bucket->kept[way];
	*out = (struct kept_answer){ .bytes = k->bytes + k->question_len, .len = k->answer_len, .level = k->level, .place = k->place,
		.stamp = k->stamp };
	return true;
}

/* ---- storing ---- */

/* The question's own place, a free one, or the one that expires first. */
static int
way_for(const struct bucket *bucket, uint64_t hash, const char *question, size_t len)
{
	int way = way_of(bucket, hash, question, len), first = 0;

	if (way >= 0)
		return way;
	for (way = 0; way < WAYS; way++) {
		if (bucket->kept[way] == NULL)
			return way;
		if (bucket->until[way] < bucket->until[first])
			first = way;
	}
	return first;
}

void
answer_memo_keep(struct answer_memo *memo, const char *question, size_t len, const struct kept_answer *answer,
    int64_t until, int64_t now)
{
	uint64_t hash = sts_hash64(question, len);
	struct bucket *bucket = bucket_of(memo, hash);
	int way = way_for(bucket, hash, question, len);
	struct kept *k = NULL;

	drop(memo, bucket, way);
	if (until <= now || len + answer->len > ANSWER_MEMO_BYTES ||
	    memo->bytes + sizeof(*k) + len + answer->len > memo->max_bytes || (k = malloc(sizeof(*k) + len + answer->len)) == NULL)
		return;
	k->place = answer->place;
	k->stamp = answer->stamp;
	k->question_len = (uint16_t)len;
	k->answer_len = (uint16_t)answer->len;
	k->level = (unsigned char)answer->level;
	memcpy(k->bytes, question, len);
	memcpy(k->bytes + len, answer->bytes, answer->len);
	bucket->tags[way] = tag_of(hash);
	bucket->until[way] = (uint32_t)until;
	bucket->kept[way] = k;
	memo->bytes += size_of(k);
	memo->count++;
}

void
answer_memo_sweep(struct answer_memo *memo, int64_t now)
{
	for (size_t i = 0; i < BUCKETS / SWEEPS && memo->count > 0; i++) {
		struct bucket *bucket = &memo->buckets[memo->swept];

		for (int way = 0; way < WAYS; way++)
			if ((int64_t)bucket->until[way] <= now)
				drop(memo, bucket, way);
		memo->swept = (memo->swept + 1) % BUCKETS;
	}
}

size_t
answer_memo_count(const struct answer_memo *memo)
{
	return memo->count;
}

size_t
answer_memo_bytes(const struct answer_memo *memo)
{
	return memo->bytes;
}
