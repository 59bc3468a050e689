/* SPDX-License-Identifier: ISC */
/*
 * counts.h - sums counters in memory until they are written to the store; also the evidence entries that go with them.
 *
 * A row is for a UTC day and a domain, or none: field -> increment. The row of a domain goes to domain:{D} and domain:{D}:DAY, the
 * row without a domain to stats and stats:DAY. Counters are never dropped: when there are max_domains rows, the rarest domains are
 * folded into the pseudo domain "other", and the number of their messages is counted.
 * A batch is a frozen set of rows with a sequence number. It is sent again until the store confirms it; the store
 * remembers (incarnation, sequence) per slot, so a batch whose reply was lost is neither lost nor counted twice.
 * Not locked: the writer guards it. Pure: time is passed in.
 */
#ifndef STS_LEDGER_COUNTS_H
#define STS_LEDGER_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"

enum { STS_DAY_CAP = 11 };		/* "YYYY-MM-DD" */
enum { STS_COUNT_FIELD_CAP = 112 };	/* longest field name, with its NUL; longer ones are truncated */

/* One row, as the store gets it. */
struct sts_counts_row {
	char domain[STS_DOMAIN_CAP];	/* "" for the totals */
	char day[STS_DAY_CAP];
	int64_t first_seen;		/* seconds; of a domain, the times of the earliest and the latest message in the row */
	int64_t last_seen;
	int64_t last_plaintext;		/* 0: no plaintext in the row */
	uint64_t messages;		/* number of messages in the row */
	uint64_t own_tls, own_plaintext; /* of these, the ones that count for the domain's history */
	size_t field_count;
	const struct sts_count {
		const char *field;
		int64_t n;
	} *fields;
};

struct sts_counts_batch {
	char incarnation[33];		/* hex digits, random per process start */
	uint64_t sequence;		/* from 1 */
	size_t row_count;
	const struct sts_counts_row *rows;
};

/* One evidence entry: field/value pairs for XADD. Values are bounded and printable; they are literals, or parts of one block, which
 * the owner of the entry frees. */
enum { STS_STREAM_FIELDS = 22 };
struct sts_stream_entry {
	size_t field_count;
	struct {
		const char *name;	/* a literal */
		const char *value;
	} fields[STS_STREAM_FIELDS];
	void *block;
	struct sts_evidence_slab *slab;	/* the writer's, once it owns the entry */
	uint64_t index;			/* number of its message in the spool; 0: not in the spool */
};

struct sts_counts;

enum sts_status sts_counts_new(size_t max_domains, struct sts_counts **out);
void sts_counts_free(struct sts_counts **counts);
/* Field names that lie in this memory are used as they are, without copying or looking them up: no text is in it twice, and it
 * outlives the counts. All other names are copied. */
void sts_counts_trust_names(struct sts_counts *counts, const char *begin, size_t size);

/* Adds 1 to each field of the totals' row and, with a domain, of the domain's row. now: seconds; it determines the day. STS_ENOMEM
 * only when not even the totals could be counted. */
struct sts_counts_message {
	const char *domain;		/* NULL or "": totals only */
	int64_t now;
	bool plaintext;			/* sets last_plaintext */
	bool own_tls, own_plaintext;	/* counts for the domain's history: history.h */
	bool stranger;			/* the domain has neither a policy nor an aligned client */
	const char *const *total_fields;	/* NULL-terminated */
	const char *const *domain_fields;	/* NULL-terminated; may be NULL */
};
enum sts_status sts_counts_add(struct sts_counts *counts, const struct sts_counts_message *message);

/* Freezes the rows into the next batch; NULL in *out when there are none. There is at most one batch: until sts_counts_done, another
 * call returns the same one. */
enum sts_status sts_counts_freeze(struct sts_counts *counts, const struct sts_counts_batch **out);
/* The batch has been applied: forgets it. Its memory is handed out, to be freed where no lock is held, because that may take
 * a while. */
struct sts_counts_spent;
void sts_counts_done(struct sts_counts *counts, struct sts_counts_spent **out);
void sts_counts_spent_free(struct sts_counts_spent **spent);

/* What has not been written yet: rows and messages, those of the batch included. */
void sts_counts_pending(const struct sts_counts *counts, size_t *rows, uint64_t *messages);
/* How many more domains fit before some are folded into "other". */
size_t sts_counts_room(const struct sts_counts *counts);
/* Number of messages whose domain has been folded into "other", for lack of room. */
uint64_t sts_counts_folded(const struct sts_counts *counts);
/* First messages of strangers: how many are held now, and how many have gone to "other" because no second one came. */
void sts_counts_strangers(const struct sts_counts *counts, size_t *held, uint64_t *settled);
/* Sends the held ones to "other", too: for the end of the process. */
void sts_counts_settle(struct sts_counts *counts);

/* ---- for a copy that outlives the process (spool.h) ---- */

/* The rows that are not in a batch; and the rows that the held messages would make under "other" if the process ended now. Borrowed
 * until the next call of any function here. The latter may hold zeros. */
size_t sts_counts_loose(const struct sts_counts *counts, const struct sts_counts_row **out);
size_t sts_counts_held(const struct sts_counts *counts, const struct sts_counts_row **out);
/* Adds a row that an earlier process counted. Its domain is a domain, "other" or "". STS_ENOMEM: not added, or only a part of it. */
enum sts_status sts_counts_restore(struct sts_counts *counts, const struct sts_counts_row *row);

void sts_day_of(int64_t now, char out[STS_DAY_CAP]);

#endif
