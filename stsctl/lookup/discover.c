/* SPDX-License-Identifier: ISC */
/* discover.c - store, TXT, HTTPS, one after the other, each timed. Knows nothing of how steps are printed. */
#include "config.h"

#include "stsctl/lookup/discover.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"

enum { WAIT_MS = 1000, TXT_NAME_CAP = 9 + STS_DOMAIN_CAP };

/* The lookup under way. */
struct inquiry {
	const struct discover_env *env;
	struct discovery *out;
	struct sts_refresh_case facts;
	char id[STS_ID_CAP];
	bool over;
	bool must_fetch;
};

static struct discover_step *
begin_step(struct discovery *d, const char *name)
{
	struct discover_step *step = &d->steps[d->step_count++];

	*step = (struct discover_step){ .name = name, .outcome = "", .ms = sts_clock_mono_ms() };
	return step;
}

static void
end_step(struct discover_step *step, const char *outcome)
{
	step->outcome = outcome;
	step->ms = sts_clock_mono_ms() - step->ms;
}

static void
explain(struct discover_step *step, const char *text)
{
	struct sts_text to;

	sts_text_init(&to, step->text, sizeof(step->text));
	sts_text_add(&to, text);
}

static struct discover_step *
current(struct inquiry *q)
{
	return &q->out->steps[q->out->step_count - 1];
}

static void
set_entry(struct inquiry *q, const struct sts_entry_spec *spec)
{
	(void)sts_entry_new(spec, &q->out->entry);
	q->out->source = STS_SOURCE_NETWORK;
}

static void
run_until_over(struct inquiry *q)
{
	while (!q->over)
		sts_net_loop_run_once(q->env->loop, WAIT_MS);
}

/* ---- Redis ---- */

static void
explain_unavailable(struct discover_step *step, const struct discover_env *env)
{
	char name[STS_ENDPOINT_NAME_CAP];
	struct sts_text to;

	sts_text_init(&to, step->text, sizeof(step->text));
	sts_text_addf(&to, "%s: %s", sts_endpoint_name(env->redis, name), sts_store_why(env->store));
}

/* Returns the store's entry, live or not, or NULL. */
static struct sts_entry *
ask_store(const struct discover_env *env, const char *domain, struct discovery *d)
{
	struct discover_step *step = begin_step(d, "redis");
	struct sts_entry *entry = NULL;
	enum sts_status status;

	if (env->store == NULL) {
		end_step(step, "none");
		return NULL;
	}
	status = sts_store_get(env->store, domain, sts_clock_now(), &entry);
	d->store_failed = status != STS_OK && status != STS_ENOTFOUND;
	if (d->store_failed) {
		end_step(step, "unavailable");
		explain_unavailable(step, env);
	} else if (status == STS_ENOTFOUND)
		end_step(step, "miss");
	else
		end_step(step, sts_entry_is_live(entry, sts_clock_now()) ? "hit" : "expired");
	return entry;
}

/* ---- TXT ---- */

static const char *
dns_word(enum sts_dns_outcome outcome)
{
	static const char *const words[] = {
		[STS_DNS_OK] = "ok", [STS_DNS_NODATA] = "absent", [STS_DNS_TIMEOUT] = "timeout", [STS_DNS_FAILURE] = "failure",
	};

	return words[outcome];
}

/* Names the DNS servers, in the words of stsctl check. */
static void
explain_dns(const struct inquiry *q, struct discover_step *step)
{
	const char *servers = q->env->dns_servers;

	snprintf(step->text, sizeof(step->text), "dns %s: %s", servers != NULL && servers[0] != '\0' ? servers : "(the system's servers)",
	    strcmp(step->outcome, "timeout") == 0 ? "no answer in time" : "no usable answer");
}

static void
on_txt(void *arg, const struct sts_txt_answer *answer)
{
	struct inquiry *q = arg;
	struct discover_step *step = current(q);
	struct sts_refresh_txt txt = { .outcome = answer->outcome, .id = q->id, .negative_ttl_s = answer->negative_ttl_s };
	struct sts_entry_spec spec;
	struct sts_diag diag;

	sts_diag_init(&diag);
	if (answer->outcome == STS_DNS_OK)
		txt.record = sts_record_select(answer->rrset, answer->count, q->id, &diag);
	end_step(step, answer->outcome == STS_DNS_OK ? sts_record_result_name(txt.record) : dns_word(answer->outcome));
	if (q->id[0] != '\0')
		snprintf(step->text, sizeof(step->text), "id %s", q->id);
	else if (answer->outcome == STS_DNS_TIMEOUT || answer->outcome == STS_DNS_FAILURE)
		explain_dns(q, step);
	else
		explain(step, diag.error.text);
	q->must_fetch = sts_refresh_txt(&q->facts, &txt, &spec);
	if (!q->must_fetch)
		set_entry(q, &spec);
	q->over = true;
}

