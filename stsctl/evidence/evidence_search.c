/* SPDX-License-Identifier: ISC */
/* evidence_search.c - walks along the stream, back and forth. Knows nothing of what is looked for. */
#include "config.h"

#include "stsctl/evidence/evidence_search.h"

#include <stdio.h>
#include <string.h>

#include "stsctl/terminal/terminal.h"

enum { SAY_EVERY = 10000 };	/* entries */

static void
say_how_far(bool watched, unsigned long long seen)
{
	if (watched && seen % SAY_EVERY == 0)
		fprintf(stderr, "\r%llu messages searched", seen);
}

static void
wipe(bool watched, unsigned long long seen)
{
	if (watched && seen >= SAY_EVERY)
		fputs("\r\033[K", stderr);
}

/* ---- back ---- */

struct back {
	const struct evidence_filter *filter;
	unsigned long long wanted, found, seen;
	char start[STS_STREAM_ID_CAP];		/* up to this one there can be none */
	char first[STS_STREAM_ID_CAP];		/* the earliest that was found */
	bool done, watched;
};

static bool
look_back(void *arg, const struct sts_query_entry *entry)
{
	struct back *back = arg;

	if (!sts_query_id_before(back->start, entry->id)) {
		back->done = true;
		return false;
	}
	say_how_far(back->watched, ++back->seen);
	if (!evidence_filter_takes(back->filter, entry))
		return true;
	strcpy(back->first, entry->id);
	back->done = ++back->found == back->wanted;
	return !back->done;
}

enum sts_status
evidence_search_last(struct sts_query *query, const struct evidence_filter *filter, unsigned long long count,
    char id[STS_STREAM_ID_CAP])
{
	struct back back = { .filter = filter, .wanted = count, .watched = terminal_is_watched() };
	char at[STS_STREAM_ID_CAP];
	enum sts_status status = STS_OK;

	evidence_filter_start(filter, back.start);
	strcpy(at, id);
	while (status == STS_OK && !back.done && sts_query_id_before(back.start, at))
		status = sts_query_stream_back(query, at, look_back, &back);
	wipe(back.watched, back.seen);
	if (back.found > 0)
		sts_query_id_step_back(back.first, id);
	return status == STS_ENOTFOUND ? STS_OK : status;
}

/* ---- forth ---- */

struct forth {
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
	struct forth *forth = arg;

	if (sts_query_id_before(forth->end, entry->id)) {
		forth->done = true;
		return false;
	}
	if (forth->seen == 0)
		forth->oldest = evidence_time(entry);
	say_how_far(forth->watched, ++forth->seen);
	forth->done = !forth->fn(forth->arg, entry);
	return !forth->done;
}

enum sts_status
evidence_search_all(struct sts_query *query, int64_t since, sts_query_entry_fn *fn, void *arg, unsigned long long *searched,
    int64_t *oldest)
{
	const struct evidence_filter from = { .since = since };
	struct forth forth = { .fn = fn, .arg = arg, .watched = terminal_is_watched() };
	char id[STS_STREAM_ID_CAP];
	enum sts_status status = sts_query_stream_end(query, forth.end);

	evidence_filter_start(&from, id);
	while (status == STS_OK && !forth.done && sts_query_id_before(id, forth.end))
		status = sts_query_stream(query, 0, id, look_on, &forth);
	wipe(forth.watched, forth.seen);
	*searched = forth.seen;
	*oldest = forth.oldest;
	return status == STS_ENOTFOUND ? STS_OK : status;
}
