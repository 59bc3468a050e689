/* SPDX-License-Identifier: ISC */
/* spool_state.c - works out what is pending from the records in their order. Knows neither files nor Redis. */
#include "config.h"

#include "shared-cache/spool/spool_state.h"

#include <stdlib.h>
#include <string.h>

enum {
	DAMAGES_MAX = 100,	/* with more, the rest of the file is given up */
	FIRST_CAP = 64,
};

/* A message or an entry; decoded later, if it is still pending. */
struct place {
	struct sts_spool_frame frame;
	uint64_t index;
	size_t damages;		/* number of damaged places before it */
};

struct scan {
	struct sts_spool_state *state;
	struct place *places;
	size_t place_count, place_cap;
	struct sts_spool_batch *building;	/* NULL between batches */
	struct sts_spool_rows held, held_building;
	uint64_t counted;	/* messages up to this number are in a batch or in loose rows */
	uint64_t sent;		/* entries up to this number are in the stream */
	size_t sound;		/* damaged places before the last record that says what is counted */
	size_t sound_entries;	/* damaged places before the last record that says what is in the stream */
	bool no_memory;
};

/* ---- rows ---- */

static void
rows_fini(struct sts_spool_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free((void *)(uintptr_t)rows->rows[i].fields);
	free(rows->rows);
	memset(rows, 0, sizeof(*rows));
}

void
sts_spool_batch_free(struct sts_spool_batch *batch)
{
	if (batch == NULL)
		return;
	rows_fini(&batch->rows);
	free(batch);
}

static bool
grow(void **array, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap > 0 ? 2 * *cap : FIRST_CAP;
	void *grown;

	if (count < *cap)
		return true;
	if ((grown = realloc(*array, more * size)) == NULL)
		return false;
	*array = grown;
	*cap = more;
	return true;
}

static bool
add_row(struct scan *s, struct sts_spool_rows *rows, const struct sts_spool_frame *frame)
{
	struct sts_counts_row row;
	void *array = rows->rows;

	if (!sts_spool_get_row(frame, &s->no_memory, &row))
		return false;
	if (!grow(&array, rows->count, &rows->cap, sizeof(row))) {
		free((void *)(uintptr_t)row.fields);
		s->no_memory = true;
		return false;
	}
	rows->rows = array;
	rows->rows[rows->count++] = row;
	return true;
}

/* ---- batches ---- */

static void
drop_building(struct scan *s)
{
	sts_spool_batch_free(s->building);
	s->building = NULL;
	rows_fini(&s->held_building);
}

static bool
begin_batch(struct scan *s, const struct sts_spool_frame *frame)
{
	drop_building(s);
	s->building = calloc(1, sizeof(*s->building));
	s->no_memory = s->building == NULL;
	return s->building != NULL && sts_spool_get_mark(frame, &s->building->mark);
}

static bool
is_same(const struct sts_spool_mark *a, const struct sts_spool_mark *b)
{
	return a->sequence == b->sequence && strcmp(a->incarnation, b->incarnation) == 0;
}

/* `first' in its mark is the number of its rows: a batch with a damaged row must not pass for complete. */
static bool
complete_batch(struct scan *s, const struct sts_spool_frame *frame)
{
	struct sts_spool_batch **end = &s->state->batches, *batch = s->building;
	struct sts_spool_mark mark;

	if (!sts_spool_get_mark(frame, &mark))
		return false;
	if (mark.last > s->counted)
		s->counted = mark.last;
	s->sound = s->state->damages;
	/* The loose rows are in the batch now. */
	rows_fini(&s->state->loose);
	rows_fini(&s->held);
	s->held = s->held_building;
	memset(&s->held_building, 0, sizeof(s->held_building));
	s->building = NULL;
	if (batch == NULL || !is_same(&batch->mark, &mark) || batch->rows.count != mark.first) {
		sts_spool_batch_free(batch);
		return false;
	}
	batch->mark = mark;
	while (*end != NULL)
		end = &(*end)->next;
	*end = batch;
	return true;
}

