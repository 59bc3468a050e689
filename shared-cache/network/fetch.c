/* SPDX-License-Identifier: ISC */
/*
 * fetch.c - one policy fetch from the name to the bytes. Knows neither c-ares nor curl.
 *
 * A and AAAA are asked at the same time and both are waited for, at most for half of the budget: the rest is for HTTPS with
 * whatever addresses there are then. A connection may take half of the fetch's time: when the server that took it stays
 * mute in TLS, which curl does not count as a reason to go on to the next address, the rest is for one more try elsewhere.
 */
#include "config.h"

#include "shared-cache/network/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"

#define POLICY_HOST "mta-sts."

enum family { IPV6, IPV4, FAMILIES };	/* in the order in which they are tried */

_Static_assert((int)FAMILIES * STS_DNS_ADDRS <= STS_HTTPS_ADDRS, "all addresses fit into a request");

struct fetch;

struct lookup {
	struct fetch *fetch;
	enum sts_dns_outcome outcome;
	char why[40];
	struct sts_ipaddr addrs[STS_DNS_ADDRS];
	size_t count;
};

struct fetch {
	const struct sts_fetch_means *means;
	char host[STS_DOMAIN_CAP + sizeof(POLICY_HOST)];	/* may be too long for DNS, which then says so */
	int64_t deadline_ms;
	sts_fetch_fn *fn;
	void *arg;
	struct lookup lookups[FAMILIES];
	unsigned pending;		/* lookups that have not come back */
	struct sts_ipaddr fit[STS_HTTPS_ADDRS];
	size_t fit_count;
	bool is_second_try;
};

static void
finish(struct fetch *f, enum sts_reason reason, const char *detail)
{
	const struct sts_fetch_answer answer = { .reason = reason, .body = "", .detail = detail };

	f->fn(f->arg, &answer);
	free(f);
}

/* ---- HTTPS ---- */

static void on_https(void *arg, const struct sts_https_answer *answer);

static void
try_https(struct fetch *f)
{
	const struct sts_https_request request = { .host = f->host, .addrs = f->fit, .addr_count = f->fit_count,
		.deadline_ms = f->deadline_ms, .connect_timeout_ms = f->means->timeout_ms / 2 };

	if (sts_https_get(f->means->https, &request, on_https, f) != STS_OK)
		finish(f, STS_REASON_OVERLOAD, "out of memory");
}

