/* SPDX-License-Identifier: ISC */
/*
 * query.h - reads the store for people: counters, domains, evidence; and loads the functions for redis-cli.
 *
 * store.h is the milter's: a circuit breaker, batches, no waiting. Here a person waits for the answer, so a call tries once and
 * says why it failed. Everything read is validated; what the milter cannot have written is left out.
 * Only sts_query_load_functions writes; sts_query_tell publishes, and leaves nothing behind.
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
	const struct sts_endpoint *endpoint;	/* not STS_ENDPOINT_NONE */
	const char *username, *password;	/* "" for none */
	const char *prefix;
	int64_t db;
	int64_t timeout_ms;			/* for one exchange */
};

/* Does not connect yet; copies what params points to. */
enum sts_status sts_query_new(const struct sts_query_params *params, struct sts_query **out);
void sts_query_free(struct sts_query **query);
/* Why the last call returned STS_EUNAVAILABLE or STS_EINVAL; escaped, a few words. */
const char *sts_query_why(const struct sts_query *query);

/* Each call may also return STS_ENOMEM, and STS_EUNAVAILABLE: no reply, or an unusable one. */

/* Adds the totals (day NULL) or those of a day to *tally. STS_ENOTFOUND: there are none. STS_EFULL: as sts_tally_take. */
enum sts_status sts_query_stats(struct sts_query *query, const char *day, struct sts_tally *tally);
/* The same for a sender domain. */
enum sts_status sts_query_domain(struct sts_query *query, const char *domain, const char *day, struct sts_tally *tally);

/* Reads the hash of a domain's history; sts_history_take tells which of its fields are history. */
enum sts_status sts_query_history(struct sts_query *query, const char *domain, struct sts_tally *tally);

/* Calls fn for each sender domain seen since a time, the most recently seen last, with the values of some fields. A domain that
 * is seen meanwhile comes once more. fn returns false to stop. STS_EFULL: it does not end. */
enum { STS_QUERY_FIELDS_MAX = 16 };
struct sts_query_walk {
	const char *fields[STS_QUERY_FIELDS_MAX];
	size_t field_count;
	int64_t since;				/* seconds */
	const char (*days)[STS_DAY_CAP];	/* sum over these; NULL: since the domain was first seen */
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

/* The id of the stream's last entry; "0-0" when there is none. */
enum sts_status sts_query_stream_end(struct sts_query *query, char id[STS_STREAM_ID_CAP]);
/* Whether a is before b. */
bool sts_query_id_before(const char *a, const char *b);
/* Waits up to wait_ms (less than the params' timeout; 0: does not wait) for entries after id, calls fn for each, and advances
 * id. STS_ENOTFOUND: none came. */
enum sts_status sts_query_stream(struct sts_query *query, int64_t wait_ms, char id[STS_STREAM_ID_CAP],
    sts_query_entry_fn *fn, void *arg);

/* The greatest possible id before the given one, whether or not there is such an entry. "0-0" stays as it is. */
void sts_query_id_step_back(const char *id, char out[STS_STREAM_ID_CAP]);
/* Backwards: calls fn for some of the entries up to and including id ("+": up to the end), the last one first, and moves id
 * before them. STS_ENOTFOUND: there is none. */
enum sts_status sts_query_stream_back(struct sts_query *query, char id[STS_STREAM_ID_CAP], sts_query_entry_fn *fn, void *arg);

/* ---- the milters ---- */

/* A node's latest heartbeat (struct sts_store_heartbeat). */
struct sts_query_node {
	char name[256];			/* sts_conf_node; token characters only */
	int64_t seen, started;		/* seconds */
	bool enforcing, dry_run;
	int64_t tripped;		/* 0: the trip wire has not tripped */
	int64_t refused_minute;
	int64_t heard;			/* the number of the last command that it received; 0: none */
	char version[32];		/* token characters only; "": not reported */
	/* waiting for Redis: messages whose counters are not written, and rows; since the start: messages counted under "other",
	 * entries missing from the stream, failed attempts */
	int64_t pending_messages, pending_rows, folded_messages, dropped_stream, retried;
};
typedef bool sts_query_node_fn(void *arg, const struct sts_query_node *node);
/* Calls fn for each node seen since then, the least recently seen first; at most STS_QUERY_NODES_MAX. fn returns false to stop.
 * STS_ENOTFOUND: there is none. */
enum { STS_QUERY_NODES_MAX = 1000 };
enum sts_status sts_query_nodes(struct sts_query *query, int64_t since, sts_query_node_fn *fn, void *arg);

/* Publishes a command to all nodes that listen now; *heard is their number. It is not stored. The word is followed by a blank
 * and a number of at most 15 digits: a node that has obeyed sends a heartbeat with the number at once. */
#define STS_TELL_ENFORCE_RESET "enforce-reset"
#define STS_TELL_SIGN "sign"		/* only asks for the heartbeat */
enum sts_status sts_query_tell(struct sts_query *query, const char *word, int64_t *heard);

/* ---- functions ---- */

enum sts_query_load { STS_LOAD_NEW, STS_LOAD_CHANGED, STS_LOAD_SAME };

/* Loads a library of functions, unless it is there already. STS_EINVAL: this Redis is older than 7, and has no functions. */
enum sts_status sts_query_load_functions(struct sts_query *query, const char *name, const char *text,
    enum sts_query_load *out);

#endif
