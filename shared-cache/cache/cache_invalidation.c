/* SPDX-License-Identifier: ISC */
/* cache_invalidation.c - notices from other nodes and stsctl: passes them from the subscription's thread to memory and to the
 * resolver's. */
#include "config.h"

#include "shared-cache/cache/cache_private.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/log.h"

struct notice {
	struct sts_task task;		/* on its way to the resolver */
	struct sts_cache *cache;
	char domain[STS_DOMAIN_CAP];
};

static void
on_notice(struct sts_task *task)
{
	struct notice *notice = (struct notice *)(void *)((char *)task - offsetof(struct notice, task));

	sts_resolver_forget(notice->cache->resolver, notice->domain);
	free(notice);
}

/* On the subscription's thread. Only the resolver's thread knows the flights; if it does not keep up, at least memory must stop
 * serving what is out of date. */
void
sts_cache_invalid(void *arg, const char *domain)
{
	struct sts_cache *cache = arg;
	struct notice *notice = calloc(1, sizeof(*notice));

	sts_l1_forget(cache->l1, domain);
	if (cache->histories != NULL)
		sts_histories_forget(cache->histories, domain);
	if (cache->invalid != NULL)
		cache->invalid(cache->invalid_arg, domain);
	if (notice == NULL)
		return;
	notice->task.run = on_notice;
	notice->cache = cache;
	memcpy(notice->domain, domain, strlen(domain) + 1);
	if (sts_queue_offer(cache->mailbox, &notice->task) == STS_OK)
		sts_net_loop_wakeup(cache->loop);
	else
		free(notice);
}

void
sts_cache_all_invalid(void *arg)
{
	struct sts_cache *cache = arg;

	sts_info("cache: disconnected from the other nodes for too long, starting with an empty memory");
	sts_l1_forget_all(cache->l1);
	if (cache->histories != NULL)
		sts_histories_forget_all(cache->histories);
	if (cache->invalid != NULL)
		cache->invalid(cache->invalid_arg, NULL);
}

void
sts_cache_command(void *arg, const char *word, size_t len)
{
	struct sts_cache *cache = arg;

	if (cache->on_command != NULL)
		cache->on_command(cache->command_arg, word, len);
}
