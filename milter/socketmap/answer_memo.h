/* SPDX-License-Identifier: ISC */
/*
 * answer_memo.h - a cache of recent answers, by the exact bytes of the question.
 *
 * Postfix asks for a domain once a delivery, so the same question comes many times. An answer found here needs no parsing, no
 * decision and no formatting. It is valid for a short time only: the caller sets its expiry, and stores the stamp that shows
 * whether what is known of the domain has changed since (l1.h).
 * Bounded in number and bytes; a sweep drops expired answers. Time is passed in: seconds of a monotonic clock. Belongs to one
 * thread.
 */
#ifndef MILTER_SOCKETMAP_ANSWER_MEMO_H
#define MILTER_SOCKETMAP_ANSWER_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer_memo;

enum { ANSWER_MEMO_BYTES = 1024 };	/* question and answer together; longer ones are not stored */

struct kept_answer {
	const char *bytes;	/* as sent; the memo's own, valid until the next call */
	size_t len;
	unsigned level;		/* of the answer, for counting it */
	uint32_t place, stamp;	/* of the domain, taken before its look-up */
};

/* max_bytes: for questions and answers with their overhead. The table takes another 2 MiB, of which only the parts in use are
 * touched. NULL without memory. */
struct answer_memo *answer_memo_new(size_t max_bytes);
void answer_memo_free(struct answer_memo **memo);

/* False: not there, or expired. */
bool answer_memo_find(const struct answer_memo *memo, const char *question, size_t len, int64_t now, struct kept_answer *out);

/* Stores a copy, in place of the question's older answer. Without room, it is not stored. */
void answer_memo_keep(struct answer_memo *memo, const char *question, size_t len, const struct kept_answer *answer,
    int64_t until, int64_t now);

/* Drops the expired answers in a sixteenth of the table. */
void answer_memo_sweep(struct answer_memo *memo, int64_t now);
void answer_memo_clear(struct answer_memo *memo);

size_t answer_memo_count(const struct answer_memo *memo);
size_t answer_memo_bytes(const struct answer_memo *memo);

#endif
