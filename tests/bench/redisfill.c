/* SPDX-License-Identifier: ISC */
/*
 * redisfill.c - writes counters and policies of many sender domains, as the milter would, for redis-memory to weigh.
 *
 * usage: redisfill SOCKET KIND DOMAINS DAY
 *   KIND     plain: messages without alignment, aligned: with it, strangers: one message per domain, with nothing in its
 *            favour; policies, negatives: cache entries
 *   DAY      days after today; the domains are the same on each
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/ledger/counts.h"
#include "shared-cache/store/store.h"

enum { BATCH = 5000, MESSAGES = 3, DAY_S = 86400, WEEK_S = 7 * DAY_S };

static const char *const fields[] = {
	"messages", "sessions", "result:pass", "policy:enforce", "tls:TLSv1.3", "cipher:TLS_AES_256_GCM_SHA384", "aligned:no",
	"action:accept", NULL,
};
static const char *const aligned_fields[] = {
	"messages", "sessions", "result:pass", "policy:enforce", "tls:TLSv1.3", "cipher:TLS_AES_256_GCM_SHA384", "aligned:yes",
	"history:always-tls", "action:accept", "aligned:messages", "aligned:sessions", "aligned:result:pass", "aligned:policy:enforce",
	"aligned:tls:TLSv1.3", "aligned:cipher:TLS_AES_256_GCM_SHA384", "aligned:history:always-tls",
	"aligned:action:accept", NULL,
};
static const char policy_text[] = "version: STSv1\r\nmode: enforce\r\nmx: mx1.mail.example\r\nmx: mx2.mail.example\r\n"
    "max_age: 604800\r\n";

struct job {
	struct sts_store *store;
	const char *kind;
	long domains;
	int64_t now;
};

static void
die(const char *what)
{
	fprintf(stderr, "redisfill: %s\n", what);
	exit(1);
}

static void
check(enum sts_status status, const char *what)
{
	if (status != STS_OK)
		die(what);
}

/* 17 bytes, about as long as real domains. */
static void
name_of(const struct job *job, long i, char out[STS_DOMAIN_CAP])
{
	snprintf(out, STS_DOMAIN_CAP, "%c%07ld.example", job->kind[0], i);
}

static void
write_batch(struct job *job, struct sts_counts *counts)
{
	const struct sts_counts_batch *batch;
	struct sts_counts_spent *spent;

	check(sts_counts_freeze(counts, &batch), "no memory");
	if (batch == NULL)
		return;
	check(sts_store_apply(job->store, batch), "redis does not take counters");
	sts_counts_done(counts, &spent);
	sts_counts_spent_free(&spent);
}

static void
count_mail(struct job *job)
{
	bool strange = strcmp(job->kind, "strangers") == 0, aligned = strcmp(job->kind, "aligned") == 0;
	char domain[STS_DOMAIN_CAP];
	struct sts_counts_message m = { .domain = domain, .own_tls = aligned, .stranger = strange,
		.total_fields = fields, .domain_fields = aligned ? aligned_fields : fields };
	struct sts_counts *counts;

	check(sts_counts_new(50000, &counts), "no memory");
	for (long i = 0; i < job->domains; i++) {
		name_of(job, i, domain);
		for (int k = 0; k < (strange ? 1 : MESSAGES); k++) {
			m.now = job->now + k;
			check(sts_counts_add(counts, &m), "no memory");
		}
		if (i % BATCH == BATCH - 1)
			write_batch(job, counts);
	}
	sts_counts_settle(counts);
	write_batch(job, counts);
	sts_counts_free(&counts);
}

static void
store_entries(struct job *job)
{
	bool policy = strcmp(job->kind, "policies") == 0;
	int64_t now = sts_clock_now();
	char domain[STS_DOMAIN_CAP];
	const struct sts_entry_spec spec = {
		.domain = domain, .state = policy ? STS_STATE_POLICY : STS_STATE_ABSENT, .id = policy ? "20250809T1" : "",
		.text = policy ? policy_text : "", .text_len = policy ? sizeof(policy_text) - 1 : 0,
		.fetched = policy ? now : 0, .checked = now, .expires = policy ? now + WEEK_S : now + 3600,
	};
	struct sts_entry *entry;

	for (long i = 0; i < job->domains; i++) {
		name_of(job, i, domain);
		check(sts_entry_new(&spec, &entry), "no entry");
		check(sts_store_put(job->store, entry, now), "redis does not take entries");
		sts_entry_unref(&entry);
	}
}

int
main(int argc, char **argv)
{
	struct sts_store_params params = { .endpoint = { .kind = STS_ENDPOINT_UNIX }, .username = "", .password = "",
		.prefix = "mta-sts:", .timeout_ms = 30000, .stats_days = 90, .stream_maxlen = 1000, .node = "bench" };
	struct job job = { 0 };

	if (argc != 5)
		die("usage: redisfill SOCKET KIND DOMAINS DAY");
	snprintf(params.endpoint.host, sizeof(params.endpoint.host), "%s", argv[1]);
	check(sts_store_open(&params, &job.store), "no store");
	job.kind = argv[2];
	job.domains = strtol(argv[3], NULL, 10);
	job.now = sts_clock_now() / DAY_S * DAY_S + strtol(argv[4], NULL, 10) * DAY_S;
	if (strcmp(job.kind, "policies") == 0 || strcmp(job.kind, "negatives") == 0)
		store_entries(&job);
	else
		count_mail(&job);
	sts_store_close(&job.store);
	return 0;
}
