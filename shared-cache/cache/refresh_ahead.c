/* SPDX-License-Identifier: ISC */
/* refresh_ahead.c - sweeps through memory, so that policies in use are fetched again before they expire. */
#include "config.h"

#include "shared-cache/cache/resolver_private.h"

enum { STEP_MS = 10 };	/* between two chunks of a sweep */

/* Only the fetch is done ahead of need: a policy in use must not expire. The cheap check of the id can wait for the next
 * message, so that a domain that sent a single message is not looked up every hour. */
static void
refresh(struct sts_resolver *r, struct sts_l1_chunk *chunk)
{
	int64_t now = sts_resolver_now(r);

	for (size_t i = 0; i < chunk->count; i++) {
		if (sts_entry_fetch_due(chunk->entries[i], &r->params.rules.intervals, now))
			sts_resolver_ask(r, chunk->entries[i]->domain, NULL);
		sts_entry_unref(&chunk->entries[i]);
	}
}

void
sts_resolver_refresh_ahead(struct sts_resolver *r, int64_t now_ms)
{
	int64_t now = sts_resolver_now(r);
	struct sts_l1_chunk chunk;
	bool is_round;

	if (now_ms < r->sweep_at_ms)
		return;
	is_round = sts_l1_sweep(r->env.l1, now, now - 2 * r->params.rules.intervals.refresh_s, &chunk);
	refresh(r, &chunk);
	r->sweep_at_ms = now_ms + (is_round ? STS_RESOLVER_SWEEP_MS : STEP_MS);
}
