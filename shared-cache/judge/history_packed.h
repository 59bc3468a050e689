/* SPDX-License-Identifier: ISC */
/*
 * history_packed.h - a history in as few bytes as it needs, for those that wait in memory by the hundred thousand.
 *
 * Only numbers that are not zero are kept, each as wide as the greatest of them asks for. So days without mail cost nothing, nor
 * does plaintext where there is none: 60 days over TLS with up to 255 messages each are 85 bytes in place of the 488 of
 * struct sts_history_days, and the worst that can be are 505. Nothing is lost: what is unpacked equals what was packed.
 * Pure. One belongs to one thread.
 */
#ifndef STS_JUDGE_HISTORY_PACKED_H
#define STS_JUDGE_HISTORY_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/judge/history.h"

/* NULL: nothing is known. */
struct sts_history_packed;

/* Packs history in place of what *packed was, which moves only if its size changes; sts_history_packed_free gives it back.
 * STS_ENOMEM: *packed is what it was. */
enum sts_status sts_history_pack(const struct sts_history_days *history, struct sts_history_packed **packed);
void sts_history_unpack(const struct sts_history_packed *packed, struct sts_history_days *out);
/* sts_history_add in place, for a message as most are: its day has some of its kind already, and the number grows no wider.
 * False, and nothing is done, for all others. */
bool sts_history_packed_add(struct sts_history_packed *packed, int64_t now, enum sts_tls_state tls);
void sts_history_packed_free(struct sts_history_packed **packed);

/* Bytes that malloc was asked for; 0 for NULL. */
size_t sts_history_packed_size(const struct sts_history_packed *packed);

#endif
