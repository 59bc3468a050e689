/* SPDX-License-Identifier: ISC */
/* http_reply.c - the rules about status, type, encoding and size. Knows no HTTP library. */
#include "config.h"

#include "shared-cache/network/http_reply.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum { BODY_START = 4096, SHOWN_MAX = 60 };

void
sts_http_reply_fini(struct sts_http_reply *reply)
{
	free(reply->body);
	reply->body = NULL;
	reply->len = reply->cap = 0;
}

bool
sts_http_reply_refuse(struct sts_http_reply *reply, enum sts_reason reason, const char *format, ...)
{
	va_list ap;

	if (reply->refusal != STS_REASON_NONE)
		return false;
	reply->refusal = reason;
	va_start(ap, format);
	if (vsnprintf(reply->detail, sizeof(reply->detail), format, ap) < 0)
		reply->detail[0] = '\0';
	va_end(ap);
	return false;
}

bool
sts_http_reply_add_header(struct sts_http_reply *reply, size_t len)
{
	if (len > STS_HTTP_HEADER_MAX - reply->header_bytes)
		return sts_http_reply_refuse(reply, STS_REASON_FETCH_SIZE, "header beyond %d bytes", STS_HTTP_HEADER_MAX);
	reply->header_bytes += len;
	return true;
}

bool
sts_http_reply_check_status(struct sts_http_reply *reply, long status)
{
	return status == 200 || sts_http_reply_refuse(reply, STS_REASON_FETCH_STATUS, "status %ld", status);
}

bool
sts_http_reply_refuse_redirect(struct sts_http_reply *reply, long status, const char *location)
{
	char shown[SHOWN_MAX * 4 + 8];
	struct sts_text text;

	if (location == NULL)
		return sts_http_reply_check_status(reply, status);
	sts_text_init(&text, shown, sizeof(shown));
	sts_text_add_escaped(&text, location, strlen(location), SHOWN_MAX);
	return sts_http_reply_refuse(reply, STS_REASON_FETCH_STATUS, "status %ld to %s", status, shown);
}

/* The text after the word at the beginning of s, in any case; NULL when s begins otherwise. */
static const char *
past_word(const char *s, const char *word)
{
	for (; *word != '\0'; s++, word++) {
		if (sts_ascii_lower(*s) != *word)
			return NULL;
	}
	return s;
}

static const char *
past_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

static bool
refuse_value(struct sts_http_reply *reply, const char *field, const char *value)
{
	char shown[SHOWN_MAX * 4 + 8];
	struct sts_text text;

	sts_text_init(&text, shown, sizeof(shown));
	sts_text_add_escaped(&text, value, strlen(value), SHOWN_MAX);
	return sts_http_reply_refuse(reply, STS_REASON_FETCH_TYPE, "%s is %s", field, shown);
}

bool
sts_http_reply_check_type(struct sts_http_reply *reply, const char *value)
{
	const char *rest;

	if (value == NULL)
		return sts_http_reply_refuse(reply, STS_REASON_FETCH_TYPE, "no Content-Type");
	rest = past_word(past_blanks(value), "text/plain");
	if (rest != NULL)
		rest = past_blanks(rest);
	return (rest != NULL && (*rest == '\0' || *rest == ';')) || refuse_value(reply, "Content-Type", value);
}

bool
sts_http_reply_check_encoding(struct sts_http_reply *reply, const char *value)
{
	const char *rest = past_word(past_blanks(value), "identity");

	return (rest != NULL && *past_blanks(rest) == '\0') || refuse_value(reply, "Content-Encoding", value);
}

bool
sts_http_reply_check_length(struct sts_http_reply *reply, int64_t length)
{
	return length <= STS_HTTP_BODY_MAX ||
	    sts_http_reply_refuse(reply, STS_REASON_FETCH_SIZE, "Content-Length is %" PRId64, length);
}

bool
sts_http_reply_add_body(struct sts_http_reply *reply, const char *bytes, size_t len)
{
	size_t cap = reply->cap == 0 ? BODY_START : reply->cap;

	if (len > STS_HTTP_BODY_MAX - reply->len)
		return sts_http_reply_refuse(reply, STS_REASON_FETCH_SIZE, "body beyond %d bytes", STS_HTTP_BODY_MAX);
	while (cap < reply->len + len)
		cap *= 2;
	if (cap != reply->cap) {
		char *body = realloc(reply->body, cap);

		if (body == NULL)
			return sts_http_reply_refuse(reply, STS_REASON_OVERLOAD, "out of memory");
		reply->body = body;
		reply->cap = cap;
	}
	memcpy(reply->body + reply->len, bytes, len);
	reply->len += len;
	return true;
}