static bool
is_same(const struct sts_ipaddr *a, const struct sts_ipaddr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Leaves out the mute address; the other family comes first, in case all of one family lead to the same place. */
static void
drop_mute(struct fetch *f, const struct sts_ipaddr *mute)
{
	struct sts_ipaddr kept[STS_HTTPS_ADDRS];
	size_t count = 0;

	for (size_t i = 0; i < f->fit_count; i++) {
		if (f->fit[i].family != mute->family)
			kept[count++] = f->fit[i];
	}
	for (size_t i = 0; i < f->fit_count; i++) {
		if (f->fit[i].family == mute->family && !is_same(&f->fit[i], mute))
			kept[count++] = f->fit[i];
	}
	memcpy(f->fit, kept, count * sizeof(kept[0]));
	f->fit_count = count;
}

static void
on_https(void *arg, const struct sts_https_answer *answer)
{
	struct fetch *f = arg;
	const struct sts_fetch_answer out = { .reason = answer->reason, .body = answer->body, .len = answer->len,
		.detail = answer->detail };

	if (answer->mute.family != 0 && !f->is_second_try) {
		f->is_second_try = true;
		drop_mute(f, &answer->mute);
		if (f->fit_count > 0 && sts_clock_mono_ms() < f->deadline_ms) {
			try_https(f);
			return;
		}
	}
	f->fn(f->arg, &out);
	free(f);
}

/* ---- addresses ---- */

/* There are addresses, but none is fit. */
static void
finish_refused(struct fetch *f, const struct sts_ipaddr *addr)
{
	char shown[46], detail[120];

	sts_ipaddr_format(addr, shown);
	snprintf(detail, sizeof(detail), "%s is %s", shown, sts_ipaddr_special_kind(addr));
	finish(f, STS_REASON_FETCH_REFUSED, detail);
}

static const struct lookup *
lookup_with(const struct fetch *f, enum sts_dns_outcome outcome)
{
	for (int i = 0; i < FAMILIES; i++) {
		if (f->lookups[i].outcome == outcome)
			return &f->lookups[i];
	}
	return NULL;
}

static void
finish_without_address(struct fetch *f)
{
	const struct lookup *failed = lookup_with(f, STS_DNS_FAILURE);
	char detail[80];

	if (lookup_with(f, STS_DNS_TIMEOUT) != NULL) {
		finish(f, STS_REASON_FETCH_TIMEOUT, "no answer from DNS about the policy host's addresses");
	} else if (failed != NULL) {
		snprintf(detail, sizeof(detail), "DNS, policy host's addresses: %s", failed->why);
		finish(f, STS_REASON_FETCH_CONNECT, detail);
	} else {
		finish(f, STS_REASON_FETCH_CONNECT, "the policy host has no address");
	}
}

static void
choose_addresses(struct fetch *f)
{
	const struct sts_ipaddr *unfit = NULL;

	for (int i = 0; i < FAMILIES; i++) {
		for (size_t k = 0; k < f->lookups[i].count; k++) {
			const struct sts_ipaddr *addr = &f->lookups[i].addrs[k];

			if (f->means->allow_special || !sts_ipaddr_is_special(addr))
				f->fit[f->fit_count++] = *addr;
			else
				unfit = addr;
		}
	}
	if (f->fit_count > 0)
		try_https(f);
	else if (unfit != NULL)
		finish_refused(f, unfit);
	else
		finish_without_address(f);
}

static void
on_addrs(void *arg, const struct sts_addr_answer *answer)
{
	struct lookup *l = arg;

	l->outcome = answer->outcome;
	l->count = answer->count;
	memcpy(l->addrs, answer->addrs, answer->count * sizeof(l->addrs[0]));
	snprintf(l->why, sizeof(l->why), "%s", answer->why);
	if (--l->fetch->pending == 0)
		choose_addresses(l->fetch);
}

/* A question that could not be put counts as failed; when neither could, there is nobody to call back. */
static enum sts_status
ask_addresses(struct fetch *f, int64_t deadline_ms)
{
	static const int numbers[FAMILIES] = { [IPV6] = 6, [IPV4] = 4 };

	for (int i = 0; i < FAMILIES; i++) {
		struct lookup *l = &f->lookups[i];

		l->fetch = f;
		l->outcome = STS_DNS_FAILURE;
		snprintf(l->why, sizeof(l->why), "out of memory");
		if (sts_dns_addrs(f->means->dns, f->host, numbers[i], deadline_ms, on_addrs, l) == STS_OK)
			f->pending++;
	}
	return f->pending > 0 ? STS_OK : STS_ENOMEM;
}

enum sts_status
sts_fetch_start(const struct sts_fetch_means *means, const char *domain, int64_t deadline_ms, sts_fetch_fn *fn, void *arg)
{
	struct fetch *f = calloc(1, sizeof(*f));
	int64_t now_ms = sts_clock_mono_ms();
	enum sts_status status;

	if (f == NULL)
		return STS_ENOMEM;
	f->means = means;
	f->deadline_ms = deadline_ms < now_ms + means->timeout_ms ? deadline_ms : now_ms + means->timeout_ms;
	f->fn = fn;
	f->arg = arg;
	snprintf(f->host, sizeof(f->host), POLICY_HOST "%s", domain);
	status = ask_addresses(f, now_ms + (f->deadline_ms - now_ms) / 2);
	if (status != STS_OK)
		free(f);
	return status;
}
