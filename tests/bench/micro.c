/* SPDX-License-Identifier: ISC */
/*
 * micro.c - what the parts of judging one message cost, each by itself, on one core, compared with two references that every
 * reader knows: a memcpy of 2 KiB, and an snprintf of a header of the same text.
 *
 * All rows are measured in turn, for several rounds, so that a noisy minute hits them alike. The median counts; its ratio to
 * the memcpy can be compared between machines.
 * Usage: micro [ROUNDS]
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "milter/record/metrics_message.h"
#include "shared-cache/memory/l1.h"
#include "shared-cache/enforcement/domain_rules.h"
#include "shared-cache/judge/align.h"
#include "shared-cache/judge/header.h"
#include "shared-cache/judge/verdict.h"
#include "shared-cache/ledger/counts.h"
#include "shared-cache/names/mailbox.h"
#include "shared-cache/policy/entry.h"
#include "shared-cache/policy/policy.h"
#include "shared-cache/policy/record.h"

enum { DOMAINS = 10000, ROUNDS_MAX = 99, BLOCK = 2048, FEW_RULES = 10, MANY_RULES = 100000, RULE_LINE = 96 };
static const int64_t batch_ns = 4000000;
static const int64_t now = 1795428671;

static const char policy_text[] =
    "version: STSv1\r\nmode: enforce\r\nmx: mx1.bench.test\r\nmx: mx2.bench.test\r\nmx: *.mail.bench.test\r\n"
    "max_age: 604800\r\n";
static const char record_text[] = "v=STSv1; id=20250809T1;";
static const char sender[] = "<some.sender+tag@News.Bench.Test>";
static const char *const total_fields[] = { "messages", "result:pass", "tls:TLSv1.3", "cipher:TLS_AES_256_GCM_SHA384",
	"policy:enforce", "aligned:yes", NULL };
static const char *const domain_fields[] = { "messages", "result:pass", "tls:TLSv1.3", "cipher:TLS_AES_256_GCM_SHA384",
	"policy:enforce", "aligned:yes", "aligned:tls:TLSv1.3", NULL };

struct fixture {
	char from[BLOCK], to[BLOCK];
	char header[STS_HEADER_CAP];
	char (*domains)[STS_DOMAIN_CAP];
	unsigned turn;
	struct sts_evidence evidence;
	struct sts_policy_view view;
	struct sts_verdict_rules rules;
	struct sts_verdict verdict;
	struct sts_entry *entry;
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;
	struct sts_align *align;
	struct sts_l1 *l1;
	struct sts_counts *counts;
	struct metrics metrics;
	char *rules_text;
	size_t rules_len;
	struct sts_domain_rules *few_rules, *many_rules;
};

static void
require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "micro: %s failed\n", what);
	exit(EX_SOFTWARE);
}

/* Makes the compiler assume that what p points to is read. */
static void
seen(const void *p)
{
	__asm__ volatile("" : : "r"(p) : "memory");
}

static const char *
next_domain(struct fixture *f)
{
	/* a stride that visits all of them, and never neighbours in a row */
	f->turn = (f->turn + 7919) % DOMAINS;
	return f->domains[f->turn];
}

/* ---- one operation each ---- */

static void
op_memcpy(struct fixture *f)
{
	memcpy(f->to, f->from, BLOCK);
	seen(f->to);
}

static void
op_snprintf(struct fixture *f)
{
	const struct sts_evidence *e = &f->evidence;

	snprintf(f->header, sizeof(f->header),
	    "v=1; host=%s; result=%s; domain=%s;\n\tidentity=%s; policy=%s; id=%s; tls=%s;\n\tcipher=%s; bits=%d; aligned=%s",
	    "mx1.example.net", sts_result_name(f->verdict.result), e->domain, sts_identity_name(e->identity),
	    sts_policy_known_name(f->view.known), f->view.id, e->tls.version, e->tls.cipher, e->tls.bits,
	    sts_aligned_name(e->aligned));
	seen(f->header);
}

