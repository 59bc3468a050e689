/* SPDX-License-Identifier: ISC */
/*
 * check/web.c - checks the policy host: each of its addresses separately, then what they serve.
 *
 * Does not try port 80: a redirect from there to https concerns only browsers; no sender ever sees it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "stsctl/check/check.h"
#include "stsctl/diagnosis/policy_judge.h"
#include "stsctl/diagnosis/tls_judge.h"
#include "stsctl/probe/host_addresses.h"
#include "stsctl/probe/web_fetch.h"

/* A program that filters against robots know, and one that they let pass. */
#define UNUSUAL_AGENT "libwww-perl/6.68"
#define BROWSER_AGENT "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

struct web {
	const struct check_env *env;
	struct check_facts *facts;
	struct findings *out;
	struct sts_https *https;
	char host[STS_DOMAIN_CAP + 8];	/* may be too long for DNS if the domain is very long */
	struct web_fetch first;		/* the first that returned a policy */
	char first_subject[HOST_ADDRESSES_SUBJECT_CAP];
	bool has_first;
	size_t tried;			/* addresses to which there was a route */
};

static void
trace_fetch(const struct web *w, const char *subject, const struct web_fetch *f)
{
	char line[STS_DOMAIN_CAP + 480];

	if (w->env->trace == NULL)
		return;
	snprintf(line, sizeof(line), "%s: GET /.well-known/mta-sts.txt: status %ld, %zu bytes after %lld ms%s%s", subject,
	    f->status, f->len, (long long)f->ms, f->detail[0] != '\0' ? ", " : "", f->detail);
	w->env->trace(w->env->trace_arg, line);
}

/* ---- addresses ---- */

static bool
find_addresses(struct web *w, struct host_addresses *addrs)
{
	char seen[STS_DOMAIN_CAP + 200], fix[2 * STS_DOMAIN_CAP], shown[46];
	struct sts_text text;

	host_addresses_find(w->env->dns, w->host, addrs);
	if (addrs->failed[0] != '\0') {
		findings_add(w->out, FINDING_WARN, "host.lookup", w->host, addrs->failed, NULL);
		findings_set_unsure(w->out);
		return addrs->count > 0;
	}
	sts_text_init(&text, seen, sizeof(seen));
	if (addrs->target[0] != '\0')
		sts_text_addf(&text, "an alias of %s; ", addrs->target);
	if (addrs->count == 0) {
		sts_text_add(&text, "neither A nor AAAA records");
		snprintf(fix, sizeof(fix), "%s. IN A ADDRESS-OF-THE-WEB-SERVER", w->host);
		findings_add(w->out, FINDING_FAIL, "host.no-address", w->host, seen, fix);
		return false;
	}
	for (size_t i = 0; i < addrs->count; i++) {
		sts_ipaddr_format(&addrs->list[i], shown);
		sts_text_addf(&text, "%s%s", i > 0 ? ", " : "", shown);
	}
	findings_add(w->out, FINDING_PASS, "host.ok", w->host, seen, NULL);
	return true;
}

/* ---- TLS ---- */

static bool
check_tls(struct web *w, const struct sts_ipaddr *addr, const char *subject)
{
	const struct sts_conf *conf = w->env->conf;
	struct tls_probe_request request = { .addr = *addr, .port = (uint16_t)conf->policy_port, .host = w->host,
		.ca_file = conf->ca_file, .allow_special = conf->allow_private_addresses, .now = w->env->now,
		.deadline_ms = check_deadline_ms(w->env, conf->fetch_timeout_ms), .trace = w->env->trace,
		.trace_arg = w->env->trace_arg };
	int64_t begin_ms = sts_clock_mono_ms();
	struct tls_probe_result modern, old;
	struct tls_judge_case c = { .host = w->host, .subject = subject, .bad = FINDING_FAIL, .now = w->env->now,
		.modern = &modern };

	tls_probe(&request, TLS_PROBE_MODERN, &modern);
	if ((modern.outcome == TLS_PROBE_MUTE || modern.outcome == TLS_PROBE_NO_END) &&
	    check_ran_out_of_time(w->env, begin_ms, modern.why, sizeof(modern.why)))
		modern.outcome = TLS_PROBE_TROUBLE;
	if (modern.outcome == TLS_PROBE_NO_TLS) {
		request.deadline_ms = check_deadline_ms(w->env, conf->fetch_timeout_ms);
		tls_probe(&request, TLS_PROBE_OLD, &old);
		c.old = &old;
	}
	if (modern.cert.not_after != 0)
		check_facts_add_cert(w->facts, w->host, modern.cert.not_before, modern.cert.not_after);
	w->tried += modern.outcome != TLS_PROBE_NO_ROUTE;
	return tls_judge_web(&c, w->out);
}

/* ---- the fetch ---- */

