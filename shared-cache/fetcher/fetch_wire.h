/* SPDX-License-Identifier: ISC */
/*
 * fetch_wire.h - the protocol between the daemon and its fetch process: one message a datagram (SOCK_SEQPACKET).
 *
 *  daemon -> process   SETTINGS, once, first; then QUESTIONs, each with the connected socket (SCM_RIGHTS)
 *  process -> daemon   READY, once, first; then one REPLY to each question, in any order
 *
 * Numbers are in network byte order. A reader accepts a message whole or not at all: it checks every length, enum and string, and
 * allows no trailing bytes. The daemon does not trust the process: it reads READY and REPLY as if strangers had sent them.
 * Pure. Any thread.
 */
#ifndef STS_FETCHER_FETCH_WIRE_H
#define STS_FETCHER_FETCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"
#include "shared-cache/policy/reason.h"

enum {
	STS_FETCH_WIRE_VERSION = 1,
	STS_FETCH_BODY_MAX = 65536,
	STS_FETCH_DETAIL_MAX = 319,
	STS_FETCH_PATH_MAX = 1023,	/* for ca_file and contact */
	STS_FETCH_HOST_MAX = 255,
	STS_FETCH_MESSAGE_CAP = STS_FETCH_BODY_MAX + 1024, /* any message fits */
};

/* A text in a message, not NUL-terminated. */
struct sts_fetch_text {
	const char *data;
	size_t len;
};

struct sts_fetch_settings {
	uint16_t port;
	bool allow_special;
	struct sts_fetch_text ca_file, contact;
};

enum sts_fetch_ready_status { STS_FETCH_READY, STS_FETCH_NO_AUTHORITIES, STS_FETCH_NO_MEMORY, STS_FETCH_READY_STATUSES };

struct sts_fetch_ready {
	enum sts_fetch_ready_status status;
	bool is_confined;		/* by a system call filter */
};

struct sts_fetch_question {
	uint64_t id;
	uint32_t total_ms, connect_ms;	/* from now; connect_ms is for what is left of connecting, which is TLS */
	struct sts_ipaddr addr;		/* the address that the socket is connected to */
	struct sts_fetch_text host;
};

struct sts_fetch_reply {
	uint64_t id;
	enum sts_reason reason;		/* NONE: body is a policy, as far as the process can tell */
	uint16_t status;		/* of HTTP; 0: there was no response */
	bool is_mute;			/* timed out before TLS was up */
	struct sts_fetch_text detail;	/* printable; "" if and only if the reason is NONE */
	struct sts_fetch_text body;	/* empty unless the reason is NONE */
};

enum sts_fetch_kind { STS_FETCH_IS_NOTHING, STS_FETCH_IS_SETTINGS, STS_FETCH_IS_READY, STS_FETCH_IS_QUESTION, STS_FETCH_IS_REPLY };

/* By the first byte; the rest may still be wrong. */
enum sts_fetch_kind sts_fetch_kind(const void *message, size_t len);

/* False: malformed, or of another type; then *out is undefined. */
bool sts_fetch_read_settings(const void *message, size_t len, struct sts_fetch_settings *out);
bool sts_fetch_read_ready(const void *message, size_t len, struct sts_fetch_ready *out);
bool sts_fetch_read_question(const void *message, size_t len, struct sts_fetch_question *out);
bool sts_fetch_read_reply(const void *message, size_t len, struct sts_fetch_reply *out);

/* Returns the message's length; 0: it does not fit, or the reader would reject it. */
size_t sts_fetch_write_settings(const struct sts_fetch_settings *settings, void *out, size_t cap);
size_t sts_fetch_write_ready(const struct sts_fetch_ready *ready, void *out, size_t cap);
size_t sts_fetch_write_question(const struct sts_fetch_question *question, void *out, size_t cap);
size_t sts_fetch_write_reply(const struct sts_fetch_reply *reply, void *out, size_t cap);

/* Whether this is a possible result of a fetch. */
bool sts_fetch_is_result(enum sts_reason reason);

#endif