static void
op_header(struct fixture *f)
{
	const struct sts_header_author author = { .host = "mx1.example.net" };

	require(sts_header_render(&author, &f->evidence, &f->view, &f->verdict, f->header), "header");
	seen(f->header);
}

static void
op_is_ours(struct fixture *f)
{
	require(!sts_header_is_ours("DKIM-Signature"), "name");
	seen(f);
}

static void
op_verdict(struct fixture *f)
{
	sts_policy_view_of(f->entry, STS_REASON_NONE, &f->view);
	sts_verdict_decide(&f->evidence, &f->view, &f->rules, &f->verdict);
	seen(&f->verdict);
}

static void
op_mailbox(struct fixture *f)
{
	char domain[STS_DOMAIN_CAP];

	require(sts_mailbox_domain(sender, sizeof(sender) - 1, domain) == STS_MAILBOX_DOMAIN, "mailbox");
	seen(domain);
	seen(f);
}

static void
op_align(struct fixture *f)
{
	enum sts_aligned aligned = sts_align_check(f->align, "out-7.relay.bench.test", f->evidence.domain, f->entry->policy);

	seen(&aligned);
}

static void
op_record(struct fixture *f)
{
	const struct sts_txt txt = { record_text, sizeof(record_text) - 1 };
	char id[STS_ID_CAP];

	require(sts_record_select(&txt, 1, id, NULL) == STS_RECORD_VALID, "record");
	seen(id);
	seen(f);
}

static void
op_policy(struct fixture *f)
{
	struct sts_policy *policy;

	require(sts_policy_parse(policy_text, sizeof(policy_text) - 1, &policy, NULL) == STS_OK, "policy");
	seen(policy);
	seen(f);
	sts_policy_free(&policy);
}

static void
op_encode(struct fixture *f)
{
	struct sts_entry_field fields[STS_ENTRY_FIELDS];
	struct sts_entry_scratch scratch;

	require(sts_entry_encode(f->entry, fields, &scratch) == STS_OK, "encode");
	seen(fields);
	sts_entry_scratch_fini(&scratch);
}

static void
op_decode(struct fixture *f)
{
	struct sts_entry *entry;

	require(sts_entry_decode(f->entry->domain, f->fields, STS_ENTRY_FIELDS, now, &entry) == STS_OK, "decode");
	seen(entry);
	sts_entry_unref(&entry);
}

static void
op_l1_hit(struct fixture *f)
{
	bool claimed;
	struct sts_entry *entry = sts_l1_get(f->l1, next_domain(f), now, &claimed);

	require(entry != NULL, "hit");
	sts_entry_unref(&entry);
}

static void
op_l1_miss(struct fixture *f)
{
	bool claimed;

	require(sts_l1_get(f->l1, "absent.bench.test", now, &claimed) == NULL, "miss");
	seen(f);
}

static void
op_counts(struct fixture *f)
{
	const struct sts_counts_message message = {
		.domain = next_domain(f), .now = now, .total_fields = total_fields, .domain_fields = domain_fields,
	};

	require(sts_counts_add(f->counts, &message) == STS_OK, "count");
}

static void
op_metrics(struct fixture *f)
{
	const struct journal_case c = {
		.evidence = &f->evidence, .policy = &f->view, .verdict = &f->verdict, .first = true, .waited_ms = 3,
	};

	metrics_message(&f->metrics, &c);
	metrics_lookup(&f->metrics, STS_SOURCE_MEMORY, f->view.known);
	seen(f);
}

static void
op_load_rules(struct fixture *f)
{
	struct sts_domain_rules *rules;

	require(sts_domain_rules_parse(f->rules_text, f->rules_len, NULL, NULL, &rules) == STS_OK, "rules");
	seen(rules);
	sts_domain_rules_free(&rules);
}