static bool
batch_is_done(struct scan *s, const struct sts_spool_frame *frame)
{
	struct sts_spool_mark mark;
	struct sts_spool_batch **at = &s->state->batches, *batch;

	if (!sts_spool_get_mark(frame, &mark))
		return false;
	if (mark.last > s->counted)
		s->counted = mark.last;
	s->sound = s->state->damages;
	while (*at != NULL && !is_same(&(*at)->mark, &mark))
		at = &(*at)->next;
	if ((batch = *at) != NULL) {
		*at = batch->next;
		sts_spool_batch_free(batch);
	}
	return true;
}

static bool
set_base(struct scan *s, const struct sts_spool_frame *frame)
{
	struct sts_spool_mark mark;

	if (!sts_spool_get_mark(frame, &mark))
		return false;
	rows_fini(&s->state->loose);
	rows_fini(&s->held);
	s->counted = s->state->last_index = mark.last;
	s->sound = s->sound_entries = s->state->damages;
	return true;
}

/* ---- messages and entries ---- */

static bool
note_place(struct scan *s, const struct sts_spool_frame *frame)
{
	void *array = s->places;
	uint64_t index;

	if (!sts_spool_get_index(frame, &index))
		return false;
	if (!grow(&array, s->place_count, &s->place_cap, sizeof(*s->places))) {
		s->no_memory = true;
		return false;
	}
	s->places = array;
	s->places[s->place_count++] = (struct place){ *frame, index, s->state->damages };
	if (index > s->state->last_index)
		s->state->last_index = index;
	return true;
}

static bool
set_chunk(struct scan *s, const struct sts_spool_frame *frame)
{
	struct sts_spool_mark mark;

	if (!sts_spool_get_mark(frame, &mark))
		return false;
	s->state->has_chunk = true;
	s->state->chunk = mark;
	if (mark.first > 0 && mark.first - 1 > s->sent)
		s->sent = mark.first - 1;
	s->sound_entries = s->state->damages;
	return true;
}

static bool
chunk_is_done(struct scan *s, const struct sts_spool_frame *frame)
{
	struct sts_spool_mark mark;

	if (!sts_spool_get_mark(frame, &mark))
		return false;
	s->state->has_chunk = false;
	if (mark.last > s->sent)
		s->sent = mark.last;
	s->sound_entries = s->state->damages;
	return true;
}

/* ---- the file ---- */

static bool
take(struct scan *s, const struct sts_spool_frame *frame)
{
	switch (frame->kind) {
	case STS_SPOOL_VERSION:
		return sts_spool_is_version(frame);
	case STS_SPOOL_MESSAGE:
	case STS_SPOOL_ENTRY:
		return note_place(s, frame);
	case STS_SPOOL_BATCH:
		return begin_batch(s, frame);
	case STS_SPOOL_ROW:
		return s->building != NULL && add_row(s, &s->building->rows, frame);
	case STS_SPOOL_HELD:
		return add_row(s, s->building != NULL ? &s->held_building : &s->held, frame);
	case STS_SPOOL_COMPLETE:
		return complete_batch(s, frame);
	case STS_SPOOL_DONE:
		return batch_is_done(s, frame);
	case STS_SPOOL_BASE:
		return set_base(s, frame);
	case STS_SPOOL_LOOSE:
		return add_row(s, &s->state->loose, frame);
	case STS_SPOOL_CHUNK:
		return set_chunk(s, frame);
	case STS_SPOOL_CHUNK_DONE:
		return chunk_is_done(s, frame);
	}
	return false;
}

static void
scan_records(struct scan *s, const unsigned char *bytes, size_t len)
{
	enum sts_spool_next next;
	struct sts_spool_frame frame;
	size_t at = 0, begins = 0;

	while (s->state->damages < DAMAGES_MAX && !s->no_memory &&
	    (next = sts_spool_next(bytes, len, &at, &frame)) != STS_SPOOL_END) {
		if (next == STS_SPOOL_TORN)
			s->state->torn = len - begins;
		else if (next == STS_SPOOL_DAMAGED || (!take(s, &frame) && !s->no_memory))
			s->state->damages++;
		/* A file begins with a version record. */
		if (begins == 0 && (next != STS_SPOOL_FOUND || frame.kind != STS_SPOOL_VERSION) && next != STS_SPOOL_TORN)
			s->state->damages += 1;
		begins = at;
	}
	drop_building(s);
}

