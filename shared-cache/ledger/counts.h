/* SPDX-License-Identifier: ISC */
/*
 * counts.h - counters summed in memory until they are written, and the evidence entries that go with them.
 *
 * The rows are (UTC day, domain or none) -> field -> increment. A row of a domain goes to domain:{D} and domain:{D}:DAY, the
 * row without a domain to stats and stats:DAY. Counters are never dropped: beyond max_domains rows, new domains of a day are
 * summed under the pseudo domain "other", and how many messages went there is counted.
 * A batch is a frozen set of rows with a sequence number. It is applied until the store says so, and the store
 * remembers (incarnation, sequence) a slot, so that a batch whose reply was lost is neither lost nor counted twice.
 * Not locked: the writer guards it. Pure: time comes in.
 */
#ifndef STS_LEDGER_COUNTS_H
#define STS_LEDGER_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"

enum { STS_DAY_CAP = 11 };		/* "YYYY-MM-DD" */
enum { STS_COUNT_FIELD_CAP = 112 };	/* longest field name with its NUL; longer ones are cut */

/* One row as the store sees it. */
struct sts_counts_row {
	char domain[STS_DOMAIN_CAP];	/* "" for the totals */
	char day[STS_DAY_CAP];
	int64_t first_seen;		/* seconds; of a domain: the earliest and the latest message in the row */
	int64_t last_seen;
	int64_t last_plaintext;		/* 0: none in the row */
	uint64_t messages;		/* summed in the row, whatever their fields */
	uint64_t own_tls, own_plaintext; /* of these, for the domain's history */
	size_t field_count;
	const struct sts_count {
		const char *field;
		int64_t n;
	} *fields;
};

struct sts_counts_batch {
	char incarnation[33];		/* random, one per process start: hex digits */
	uint64_t sequence;		/* from 1 */
	size_t row_count;
	const struct sts_counts_row *rows;
};

/* One evidence entry: field/value pairs for XADD. Values are bounded and printable; they are literals, or lie in one block, which
 * whoever has the entry frees. */
enum { STS_STREAM_FIELDS = 22 };
struct sts_stream_entry {
	size_t field_count;
	struct {
		const char *name;	/* a literal */
		const char *value;
	} fields[STS_STREAM_FIELDS];
	void *block;
	struct sts_evidence_slab *slab;	/* the writer's, once it has the entry */
	uint64_t index;			/* of its message in the spool; 0: it is not there */
};

struct sts_counts;

enum sts_status sts_counts_new(size_t max_domains, struct sts_counts **out);
void sts_counts_free(struct sts_counts **counts);
/* Names of fields that lie in this memory are taken as they are, neither copied nor looked up: there, each text is once, and it
 * stays for as long as the counts. All other names are texts, and copied. */
void sts_counts_trust_names(struct sts_counts *counts, const char *begin, size_t size);

/* Adds 1 to each field of the totals' row and, with a domain, of the domain's row. now: seconds; day is made of it. STS_ENOMEM
 * only when not even the totals could be kept. */
struct sts_counts_message {
	const char *domain;		/* NULL or "": totals alone */
	int64_t now;
	bool plaintext;			/* sets last_plaintext */
	bool own_tls, own_plaintext;	/* goes into the domain's history: history.h */
	bool stranger;			/* nothing speaks for the domain: neither a policy nor an aligned client */
	const char *const *total_fields;	/* NULL-terminated */
	const char *const *domain_fields;	/* NULL-terminated; may be NULL */
};
enum sts_status sts_counts_add(struct sts_counts *counts, const struct sts_counts_message *message);

/* Freezes what is there into the next batch; NULL in *out when there is nothing. At most one batch exists at a time: a second
 * call before sts_counts_done returns the same one. */
enum sts_status sts_counts_freeze(struct sts_counts *counts, const struct sts_counts_batch **out);
/* The frozen batch has been applied: forget it. What it was made of is given out to be freed, which may take a while, where
 * no lock is held. */
struct sts_counts_spent;
void sts_counts_done(struct sts_counts *counts, struct sts_counts_spent **out);
void sts_counts_spent_free(struct sts_counts_spent **spent);

/* What waits: rows and messages, frozen ones included. */
void sts_counts_pending(const struct sts_counts *counts, size_t *rows, uint64_t *messages);
/* Domains that may still come before others are folded into "other". */
size_t sts_counts_room(const struct sts_counts *counts);
/* Messages whose domain was folded into "other" so far, because there were too many domains. */
uint64_t sts_counts_folded(const struct sts_counts *counts);
/* First messages of strangers: how many are held, and how many went to "other" so far, because nobody came again. */
void sts_counts_strangers(const struct sts_counts *counts, size_t *held, uint64_t *settled);
/* Sends those that are held there, too: the process ends. */
void sts_counts_settle(struct sts_counts *counts);

/* ---- for a copy that outlives the process (spool.h) ---- */

/* The rows that are in no batch yet; and what the held messages would put under "other" if the process ended now. Borrowed until the
 * next call of anything here. Rows of the second may hold zeros. */
size_t sts_counts_loose(const struct sts_counts *counts, const struct sts_counts_row **out);
size_t sts_counts_held(const struct sts_counts *counts, const struct sts_counts_row **out);
/* Adds a row that an earlier process counted. Its domain is a domain, "other" or "". STS_ENOMEM: not, or not all of it. */
enum sts_status sts_counts_restore(struct sts_counts *counts, const struct sts_counts_row *row);

void sts_day_of(int64_t now, char out[STS_DAY_CAP]);

#endif