/* A domain of three labels: the rule is for its last two. */
static void
find_rule(const struct sts_domain_rules *rules, const char *domain, bool there)
{
	static const struct sts_rule_session session = { .cert_told = true };
	const struct sts_domain_rule *rule = sts_domain_rules_find(rules, STS_RULE_SENDER, domain, &session, now);

	require((rule != NULL) == there, "rule");
	seen(rule);
}

static void
op_few_rules(struct fixture *f)
{
	find_rule(f->few_rules, "mx.r0000007.test", true);
}

static void
op_many_rules(struct fixture *f)
{
	char domain[] = "mx.r0000000.test";

	f->turn = (f->turn + 7919) % DOMAINS;
	for (unsigned i = 0, n = f->turn * (MANY_RULES / DOMAINS); i < 7; i++, n /= 10)
		domain[10 - i] = (char)('0' + n % 10);
	find_rule(f->many_rules, domain, true);
}

static void
op_no_rule(struct fixture *f)
{
	find_rule(f->many_rules, "news.bench.test", false);
}

static const struct row {
	const char *name;
	void (*op)(struct fixture *f);
} rows[] = {
	{ "memcpy of 2 KiB (reference)", op_memcpy },
	{ "snprintf of a header (reference)", op_snprintf },
	{ "header: render", op_header },
	{ "header: is this name ours", op_is_ours },
	{ "verdict: view of entry, decide", op_verdict },
	{ "mailbox: domain of a path", op_mailbox },
	{ "align: client against domain", op_align },
	{ "record: select", op_record },
	{ "policy: parse, free", op_policy },
	{ "entry: encode", op_encode },
	{ "entry: decode, unref", op_decode },
	{ "l1: hit among 10,000", op_l1_hit },
	{ "l1: miss", op_l1_miss },
	{ "counts: add one of 10,000", op_counts },
	{ "rules: find among 10", op_few_rules },
	{ "rules: find among 100,000", op_many_rules },
	{ "rules: find none among 100,000", op_no_rule },
	{ "rules: load 100,000, free", op_load_rules },
	{ "metrics: one message", op_metrics },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* ---- fixture ---- */

static struct sts_entry *
make_entry(const char *domain)
{
	const struct sts_entry_spec spec = {
		.domain = domain, .state = STS_STATE_POLICY, .id = "20250809T1", .text = policy_text,
		.text_len = sizeof(policy_text) - 1, .fetched = now, .checked = now, .expires = now + 604800,
	};
	struct sts_entry *entry;

	require(sts_entry_new(&spec, &entry) == STS_OK, "entry");
	return entry;
}

static void
fill_l1(struct fixture *f)
{
	require(sts_l1_new(DOMAINS, (size_t)DOMAINS * BLOCK, NULL, &f->l1) == STS_OK, "l1");
	for (unsigned i = 0; i < DOMAINS; i++) {
		struct sts_entry *entry;

		snprintf(f->domains[i], sizeof(f->domains[i]), "d%06u.bench.test", i);
		entry = make_entry(f->domains[i]);
		require(sts_l1_put(f->l1, entry, now + 86400, now) == STS_OK, "put");
		sts_entry_unref(&entry);
	}
}

/* Rules that demand as much of the parser as real ones do; parses the first few, and all of them. */
static void
fill_rules(struct fixture *f)
{
	size_t few_len = 0;

	f->rules_text = malloc((size_t)MANY_RULES * RULE_LINE);
	require(f->rules_text != NULL, "malloc");
	for (unsigned i = 0; i < MANY_RULES; i++) {
		int n = snprintf(f->rules_text + f->rules_len, RULE_LINE,
		    ".r%07u.test  version=TLSv1.2 cert=*.r%07u.test action=tempfail until=2030-12-31\n", i, i);

		require(n > 0 && n < RULE_LINE, "line");
		f->rules_len += (size_t)n;
		if (i == FEW_RULES - 1)
			few_len = f->rules_len;
	}
	require(sts_domain_rules_parse(f->rules_text, few_len, NULL, NULL, &f->few_rules) == STS_OK, "rules");
	require(sts_domain_rules_parse(f->rules_text, f->rules_len, NULL, NULL, &f->many_rules) == STS_OK, "rules");
}

static struct fixture *
make_fixture(void)
{
	static const char *const no_weak[] = { NULL };
	struct fixture *f = calloc(1, sizeof(*f));

	require(f != NULL, "calloc");
	f->domains = calloc(DOMAINS, sizeof(*f->domains));
	require(f->domains != NULL, "calloc");
	fill_l1(f);
	fill_rules(f);
	f->entry = make_entry("news.bench.test");
	require(sts_entry_encode(f->entry, f->fields, &f->scratch) == STS_OK, "encode");
	require(sts_counts_new(DOMAINS, &f->counts) == STS_OK, "counts");
	if (sts_align_new(&f->align) != STS_OK)
		f->align = NULL;
	strcpy(f->evidence.queue_id, "4XyZ1t2r3kz9sQ");
	strcpy(f->evidence.domain, "news.bench.test");
	strcpy(f->evidence.tls.version, "TLSv1.3");
	strcpy(f->evidence.tls.cipher, "TLS_AES_256_GCM_SHA384");
	f->evidence.tls.state = STS_TLS_SECURED;
	f->evidence.tls.bits = 256;
	f->evidence.aligned = STS_ALIGNED_YES;
	f->rules.tls = (struct sts_tls_rules){ sts_tls_version_rank("TLSv1.2"), 128, no_weak };
	op_verdict(f);
	require(f->verdict.result == STS_RESULT_PASS, "verdict");
	return f;
}

static void
free_fixture(struct fixture *f)
{
	sts_domain_rules_free(&f->many_rules);
	sts_domain_rules_free(&f->few_rules);
	free(f->rules_text);
	sts_counts_free(&f->counts);
	sts_l1_free(&f->l1);
	sts_align_free(&f->align);
	sts_entry_scratch_fini(&f->scratch);
	sts_entry_unref(&f->entry);
	free(f->domains);
	free(f);
}

/* ---- measuring ---- */

static int64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t
measure(struct fixture *f, const struct row *row, uint64_t times)
{
	int64_t before = cpu_ns();

	for (uint64_t i = 0; i < times; i++)
		row->op(f);
	return cpu_ns() - before;
}

/* How often a batch must run the operation to last long enough. */
static uint64_t
calibrate(struct fixture *f, const struct row *row)
{
	uint64_t times = 1;

	while (measure(f, row, times) < batch_ns)
		times *= 2;
	return times;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
report(double ns[ROWS][ROUNDS_MAX], size_t rounds)
{
	double reference = 0;

	printf("%-34s %12s %27s %11s\n", "operation", "ns", "(min-max)", "memcpys");
	for (size_t i = 0; i < ROWS; i++) {
		char range[48];
		double median;

		qsort(ns[i], rounds, sizeof(ns[i][0]), compare);
		median = ns[i][rounds / 2];
		if (i == 0)
			reference = median;
		snprintf(range, sizeof(range), "(%.1f-%.1f)", ns[i][0], ns[i][rounds - 1]);
		printf("%-34s %12.1f %27s %10.1fx\n", rows[i].name, median, range, median / reference);
	}
}

int
main(int argc, char **argv)
{
	static double ns[ROWS][ROUNDS_MAX];
	uint64_t times[ROWS];
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 9;
	struct fixture *f;

	if (argc > 2 || rounds == 0 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: micro [ROUNDS]\n");
		return EX_USAGE;
	}
	f = make_fixture();
	for (size_t i = 0; i < ROWS; i++)
		times[i] = calibrate(f, &rows[i]);
	for (size_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < ROWS; i++)
			ns[i][round] = (double)measure(f, &rows[i], times[i]) / (double)times[i];
	}
	report(ns, rounds);
	free_fixture(f);
	return 0;
}
