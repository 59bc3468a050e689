/* SPDX-License-Identifier: ISC */
/*
 * reply.h - makes the SMTP reply of a refusal: code, enhanced status code, one line of text.
 *
 * The text is the administrator's, with values from the session filled in. Whatever those contain, the result is
 * printable ASCII without line ends, and fits one reply line; both codes have the class that belongs to the action.
 * Pure. Any thread.
 */
#ifndef STS_ENFORCEMENT_REPLY_H
#define STS_ENFORCEMENT_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/judge/tls.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/policy/reason.h"

enum {
	STS_REPLY_CODE_CAP = 4,
	STS_REPLY_XCODE_CAP = 12,	/* "5.777.777" */
	STS_REPLY_TEMPLATE_MAX = 256,	/* bytes of reject_text */
	STS_REPLY_TEXT_CAP = 900,	/* libmilter accepts about 980, with the reply code */
	STS_REPLY_MISSING_CAP = 160,
};

struct sts_reply_text {
	char code[STS_REPLY_CODE_CAP];		/* "550" */
	char xcode[STS_REPLY_XCODE_CAP];	/* "5.7.10" */
	char text[STS_REPLY_TEXT_CAP];
};

/* Check a reject_code ("550 5.7.10": three digits that begin with 55, a space, an enhanced status code of class 5, RFC 3463), and a
 * reject_text (printable ASCII, not empty, no % other than in %d %t %h %%). Both return NULL, or what is wrong. */
const char *sts_reply_code_wrong(const char *reject_code);
const char *sts_reply_template_wrong(const char *reject_text);

struct sts_reply_words {
	const char *domain;	/* %d */
	const char *missing;	/* %t */
	const char *host;	/* %h */
};
/* reject_code and template have passed the checks above; action is tempfail or reject. */
void sts_reply_make(const char *reject_code, const char *template, enum sts_action action, const struct sts_reply_words *words,
    struct sts_reply_text *out);

/* What is missing, as part of a sentence; "" for nothing. Returns out. sts_reply_unmet_of converts the rating of a session's TLS. */
const char *sts_reply_missing(enum sts_unmet unmet, const struct sts_tls *tls, char out[STS_REPLY_MISSING_CAP]);
enum sts_unmet sts_reply_unmet_of(enum sts_reason reason);

#endif
