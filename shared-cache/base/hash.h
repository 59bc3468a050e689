/* SPDX-License-Identifier: ISC */
/*
 * hash.h - uthash with a keyed hash function. Include this, never <uthash.h>.
 *
 * The keys of our tables are domain names that strangers choose. uthash's own function is the same in every process, so
 * colliding names could be computed in advance; ours is XXH3 with a random seed, drawn at first use.
 * Out of memory: the element is not inserted, and its `hh.tbl` is NULL (HASH_NONFATAL_OOM).
 * The hash functions: any thread. A table: its owner.
 */
#ifndef STS_BASE_HASH_H
#define STS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

unsigned sts_hash_bytes(const void *key, size_t len);
/* The same hash in 64 bits; all of them are equally good. */
uint64_t sts_hash64(const void *key, size_t len);

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = sts_hash_bytes((keyptr), (size_t)(keylen)))
#include <uthash.h>

#endif
