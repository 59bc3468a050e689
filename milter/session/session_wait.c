/* SPDX-License-Identifier: ISC */
/* session_wait.c - how long to keep the MTA waiting for policies: the only file of a session that reads a clock. */
#include "config.h"

#include "milter/session/session_private.h"

#include "shared-cache/base/clock.h"

int64_t
session_patience_ms(const struct session *session)
{
	int64_t waited_ms = session->message != NULL ? session->message->waited_ms : 0;

	return waited_ms < session->conf->policy_wait_ms ? session->conf->policy_wait_ms - waited_ms : 0;
}

void
session_waited(struct session *session, int64_t ms)
{
	if (session->message != NULL)
		session->message->waited_ms += ms;
}

void
session_wait(struct session *session, int64_t deadline_ms)
{
	const struct message *message = session->message;
	struct sts_answer ignored;

	if (message == NULL)
		return;
	if (message->sender != NULL)
		session_ask(message->sender, deadline_ms, &ignored);
	for (const struct recipient *r = message->recipients; r != NULL; r = r->next)
		session_ask(r->lookup, deadline_ms, &ignored);
	session_prepare_history(session, deadline_ms);
}

void
session_wait_for_rcpt(struct session *session)
{
	struct sts_lookup *lookup = session_rcpt_lookup(session, sts_clock_now_ms());
	int64_t start = sts_clock_mono_ms();
	struct sts_answer ignored;

	if (lookup == NULL)
		return;
	sts_lookup_wait(lookup, start + session_patience_ms(session), &ignored);
	session_waited(session, sts_clock_mono_ms() - start);
}

void
session_wait_for_all(struct session *session)
{
	int64_t start = sts_clock_mono_ms();

	session_wait(session, start + session_patience_ms(session));
	session_waited(session, sts_clock_mono_ms() - start);
}
