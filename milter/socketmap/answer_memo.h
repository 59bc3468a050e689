/* SPDX-License-Identifier: ISC */
/*
 * answer_memo.h - answers that were given a moment ago, by the very bytes of the question.
 *
 * Postfix asks for a domain once a delivery, so that what is asked is asked many times. Who finds the answer here neither reads the
 * key, nor decides, nor writes. It must not be right for long: the asker says until when, and keeps with it the stamp by which he
 * sees whether what he knew of the domain has changed since (l1.h).
 * Bounded in number and in bytes; who is asked for no longer goes with the sweep. Time is passed in: seconds of a clock that does not
 * go back. Belongs to one thread.
 */
#ifndef MILTER_SOCKETMAP_ANSWER_MEMO_H
#define MILTER_SOCKETMAP_ANSWER_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer_memo;

enum { ANSWER_MEMO_BYTES = 1024 };	/* of question and answer together; longer ones are not kept */

struct kept_answer {
	const char *bytes;	/* as they go out; the memo's own, until the next call */
	size_t len;
	unsigned level;		/* of the answer; what the asker counts it as */
	uint32_t place, stamp;	/* of the domain, when it was looked up */
};

/* max_bytes: of questions and answers with what keeps them; the table is 2 MiB more, of which only what is used is touched. NULL without
 * memory. */
struct answer_memo *answer_memo_new(size_t max_bytes);
void answer_memo_free(struct answer_memo **memo);

/* False: not there, or its time is over. */
bool answer_memo_find(const struct answer_memo *memo, const char *question, size_t len, int64_t now, struct kept_answer *out);

/* Keeps a copy, in place of what was known of the question. When there is no room, it is not kept. */
void answer_memo_keep(struct answer_memo *memo, const char *question, size_t len, const struct kept_answer *answer,
    int64_t until, int64_t now);

/* Drops what is over in a sixteenth of the table. */
void answer_memo_sweep(struct answer_memo *memo, int64_t now);
void answer_memo_clear(struct answer_memo *memo);

size_t answer_memo_count(const struct answer_memo *memo);
size_t answer_memo_bytes(const struct answer_memo *memo);

#endif
