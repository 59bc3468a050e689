/* SPDX-License-Identifier: ISC */
/* reason.c - the table of reason names. */
#include "config.h"

#include "shared-cache/policy/reason.h"

#include <string.h>

static const char *const names[STS_REASON_COUNT] = {
	[STS_REASON_NONE] = "",
	[STS_REASON_PLAINTEXT] = "plaintext",
	[STS_REASON_TLS_VERSION] = "tls-version",
	[STS_REASON_CIPHER] = "cipher",
	[STS_REASON_TLS_UNKNOWN] = "tls-unknown",
	[STS_REASON_PENDING] = "pending",
	[STS_REASON_DNS_TIMEOUT] = "dns-timeout",
	[STS_REASON_DNS_FAILURE] = "dns-failure",
	[STS_REASON_FETCH_TIMEOUT] = "fetch-timeout",
	[STS_REASON_FETCH_CONNECT] = "fetch-connect",
	[STS_REASON_OVERLOAD] = "overload",
	[STS_REASON_RECORD_INVALID] = "record-invalid",
	[STS_REASON_FETCH_TLS] = "fetch-tls",
	[STS_REASON_FETCH_STATUS] = "fetch-status",
	[STS_REASON_FETCH_TYPE] = "fetch-type",
	[STS_REASON_FETCH_SIZE] = "fetch-size",
	[STS_REASON_FETCH_REFUSED] = "fetch-refused",
	[STS_REASON_POLICY_INVALID] = "policy-invalid",
};

const char *
sts_reason_name(enum sts_reason reason)
{
	if ((unsigned)reason >= STS_REASON_COUNT)
		return "";
	return names[reason];
}

bool
sts_reason_parse(const char *name, size_t len, enum sts_reason *out)
{
	for (unsigned i = 0; i < STS_REASON_COUNT; i++) {
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
			*out = (enum sts_reason)i;
			return true;
		}
	}
	return false;
}

bool
sts_reason_is_permanent(enum sts_reason reason)
{
	return reason >= STS_REASON_RECORD_INVALID && reason < STS_REASON_COUNT;
}
