/* SPDX-License-Identifier: ISC */
/* session_rcpt.c - recipients: our own domains among them, and what the evidence says about them. */
#include "config.h"

#include "milter/session/session_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "milter/record/metrics_message.h"
#include "shared-cache/names/mailbox.h"

/* Local domains of one message that are looked up. With more of them, `rcpt' may be too lenient, never too strict. */
enum { RECIPIENT_DOMAINS_MAX = 32 };

static struct recipient *
find_recipient(const struct message *message, const char *domain)
{
	struct recipient *r = message->recipients;

	while (r != NULL && strcmp(r->domain, domain) != 0)
		r = r->next;
	return r;
}

static struct recipient *
add_recipient(const struct session *session, const char *domain)
{
	struct message *message = session->message;
	struct recipient *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		service_warn(session->service, WARNING_MEMORY, "out of memory: a recipient's domain is left out");
		return NULL;
	}
	strcpy(r->domain, domain);
	r->lookup = session_start_lookup(session, domain);
	r->next = message->recipients;
	message->recipients = r;
	message->recipient_count++;
	return r;
}

void
session_rcpt(struct session *session, const char *recipient)
{
	struct message *message = session->message;
	struct current_rcpt *current;
	size_t len = strlen(recipient);

	if (message == NULL || message->exempt != JOURNAL_JUDGED)
		return;
	current = &message->current;
	current->role = sts_address_list_spares(session->conf->report_addresses, recipient, len);
	if (current->role == NULL && published_rua_has(&session->service->published_rua, recipient, len))
		current->role = "rua";
	current->local = NULL;
	if (sts_mailbox_domain(recipient, len, current->domain) != STS_MAILBOX_DOMAIN ||
	    !sts_domain_set_contains(session->conf->local_domains, current->domain))
		return;
	current->local = find_recipient(message, current->domain);
	if (current->local == NULL && message->recipient_count < RECIPIENT_DOMAINS_MAX)
		current->local = add_recipient(session, current->domain);
	if (current->local != NULL)
		current->local->let_through++;
	if (current->local != NULL && current->role == NULL)
		current->local->ordinary++;
}

void
session_rcpt_refused(struct message *message)
{
	struct recipient *local = message->current.local;

	if (local == NULL || local->let_through == 0)
		return;
	local->let_through--;
	if (message->current.role == NULL && local->ordinary > 0)
		local->ordinary--;
	local->refused = true;
}

/* Appends an element only if all of it fits. */
static void
list_recipient(const struct recipient *r, enum sts_policy_known known, const char *mark, char list[STS_RCPTS_CAP])
{
	const char *policy = sts_policy_known_name(known);
	size_t len = strlen(list);

	if (len + strlen(r->domain) + strlen(policy) + strlen(mark) + 3 <= STS_RCPTS_CAP)
		snprintf(list + len, STS_RCPTS_CAP - len, "%s%s:%s%s", len > 0 ? "," : "", r->domain, policy, mark);
}

void
session_rcpt_gather(const struct session *session, struct sts_evidence *evidence)
{
	for (const struct recipient *r = session->message->recipients; r != NULL; r = r->next) {
		struct sts_policy_view view;
		struct sts_answer answer;

		session_ask(r->lookup, 0, &answer);
		sts_policy_view_of(answer.entry, answer.reason, &view);
		metrics_lookup(&session->service->metrics, answer.source, view.known);
		if (r->refused)
			list_recipient(r, view.known, "", evidence->refused_rcpts);
		if (r->let_through == 0)
			continue;
		evidence->rcpt = sts_policy_stricter(evidence->rcpt, view.known);
		evidence->has_rcpt = true;
		list_recipient(r, view.known, r->ordinary > 0 ? "" : STS_RCPTS_SPARED, evidence->rcpts);
	}
}
