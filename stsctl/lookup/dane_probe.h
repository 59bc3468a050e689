/* SPDX-License-Identifier: ISC */
/* dane_probe.h - looks up a domain's DANE state as the daemon does, host by host, and waits for it. One thread. */
#ifndef STSCTL_LOOKUP_DANE_PROBE_H
#define STSCTL_LOOKUP_DANE_PROBE_H

#include "shared-cache/dane/dane_cache.h"
#include "shared-cache/dane/dane_lookup.h"
#include "shared-cache/settings/conf.h"

struct dane_probe {
	enum sts_validation validation;
	enum sts_dane dane;		/* the state that the daemon would use: OFF when the settings or the resolver rule DANE out */
	struct sts_dane_result result;	/* with hosts; zeroed when nothing was looked up */
	int64_t ms;
};

/* STS_EINVAL: dns_servers cannot be used; STS_ENOMEM. */
enum sts_status dane_probe_run(const struct sts_conf *conf, const char *domain, struct dane_probe *out);

#endif
