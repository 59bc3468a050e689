/* SPDX-License-Identifier: ISC */
/*
 * sender_history.h - the history of a message's domain: fetched ahead of need, looked at, added to.
 *
 * Only for messages of aligned clients; all others have none. Does nothing where the settings keep no histories.
 */
#ifndef MILTER_SESSION_SENDER_HISTORY_H
#define MILTER_SESSION_SENDER_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "milter/service/service.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/settings/conf.h"

/* Whether histories are kept at all. */
bool sender_history_is_kept(const struct service *service, const struct sts_conf *conf);

/* Sees to it that the domain's history is in memory, or comes; and waits for one that was never there until deadline_ms
 * (sts_clock_mono_ms; 0: does not wait). */
void sender_history_prepare(const struct service *service, const struct sts_conf *conf, const char *domain, int64_t deadline_ms);

/* What the message of this evidence is beside its domain's history, which it is not a part of yet. now: seconds. */
enum sts_history sender_history_judge(const struct service *service, const struct sts_conf *conf, const struct sts_evidence *evidence,
    int64_t now);
/* Makes it a part. */
void sender_history_add(const struct service *service, const struct sts_conf *conf, const struct sts_evidence *evidence, int64_t now);

#endif
