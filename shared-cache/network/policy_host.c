/* SPDX-License-Identifier: ISC */
/*
 * policy_host.c - resolves the policy host's name to addresses. Knows neither c-ares nor what the addresses are for.
 *
 * Asks for A and AAAA at the same time, and waits for both, but no longer than the deadline: then the addresses that have come
 * count.
 */
#include "config.h"

#include "shared-cache/network/policy_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/names/ipaddr.h"
#include "shared-cache/network/dial.h"

enum family { IPV6, IPV4, FAMILIES };	/* in the order in which they are tried */

_Static_assert((int)FAMILIES * STS_DNS_ADDRS <= STS_HOST_ADDRS, "all addresses fit into an answer");

struct host;

struct lookup {
	struct host *host;
	enum sts_dns_outcome outcome;
	char why[40];
	struct sts_ipaddr addrs[STS_DNS_ADDRS];
	size_t count;
};

struct host {
	const struct sts_policy_host_env *env;
	char name[STS_DOMAIN_CAP + sizeof(STS_POLICY_HOST)];	/* may be too long for DNS, which dns.c then says */
	sts_host_fn *fn;
	void *arg;
	struct lookup lookups[FAMILIES];
	unsigned pending;		/* lookups that have not been called back */
	struct sts_ipaddr fit[STS_HOST_ADDRS];
	size_t fit_count;
};

static void
finish(struct host *h, enum sts_reason reason, const char *detail)
{
	const struct sts_host_answer answer = { .reason = reason, .addrs = h->fit, .count = h->fit_count, .detail = detail };

	h->fn(h->arg, &answer);
	free(h);
}

/* Ends with the failure that there are addresses, but none is allowed. */
static void
finish_refused(struct host *h, const struct sts_ipaddr *addr)
{
	char shown[46], detail[120];

	sts_ipaddr_format(addr, shown);
	snprintf(detail, sizeof(detail), "%s is %s", shown, sts_ipaddr_special_kind(addr));
	finish(h, STS_REASON_FETCH_REFUSED, detail);
}

static const struct lookup *
lookup_with(const struct host *h, enum sts_dns_outcome outcome)
{
	for (int i = 0; i < FAMILIES; i++) {
		if (h->lookups[i].outcome == outcome)
			return &h->lookups[i];
	}
	return NULL;
}

static void
finish_without_address(struct host *h)
{
	const struct lookup *failed = lookup_with(h, STS_DNS_FAILURE), *local = lookup_with(h, STS_DNS_LOCAL);
	char detail[80];

	if (local != NULL) {
		finish(h, STS_REASON_OVERLOAD, local->why);
	} else if (lookup_with(h, STS_DNS_TIMEOUT) != NULL) {
		finish(h, STS_REASON_FETCH_TIMEOUT, "no answer from DNS about the policy host's addresses");
	} else if (failed != NULL) {
		snprintf(detail, sizeof(detail), "DNS, policy host's addresses: %s", failed->why);
		finish(h, STS_REASON_FETCH_CONNECT, detail);
	} else {
		finish(h, STS_REASON_FETCH_CONNECT, "the policy host has no address");
	}
}

/* Drops the addresses of a family that this host has no route for (usually IPv6) if others are left: admission control queues
 * domains by their first address, which should be the one that is connected to. */
static void
drop_unreachable(struct host *h)
{
	bool reachable[STS_HOST_ADDRS];
	size_t count = 0;

	for (size_t i = 0; i < h->fit_count; i++) {
		reachable[i] = sts_dial_has_route(&h->fit[i]);
		count += reachable[i];
	}
	if (count == 0 || count == h->fit_count)
		return;
	count = 0;
	for (size_t i = 0; i < h->fit_count; i++)
		if (reachable[i])
			h->fit[count++] = h->fit[i];
	h->fit_count = count;
}

static void
choose_addresses(struct host *h)
{
	const struct sts_ipaddr *unfit = NULL;

	for (int i = 0; i < FAMILIES; i++) {
		for (size_t k = 0; k < h->lookups[i].count; k++) {
			const struct sts_ipaddr *addr = &h->lookups[i].addrs[k];

			if (h->env->allow_special || !sts_ipaddr_is_special(addr))
				h->fit[h->fit_count++] = *addr;
			else
				unfit = addr;
		}
	}
	drop_unreachable(h);
	if (h->fit_count > 0)
		finish(h, STS_REASON_NONE, "");
	else if (unfit != NULL)
		finish_refused(h, unfit);
	else
		finish_without_address(h);
}

static void
on_addrs(void *arg, const struct sts_addr_answer *answer)
{
	struct lookup *l = arg;

	l->outcome = answer->outcome;
	l->count = answer->count;
	memcpy(l->addrs, answer->addrs, answer->count * sizeof(l->addrs[0]));
	snprintf(l->why, sizeof(l->why), "%s", answer->why);
	if (--l->host->pending == 0)
		choose_addresses(l->host);
}

/* A lookup that could not start counts as a local failure; if neither could, no callback will come. */
enum sts_status
sts_policy_host_start(const struct sts_policy_host_env *env, const char *domain, int64_t deadline_ms, sts_host_fn *fn, void *arg)
{
	static const int numbers[FAMILIES] = { [IPV6] = 6, [IPV4] = 4 };
	struct host *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return STS_ENOMEM;
	h->env = env;
	h->fn = fn;
	h->arg = arg;
	snprintf(h->name, sizeof(h->name), STS_POLICY_HOST "%s", domain);
	for (int i = 0; i < FAMILIES; i++) {
		struct lookup *l = &h->lookups[i];

		l->host = h;
		l->outcome = STS_DNS_LOCAL;
		snprintf(l->why, sizeof(l->why), "out of memory");
		if (sts_dns_addrs(env->dns, h->name, numbers[i], deadline_ms, on_addrs, l) == STS_OK)
			h->pending++;
	}
	if (h->pending > 0)
		return STS_OK;
	free(h);
	return STS_ENOMEM;
}
