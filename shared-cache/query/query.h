/* SPDX-License-Identifier: ISC */
/*
 * query.h - the read side of the store, for people: counters, domains, evidence; and the functions for redis-cli.
 *
 * store.h is the milter's: a breaker, batches, no waiting. Here somebody sits and waits for an answer, so that a call tries
 * once and says why it failed. Everything read is validated; what the milter cannot have written is left out.
 * Nothing is written but by sts_query_load_functions; sts_query_tell is heard and not written.
 * A query belongs to one thread.
 */
#ifndef STS_QUERY_QUERY_H
#define STS_QUERY_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/status.h"
#include "shared-cache/ledger/counts.h"
#include "shared-cache/ledger/tally.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/names/endpoint.h"

struct sts_query;

struct sts_query_params {
	const struct sts_endpoint *endpoint;	/* no STS_ENDPOINT_NONE */
	const char *username, *password;	/* "" for none */
	const char *prefix;
	int64_t db;
	int64_t timeout_ms;			/* of one exchange */
};

/* Connects to nothing yet; copies what params points to. */
enum sts_status sts_query_new(const struct sts_query_params *params, struct sts_query **out);
void sts_query_free(struct sts_query **query);
/* Why the last call returned STS_EUNAVAILABLE or STS_EINVAL; escaped, a few words. */
const char *sts_query_why(const struct sts_query *query);

/* Each may also return STS_ENOMEM, and STS_EUNAVAILABLE: no answer, or none that could be used. */

/* Adds the totals (day NULL) or those of a day to *tally; STS_ENOTFOUND: nothing is there. STS_EFULL as sts_tally_take. */
enum sts_status sts_query_stats(struct sts_query *query, const char *day, struct sts_tally *tally);
/* The same of a sender domain. */
enum sts_status sts_query_domain(struct sts_query *query, const char *domain, const char *day, struct sts_tally *tally);

/* What is stored as a domain's history: sts_history_take says which of the fields are some. */
enum sts_status sts_query_history(struct sts_query *query, const char *domain, struct sts_tally *tally);

/* Calls fn for each sender domain seen since a time, the one seen last at the end, with the numbers of some of its fields. A
 * domain comes once more when it is seen meanwhile. fn returns false to end. STS_EFULL: there is no end of them. */
enum { STS_QUERY_FIELDS_MAX = 16 };
struct sts_query_walk {
	const char *fields[STS_QUERY_FIELDS_MAX];
	size_t field_count;
	int64_t since;				/* seconds */
	const char (*days)[STS_DAY_CAP];	/* sum over these; NULL: all since it was first seen */
	size_t day_count;
};
struct sts_query_row {
	char domain[STS_DOMAIN_CAP];
	int64_t last_seen;
	int64_t n[STS_QUERY_FIELDS_MAX];
};
typedef bool sts_query_row_fn(void *arg, const struct sts_query_row *row);
enum sts_status sts_query_domains(struct sts_query *query, const struct sts_query_walk *walk, sts_query_row_fn *fn, void *arg);

/* ---- evidence ---- */

enum { STS_STREAM_ID_CAP = 42 };	/* "MILLISECONDS-SEQUENCE", two 64-bit numbers */

struct sts_query_value {
	const char *name, *value;	/* value: len bytes, hostile */
	size_t len;
};
/* One entry: the fields that the milter writes, in the order of struct sts_stream_entry. */
struct sts_query_entry {
	char id[STS_STREAM_ID_CAP];
	struct sts_query_value values[STS_STREAM_FIELDS];
	size_t value_count;
};
/* A field of an entry, or NULL. */
const struct sts_query_value *sts_query_value_of(const struct sts_query_entry *entry, const char *name);
typedef bool sts_query_entry_fn(void *arg, const struct sts_query_entry *entry);

/* Where the stream ends now; "0-0" when there is none. */
enum sts_status sts_query_stream_end(struct sts_query *query, char id[STS_STREAM_ID_CAP]);
/* Whether a is before b. */
bool sts_query_id_before(const char *a, const char *b);
/* Waits up to wait_ms (which the params' timeout must exceed; 0: does not wait) for entries after id, calls fn for each, and
 * moves id on.
 * STS_ENOTFOUND: none came. */
enum sts_status sts_query_stream(struct sts_query *query, int64_t wait_ms, char id[STS_STREAM_ID_CAP],
    sts_query_entry_fn *fn, void *arg);

/* The id just before another: of all that could be, not of those that are there. "0-0" stays as it is. */
void sts_query_id_step_back(const char *id, char out[STS_STREAM_ID_CAP]);
/* The other way: calls fn for some of the entries up to id (itself included; "+": up to the end), the last one first, and moves id to
 * before them. STS_ENOTFOUND: there is none. */
enum sts_status sts_query_stream_back(struct sts_query *query, char id[STS_STREAM_ID_CAP], sts_query_entry_fn *fn, void *arg);

/* ---- the milters ---- */

/* What a node last said of itself (struct sts_store_heartbeat). */
struct sts_query_node {
	char name[256];			/* sts_conf_node; token characters only */
	int64_t seen, started;		/* seconds */
	bool enforcing, dry_run;
	int64_t tripped;		/* 0: the trip wire has not tripped */
	int64_t refused_minute;
	int64_t heard;			/* the number with the last word that it was told; 0: none */
	char version[32];		/* token characters only; "" when it does not say */
	/* what waits for Redis: messages whose counters, and rows of them; and since its start: messages counted under "other", entries
	 * missing from the stream, tries that failed */
	int64_t pending_messages, pending_rows, folded_messages, dropped_stream, retried;
};
typedef bool sts_query_node_fn(void *arg, const struct sts_query_node *node);
/* Calls fn for each node seen since, those first that were not seen for longest; at most STS_QUERY_NODES_MAX. fn returns false to end.
 * STS_ENOTFOUND: there is none. */
enum { STS_QUERY_NODES_MAX = 1000 };
enum sts_status sts_query_nodes(struct sts_query *query, int64_t since, sts_query_node_fn *fn, void *arg);

/* Tells all nodes that listen right now; *heard is how many there were. It is not written down anywhere. The words are followed by a
 * blank and a number of at most 15 digits: who has done what he is told gives a heartbeat at once, which has the number. */
#define STS_TELL_ENFORCE_RESET "enforce-reset"
#define STS_TELL_SIGN "sign"		/* nothing but that */
enum sts_status sts_query_tell(struct sts_query *query, const char *word, int64_t *heard);

/* ---- functions ---- */

enum sts_query_load { STS_LOAD_NEW, STS_LOAD_CHANGED, STS_LOAD_SAME };

/* Loads a library of functions, unless it is there already. STS_EINVAL: this Redis has no functions, it is older than 7. */
enum sts_status sts_query_load_functions(struct sts_query *query, const char *name, const char *text,
    enum sts_query_load *out);

#endif
