/* SPDX-License-Identifier: ISC */
/*
 * fetch_wire.h - what the daemon and its fetch process say to each other, one datagram (SOCK_SEQPACKET) a message.
 *
 *   daemon -> process   SETTINGS, once, first; then QUESTIONs, each with the connected socket (SCM_RIGHTS)
 *   process -> daemon   READY, once, first; then one ANSWER to each question, in any order
 *
 * Numbers are in network order. A reader takes a message whole or not at all: every length, enum and string is looked at, and nothing
 * may be left over. The daemon does not trust the process: it reads READY and ANSWER as if strangers had sent them.
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
	STS_FETCH_PATH_MAX = 1023,	/* of ca_file and contact */
	STS_FETCH_HOST_MAX = 255,
	STS_FETCH_MESSAGE_CAP = STS_FETCH_BODY_MAX + 1024, /* any message fits */
};

/* What a reader finds; texts point into the message, and end in no NUL. */
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
	bool is_confined;		/* by a filter of system calls */
};

struct sts_fetch_question {
	uint64_t id;
	uint32_t total_ms, connect_ms;	/* from now; connect: for what is left of connecting, that is, TLS */
	struct sts_ipaddr addr;		/* that the socket is connected to */
	struct sts_fetch_text host;
};

struct sts_fetch_reply {
	uint64_t id;
	enum sts_reason reason;		/* NONE: body is a policy, as far as the process can tell */
	uint16_t status;		/* of HTTP; 0 when there was none */
	bool is_mute;			/* timed out before TLS was up */
	struct sts_fetch_text detail;	/* printable; "" if and only if the reason is NONE */
	struct sts_fetch_text body;	/* empty unless the reason is NONE */
};

enum sts_fetch_kind { STS_FETCH_IS_NOTHING, STS_FETCH_IS_SETTINGS, STS_FETCH_IS_READY, STS_FETCH_IS_QUESTION, STS_FETCH_IS_REPLY };

/* By its first byte; the rest may still be wrong. */
enum sts_fetch_kind sts_fetch_kind(const void *message, size_t len);

/* False: not such a message; *out is not to be used. */
bool sts_fetch_read_settings(const void *message, size_t len, struct sts_fetch_settings *out);
bool sts_fetch_read_ready(const void *message, size_t len, struct sts_fetch_ready *out);
bool sts_fetch_read_question(const void *message, size_t len, struct sts_fetch_question *out);
bool sts_fetch_read_reply(const void *message, size_t len, struct sts_fetch_reply *out);

/* The length of the message; 0: it does not fit, or could not be read back. */
size_t sts_fetch_write_settings(const struct sts_fetch_settings *settings, void *out, size_t cap);
size_t sts_fetch_write_ready(const struct sts_fetch_ready *ready, void *out, size_t cap);
size_t sts_fetch_write_question(const struct sts_fetch_question *question, void *out, size_t cap);
size_t sts_fetch_write_reply(const struct sts_fetch_reply *reply, void *out, size_t cap);

/* Whether a fetch may come to this. */
bool sts_fetch_is_result(enum sts_reason reason);

#endif
