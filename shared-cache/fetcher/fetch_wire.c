/* SPDX-License-Identifier: ISC */
/* fetch_wire.c - encodes and decodes the messages between the daemon and its fetch process. Knows no socket. */
#include "config.h"

#include "shared-cache/fetcher/fetch_wire.h"

#include <string.h>

/* ---- a bounded reader and a bounded writer; errors stick ---- */

struct reader {
	const unsigned char *at;
	size_t left;
	bool bad;
};

struct writer {
	unsigned char *out;
	size_t len, cap;
	bool bad;
};

static uint64_t
get_number(struct reader *r, size_t bytes)
{
	uint64_t n = 0;

	if (r->bad || r->left < bytes) {
		r->bad = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | r->at[i];
	r->at += bytes;
	r->left -= bytes;
	return n;
}

static bool
get_bool(struct reader *r)
{
	uint64_t n = get_number(r, 1);

	r->bad |= n > 1;
	return n == 1;
}

static struct sts_fetch_text
get_text(struct reader *r, size_t len, size_t max)
{
	struct sts_fetch_text text = { .data = (const char *)r->at, .len = len };

	if (r->bad || len > max || r->left < len) {
		r->bad = true;
		return (struct sts_fetch_text){ .data = "", .len = 0 };
	}
	r->at += len;
	r->left -= len;
	return text;
}

static bool
is_whole(const struct reader *r)
{
	return !r->bad && r->left == 0;
}

static void
put_bytes(struct writer *w, const void *bytes, size_t len)
{
	if (w->bad || w->cap - w->len < len) {
		w->bad = true;
		return;
	}
	if (len > 0)
		memcpy(w->out + w->len, bytes, len);
	w->len += len;
}

static void
put_number(struct writer *w, uint64_t n, size_t bytes)
{
	unsigned char text[8];

	for (size_t i = 0; i < bytes; i++)
		text[i] = (unsigned char)(n >> (8 * (bytes - 1 - i)));
	put_bytes(w, text, bytes);
}

/* Writes the length in two bytes, then the text. */
static void
put_text(struct writer *w, const struct sts_fetch_text *text, size_t max)
{
	w->bad |= text->len > max;
	put_number(w, text->len, 2);
	put_bytes(w, text->data, text->len);
}

static bool
is_printable(const struct sts_fetch_text *text)
{
	for (size_t i = 0; i < text->len; i++) {
		if ((unsigned char)text->data[i] < 0x20 || (unsigned char)text->data[i] > 0x7e)
			return false;
	}
	return true;
}

static bool
has_nul(const struct sts_fetch_text *text)
{
	return memchr(text->data, '\0', text->len) != NULL;
}

/* ---- message types ---- */

static const unsigned char letters[] = { [STS_FETCH_IS_NOTHING] = 0, [STS_FETCH_IS_SETTINGS] = 'S', [STS_FETCH_IS_READY] = 'R',
	[STS_FETCH_IS_QUESTION] = 'Q', [STS_FETCH_IS_REPLY] = 'A' };

enum sts_fetch_kind
sts_fetch_kind(const void *message, size_t len)
{
	for (unsigned i = STS_FETCH_IS_SETTINGS; len > 0 && i < sizeof(letters); i++) {
		if (*(const unsigned char *)message == letters[i])
			return (enum sts_fetch_kind)i;
	}
	return STS_FETCH_IS_NOTHING;
}

static struct reader
open_message(const void *message, size_t len, enum sts_fetch_kind kind)
{
	struct reader r = { .at = message, .left = len };

	r.bad = get_number(&r, 1) != letters[kind];
	return r;
}

static struct writer
begin_message(void *out, size_t cap, enum sts_fetch_kind kind)
{
	struct writer w = { .out = out, .cap = cap };

	put_number(&w, letters[kind], 1);
	return w;
}

/* ---- settings ---- */

bool
sts_fetch_read_settings(const void *message, size_t len, struct sts_fetch_settings *out)
{
	struct reader r = open_message(message, len, STS_FETCH_IS_SETTINGS);

	r.bad |= get_number(&r, 1) != STS_FETCH_WIRE_VERSION;
	out->allow_special = get_bool(&r);
	out->port = (uint16_t)get_number(&r, 2);
	out->ca_file = get_text(&r, get_number(&r, 2), STS_FETCH_PATH_MAX);
	out->contact = get_text(&r, get_number(&r, 2), STS_FETCH_PATH_MAX);
	return is_whole(&r) && out->port != 0 && !has_nul(&out->ca_file) && !has_nul(&out->contact);
}

size_t
sts_fetch_write_settings(const struct sts_fetch_settings *settings, void *out, size_t cap)
{
	struct writer w = begin_message(out, cap, STS_FETCH_IS_SETTINGS);

	put_number(&w, STS_FETCH_WIRE_VERSION, 1);
	put_number(&w, settings->allow_special, 1);
	put_number(&w, settings->port, 2);
	put_text(&w, &settings->ca_file, STS_FETCH_PATH_MAX);
	put_text(&w, &settings->contact, STS_FETCH_PATH_MAX);
	return w.bad || settings->port == 0 ? 0 : w.len;
}

/* ---- ready ---- */

bool
sts_fetch_read_ready(const void *message, size_t len, struct sts_fetch_ready *out)
{
	struct reader r = open_message(message, len, STS_FETCH_IS_READY);
	uint64_t status;

	r.bad |= get_number(&r, 1) != STS_FETCH_WIRE_VERSION;
	status = get_number(&r, 1);
	out->is_confined = get_bool(&r);
	if (!is_whole(&r) || status >= STS_FETCH_READY_STATUSES)
		return false;
	out->status = (enum sts_fetch_ready_status)status;
	return true;
}

size_t
sts_fetch_write_ready(const struct sts_fetch_ready *ready, void *out, size_t cap)
{
	struct writer w = begin_message(out, cap, STS_FETCH_IS_READY);

	put_number(&w, STS_FETCH_WIRE_VERSION, 1);
	put_number(&w, ready->status, 1);
	put_number(&w, ready->is_confined, 1);
	return w.bad ? 0 : w.len;
}

/* ---- questions ---- */

bool
sts_fetch_read_question(const void *message, size_t len, struct sts_fetch_question *out)
{
	struct reader r = open_message(message, len, STS_FETCH_IS_QUESTION);
	struct sts_fetch_text addr;

	out->id = get_number(&r, 8);
	out->total_ms = (uint32_t)get_number(&r, 4);
	out->connect_ms = (uint32_t)get_number(&r, 4);
	out->addr = (struct sts_ipaddr){ .family = (uint8_t)get_number(&r, 1) };
	addr = get_text(&r, 16, 16);
	out->host = get_text(&r, get_number(&r, 2), STS_FETCH_HOST_MAX);
	if (!is_whole(&r) || out->host.len == 0 || !is_printable(&out->host) ||
	    (out->addr.family != 4 && out->addr.family != 6))
		return false;
	memcpy(out->addr.bytes, addr.data, sizeof(out->addr.bytes));
	return true;
}

size_t
sts_fetch_write_question(const struct sts_fetch_question *question, void *out, size_t cap)
{
	struct writer w = begin_message(out, cap, STS_FETCH_IS_QUESTION);

	put_number(&w, question->id, 8);
	put_number(&w, question->total_ms, 4);
	put_number(&w, question->connect_ms, 4);
	put_number(&w, question->addr.family, 1);
	put_bytes(&w, question->addr.bytes, 16);
	put_text(&w, &question->host, STS_FETCH_HOST_MAX);
	return w.bad ? 0 : w.len;
}

/* ---- replies ---- */

bool
sts_fetch_is_result(enum sts_reason reason)
{
	switch (reason) {
	case STS_REASON_NONE:
	case STS_REASON_FETCH_TIMEOUT:
	case STS_REASON_FETCH_CONNECT:
	case STS_REASON_FETCH_TLS:
	case STS_REASON_FETCH_STATUS:
	case STS_REASON_FETCH_TYPE:
	case STS_REASON_FETCH_SIZE:
	case STS_REASON_FETCH_REFUSED:
	case STS_REASON_POLICY_INVALID:
	case STS_REASON_OVERLOAD:
		return true;
	default:
		return false;
	}
}

/* False for what the process must never say: a body with a failure, a failure without detail, a mute server without a timeout. */
static bool
is_consistent(const struct sts_fetch_reply *a)
{
	if (!is_printable(&a->detail) || a->status > 999)
		return false;
	if (a->is_mute && a->reason != STS_REASON_FETCH_TIMEOUT)
		return false;
	return a->reason == STS_REASON_NONE ? a->detail.len == 0 : a->detail.len > 0 && a->body.len == 0;
}

bool
sts_fetch_read_reply(const void *message, size_t len, struct sts_fetch_reply *out)
{
	struct reader r = open_message(message, len, STS_FETCH_IS_REPLY);
	uint64_t reason;

	out->id = get_number(&r, 8);
	reason = get_number(&r, 1);
	out->status = (uint16_t)get_number(&r, 2);
	out->is_mute = get_bool(&r);
	out->detail = get_text(&r, get_number(&r, 2), STS_FETCH_DETAIL_MAX);
	out->body = get_text(&r, get_number(&r, 4), STS_FETCH_BODY_MAX);
	if (!is_whole(&r) || reason >= STS_REASON_COUNT || !sts_fetch_is_result((enum sts_reason)reason))
		return false;
	out->reason = (enum sts_reason)reason;
	return is_consistent(out);
}

size_t
sts_fetch_write_reply(const struct sts_fetch_reply *reply, void *out, size_t cap)
{
	struct writer w = begin_message(out, cap, STS_FETCH_IS_REPLY);

	put_number(&w, reply->id, 8);
	put_number(&w, reply->reason, 1);
	put_number(&w, reply->status, 2);
	put_number(&w, reply->is_mute, 1);
	put_text(&w, &reply->detail, STS_FETCH_DETAIL_MAX);
	w.bad |= reply->body.len > STS_FETCH_BODY_MAX;
	put_number(&w, reply->body.len, 4);
	put_bytes(&w, reply->body.data, reply->body.len);
	return w.bad || !sts_fetch_is_result(reply->reason) || !is_consistent(reply) ? 0 : w.len;
}
