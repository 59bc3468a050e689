/* SPDX-License-Identifier: ISC */
/* fetch_child.c - takes questions, does HTTPS, sends replies. Knows no DNS, no files, and no peers but its parent and the web
 * servers. */
#include "config.h"

#include "shared-cache/fetcher/fetch_child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/fetcher/sandbox.h"
#include "shared-cache/fetcher/fetch_socket.h"
#include "shared-cache/fetcher/fetch_wire.h"
#include "shared-cache/network/https.h"
#include "shared-cache/policy/policy.h"

enum { A_DAY_MS = 86400000 };

struct child {
	int fd;
	struct sts_https *https;
	bool parent_is_gone;
	char message[STS_FETCH_MESSAGE_CAP];	/* the last one received */
	char answer[STS_FETCH_MESSAGE_CAP];
};

struct job {
	struct child *child;
	uint64_t id;
};

static void
send_reply(struct child *c, const struct sts_fetch_reply *reply)
{
	size_t len = sts_fetch_write_reply(reply, c->answer, sizeof(c->answer));

	/* Only a bug of ours makes a reply that the daemon would reject. */
	if (len == 0)
		abort();
	if (sts_fetch_send(c->fd, c->answer, len, -1, true) != 0)
		c->parent_is_gone = true;
}

static void
reply_without(struct child *c, uint64_t id, enum sts_reason reason, const char *detail)
{
	const struct sts_fetch_reply reply = { .id = id, .reason = reason, .detail = { detail, strlen(detail) },
		.body = { "", 0 } };

	send_reply(c, &reply);
}

/* The body must satisfy the parser here before the daemon's parser sees it. "" and STS_REASON_NONE: it is a policy. */
static enum sts_reason
check_body(const struct sts_https_response *answer, char *detail, size_t cap)
{
	struct sts_policy *policy;
	struct sts_diag diag;

	sts_diag_init(&diag);
	switch (sts_policy_parse(answer->body, answer->len, &policy, &diag)) {
	case STS_OK:
		sts_policy_free(&policy);
		return STS_REASON_NONE;
	case STS_ENOMEM:
		snprintf(detail, cap, "out of memory");
		return STS_REASON_OVERLOAD;
	default:
		snprintf(detail, cap, "line %u: %s", diag.error.line, diag.error.text);
		return STS_REASON_POLICY_INVALID;
	}
}

static void
on_https(void *arg, const struct sts_https_response *answer)
{
	struct job *e = arg;
	char detail[STS_FETCH_DETAIL_MAX + 1];
	struct sts_fetch_reply reply = { .id = e->id, .reason = answer->reason,
		.is_mute = answer->mute.family != 0 && answer->reason == STS_REASON_FETCH_TIMEOUT,
		.status = answer->status < 0 || answer->status > 999 ? 0 : (uint16_t)answer->status, .body = { "", 0 } };

	snprintf(detail, sizeof(detail), "%s", answer->detail);
	if (answer->reason == STS_REASON_NONE)
		reply.reason = check_body(answer, detail, sizeof(detail));
	if (reply.reason == STS_REASON_NONE)
		reply.body = (struct sts_fetch_text){ answer->body, answer->len };
	if (detail[0] == '\0')
		snprintf(detail, sizeof(detail), "%s", sts_reason_name(reply.reason));
	for (char *p = detail; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	}
	reply.detail = (struct sts_fetch_text){ detail, reply.reason == STS_REASON_NONE ? 0 : strlen(detail) };
	send_reply(e->child, &reply);
	free(e);
}

static void
take_question(struct child *c, const struct sts_fetch_question *q, int socket)
{
	char host[STS_FETCH_HOST_MAX + 1];
	int64_t now_ms = sts_clock_mono_ms();
	const struct sts_https_request request = { .host = host, .addrs = &q->addr, .addr_count = 1,
		.deadline_ms = now_ms + q->total_ms, .connect_timeout_ms = q->connect_ms, .is_connected = true, .fd = socket };
	struct job *e = malloc(sizeof(*e));

	snprintf(host, sizeof(host), "%.*s", (int)q->host.len, q->host.data);
	if (socket == -1 || e == NULL) {
		if (socket != -1)
			close(socket);
		free(e);
		reply_without(c, q->id, STS_REASON_OVERLOAD, socket == -1 ? "no descriptor" : "out of memory");
		return;
	}
	*e = (struct job){ c, q->id };
	if (sts_https_get(c->https, &request, on_https, e) == STS_OK)
		return;
	free(e);
	reply_without(c, q->id, STS_REASON_OVERLOAD, "out of memory");
}

/* Takes all questions that have come. */
static void
take_questions(struct child *c)
{
	struct sts_fetch_question question;
	size_t len = 0;
	int socket;

	while (!c->parent_is_gone) {
		switch (sts_fetch_receive(c->fd, c->message, sizeof(c->message), &len, &socket, false)) {
		case STS_FETCH_GOT_NOTHING:
			return;
		case STS_FETCH_GOT:
			break;
		case STS_FETCH_GOT_TOO_MUCH:
		case STS_FETCH_GOT_END:
			c->parent_is_gone = true;
			return;
		}
		if (!sts_fetch_read_question(c->message, len, &question)) {
			c->parent_is_gone = true;
			return;
		}
		take_question(c, &question, socket);
	}
}

static enum sts_fetch_ready_status
set_up(struct child *c, const struct sts_fetch_settings *s)
{
	char ca_file[STS_FETCH_PATH_MAX + 1], contact[STS_FETCH_PATH_MAX + 1];
	const struct sts_https_params params = { .ca_file = ca_file, .contact = contact, .port = s->port,
		.allow_special = s->allow_special, .is_confined = true };

	snprintf(ca_file, sizeof(ca_file), "%.*s", (int)s->ca_file.len, s->ca_file.data);
	snprintf(contact, sizeof(contact), "%.*s", (int)s->contact.len, s->contact.data);
	switch (sts_https_new(&params, &c->https)) {
	case STS_OK:
		return STS_FETCH_READY;
	case STS_EINVAL:
		return STS_FETCH_NO_AUTHORITIES;
	default:
		return STS_FETCH_NO_MEMORY;
	}
}

/* Reads the settings before the system call filter is on, and questions after. */
static bool
begin(struct child *c)
{
	struct sts_fetch_settings settings;
	struct sts_fetch_ready ready;
	size_t len = 0;

	if (sts_fetch_receive(c->fd, c->message, sizeof(c->message), &len, NULL, true) != STS_FETCH_GOT ||
	    !sts_fetch_read_settings(c->message, len, &settings))
		return false;
	ready.status = set_up(c, &settings);
	ready.is_confined = sts_sandbox_syscalls();
	len = sts_fetch_write_ready(&ready, c->answer, sizeof(c->answer));
	return sts_fetch_send(c->fd, c->answer, len, -1, true) == 0 && ready.status == STS_FETCH_READY;
}

int
sts_fetch_child_run(int fd)
{
	struct child *c = calloc(1, sizeof(*c));
	struct pollfd parent = { .fd = fd, .events = POLLIN };

	sts_sandbox_process(fd);
	if (c == NULL)
		return EX_OSERR;
	c->fd = fd;
	if (!begin(c))
		return EX_CONFIG;
	while (!c->parent_is_gone) {
		sts_https_wait(c->https, &parent, 1, A_DAY_MS);
		take_questions(c);
		sts_https_process(c->https);
	}
	/* Exits without callbacks: nobody is left to get a reply. */
	return 0;
}
