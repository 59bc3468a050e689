/* SPDX-License-Identifier: ISC */
/*
 * page_data.h - the figures that the page and the mail show, for some days: numbers only, no text, no layout.
 *
 * Sums stop at INT64_MAX (page_data_add). Days are UTC, the oldest first. All bytes zero means no data. Pure. Belongs to one thread.
 */
#ifndef STSCTL_PAGE_PAGE_DATA_H
#define STSCTL_PAGE_PAGE_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/ledger/counts.h"
#include "shared-cache/names/domain.h"

/* How a message came in. Unknown: Postfix did not say, or a version without a counter of its own. */
enum page_data_tls { PAGE_DATA_TLS13, PAGE_DATA_TLS12, PAGE_DATA_OLD, PAGE_DATA_PLAIN, PAGE_DATA_UNKNOWN, PAGE_DATA_TLS };

/* What the sender's domain publishes. */
enum page_data_policy { PAGE_DATA_ENFORCE, PAGE_DATA_TESTING, PAGE_DATA_NONE, PAGE_DATA_ABSENT, PAGE_DATA_UNSURE, PAGE_DATA_POLICIES };

enum page_data_outcome { PAGE_DATA_SUCCESS, PAGE_DATA_FAILURE, PAGE_DATA_OUTCOMES };

enum { PAGE_DATA_NAME_CAP = 256 };

struct page_data_day {
	char day[STS_DAY_CAP];
	int64_t messages, tls[PAGE_DATA_TLS];
	int64_t reported[PAGE_DATA_OUTCOMES];	/* sessions under MTA-STS, by verified TLS reports about that day */
	int64_t sent[PAGE_DATA_OUTCOMES];		/* Postfix's sessions with others */
};

/* A sender domain whose mail came in plaintext, or over old TLS. */
struct page_data_sender {
	char domain[STS_DOMAIN_CAP];
	enum page_data_policy policy;
	int64_t messages, plain, old, aligned;	/* aligned: of plain and old, from the domain's own clients */
	int64_t last_seen;			/* seconds */
};

/* The domains that publish the same. A domain counts for the policy that most of its messages met. */
struct page_data_posture {
	int64_t domains, messages, tls[PAGE_DATA_TLS];
};

/* A domain of ours in others' reports, or a domain that Postfix sent mail to. */
struct page_data_peer {
	char domain[STS_DOMAIN_CAP];
	int64_t reports, n[PAGE_DATA_OUTCOMES];
};

struct page_data_failure {
	char result[PAGE_DATA_NAME_CAP];		/* a result type of RFC 8460; may be hostile */
	int64_t n;
};

struct page_data_certificate {
	char domain[STS_DOMAIN_CAP], host[STS_DOMAIN_CAP];
	int64_t expires;			/* seconds */
};

struct page_data_node {
	char name[PAGE_DATA_NAME_CAP];
	int64_t seen;				/* seconds */
	bool enforcing, dry_run, tripped;
};

struct page_data_peers {
	struct page_data_peer *list;		/* the most failures first */
	size_t count;
	struct page_data_failure *failures;	/* the most first */
	size_t failure_count;
	int64_t reports, n[PAGE_DATA_OUTCOMES];
	int64_t dane[PAGE_DATA_OUTCOMES];		/* sessions under DANE, which the other members do not include */
};

struct page_data {
	const char *host;			/* the host that made the page; borrowed */
	int64_t now;				/* seconds */
	size_t limit;				/* rows in lists of domains, at most */
	struct page_data_day *days;
	size_t day_count;
	int64_t messages, tls[PAGE_DATA_TLS];	/* sums over days */
	int64_t domains;			/* sender domains with messages in these days */
	struct page_data_sender *senders;		/* the most plain and old first; at most limit */
	size_t sender_count;
	int64_t senders_all;			/* how many exist */
	struct page_data_posture postures[PAGE_DATA_POLICIES];
	bool own_domains;			/* local_domains is set: reports can be counted */
	struct page_data_peers reported, sent;
	struct page_data_certificate *certificates;	/* sorted by expiry, the earliest first */
	size_t certificate_count;
	int64_t certificates_seen;		/* when they were checked; 0: unknown */
	struct page_data_node *nodes;
	size_t node_count;
};

/* Frees the lists. */
void page_data_fini(struct page_data *data);

/* Adds without overflow. n is not negative. */
void page_data_add(int64_t *sum, int64_t n);
int64_t page_data_sum(const int64_t *list, size_t count);

/* Converts a counter's field ("tls:TLSv1.3", "policy:enforce"). False: another field. */
bool page_data_tls_of(const char *field, enum page_data_tls *out);
bool page_data_policy_of(const char *field, enum page_data_policy *out);
/* "enforce", ... */
const char *page_data_policy_name(enum page_data_policy policy);

#endif
