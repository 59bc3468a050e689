/* SPDX-License-Identifier: ISC */
/*
 * journal.h - what is put down about one message: the log line, the counters, the evidence entry.
 *
 * From finished evidence and verdict only, so that no early exit decides how much of a message is on record.
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
/* The word in the log, "no" for JOURNAL_JUDGED; "" for what is none of them. */
const char *journal_exempt_name(enum journal_exempt exempt);

/* What was done, in total, where something could be. */
struct journal_enforcement {
	enum sts_cause cause;
	enum sts_waiver waiver;
	unsigned refused;		/* recipients, at RCPT TO */
	bool delivered;			/* to somebody, if only to the hold queue */
};

struct journal_case {
	const struct sts_evidence *evidence;
	const struct sts_policy_view *policy;
	const struct sts_verdict *verdict;
	const struct journal_enforcement *deed; /* NULL: nothing could be refused */
	enum journal_exempt exempt;	/* when not JOURNAL_JUDGED, policy and verdict are not looked at */
	struct counter_names *names;	/* NULL: names are made anew */
	bool keeps_evidence;		/* there is a stream for it */
	const char *node;		/* sts_conf_node */
	enum sts_client_addr client_addr; /* how much of the client's address may be put down */
	bool keeps_history;		/* what comes from aligned clients goes into the domain's history */
	bool first;			/* the first judged message of its session */
	const char *source;		/* where the policy came from */
	int64_t waited_ms;
	int64_t now_ms;			/* since the epoch */
};

enum { JOURNAL_FIELDS = 16, JOURNAL_LINE_CAP = 1536 };

/* One message's counters. `message` points into the rest: do not copy. */
struct journal_counts {
	struct sts_counts_message message;
	struct counter_names *known;
	const char *total[JOURNAL_FIELDS + 1];
	const char *domain[2 * JOURNAL_FIELDS + 1];
	char names[2 * JOURNAL_FIELDS][STS_COUNT_FIELD_CAP];	/* of those that are not known */
};
void journal_count(const struct journal_case *c, struct journal_counts *out);

/* The entry of the stream; every field is always there, "" when there is nothing to say. Its block is the caller's to
 * free, or to give away. STS_ENOMEM leaves nothing. */
enum sts_status journal_entry(const struct journal_case *c, struct sts_stream_entry *out);

/* Both, for the writer: with an entry if the message is judged and evidence is kept. NULL without memory. */
struct sts_mail_record *journal_record(const struct journal_case *c);

/* The log line, without line end. */
void journal_line(const struct journal_case *c, char out[JOURNAL_LINE_CAP]);

#endif
