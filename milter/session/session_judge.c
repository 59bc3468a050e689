/* SPDX-License-Identifier: ISC */
/* session_judge.c - judges a message with what is known so far; each fact is determined once, however often it is needed. */
#include "config.h"

#include "milter/session/session_private.h"

#include <stdlib.h>
#include <string.h>

#include "milter/record/metrics_message.h"
#include "milter/session/sender_history.h"
#include "shared-cache/base/text.h"

struct sts_lookup *
session_start_lookup(const struct session *session, const char *domain)
{
	struct sts_lookup *lookup;

	if (sts_cache_lookup(session->service->cache, domain, &session->client, &lookup) == STS_OK)
		return lookup;
	service_warn(session->service, WARNING_MEMORY, "out of memory: a domain is not looked up");
	return NULL;
}

void
session_ask(struct sts_lookup *lookup, int64_t deadline_ms, struct sts_answer *out)
{
	if (lookup != NULL)
		sts_lookup_wait(lookup, deadline_ms, out);
	else
		*out = (struct sts_answer){ NULL, STS_REASON_OVERLOAD, STS_SOURCE_NOWHERE };
}

static const struct sts_policy *
policy_of(const struct sts_answer *answer)
{
	return answer->entry != NULL ? answer->entry->policy : NULL;
}

/* At most once before the policy is known, and once after. */
static enum sts_aligned
align(const struct session *session, const struct sts_policy *policy)
{
	struct alignment *a = &session->message->alignment;

	if (!a->known || (a->policy != policy && a->aligned == STS_ALIGNED_NO)) {
		a->aligned = sts_align_check(session->service->align, session->client_name, session->message->domain, policy);
		a->policy = policy;
		a->known = true;
	}
	return a->aligned;
}

void
session_prepare_history(const struct session *session, int64_t deadline_ms)
{
	const struct message *message = session->message;
	struct sts_answer answer;

	/* If TLS is unknown, the message is neither compared with the history nor added to it. */
	if (message->sender == NULL || message->tls.state == STS_TLS_UNKNOWN ||
	    !sender_history_is_kept(session->service, session->conf))
		return;
	sts_lookup_wait(message->sender, 0, &answer);
	if (align(session, policy_of(&answer)) == STS_ALIGNED_YES)
		sender_history_prepare(session->service, session->conf, message->domain, deadline_ms);
}

/* The evidence that does not depend on the domain's policy. */
static void
gather(const struct session *session, const char *queue_id, struct sts_evidence *evidence)
{
	const struct message *message = session->message;

	memset(evidence, 0, sizeof(*evidence));
	if (queue_id != NULL)
		sts_text_copy(evidence->queue_id, sizeof(evidence->queue_id), queue_id);
	memcpy(evidence->domain, message->domain, sizeof(evidence->domain));
	evidence->identity = message->identity;
	evidence->tls = message->tls;
	memcpy(evidence->sni, message->sni, sizeof(evidence->sni));
	evidence->requiretls = message->requiretls;
	evidence->aligned = STS_ALIGNED_UNKNOWN;
	evidence->rcpt = STS_POLICY_ABSENT;
	evidence->client = session->client;
	evidence->forged = session->keeps_fields ? 0 : (unsigned)session->forged;
}

/* Adds what depends on the answer about the sender's domain. */
static void
judge(const struct session *session, const struct sts_answer *answer, int64_t now, struct judgement *j)
{
	if (j->evidence.domain[0] == '\0')
		sts_policy_view_absent(&j->policy);
	else
		sts_policy_view_of(answer->entry, answer->reason, &j->policy);
	j->evidence.aligned = align(session, policy_of(answer));
	j->evidence.history = sender_history_judge(session->service, session->conf, &j->evidence, now);
	sts_verdict_decide(&j->evidence, &j->policy, &session->conf->rules, &j->verdict);
	j->answer = *answer;
}

static void
ask_about_sender(const struct message *message, struct sts_answer *out)
{
	*out = (struct sts_answer){ NULL, STS_REASON_NONE, STS_SOURCE_NOWHERE };
	if (message->domain[0] != '\0')
		session_ask(message->sender, 0, out);
}

const struct judgement *
session_judge_so_far(const struct session *session, int64_t now)
{
	struct judgement *j = session->message->judgement;
	struct sts_answer answer;

	if (j != NULL && j->answer.entry != NULL)
		return j;
	ask_about_sender(session->message, &answer);
	if (j != NULL && answer.entry == NULL && answer.reason == j->answer.reason)
		return j;
	if (j == NULL)
		session->message->judgement = j = calloc(1, sizeof(*j));
	if (j == NULL) {
		service_warn(session->service, WARNING_MEMORY, "out of memory: nothing is held against a recipient");
		return NULL;
	}
	gather(session, NULL, &j->evidence);
	judge(session, &answer, now, j);
	return j;
}

void
session_judge(const struct session *session, const char *queue_id, int64_t now, struct judgement *j)
{
	struct sts_answer answer;

	gather(session, queue_id, &j->evidence);
	session_rcpt_gather(session, &j->evidence);
	j->source = "-";
	if (session->message->exempt != JOURNAL_JUDGED)
		return;
	ask_about_sender(session->message, &answer);
	judge(session, &answer, now, j);
	if (j->evidence.domain[0] == '\0')
		return;
	j->source = sts_source_name(answer.source);
	metrics_lookup(&session->service->metrics, answer.source, j->policy.known);
}