/* If the domain is so long that _mta-sts does not fit in front, it cannot have published anything. */
static void
ask_txt(struct inquiry *q)
{
	static const struct sts_txt_answer none = { .outcome = STS_DNS_NODATA };
	const struct sts_net *net = sts_net_loop_net(q->env->loop);
	char name[TXT_NAME_CAP];

	(void)begin_step(q->out, "txt");
	q->over = false;
	if (snprintf(name, sizeof(name), "_mta-sts.%s", q->facts.domain) > STS_DOMAIN_MAX) {
		on_txt(q, &none);
		return;
	}
	net->txt(net->self, name, sts_clock_mono_ms() + q->env->dns_timeout_ms, on_txt, q);
	run_until_over(q);
}

/* ---- HTTPS ---- */

static void
parse(struct inquiry *q, const struct sts_fetch_answer *answer, struct sts_refresh_file *file)
{
	struct discover_step *step = begin_step(q->out, "parse");
	struct sts_policy *policy;
	struct sts_diag diag;
	enum sts_status status;

	sts_diag_init(&diag);
	status = sts_policy_parse(answer->body, answer->len, &policy, &diag);
	end_step(step, status == STS_OK ? "valid" : "invalid");
	if (status != STS_OK) {
		file->reason = status == STS_ENOMEM ? STS_REASON_OVERLOAD : STS_REASON_POLICY_INVALID;
		snprintf(step->text, sizeof(step->text), "line %u: %s", diag.error.line, diag.error.text);
		return;
	}
	file->max_age_s = policy->max_age_s;
	snprintf(step->text, sizeof(step->text), "mode %s, max_age %u, %zu mx", sts_mode_name(policy->mode),
	    (unsigned)policy->max_age_s, policy->mx_count);
	sts_policy_free(&policy);
}

static void
on_fetch(void *arg, const struct sts_fetch_answer *answer)
{
	struct inquiry *q = arg;
	struct sts_refresh_file file = { .reason = answer->reason, .text = answer->body, .len = answer->len };
	struct discover_step *step = current(q);
	struct sts_entry_spec spec;

	end_step(step, answer->reason == STS_REASON_NONE ? "ok" : sts_reason_name(answer->reason));
	if (answer->reason == STS_REASON_NONE)
		snprintf(step->text, sizeof(step->text), "%zu bytes", answer->len);
	else
		explain(step, answer->detail);
	if (answer->reason == STS_REASON_NONE)
		parse(q, answer, &file);
	q->facts.now = sts_clock_now();
	sts_refresh_file(&q->facts, q->id, &file, &spec);
	set_entry(q, &spec);
	q->over = true;
}

static void
fetch(struct inquiry *q)
{
	(void)begin_step(q->out, "fetch");
	q->over = false;
	sts_net_loop_fetch(q->env->loop, q->facts.domain, sts_clock_mono_ms() + q->env->fetch_timeout_ms, on_fetch, q);
	run_until_over(q);
}

/* ---- the whole lookup ---- */

static bool
is_enough(const struct discover_env *env, const struct sts_entry *stored)
{
	int64_t now = sts_clock_now();

	return !env->network && stored != NULL && sts_entry_is_live(stored, now) &&
	    now < sts_entry_due(stored, &env->rules.intervals);
}

void
discover(const struct discover_env *env, const char *domain, struct discovery *out)
{
	struct inquiry q = { .env = env, .out = out };
	struct sts_entry *stored;

	*out = (struct discovery){ .source = STS_SOURCE_STORE };
	stored = ask_store(env, domain, out);
	if (is_enough(env, stored)) {
		out->entry = stored;
		return;
	}
	q.facts = (struct sts_refresh_case){ .domain = domain, .previous = env->refetch ? NULL : stored,
		.rules = &env->rules, .now = sts_clock_now() };
	ask_txt(&q);
	if (q.must_fetch)
		fetch(&q);
	sts_entry_unref(&stored);
}

void
discover_fini(struct discovery *discovery)
{
	sts_entry_unref(&discovery->entry);
}
