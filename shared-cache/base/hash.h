/* SPDX-License-Identifier: ISC */
/*
 * hash.h - uthash with a keyed hash function. Include this, never <uthash.h>.
 *
 * Keys of our tables are domain names that strangers choose. uthash's own function is the same in every process, so
 * that colliding names could be computed beforehand; ours is XXH3 with a random seed drawn at first use.
 * Memory: an insertion that finds no memory leaves the element out and its `hh.tbl` NULL (HASH_NONFATAL_OOM).
 * The seed: any thread. A table: whoever owns it.
 */
#ifndef STS_BASE_HASH_H
#define STS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

unsigned sts_hash_bytes(const void *key, size_t len);
/* The same with all its bits, of which any are as good as any others. */
uint64_t sts_hash64(const void *key, size_t len);

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = sts_hash_bytes((keyptr), (size_t)(keylen)))
#include <uthash.h>

#endif
