/* SPDX-License-Identifier: ISC */
/* dns_channel.c - the options of c-ares. Knows no questions. */
#include "config.h"

#include "shared-cache/dns/dns_channel.h"

/* The first timeout is a quarter of the budget, and doubles in each round: a single server is asked at 0, 1/4 and 3/4 of the
 * budget; of several, the second at 1/4 and the third at 1/2. */
enum { TRIES = 3, BUDGET_PARTS = 4 };

/* 1.31 and later cache replies for up to an hour unless a time is set (0, as all options that we leave alone). */
#ifdef ARES_OPT_QUERY_CACHE
enum { NO_CACHE = ARES_OPT_QUERY_CACHE };
#else
enum { NO_CACHE = 0 };
#endif

enum sts_status
dns_channel_open(const struct dns_channel_params *params, ares_channel *out)
{
	int64_t timeout = params->budget_ms / BUDGET_PARTS;
	struct ares_options options = {
		/* no search list, no HOSTALIASES: names are absolute */
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | (params->plain ? ARES_FLAG_NOCHECKRESP : 0),
		.timeout = timeout < 1 ? 1 : timeout > INT32_MAX ? INT32_MAX : (int)timeout,
		.tries = TRIES,
		.lookups = (char[]){ "b" },	/* DNS alone, no /etc/hosts */
		.sock_state_cb = params->watch,
		.sock_state_cb_data = params->arg,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB |
	    NO_CACHE;
	int status = ares_init_options(out, &options, mask);

	if (status != ARES_SUCCESS) {
		*out = NULL;
		return status == ARES_ENOMEM ? STS_ENOMEM : STS_ESYS;
	}
	if (params->servers[0] == '\0')
		return STS_OK;
	status = ares_set_servers_ports_csv(*out, params->servers);
	return status == ARES_SUCCESS ? STS_OK : status == ARES_ENOMEM ? STS_ENOMEM : STS_EINVAL;
}

void
dns_channels_close(ares_channel *channels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ares_channel channel = channels[i];

		channels[i] = NULL;
		if (channel != NULL)
			ares_destroy(channel);
	}
}
