/* SPDX-License-Identifier: ISC */
/*
 * odd_fetcher.c - a fetch process that was taken over, or has gone mad. The contact in its settings says how it misbehaves. If it
 * replies at all, it is with the policy that follows.
 */
#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/fetcher/fetch_child.h"
#include "shared-cache/fetcher/fetch_socket.h"
#include "shared-cache/fetcher/fetch_wire.h"

static const char policy[] = "version: STSv1\nmode: none\nmax_age: 86400\n";
static char message[STS_FETCH_MESSAGE_CAP * 2], out[STS_FETCH_MESSAGE_CAP];

static void
say(const void *bytes, size_t len)
{
	if (sts_fetch_send(STS_FETCH_CHILD_FD, bytes, len, -1, true) != 0)
		_exit(1);
}

static void
say_ready(void)
{
	const struct sts_fetch_ready ready = { .status = STS_FETCH_READY, .is_confined = true };

	say(out, sts_fetch_write_ready(&ready, out, sizeof(out)));
}

static void
answer(uint64_t id)
{
	const struct sts_fetch_reply reply = { .id = id, .status = 200, .detail = { "", 0 }, .body = { policy, sizeof(policy) - 1 } };

	say(out, sts_fetch_write_reply(&reply, out, sizeof(out)));
}

/* Misbehaves once it has a question. */
static void
behave(const char *how, const struct sts_fetch_question *q, int socket)
{
	if (strcmp(how, "sane") == 0) {
		answer(q->id);
	} else if (strcmp(how, "garbage") == 0) {
		say("GET / HTTP/1.1\r\n", 16);
	} else if (strcmp(how, "cut") == 0) {
		say("A\0\0", 3);
	} else if (strcmp(how, "twice") == 0) {
		answer(q->id);
		answer(q->id);
	} else if (strcmp(how, "unasked") == 0) {
		answer(q->id + 1);
	} else if (strcmp(how, "ready again") == 0) {
		say_ready();
	} else if (strcmp(how, "too long") == 0) {
		memset(message, 'A', sizeof(message));
		say(message, sizeof(message));
	} else if (strcmp(how, "descriptor") == 0) {
		(void)sts_fetch_send(STS_FETCH_CHILD_FD, "A", 1, socket, true);
	} else if (strcmp(how, "crash") == 0) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	} else if (strcmp(how, "killed") == 0) {
		raise(SIGKILL);
	} else if (strcmp(how, "end") == 0) {
		_exit(0);
	} else if (strcmp(how, "stop") == 0) {
		raise(SIGSTOP);
	}
}

int
main(void)
{
	struct sts_fetch_settings settings;
	struct sts_fetch_question question;
	char how[32];
	size_t len = 0;
	int socket;

	if (sts_fetch_receive(STS_FETCH_CHILD_FD, message, sizeof(message), &len, NULL, true) != STS_FETCH_GOT ||
	    !sts_fetch_read_settings(message, len, &settings))
		return 1;
	snprintf(how, sizeof(how), "%.*s", (int)settings.contact.len, settings.contact.data);
	if (strcmp(how, "answers first") == 0)
		answer(1);
	if (strcmp(how, "does not start") == 0)
		return 3;
	say_ready();
	while (sts_fetch_receive(STS_FETCH_CHILD_FD, message, sizeof(message), &len, &socket, true) == STS_FETCH_GOT) {
		if (sts_fetch_read_question(message, len, &question))
			behave(how, &question, socket);
		if (socket != -1)
			close(socket);
	}
	return 0;
}