static void
fetch(struct web *w, const struct sts_ipaddr *addr, const char *agent, struct web_fetch *out)
{
	int64_t begin_ms = sts_clock_mono_ms();
	int64_t left_ms = check_deadline_ms(w->env, w->env->conf->fetch_timeout_ms) - begin_ms;

	web_fetch(w->https, w->host, addr, agent, left_ms > 0 ? left_ms : 1, out);
	if (out->reason == STS_REASON_FETCH_TIMEOUT && check_ran_out_of_time(w->env, begin_ms, out->detail, sizeof(out->detail)))
		out->reason = STS_REASON_OVERLOAD;
}

static void
add_fetched(struct web *w, const struct web_fetch *f, const char *subject)
{
	char seen[120];

	snprintf(seen, sizeof(seen), "status %ld, text/plain, %zu bytes after %lld ms", f->status, f->len, (long long)f->ms);
	findings_add(w->out, FINDING_PASS, "fetch.ok", subject, seen, NULL);
}

/* Fetches again with another User-Agent, to find servers that filter by it: an unusual one if we got the policy, a browser's if not. */
static void
check_agent(struct web *w, const struct sts_ipaddr *addr, const struct web_fetch *ours, const char *subject)
{
	bool is_policy = ours->reason == STS_REASON_NONE;
	const char *agent = is_policy ? UNUSUAL_AGENT : BROWSER_AGENT;
	struct web_fetch other;
	char seen[480];

	fetch(w, addr, agent, &other);
	trace_fetch(w, subject, &other);
	if (is_policy && !web_fetch_is_same(ours, &other)) {
		snprintf(seen, sizeof(seen), "a different answer for the User-Agent \"%s\": %s", agent,
		    other.reason == STS_REASON_NONE ? "other content" : other.detail);
		findings_add(w->out, FINDING_WARN, "host.user-agent", subject, seen, NULL);
	} else if (!is_policy && other.reason == STS_REASON_NONE) {
		findings_add(w->out, FINDING_WARN, "host.user-agent", subject, "a browser gets the policy, programs do not",
		    NULL);
	}
	web_fetch_fini(&other);
}

static void
check_fetch(struct web *w, const struct sts_ipaddr *addr, const char *subject)
{
	struct web_fetch f;

	fetch(w, addr, NULL, &f);
	trace_fetch(w, subject, &f);
	web_fetch_judge(&f, w->host, subject, w->out);
	if (f.reason == STS_REASON_NONE)
		add_fetched(w, &f, subject);
	if ((f.reason == STS_REASON_NONE && !w->has_first) || (f.status >= 400 && f.status <= 499))
		check_agent(w, addr, &f, subject);
	if (f.reason == STS_REASON_NONE && !w->has_first) {
		w->has_first = true;
		w->first = f;		/* takes over the body */
		snprintf(w->first_subject, sizeof(w->first_subject), "%s", subject);
		return;
	}
	if (f.reason == STS_REASON_NONE && !web_fetch_is_same(&w->first, &f))
		findings_add(w->out, FINDING_WARN, "fetch.inconsistent", subject, w->first_subject, NULL);
	web_fetch_fini(&f);
}

/* ---- the policy host ---- */

static bool
open_https(struct web *w)
{
	const struct sts_conf *conf = w->env->conf;
	const struct sts_https_params params = { .ca_file = conf->ca_file, .contact = conf->user_agent_contact,
		.port = (uint16_t)conf->policy_port, .allow_special = conf->allow_private_addresses };
	enum sts_status status = sts_https_new(&params, &w->https);

	if (status == STS_OK)
		return true;
	findings_add(w->out, FINDING_WARN, "check.trouble", w->host, status == STS_EINVAL ? "ca_file cannot be read"
	    : sts_status_text(status), NULL);
	findings_set_unsure(w->out);
	return false;
}

static void
check_addresses(struct web *w, const struct host_addresses *addrs)
{
	char subject[HOST_ADDRESSES_SUBJECT_CAP];

	for (size_t i = 0; i < addrs->count; i++) {
		host_addresses_subject(w->host, &addrs->list[i], subject);
		if (check_tls(w, &addrs->list[i], subject))
			check_fetch(w, &addrs->list[i], subject);
	}
	if (w->tried == 0)
		findings_set_unsure(w->out);
}

void
check_web(const struct check_env *env, struct check_facts *facts, struct findings *out)
{
	struct web w = { .env = env, .facts = facts, .out = out };
	struct host_addresses addrs;

	snprintf(w.host, sizeof(w.host), "mta-sts.%s", facts->domain);
	if (!find_addresses(&w, &addrs) || !open_https(&w))
		return;
	check_addresses(&w, &addrs);
	if (w.has_first) {
		free(facts->policy_text);
		facts->policy_text = w.first.body;
		facts->policy_len = w.first.len;
		policy_judge(w.host, facts, out);
	}
	sts_https_free(&w.https);
}