/* ---- what is still pending ---- */

static bool
add_entry(struct scan *s, const struct sts_stream_entry *entry)
{
	struct sts_spool_state *state = s->state;
	void *array = state->entries;

	if (!grow(&array, state->entry_count, &state->entry_cap, sizeof(*entry))) {
		s->no_memory = true;
		return false;
	}
	state->entries = array;
	state->entries[state->entry_count++] = *entry;
	return true;
}

static bool
read_entry(struct scan *s, const struct place *place)
{
	struct sts_stream_entry entry;
	struct sts_mail_record *record;

	if (place->frame.kind == STS_SPOOL_ENTRY) {
		if (!sts_spool_get_entry(&place->frame, &s->no_memory, &entry))
			return false;
	} else {
		if (!sts_spool_get_message(&place->frame, &s->no_memory, &record))
			return false;
		entry = record->entry;
	}
	if (entry.field_count > 0 && add_entry(s, &entry))
		return true;
	free(entry.block);
	return entry.field_count == 0;
}

/* Whether there is damage after it, and no later record that tells whether it is in Redis. */
static bool
is_in_doubt(const struct place *place, size_t damages, size_t sound)
{
	return damages > sound && place->damages < damages;
}

static bool
read_message(struct scan *s, const struct place *place, bool with_entry, struct sts_mail_record ***end)
{
	struct sts_mail_record *record;

	if (!sts_spool_get_message(&place->frame, &s->no_memory, &record))
		return false;
	if (!with_entry)
		record->entry.field_count = 0;
	record->next = NULL;
	**end = record;
	*end = &record->next;
	s->state->message_count++;
	return true;
}

static void
read_places(struct scan *s)
{
	struct sts_mail_record **end = &s->state->messages;
	size_t damages = s->state->damages;

	for (size_t i = 0; i < s->place_count && !s->no_memory; i++) {
		const struct place *place = &s->places[i];
		bool with_entry = place->index > s->sent && !is_in_doubt(place, damages, s->sound_entries), good = true;
		bool is_loose = place->frame.kind == STS_SPOOL_MESSAGE && place->index > s->counted;

		if (is_loose && is_in_doubt(place, damages, s->sound))
			s->state->left_out++;
		else if (is_loose)
			good = read_message(s, place, with_entry, &end);
		else if (with_entry)
			good = read_entry(s, place);
		if (!good && !s->no_memory)
			s->state->damages++;
	}
	if (damages > s->sound) {
		rows_fini(&s->state->loose);
		rows_fini(&s->held);
	}
}

/* Counts held messages under `other', as at every end of a process. */
static bool
settle_held(struct scan *s)
{
	struct sts_spool_rows *loose = &s->state->loose;

	for (; s->held.count > 0; s->held.count--) {
		void *array = loose->rows;

		if (!grow(&array, loose->count, &loose->cap, sizeof(*loose->rows)))
			return false;
		loose->rows = array;
		loose->rows[loose->count++] = s->held.rows[s->held.count - 1];
	}
	return true;
}

enum sts_status
sts_spool_state_read(const unsigned char *bytes, size_t len, struct sts_spool_state *out)
{
	struct scan s = { .state = out };

	memset(out, 0, sizeof(*out));
	scan_records(&s, bytes, len);
	if (!s.no_memory)
		read_places(&s);
	if (!s.no_memory && !settle_held(&s))
		s.no_memory = true;
	rows_fini(&s.held);
	free(s.places);
	if (!s.no_memory)
		return STS_OK;
	sts_spool_state_fini(out);
	return STS_ENOMEM;
}

void
sts_spool_state_fini(struct sts_spool_state *state)
{
	struct sts_spool_batch *batch;
	struct sts_mail_record *record;

	while ((batch = state->batches) != NULL) {
		state->batches = batch->next;
		sts_spool_batch_free(batch);
	}
	while ((record = state->messages) != NULL) {
		state->messages = record->next;
		free(record);
	}
	for (size_t i = 0; i < state->entry_count; i++)
		free(state->entries[i].block);
	free(state->entries);
	rows_fini(&state->loose);
	memset(state, 0, sizeof(*state));
}
