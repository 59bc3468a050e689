/* SPDX-License-Identifier: ISC */
/*
 * metrics_message.h - what one message adds to the metrics: the mapping beside that of the journal, from the same finished
 * evidence and verdict.
 * On the mail path: no lock, no memory, no system call. Any thread.
 */
#ifndef MILTER_RECORD_METRICS_MESSAGE_H
#define MILTER_RECORD_METRICS_MESSAGE_H

#include "milter/record/journal.h"
#include "milter/record/metrics.h"
#include "shared-cache/policy/source.h"

void metrics_message(struct metrics *metrics, const struct journal_case *c);

/* One answer about a domain, sender's or recipient's. */
void metrics_lookup(struct metrics *metrics, enum sts_source source, enum sts_policy_known known);

#endif
