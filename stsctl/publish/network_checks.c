/* SPDX-License-Identifier: ISC */
/* network_checks.c - DNS, SMTP and HTTPS; the parts of check and the library do the judging. */
#include "config.h"

#include "stsctl/publish/network_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "stsctl/check/check.h"

enum { WAIT_MS = 1000, SHOWN_MAX = 100 };

/* ---- mail exchangers ---- */

static void
explain(char why[PUBLISH_WHY_CAP], const char *text, const char *name)
{
	struct sts_text to;

	sts_text_init(&to, why, PUBLISH_WHY_CAP);
	sts_text_add(&to, text);
	if (name[0] != '\0') {
		sts_text_add(&to, ": ");
		sts_text_add_shown(&to, name, strlen(name), SHOWN_MAX);
	}
}

static void
add_host(struct publish_mx_hosts *mx, const char *name)
{
	snprintf(mx->names[mx->count], sizeof(mx->names[0]), "%s", name);
	mx->hosts[mx->count] = mx->names[mx->count];
	mx->count++;
}

static enum sts_status
take_records(const struct sts_dns_reply *reply, struct publish_mx_hosts *out, char why[PUBLISH_WHY_CAP])
{
	for (size_t i = 0; i < reply->count; i++) {
		const struct sts_dns_record *r = &reply->records[i];

		if (r->type != STS_DNS_MX)
			continue;
		if (r->target[0] == '\0') {
			explain(why, "a null MX: the domain accepts no mail, and needs no policy", "");
			return STS_EINVAL;
		}
		if (sts_domain_check_host(r->target, strlen(r->target)) != STS_DOMAIN_OK) {
			explain(why, "an MX record names a host that no policy can name", r->target);
			return STS_EINVAL;
		}
		if (out->count == PUBLISH_MX_MAX) {
			explain(why, "too many MX records; use patterns in mx", "");
			return STS_EINVAL;
		}
		add_host(out, r->target);
	}
	return STS_OK;
}

enum sts_status
publish_find_mx(struct dns_query *dns, const char *domain, struct publish_mx_hosts *out, char why[PUBLISH_WHY_CAP])
{
	struct sts_dns_reply *reply;
	enum sts_status status;

	out->count = 0;
	explain(why, "", "");
	status = dns_query_ask(dns, domain, STS_DNS_MX, &reply);
	if (status != STS_OK)
		return status;
	if (reply->outcome == STS_DNS_REPLY_ANSWER)
		status = take_records(reply, out, why);
	else if (reply->outcome == STS_DNS_REPLY_NO_RECORD)
		add_host(out, domain);
	else if (reply->outcome == STS_DNS_REPLY_NO_NAME) {
		explain(why, "there is no such domain", "");
		status = STS_EINVAL;
	} else {
		explain(why, "the MX records cannot be looked up", reply->why);
		status = STS_EUNAVAILABLE;
	}
	sts_dns_reply_free(&reply);
	return status;
}

void
publish_check_exchangers(const struct publish_network *env, const char *domain, const char *policy, struct findings *out)
{
	const struct check_env check = { .conf = env->conf, .dns = env->dns, .resolvers = { env->conf->dns_servers },
		.resolver_count = 1, .now = env->now };
	struct check_facts facts;

	check_facts_init(&facts, domain);
	facts.policy_len = strlen(policy);
	facts.policy_text = strdup(policy);
	if (facts.policy_text == NULL || sts_policy_parse(policy, facts.policy_len, &facts.policy, NULL) != STS_OK)
		out->no_memory = true;
	else {
		check_mx(&check, &facts, out);
		check_smtp(&check, &facts, out);
	}
	check_facts_fini(&facts);
}

/* ---- the policy host ---- */

struct wait {
	struct publish_served *out;
	bool over;
};

static void
on_fetch(void *arg, const struct sts_fetch_answer *answer)
{
	struct wait *w = arg;

	w->over = true;
	w->out->reason = answer->reason;
	snprintf(w->out->detail, sizeof(w->out->detail), "%s", answer->detail);
	if (answer->reason != STS_REASON_NONE || (w->out->text = malloc(answer->len + 1)) == NULL)
		return;
	memcpy(w->out->text, answer->body, answer->len);
	w->out->text[answer->len] = '\0';
	w->out->len = answer->len;
}

void
publish_fetch_policy(struct sts_net_loop *loop, const struct sts_conf *conf, const char *domain, struct publish_served *out)
{
	struct wait w = { .out = out };

	*out = (struct publish_served){ .text = NULL };
	sts_net_loop_fetch(loop, domain, sts_clock_mono_ms() + conf->fetch_timeout_ms, on_fetch, &w);
	while (!w.over)
		sts_net_loop_run_once(loop, WAIT_MS);
}

void
publish_served_fini(struct publish_served *served)
{
	free(served->text);
	served->text = NULL;
}
