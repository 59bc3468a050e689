/* SPDX-License-Identifier: ISC */
/*
 * network_checks.h - what publish looks up in the network: a domain's mail exchangers, whether they comply with a policy, and what the
 * policy host serves. Uses the code of `stsctl check` and of the milter. Blocks, within the time limits of the settings.
 */
#ifndef STSCTL_PUBLISH_NETWORK_CHECKS_H
#define STSCTL_PUBLISH_NETWORK_CHECKS_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/domain.h"
#include "shared-cache/network/net_loop.h"
#include "shared-cache/policy/reason.h"
#include "shared-cache/settings/conf.h"
#include "stsctl/findings/findings.h"
#include "stsctl/plan/spec.h"
#include "stsctl/probe/dns_query.h"

enum { PUBLISH_WHY_CAP = 320 };

/* A domain's mail exchangers; the domain itself, if it has no MX records (RFC 5321 section 5.1). */
struct publish_mx_hosts {
	const char *hosts[PUBLISH_MX_MAX];
	size_t count;
	char names[PUBLISH_MX_MAX][STS_DOMAIN_CAP];
};
/* STS_EINVAL: the domain has none that a policy can name. STS_EUNAVAILABLE: the lookup failed. why has the reason. */
enum sts_status publish_find_mx(struct dns_query *dns, const char *domain, struct publish_mx_hosts *out, char why[PUBLISH_WHY_CAP]);

/* Checks the domain's mail exchangers against a policy that is not published yet: names, STARTTLS, certificates. */
struct publish_network {
	const struct sts_conf *conf;
	struct dns_query *dns;
	int64_t now;
};
void publish_check_exchangers(const struct publish_network *env, const char *domain, const char *policy, struct findings *out);

/* What the policy host serves at present. */
struct publish_served {
	enum sts_reason reason;		/* STS_REASON_NONE: the fetch succeeded */
	char *text;			/* len bytes and a NUL; NULL after a failure, and when memory ran out */
	size_t len;
	char detail[PUBLISH_WHY_CAP];
};
void publish_fetch_policy(struct sts_net_loop *loop, const struct sts_conf *conf, const char *domain, struct publish_served *out);
void publish_served_fini(struct publish_served *served);

#endif
