/* SPDX-License-Identifier: ISC */
/* dane_probe.h - the DANE state of a domain, looked up as the daemon does, host by host, and waited for. */
#ifndef STSCTL_LOOKUP_DANE_PROBE_H
#define STSCTL_LOOKUP_DANE_PROBE_H

#include "shared-cache/dane/dane_cache.h"
#include "shared-cache/dane/dane_lookup.h"
#include "shared-cache/settings/conf.h"

struct dane_probe {
	enum sts_validation validation;
	enum sts_dane dane;		/* what the daemon would go by: OFF when the settings or the resolver say so */
	struct sts_dane_result result;	/* with hosts; zeroed when nothing was asked */
	int64_t ms;
};

/* STS_EINVAL: dns_servers cannot be used; STS_ENOMEM. */
enum sts_status dane_probe_run(const struct sts_conf *conf, const char *domain, struct dane_probe *out);

#endif
