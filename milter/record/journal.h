/* SPDX-License-Identifier: ISC */
/*
 * journal.h - records one message: its log line, its counters, its evidence entry.
 *
 * Uses only the finished evidence and verdict, so that no early exit decides how much of a message is recorded.
 * Pure. Any thread.
 */
#ifndef MILTER_RECORD_JOURNAL_H
#define MILTER_RECORD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "milter/record/counter_names.h"
#include "shared-cache/base/status.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/ledger/mail_record.h"
#include "shared-cache/settings/conf.h"

/* Why a message is not judged. */
enum journal_exempt { JOURNAL_JUDGED, JOURNAL_AUTH, JOURNAL_TRUSTED, JOURNAL_LOCAL, JOURNAL_EXEMPT_COUNT };
/* The word in the log; "no" for JOURNAL_JUDGED, "" for invalid values. */
const char *journal_exempt_name(enum journal_exempt exempt);

/* What was enforced on the message in total. */
struct journal_enforcement {
	enum sts_cause cause;
	enum sts_waiver waiver;
	unsigned refused;		/* recipients, at RCPT TO */
	bool delivered;			/* to at least one recipient, or to the hold queue */
};

struct journal_case {
	const struct sts_evidence *evidence;
	const struct sts_policy_view *policy;
	const struct sts_verdict *verdict;
	const struct journal_enforcement *enforcement; /* NULL: nothing could be refused */
	enum journal_exempt exempt;	/* unless it is JOURNAL_JUDGED, policy and verdict are ignored */
	struct counter_names *names;	/* NULL: names are built as text */
	bool keeps_evidence;		/* evidence goes to a stream */
	const char *node;		/* sts_conf_node */
	enum sts_client_addr client_addr; /* how much of the client's address may be recorded */
	bool keeps_history;		/* messages of aligned clients are added to the domain's history */
	bool first;			/* the first judged message of its session */
	const char *source;		/* where the policy came from */
	int64_t waited_ms;
	int64_t now_ms;			/* since the epoch */
};

enum { JOURNAL_FIELDS = 16, JOURNAL_LINE_CAP = 1536 };

/* A message's counters. `message' points into the other fields: do not copy. */
struct journal_counts {
	struct sts_counts_message message;
	struct counter_names *known;
	const char *total[JOURNAL_FIELDS + 1];
	const char *domain[2 * JOURNAL_FIELDS + 1];
	char names[2 * JOURNAL_FIELDS][STS_COUNT_FIELD_CAP];	/* texts of names that `known' does not have */
};
void journal_count(const struct journal_case *c, struct journal_counts *out);

/* The stream entry. Every field is present, "" if it has no value. The caller frees its block, or gives it away. STS_ENOMEM:
 * nothing is allocated. */
enum sts_status journal_entry(const struct journal_case *c, struct sts_stream_entry *out);

/* Counters and entry for the writer; with an entry if the message is judged and evidence is kept. NULL without memory. */
struct sts_mail_record *journal_record(const struct journal_case *c);

/* The log line, without newline. */
void journal_line(const struct journal_case *c, char out[JOURNAL_LINE_CAP]);

#endif
