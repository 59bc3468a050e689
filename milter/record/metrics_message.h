/* SPDX-License-Identifier: ISC */
/*
 * metrics_message.h - counts one message in the metrics, from the same finished evidence and verdict as the journal.
 * On the mail path: takes no lock, allocates nothing, makes no system call. Any thread.
 */
#ifndef MILTER_RECORD_METRICS_MESSAGE_H
#define MILTER_RECORD_METRICS_MESSAGE_H

#include "milter/record/journal.h"
#include "milter/record/metrics.h"
#include "shared-cache/policy/source.h"

void metrics_message(struct metrics *metrics, const struct journal_case *c);

/* Counts one answer about a domain, the sender's or a recipient's. */
void metrics_lookup(struct metrics *metrics, enum sts_source source, enum sts_policy_known known);

#endif
