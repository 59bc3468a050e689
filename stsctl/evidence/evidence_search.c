/* SPDX-License-Identifier: ISC */
/* evidence_search.c - reads the stream in both directions. Knows nothing of what is searched for. */
#include "config.h"

#include "stsctl/evidence/evidence_search.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/terminal/terminal.h"

enum { SAY_EVERY = 10000 };	/* entries */

static void
show_progress(bool watched, unsigned long long seen)
{
	if (watched && seen % SAY_EVERY == 0)
		fprintf(stderr, "\r%llu messages searched", seen);
}

static void
clear_progress(bool watched, unsigned long long seen)
{
	if (watched && seen >= SAY_EVERY)
		fputs("\r\033[K", stderr);
}

/* ---- backward ---- */

struct backward {
	const struct evidence_filter *filter;
	unsigned long long wanted, found, seen;
	char start[STS_STREAM_ID_CAP];		/* no match can be at or before this entry */
	char first[STS_STREAM_ID_CAP];		/* the earliest match */
	bool done, watched;
};

static bool
look_back(void *arg, const struct sts_query_entry *entry)
{
	struct backward *backward = arg;

	if (!sts_query_id_before(backward->start, entry->id)) {
		backward->done = true;
		return false;
	}
	show_progress(backward->watched, ++backward->seen);
	if (!evidence_filter_takes(backward->filter, entry))
		return true;
	strcpy(backward->first, entry->id);
	backward->done = ++backward->found == backward->wanted;
	return !backward->done;
}

enum sts_status
evidence_search_last(struct sts_query *query, const struct evidence_filter *filter, unsigned long long count,
    char id[STS_STREAM_ID_CAP])
{
	struct backward backward = { .filter = filter, .wanted = count, .watched = terminal_is_watched() };
	char at[STS_STREAM_ID_CAP];
	enum sts_status status = STS_OK;

	evidence_filter_start(filter, backward.start);
	strcpy(at, id);
	while (status == STS_OK && !backward.done && sts_query_id_before(backward.start, at))
		status = sts_query_stream_back(query, at, look_back, &backward);
	clear_progress(backward.watched, backward.seen);
	if (backward.found > 0)
		sts_query_id_step_back(backward.first, id);
	return status == STS_ENOTFOUND ? STS_OK : status;
}

/* ---- forward ---- */

struct forward {
	sts_query_entry_fn *fn;
	void *arg;
	char end[STS_STREAM_ID_CAP];
	unsigned long long seen;
	int64_t oldest;
	bool done, watched;
};

static bool
look_on(void *arg, const struct sts_query_entry *entry)
{
	struct forward *forward = arg;

	if (sts_query_id_before(forward->end, entry->id)) {
		forward->done = true;
		return false;
	}
	if (forward->seen == 0)
		forward->oldest = evidence_time(entry);
	show_progress(forward->watched, ++forward->seen);
	forward->done = !forward->fn(forward->arg, entry);
	return !forward->done;
}

enum sts_status
evidence_search_all(struct sts_query *query, int64_t since, sts_query_entry_fn *fn, void *arg, unsigned long long *searched,
    int64_t *oldest)
{
	const struct evidence_filter from = { .since = since };
	struct forward forward = { .fn = fn, .arg = arg, .watched = terminal_is_watched() };
	char id[STS_STREAM_ID_CAP];
	enum sts_status status = sts_query_stream_end(query, forward.end);

	evidence_filter_start(&from, id);
	while (status == STS_OK && !forward.done && sts_query_id_before(id, forward.end))
		status = sts_query_stream(query, 0, id, look_on, &forward);
	clear_progress(forward.watched, forward.seen);
	*searched = forward.seen;
	*oldest = forward.oldest;
	return status == STS_ENOTFOUND ? STS_OK : status;
}
