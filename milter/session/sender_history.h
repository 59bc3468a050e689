/* SPDX-License-Identifier: ISC */
/*
 * sender_history.h - the history of a message's sender domain: fetched ahead of need, compared, added to.
 *
 * Only for messages of aligned clients. Does nothing if the settings keep no histories.
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

/* Makes sure that the domain's history is in memory or being read. Waits until deadline_ms for one that was never there
 * (sts_clock_mono_ms; with 0 it does not wait). */
void sender_history_prepare(const struct service *service, const struct sts_conf *conf, const char *domain, int64_t deadline_ms);

/* Compares a message with its domain's history, to which it has not been added yet. now: seconds. */
enum sts_history sender_history_judge(const struct service *service, const struct sts_conf *conf, const struct sts_evidence *evidence,
    int64_t now);
/* Adds the message to the history. */
void sender_history_add(const struct service *service, const struct sts_conf *conf, const struct sts_evidence *evidence, int64_t now);

#endif
