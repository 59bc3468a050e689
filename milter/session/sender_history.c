/* SPDX-License-Identifier: ISC */
/* sender_history.c - decides which messages have a history. Knows neither sessions nor the store. */
#include "config.h"

#include "milter/session/sender_history.h"

#include "shared-cache/cache/histories.h"

bool
sender_history_is_kept(const struct service *service, const struct sts_conf *conf)
{
	return service->histories != NULL && conf->downgrade.days > 0 && conf->downgrade.messages > 0;
}

void
sender_history_prepare(const struct service *service, const struct sts_conf *conf, const char *domain, int64_t deadline_ms)
{
	if (!sender_history_is_kept(service, conf))
		return;
	sts_histories_want(service->histories, domain);
	if (deadline_ms > 0)
		sts_histories_wait(service->histories, domain, deadline_ms);
}

static bool
has_history(const struct service *service, const struct sts_conf *conf, const struct sts_evidence *evidence)
{
	return sender_history_is_kept(service, conf) && evidence->aligned == STS_ALIGNED_YES && evidence->domain[0] != '\0';
}

enum sts_history
sender_history_judge(const struct service *service, const struct sts_conf *conf, const struct sts_evidence *evidence, int64_t now)
{
	struct sts_history_days history;

	if (!has_history(service, conf, evidence) || !sts_histories_get(service->histories, evidence->domain, &history))
		return STS_HISTORY_NONE;
	return sts_history_judge(&history, &conf->downgrade, evidence->tls.state, now);
}

void
sender_history_add(const struct service *service, const struct sts_conf *conf, const struct sts_evidence *evidence, int64_t now)
{
	if (has_history(service, conf, evidence))
		sts_histories_add(service->histories, evidence->domain, now, evidence->tls.state);
}
