/* SPDX-License-Identifier: ISC */
/*
 * http_reply.h - checks an HTTP response against the rules for policy files (RFC 8461 sections 3.2 and 3.3) while it comes in.
 *
 * Each call says whether to go on. The first violation is kept as `refusal`, and takes precedence over later failures.
 * Knows no HTTP library, no connection. Pure. A response belongs to one thread.
 */
#ifndef STS_NETWORK_HTTP_REPLY_H
#define STS_NETWORK_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/policy/reason.h"

enum { STS_HTTP_BODY_MAX = 65536, STS_HTTP_HEADER_MAX = 65536, STS_HTTP_DETAIL_CAP = 320 };

/* In the caller's storage; zeroed: new. */
struct sts_http_reply {
	enum sts_reason refusal;	/* STS_REASON_NONE: no violation so far */
	char detail[STS_HTTP_DETAIL_CAP]; /* of the refusal: one printable line */
	size_t header_bytes;
	char *body;			/* len bytes; NULL while there are none */
	size_t len, cap;
};

void sts_http_reply_fini(struct sts_http_reply *reply);

/* Always false, for `return sts_http_reply_refuse(...)`. Hostile text goes through sts_text_add_escaped() first. */
bool sts_http_reply_refuse(struct sts_http_reply *reply, enum sts_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Counts len more bytes of header, including those of interim responses and trailers. */
bool sts_http_reply_add_header(struct sts_http_reply *reply, size_t len);
/* Only 200 is accepted. */
bool sts_http_reply_check_status(struct sts_http_reply *reply, long status);
/* False for a redirect. location: the value of Location, or NULL; it is reported, never followed. */
bool sts_http_reply_refuse_redirect(struct sts_http_reply *reply, long status, const char *location);
/* The value of Content-Type, or NULL: must be text/plain, in any case, with any parameters. */
bool sts_http_reply_check_type(struct sts_http_reply *reply, const char *value);
/* The value of Content-Encoding: only identity is accepted. */
bool sts_http_reply_check_encoding(struct sts_http_reply *reply, const char *value);
/* The value of Content-Length; -1: none. */
bool sts_http_reply_check_length(struct sts_http_reply *reply, int64_t length);
/* Appends len more bytes of the body. */
bool sts_http_reply_add_body(struct sts_http_reply *reply, const char *bytes, size_t len);

#endif
