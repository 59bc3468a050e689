/* SPDX-License-Identifier: ISC */
/*
 * figures.h - what a report about some days says, as numbers: no text, no form.
 *
 * Sums are at most INT64_MAX (figures_add). Days are of UTC, the oldest first. All bytes zero is a report of nothing. Pure. Belongs
 * to one thread.
 */
#ifndef STSCTL_PAGE_FIGURES_H
#define STSCTL_PAGE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/ledger/counts.h"
#include "shared-cache/names/domain.h"

/* How a message came in. What Postfix did not say, and versions that have no counter of their own, are unknown. */
enum figures_tls { FIGURES_TLS13, FIGURES_TLS12, FIGURES_OLD, FIGURES_PLAIN, FIGURES_UNKNOWN, FIGURES_TLS };

/* What a sender's domain publishes. */
enum figures_policy { FIGURES_ENFORCE, FIGURES_TESTING, FIGURES_NONE, FIGURES_ABSENT, FIGURES_UNSURE, FIGURES_POLICIES };

enum figures_outcome { FIGURES_SUCCESS, FIGURES_FAILURE, FIGURES_OUTCOMES };

enum { FIGURES_NAME_CAP = 256 };

struct figures_day {
	char day[STS_DAY_CAP];
	int64_t messages, tls[FIGURES_TLS];
	int64_t reported[FIGURES_OUTCOMES];	/* sessions under MTA-STS, in verified TLS reports about that day */
	int64_t sent[FIGURES_OUTCOMES];		/* sessions of Postfix with others */
};

/* A sender domain whose mail came in plaintext, or over old TLS. */
struct figures_sender {
	char domain[STS_DOMAIN_CAP];
	enum figures_policy policy;
	int64_t messages, plain, old, aligned;	/* aligned: those of plain and old that came from clients of its own */
	int64_t last_seen;			/* seconds */
};

/* The domains that publish the same; each under what most of its messages met. */
struct figures_posture {
	int64_t domains, messages, tls[FIGURES_TLS];
};

/* A domain of ours that was reported about; or one that Postfix sent mail to. */
struct figures_peer {
	char domain[STS_DOMAIN_CAP];
	int64_t reports, n[FIGURES_OUTCOMES];
};

struct figures_failure {
	char result[FIGURES_NAME_CAP];		/* a result type of RFC 8460; hostile */
	int64_t n;
};

struct figures_certificate {
	char domain[STS_DOMAIN_CAP], host[STS_DOMAIN_CAP];
	int64_t expires;			/* seconds */
};

struct figures_node {
	char name[FIGURES_NAME_CAP];
	int64_t seen;				/* seconds */
	bool enforcing, dry_run, tripped;
};

struct figures_peers {
	struct figures_peer *list;		/* the most failures first */
	size_t count;
	struct figures_failure *failures;	/* the most first */
	size_t failure_count;
	int64_t reports, n[FIGURES_OUTCOMES];
	int64_t dane[FIGURES_OUTCOMES];		/* sessions of reports under DANE, which are in none of the above */
};

struct figures {
	const char *host;			/* where it was made; borrowed */
	int64_t now;				/* seconds */
	size_t limit;				/* of rows in lists of domains */
	struct figures_day *days;
	size_t day_count;
	int64_t messages, tls[FIGURES_TLS];	/* sums of days */
	int64_t domains;			/* sender domains with messages in these days */
	struct figures_sender *senders;		/* the most plain and old first; at most limit */
	size_t sender_count;
	int64_t senders_all;			/* how many there are */
	struct figures_posture postures[FIGURES_POLICIES];
	bool own_domains;			/* local_domains is set: reports can be counted */
	struct figures_peers reported, sent;
	struct figures_certificate *certificates;	/* those that expire first, first */
	size_t certificate_count;
	int64_t certificates_seen;		/* when they were looked at; 0: they are not known */
	struct figures_node *nodes;
	size_t node_count;
};

/* Frees the lists. */
void figures_fini(struct figures *figures);

/* No overflow. n: not negative. */
void figures_add(int64_t *sum, int64_t n);
int64_t figures_sum(const int64_t *list, size_t count);

/* A counter's field ("tls:TLSv1.3", "policy:enforce") as one of the above; false: it is none of them. */
bool figures_tls_of(const char *field, enum figures_tls *out);
bool figures_policy_of(const char *field, enum figures_policy *out);
/* "enforce", ... */
const char *figures_policy_name(enum figures_policy policy);

#endif
