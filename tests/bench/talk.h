/* SPDX-License-Identifier: ISC */
/*
 * talk.h - SMTP sessions of a busy mail server, as a milter sees them, and the check of what the milter did.
 *
 * For every message, exactly one header must be inserted, at index 1, of the expected name and with the expected tags,
 * each forged header must be deleted, from the highest index down, and nothing else changed; anything else is an error.
 * The options do not change while threads run; a struct talk belongs to one thread.
 */
#ifndef TALK_H
#define TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/mtaplay.h"
#include "tests/bench/zipf.h"

enum { TALK_EXPECT_MAX = 16 };

struct talk_options {
	struct mta_target target;
	struct zipf zipf;
	bool sweep;			/* domains in turn instead */
	bool tls;			/* STARTTLS with a second EHLO */
	unsigned headers, forged;
	unsigned messages;		/* per session; 0: none, the session ends after STARTTLS */
	unsigned recipients;		/* per message */
	bool refused;			/* each of them must be refused, and the message is aborted */
	int64_t think_ns;		/* between SMTP commands */
	const char *insert_name;	/* NULL: no check */
	const char *expect[TALK_EXPECT_MAX + 1]; /* tags, NULL-terminated; %d stands for the sender's domain */
};

struct talk {
	const struct talk_options *options;
	struct mta mta;
	struct mta_edits edits;
	char domain[64], client_name[80], mail_addr[96], path[100], queue_id[24];
	/* results */
	uint64_t done;			/* messages answered correctly */
	uint64_t errors;
	char first_error[512];
	int64_t *eom_ns;		/* one for each of `done` */
	size_t eom_cap;
};

int64_t talk_now_ns(void);
void talk_sleep_until(int64_t ns);

void talk_init(struct talk *t, const struct talk_options *options);
void talk_fini(struct talk *t);
/* Runs one session; its messages have the numbers first, first + 1, ... */
void talk_session(struct talk *t, uint64_t first);

#endif
