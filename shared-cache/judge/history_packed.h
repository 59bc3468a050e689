/* SPDX-License-Identifier: ISC */
/*
 * history_packed.h - a history packed into as few bytes as possible: hundreds of thousands are kept in memory.
 *
 * Only numbers other than zero are stored, each as wide as the largest of them. So days without mail cost nothing, nor
 * does plaintext where there is none: 60 days over TLS with up to 255 messages each take 85 bytes instead of the 488 of
 * struct sts_history_days, and the worst case is 505. Packing is lossless.
 * Pure. One belongs to one thread.
 */
#ifndef STS_JUDGE_HISTORY_PACKED_H
#define STS_JUDGE_HISTORY_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/judge/history.h"

/* NULL: an empty history. */
struct sts_history_packed;

/* Packs history into *packed, replacing what was there; it moves only if its size changes. Free it with sts_history_packed_free.
 * STS_ENOMEM: *packed is unchanged. */
enum sts_status sts_history_pack(const struct sts_history_days *history, struct sts_history_packed **packed);
void sts_history_unpack(const struct sts_history_packed *packed, struct sts_history_days *out);
/* sts_history_add in place, for the common case: the day has messages of this kind already, and the number does not become wider.
 * False, and nothing is done, in all other cases. */
bool sts_history_packed_add(struct sts_history_packed *packed, int64_t now, enum sts_tls_state tls);
void sts_history_packed_free(struct sts_history_packed **packed);

/* Bytes allocated; 0 for NULL. */
size_t sts_history_packed_size(const struct sts_history_packed *packed);

#endif
