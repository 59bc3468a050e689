/* SPDX-License-Identifier: ISC */
/* fake_net.c - keeps questions in a list, and answers them as the test has set. */
#include "config.h"

#include "tests/fake/fake_net.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_request {
	struct fake_request *next;
	sts_txt_fn *txt_fn;		/* exactly one of the three is set */
	sts_host_fn *host_fn;
	sts_fetch_fn *fetch_fn;
	char name[FAKE_TEXT_CAP];
	void *arg;
};

static struct fake_request *
ask(struct fake_net *net, const char *name, int64_t deadline_ms, void *arg)
{
	struct fake_request *request = calloc(1, sizeof(*request));

	assert(request != NULL);
	request->arg = arg;
	*net->end = request;
	net->end = &request->next;
	net->last_deadline_ms = deadline_ms;
	snprintf(net->last_name, sizeof(net->last_name), "%s", name);
	snprintf(request->name, sizeof(request->name), "%s", name);
	net->under_way++;
	if (net->under_way > net->most_under_way)
		net->most_under_way = net->under_way;
	return request;
}

static void
ask_txt(void *self, const char *name, int64_t deadline_ms, sts_txt_fn *fn, void *arg)
{
	struct fake_net *net = self;

	net->txt_asked++;
	ask(net, name, deadline_ms, arg)->txt_fn = fn;
}

static void
ask_host(void *self, const char *domain, int64_t deadline_ms, sts_host_fn *fn, void *arg)
{
	struct fake_net *net = self;

	net->host_asked++;
	ask(net, domain, deadline_ms, arg)->host_fn = fn;
}

static void
ask_fetch(void *self, const struct sts_fetch_request *request, sts_fetch_fn *fn, void *arg)
{
	struct fake_net *net = self;

	assert(request->count == 1);
	net->fetch_asked++;
	ask(net, request->domain, request->deadline_ms, arg)->fetch_fn = fn;
	net->fetching++;
	if (net->fetching > net->most_fetching)
		net->most_fetching = net->fetching;
}

static int64_t
read_mono_ms(void *self)
{
	return ((struct fake_net *)self)->mono_ms;
}

static int64_t
read_now(void *self)
{
	return ((struct fake_net *)self)->now;
}

void
fake_net_init(struct fake_net *net)
{
	memset(net, 0, sizeof(*net));
	net->net = (struct sts_net){ net, ask_txt, ask_host, ask_fetch };
	net->time = (struct sts_resolver_time){ net, read_mono_ms, read_now };
	net->mono_ms = 5000000;
	net->now = 1700000000;
	net->txt_outcome = STS_DNS_NODATA;
	net->end = &net->first;
}

void
fake_net_set_records(struct fake_net *net, const char *records)
{
	net->txt_outcome = STS_DNS_OK;
	net->txt_count = 0;
	while (net->txt_count < FAKE_TXT_MAX) {
		size_t len = strcspn(records, "|");

		snprintf(net->txt[net->txt_count++], FAKE_TEXT_CAP, "%.*s", (int)len, records);
		if (records[len] == '\0')
			return;
		records += len + 1;
	}
}

void
fake_policy_text(const char *mode, long max_age_s, char out[FAKE_TEXT_CAP])
{
	snprintf(out, FAKE_TEXT_CAP, "version: STSv1\nmode: %s\nmx: mail.example.com\nmax_age: %ld\n", mode, max_age_s);
}

void
fake_net_set_policy(struct fake_net *net, const char *mode, long max_age_s)
{
	net->fetch_reason = STS_REASON_NONE;
	fake_policy_text(mode, max_age_s, net->body);
}

static void
answer_txt(struct fake_net *net, struct fake_request *request)
{
	struct sts_txt rrset[FAKE_TXT_MAX];
	struct sts_txt_answer answer = { .outcome = net->txt_outcome };

	if (answer.outcome == STS_DNS_NODATA)
		answer.negative_ttl_s = net->negative_ttl_s;
	if (answer.outcome == STS_DNS_OK) {
		for (size_t i = 0; i < net->txt_count; i++)
			rrset[i] = (struct sts_txt){ net->txt[i], strlen(net->txt[i]) };
		answer.rrset = rrset;
		answer.count = net->txt_count;
	}
	request->txt_fn(request->arg, &answer);
}

static void
answer_fetch(struct fake_net *net, struct fake_request *request)
{
	struct sts_fetch_answer answer = { .reason = net->fetch_reason, .detail = "" };

	if (answer.reason == STS_REASON_NONE) {
		answer.body = net->body;
		answer.len = strlen(net->body);
	}
	request->fetch_fn(request->arg, &answer);
}

/* Each domain has its own address, unless all share one. */
static void
answer_host(struct fake_net *net, struct fake_request *request)
{
	struct sts_ipaddr addr = { .bytes = { 192, 0, 2, 1 }, .family = 4 };
	struct sts_host_answer answer = { .reason = net->host_reason, .addrs = &addr, .detail = "" };

	for (size_t i = 0; !net->one_address && request->name[i] != '\0'; i++)
		addr.bytes[1 + i % 3] = (uint8_t)(addr.bytes[1 + i % 3] * 31 + request->name[i]);
	answer.count = answer.reason == STS_REASON_NONE;
	request->host_fn(request->arg, &answer);
}

static bool
is_silent(const struct fake_net *net, const struct fake_request *request)
{
	size_t len = strlen(request->name), end = strlen(net->silent);

	if (net->mute_web && request->fetch_fn != NULL)
		return true;
	return end > 0 && len >= end && strcmp(request->name + len - end, net->silent) == 0;
}

static void
answer(struct fake_net *net, struct fake_request *request)
{
	if (request->txt_fn != NULL) {
		answer_txt(net, request);
	} else if (request->host_fn != NULL) {
		answer_host(net, request);
	} else {
		net->fetching--;
		answer_fetch(net, request);
	}
}

size_t
fake_net_deliver(struct fake_net *net)
{
	struct fake_request *request = net->first, *next;
	size_t count = 0;

	net->first = NULL;
	net->end = &net->first;
	for (; request != NULL; request = next) {
		next = request->next;
		if (is_silent(net, request)) {
			request->next = NULL;
			*net->end = request;
			net->end = &request->next;
			continue;
		}
		net->under_way--;
		count++;
		answer(net, request);
		free(request);
	}
	return count;
}

void
fake_net_end(struct fake_net *net)
{
	net->txt_outcome = STS_DNS_TIMEOUT;
	net->fetch_reason = STS_REASON_FETCH_TIMEOUT;
	net->silent[0] = '\0';
	net->mute_web = false;
	while (fake_net_deliver(net) > 0)
		continue;
}
