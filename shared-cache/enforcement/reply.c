/* SPDX-License-Identifier: ISC */
/* reply.c - the text of a refusal. Does not know libmilter's requirements. */
#include "config.h"

#include "shared-cache/enforcement/reply.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

/* ---- what is allowed ---- */

/* ".7" or ".123": RFC 3463 allows one to three digits. Advances *s. */
static bool
skip_part(const char **s)
{
	size_t digits = 0;

	if (*(*s)++ != '.')
		return false;
	while (sts_ascii_is_digit((*s)[digits]))
		digits++;
	*s += digits;
	return digits >= 1 && digits <= 3;
}

const char *
sts_reply_code_wrong(const char *reject_code)
{
	static const char wrong[] = "must be a code and an enhanced status code of class 5, such as 550 5.7.10";
	const char *s = reject_code;

	if (strncmp(s, "55", 2) != 0 || !sts_ascii_is_digit(s[2]) || s[3] != ' ' || s[4] != '5')
		return wrong;
	s += 5;
	return skip_part(&s) && skip_part(&s) && *s == '\0' ? NULL : wrong;
}

const char *
sts_reply_template_wrong(const char *reject_text)
{
	size_t len = strlen(reject_text);

	if (len == 0)
		return "must not be empty";
	if (len > STS_REPLY_TEMPLATE_MAX)
		return "too long for a reply (256 bytes)";
	for (const char *p = reject_text; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			return "a reply is printable ASCII";
		if (*p == '%' && (*++p == '\0' || strchr("dth%", *p) == NULL))
			return "%d, %t, %h and %% may stand after a percent sign, nothing else";
	}
	return NULL;
}

/* ---- making ---- */

/* The values stand in the middle of the text: none of their bytes may end the line or look like a control. */
static void
add_words(struct sts_text *text, const char *words)
{
	for (const char *p = words; *p != '\0'; p++)
		sts_text_add_bytes(text, *p >= ' ' && *p <= '~' ? p : "?", 1);
}

static void
expand(const char *template, const struct sts_reply_words *words, struct sts_text *text)
{
	for (const char *p = template; *p != '\0'; p++) {
		if (*p != '%') {
			sts_text_add_bytes(text, p, 1);
			continue;
		}
		p++;
		if (*p == 'd')
			add_words(text, words->domain);
		else if (*p == 't')
			add_words(text, words->missing);
		else if (*p == 'h')
			add_words(text, words->host);
		else
			sts_text_add(text, "%");
		if (*p == '\0')
			return;
	}
}

void
sts_reply_make(const char *reject_code, const char *template, enum sts_action action, const struct sts_reply_words *words,
    struct sts_reply_text *out)
{
	struct sts_text text;

	snprintf(out->code, sizeof(out->code), "%.3s", reject_code);
	snprintf(out->xcode, sizeof(out->xcode), "%s", reject_code + 4);
	/* Both codes have the same class: Postfix answers 451 4.3.5 to anything else. */
	out->code[0] = out->xcode[0] = action == STS_ACTION_REJECT ? '5' : '4';
	sts_text_init(&text, out->text, sizeof(out->text));
	expand(template, words, &text);
}

static void
add_cleaned(struct sts_text *text, const char *word)
{
	sts_text_add_token(text, word, strlen(word));
}

enum sts_unmet
sts_reply_unmet_of(enum sts_reason reason)
{
	switch (reason) {
	case STS_REASON_PLAINTEXT:
		return STS_UNMET_TLS;
	case STS_REASON_TLS_VERSION:
		return STS_UNMET_VERSION;
	case STS_REASON_CIPHER:
		return STS_UNMET_CIPHER;
	default:
		return STS_UNMET_NOTHING;
	}
}

const char *
sts_reply_missing(enum sts_unmet unmet, const struct sts_tls *tls, char out[STS_REPLY_MISSING_CAP])
{
	struct sts_text text;

	sts_text_init(&text, out, STS_REPLY_MISSING_CAP);
	switch (unmet) {
	case STS_UNMET_TLS:
		sts_text_add(&text, "this session is not encrypted");
		break;
	case STS_UNMET_VERSION:
		add_cleaned(&text, tls->version);
		sts_text_add(&text, " is too old");
		break;
	case STS_UNMET_CIPHER:
		sts_text_add(&text, "the cipher ");
		add_cleaned(&text, tls->cipher);
		sts_text_add(&text, " is too weak");
		break;
	case STS_UNMET_CERT:
		sts_text_add(&text, "the client certificate is not the one that was agreed on");
		break;
	case STS_UNMET_CLIENT:
		sts_text_add(&text, "this client is not one of those that were agreed on");
		break;
	default:
		break;
	}
	return out;
}
