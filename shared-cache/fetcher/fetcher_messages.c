/* SPDX-License-Identifier: ISC */
/* fetcher_messages.c - messages to and from the fetch process. Knows nothing of its life cycle. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <utlist.h>

#include "shared-cache/fetcher/fetch_socket.h"
#include "shared-cache/fetcher/fetcher_private.h"

enum { MESSAGES_PER_TURN = 64 };

bool
sts_fetcher_send_settings(struct sts_fetcher *f)
{
	const struct sts_fetch_settings settings = { .port = f->port, .allow_special = f->allow_special,
		.ca_file = { f->ca_file, strlen(f->ca_file) }, .contact = { f->contact, strlen(f->contact) } };
	size_t len = sts_fetch_write_settings(&settings, f->message, STS_FETCH_MESSAGE_CAP);

	return len > 0 && sts_fetch_send(f->process.fd, f->message, len, -1, false) == 0;
}

/* ---- sending ---- */

static uint32_t
span(int64_t until_ms, int64_t now_ms)
{
	return until_ms <= now_ms ? 1 : until_ms - now_ms > INT32_MAX ? INT32_MAX : (uint32_t)(until_ms - now_ms);
}

/* False: cannot be sent now. */
static bool
send_job(struct sts_fetcher *f, struct sts_fetch_job *e, int64_t now_ms)
{
	const struct sts_fetch_question question = { .id = e->id, .total_ms = span(e->deadline_ms, now_ms),
		.connect_ms = span(e->connect_ms, now_ms), .addr = e->dial.addr, .host = { e->host, strlen(e->host) } };
	size_t len = sts_fetch_write_question(&question, f->message, STS_FETCH_MESSAGE_CAP);
	int error = len == 0 ? EINVAL : sts_fetch_send(f->process.fd, f->message, len, e->dial.fd, false);

	switch (error) {
	case 0:
		close(e->dial.fd);
		e->dial.fd = -1;
		e->state = STS_FETCH_JOB_SENT;
		return true;
	case EAGAIN:
	case ETOOMANYREFS:	/* it has not received earlier sockets yet */
	case ENOBUFS:
	case ENOMEM:
		f->is_full = true;
		return false;
	case EINVAL:
		sts_fetch_job_end(f, e, STS_REASON_FETCH_CONNECT, "no host name");
		return true;
	default:		/* it has died; what it sent before is read first */
		return false;
	}
}

void
sts_fetcher_send_jobs(struct sts_fetcher *f, int64_t now_ms)
{
	struct sts_fetch_job *e, *next;

	f->is_full = false;
	if (f->state != STS_FETCHER_UP)
		return;
	DL_FOREACH_SAFE(f->jobs, e, next) {
		if (e->state == STS_FETCH_JOB_DIALLED && !send_job(f, e, now_ms))
			return;
	}
}

/* ---- receiving ---- */

static struct sts_fetch_job *
find(const struct sts_fetcher *f, uint64_t id)
{
	for (struct sts_fetch_job *e = f->jobs; e != NULL; e = e->next) {
		if (e->id == id)
			return e->state == STS_FETCH_JOB_SENT ? e : NULL;
	}
	return NULL;
}

/* False: there is no such question. */
static bool
take_reply(struct sts_fetcher *f, const struct sts_fetch_reply *reply)
{
	struct sts_fetch_job *e = find(f, reply->id);
	char detail[STS_FETCH_DETAIL_MAX + 1];
	struct sts_https_response answer = { .reason = reply->reason, .status = reply->status, .body = reply->body.data,
		.len = reply->body.len, .detail = detail };

	if (e == NULL)
		return false;
	memcpy(detail, reply->detail.data, reply->detail.len);
	detail[reply->detail.len] = '\0';
	if (reply->is_mute)
		answer.mute = e->dial.addr;
	sts_fetch_job_remove(f, e);
	e->fn(e->arg, &answer);
	free(e);
	return true;
}

/* NULL, or what is wrong with the message. */
static const char *
take_message(struct sts_fetcher *f, size_t len, int64_t now_ms)
{
	struct sts_fetch_ready ready;
	struct sts_fetch_reply reply;

	switch (sts_fetch_kind(f->message, len)) {
	case STS_FETCH_IS_READY:
		if (f->state != STS_FETCHER_STARTING || !sts_fetch_read_ready(f->message, len, &ready))
			return "sent a greeting that is none";
		sts_fetcher_process_ready(f, &ready, now_ms);
		return NULL;
	case STS_FETCH_IS_REPLY:
		if (f->state != STS_FETCHER_UP || !sts_fetch_read_reply(f->message, len, &reply))
			return "sent an answer that is none";
		return take_reply(f, &reply) ? NULL : "answered what nobody has asked";
	default:
		return "sent bytes without sense";
	}
}

void
sts_fetcher_receive(struct sts_fetcher *f, int64_t now_ms)
{
	size_t len = 0;

	for (unsigned i = 0; i < MESSAGES_PER_TURN && f->process.fd != -1 && !f->stopped; i++) {
		const char *wrong = "sent more than it may";

		switch (sts_fetch_receive(f->process.fd, f->message, STS_FETCH_MESSAGE_CAP, &len, NULL, false)) {
		case STS_FETCH_GOT_NOTHING:
			return;
		case STS_FETCH_GOT_END:
			sts_fetcher_end_process(f, now_ms, NULL);
			return;
		case STS_FETCH_GOT:
			wrong = take_message(f, len, now_ms);
			break;
		case STS_FETCH_GOT_TOO_MUCH:
			break;
		}
		if (wrong != NULL) {
			f->misbehaved = true;
			sts_fetcher_end_process(f, now_ms, wrong);
		}
	}
}
