/* SPDX-License-Identifier: ISC */
/* test_spool_state.c - records are encoded and decoded losslessly; tables of records, and what is pending by them; and files that
 * are truncated, damaged and forged. */
#include "config.h"

#include "shared-cache/spool/spool_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared-cache/spool/spool_encoding.h"

static const char incarnation[] = "0123456789abcdef0123456789abcdef";
static const char *const fields[] = { "messages", "result:pass", NULL };

/* ---- a file in a few words, each a kind and a number or numbers ----
 * V; M3: message 3; B2<5: batch 2 with messages up to 5, its row complete; b2<5: not complete; D2<5; S5; L7: a loose row of 7 messages;
 * K4: held 4; X3: entry of 3; T3-5: chunk; U3-5: chunk done; ?: damage */
static void
put_row(struct sts_spool_bytes *out, enum sts_spool_kind kind, const char *domain, long n)
{
	const struct sts_count counts[] = { { "messages", n }, { "zero", 0 } };
	const struct sts_counts_row row = { .day = "2026-11-29", .first_seen = 1, .last_seen = 2, .messages = (uint64_t)n,
		.field_count = 2, .fields = counts };
	struct sts_counts_row named = row;

	strcpy(named.domain, domain);
	sts_spool_put_row(out, kind, &named);
}

static void
put_message(struct sts_spool_bytes *out, uint64_t index)
{
	struct sts_mail_record record = { .message = { .domain = "a.example", .now = 1754740800, .plaintext = true, .stranger = true,
		.total_fields = fields, .domain_fields = fields }, .entry = { .field_count = 2 } };
	char value[24];

	snprintf(value, sizeof(value), "%llu", (unsigned long long)index);
	record.entry.fields[0].name = "ts";
	record.entry.fields[0].value = value;
	record.entry.fields[1].name = "reason";
	record.entry.fields[1].value = "";
	sts_spool_put_message(out, index, &record);
}

static void
put_entry(struct sts_spool_bytes *out, uint64_t index)
{
	char value[24];
	const struct sts_stream_entry entry = { .field_count = 1, .fields = { { "ts", value } }, .index = index };

	snprintf(value, sizeof(value), "%llu", (unsigned long long)index);
	sts_spool_put_entry(out, &entry);
}

static void
put_batch(struct sts_spool_bytes *out, struct sts_spool_mark *mark, bool complete)
{
	mark->first = 1;
	sts_spool_put_mark(out, STS_SPOOL_BATCH, mark);
	put_row(out, STS_SPOOL_ROW, "", (long)mark->sequence);
	if (complete)
		sts_spool_put_mark(out, STS_SPOOL_COMPLETE, mark);
}

static void
put_damage(struct sts_spool_bytes *out)
{
	size_t at = out->len;

	put_message(out, 999);
	out->data[at + STS_SPOOL_FRAME + 3] ^= 0x40;
}

static void
put_word(struct sts_spool_bytes *out, const char *word)
{
	char *rest;
	struct sts_spool_mark mark = { .sequence = 0 };
	uint64_t n = strtoull(word + 1, &rest, 10), m = *rest != '\0' ? strtoull(rest + 1, NULL, 10) : 0;

	strcpy(mark.incarnation, incarnation);
	mark.sequence = n;
	mark.last = m;
	switch (word[0]) {
	case 'V': sts_spool_put_version(out); break;
	case 'M': put_message(out, n); break;
	case 'X': put_entry(out, n); break;
	case 'B': put_batch(out, &mark, true); break;
	case 'b': put_batch(out, &mark, false); break;
	case 'D': sts_spool_put_mark(out, STS_SPOOL_DONE, &mark); break;
	case 'S': mark.last = n; sts_spool_put_mark(out, STS_SPOOL_BASE, &mark); break;
	case 'L': put_row(out, STS_SPOOL_LOOSE, "", (long)n); break;
	case 'K': put_row(out, STS_SPOOL_HELD, "other", (long)n); break;
	case 'T': mark.sequence = 1; mark.first = n; sts_spool_put_mark(out, STS_SPOOL_CHUNK, &mark); break;
	case 'U': mark.sequence = 1; mark.first = n; sts_spool_put_mark(out, STS_SPOOL_CHUNK_DONE, &mark); break;
	case '?': put_damage(out); break;
	default: abort();
	}
}

static void
put_file(struct sts_spool_bytes *out, const char *text)
{
	char copy[256], *save = NULL;

	memset(out, 0, sizeof(*out));
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		put_word(out, word);
	assert_false(out->failed);
}

/* Describes what is pending in the same words: B2<5, L7, M3, X3, T3-5. */
static void
describe(const struct sts_spool_state *state, char out[512])
{
	size_t len = 0;

	out[0] = '\0';
	for (const struct sts_spool_batch *b = state->batches; b != NULL; b = b->next)
		len += (size_t)snprintf(out + len, 512 - len, "B%llu<%llu ", (unsigned long long)b->mark.sequence,
		    (unsigned long long)b->mark.last);
	for (size_t i = 0; i < state->loose.count; i++)
		len += (size_t)snprintf(out + len, 512 - len, "%s%llu ", state->loose.rows[i].domain[0] == '\0' ? "L" : "K",
		    (unsigned long long)state->loose.rows[i].messages);
	if (state->has_chunk)
		len += (size_t)snprintf(out + len, 512 - len, "T%llu-%llu ", (unsigned long long)state->chunk.first,
		    (unsigned long long)state->chunk.last);
	for (size_t i = 0; i < state->entry_count; i++)
		len += (size_t)snprintf(out + len, 512 - len, "X%llu ", (unsigned long long)state->entries[i].index);
	for (const struct sts_mail_record *r = state->messages; r != NULL; r = r->next)
		len += (size_t)snprintf(out + len, 512 - len, "%s%llu ", r->entry.field_count > 0 ? "M" : "m", (unsigned long long)r->entry.index);
	if (len > 0)
		out[len - 1] = '\0';
}

static const struct {
	const char *file, *pending;
	size_t damages, left_out;
} files[] = {
	{ "", "", 0, 0 },
	{ "V", "", 0, 0 },
	{ "V M1 M2", "M1 M2", 0, 0 },
	/* messages in a batch; entries are in no batch */
	{ "V M1 M2 B1<2", "B1<2 X1 X2", 0, 0 },
	{ "V M1 M2 M3 B1<2", "B1<2 X1 X2 M3", 0, 0 },
	{ "V M1 M2 B1<2 M3", "B1<2 X1 X2 M3", 0, 0 },
	{ "V M1 B1<1 D1<1", "X1", 0, 0 },
	{ "V M1 B1<1 T1-1", "B1<1 T1-1 X1", 0, 0 },
	{ "V M1 B1<1 D1<1 T1-1 U1-1", "", 0, 0 },
	{ "V M1 M2 T1-1 U1-1", "m1 M2", 0, 0 },
	{ "V M1 M2 M3 B1<3 D1<3 T1-2 U1-2 T3-3", "T3-3 X3", 0, 0 },
	/* an incomplete batch has not been sent */
	{ "V M1 M2 b1<2", "M1 M2", 0, 0 },
	{ "V M1 M2 b1<2 B1<2", "B1<2 X1 X2", 0, 0 },
	{ "V M1 M2 b1<2 M3", "M1 M2 M3", 0, 0 },
	/* several batches, of several processes */
	{ "V B1<3 B2<5 S5", "B1<3 B2<5", 0, 0 },
	{ "V B1<3 B2<5 S5 D1<3", "B2<5", 0, 0 },
	{ "V B1<3 B2<5 S5 D1<3 D2<5", "", 0, 0 },
	{ "V D7<5", "", 0, 0 },
	/* a snapshot, and after it */
	{ "V S5 L7 K2", "L7 K2", 0, 0 },
	{ "V S5 L7 K2 M6", "L7 K2 M6", 0, 0 },
	{ "V B1<3 S5 L7 K2 M6", "B1<3 L7 K2 M6", 0, 0 },
	{ "V S5 L7 M6 M7 B2<6", "B2<6 X6 M7", 0, 0 },
	{ "V S5 L7 M6 B2<6 D2<6 M7", "X6 M7", 0, 0 },
	{ "V S5 T3-4 X3 X4 X5 M6", "T3-4 X3 X4 X5 M6", 0, 0 },
	{ "V S5 T3-4 X3 X4 X5 U3-4", "X5", 0, 0 },
	/* damage: what later records tell is known; the rest might be in Redis */
	{ "M1", "", 1, 1 },
	{ "V M1 ? M2", "M2", 1, 1 },
	{ "V M1 M2 B1<2 ? M3", "B1<2 M3", 1, 0 },
	{ "V M1 ? M2 B1<2", "B1<2 X2", 1, 0 },
	{ "V M1 ? M2 M3 B1<2 T1-1", "B1<2 T1-1 X1 X2 M3", 1, 0 },
	{ "V S5 L7 ? M6", "M6", 1, 0 },
	{ "V M1 ?", "", 1, 1 },
	/* the largest number: the next one would count as sent */
	{ "V M1 M18446744073709551615", "", 1, 1 },
	{ "V S18446744073709551615 M1", "M1", 1, 0 },
	{ "V X18446744073709551615", "", 1, 0 },
};

static void
test_what_is_pending(void **state)
{
	struct sts_spool_state s;
	struct sts_spool_bytes bytes;
	char pending[512];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		put_file(&bytes, files[i].file);
		assert_int_equal(sts_spool_state_read(bytes.data, bytes.len, &s), STS_OK);
		describe(&s, pending);
		if (strcmp(pending, files[i].pending) != 0 || s.damages != files[i].damages || s.left_out != files[i].left_out)
			fail_msg("%s: %s, %zu damages, %zu left out", files[i].file, pending, s.damages, s.left_out);
		sts_spool_state_fini(&s);
		sts_spool_bytes_fini(&bytes);
	}
}

static void
test_all_of_a_message(void **state)
{
	struct sts_spool_state s;
	struct sts_spool_bytes bytes;
	const struct sts_mail_record *r;

	(void)state;
	put_file(&bytes, "V M7 B1<7 M8");
	assert_int_equal(sts_spool_state_read(bytes.data, bytes.len, &s), STS_OK);
	r = s.messages;
	assert_string_equal(r->message.domain, "a.example");
	assert_int_equal(r->message.now, 1754740800);
	assert_true(r->message.plaintext && r->message.stranger && !r->message.own_tls && !r->message.own_plaintext);
	assert_string_equal(r->message.total_fields[1], "result:pass");
	assert_null(r->message.total_fields[2]);
	assert_string_equal(r->message.domain_fields[0], "messages");
	assert_string_equal(r->entry.fields[0].value, "8");
	assert_string_equal(r->entry.fields[1].value, "");
	assert_int_equal(s.last_index, 8);
	assert_string_equal(s.batches->mark.incarnation, incarnation);
	assert_int_equal(s.batches->rows.rows[0].field_count, 1);	/* without the field of 0 */
	assert_string_equal(s.batches->rows.rows[0].day, "2026-11-29");
	sts_spool_state_fini(&s);
	sts_spool_bytes_fini(&bytes);
}

/* ---- truncated, damaged, forged ---- */

static void
test_cut_anywhere(void **state)
{
	struct sts_spool_state s;
	struct sts_spool_bytes bytes;

	(void)state;
	put_file(&bytes, "V M1 M2 B1<2 M3 T1-2");
	for (size_t len = 0; len <= bytes.len; len++) {
		assert_int_equal(sts_spool_state_read(bytes.data, len, &s), STS_OK);
		/* An incomplete first record is not a version. */
		assert_int_equal(s.damages, 0);
		assert_int_equal(s.left_out, 0);
		sts_spool_state_fini(&s);
	}
	sts_spool_bytes_fini(&bytes);
}

static unsigned
draw(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

/* Every bit of a file, flipped in turn: nothing is counted twice. */
static void
test_bent_anywhere(void **state)
{
	struct sts_spool_state s;
	struct sts_spool_bytes bytes;

	(void)state;
	put_file(&bytes, "V M1 M2 B1<2 D1<2 M3 T1-2 B2<3");
	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		bytes.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_int_equal(sts_spool_state_read(bytes.data, bytes.len, &s), STS_OK);
		assert_true(s.damages > 0 || s.torn > 0);
		for (const struct sts_mail_record *r = s.messages; r != NULL; r = r->next)
			assert_int_equal(r->entry.index, 3);	/* the others are in a batch, or in doubt */
		sts_spool_state_fini(&s);
		bytes.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	sts_spool_bytes_fini(&bytes);
}

/* The last record is damaged, not cut: too large a length must not look like a torn end, or what the record declares to be in a
 * batch would be pending again. */
static void
test_bent_at_the_end(void **state)
{
	struct sts_spool_state s;
	struct sts_spool_bytes bytes;
	size_t last;

	(void)state;
	put_file(&bytes, "V M1 b1<1");
	last = bytes.len;
	sts_spool_bytes_fini(&bytes);
	put_file(&bytes, "V M1 B1<1");
	for (size_t bit = 8 * last; bit < 8 * bytes.len; bit++) {
		bytes.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_int_equal(sts_spool_state_read(bytes.data, bytes.len, &s), STS_OK);
		if (s.messages != NULL || s.damages == 0)
			fail_msg("bit %zu of the record: %zu damages, %zu bytes torn", bit - 8 * last, s.damages, s.torn);
		sts_spool_state_fini(&s);
		bytes.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	sts_spool_bytes_fini(&bytes);
}

/* Puts a new frame around some bytes. */
static void
frame_anew(struct sts_spool_bytes *out, unsigned char kind, const unsigned char *data, size_t len)
{
	const struct sts_spool_bytes content = { .data = (unsigned char *)(uintptr_t)data, .len = len };
	unsigned char frame[STS_SPOOL_FRAME] = { 0 };
	const struct sts_spool_bytes head = { .data = frame, .len = sizeof(frame) };

	sts_spool_store(frame, len, 4);
	frame[4] = kind;
	sts_spool_store(frame + 8, sts_spool_sum(frame, data, len), 8);
	sts_spool_put_raw(out, &head);
	sts_spool_put_raw(out, &content);
}

/* Records with valid checksums and arbitrary contents, against which checksums do not help. */
static void
test_made_up(void **state)
{
	static const char kinds[] = "VMBRKCDSLXTU";
	struct sts_spool_state s;
	struct sts_spool_bytes bytes, one;
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char word[] = { kinds[draw(&seed) % 12], '3', '-', '5', '\0' };
		size_t at;

		put_file(&bytes, "V M1 b1<2");
		put_file(&one, strchr("RKC", word[0]) != NULL ? "M3" : word);
		at = STS_SPOOL_FRAME + draw(&seed) % (one.len - STS_SPOOL_FRAME);
		for (unsigned n = draw(&seed) % 4; n > 0; n--)
			one.data[STS_SPOOL_FRAME + draw(&seed) % (one.len - STS_SPOOL_FRAME)] = (unsigned char)draw(&seed);
		if (draw(&seed) % 4 == 0)
			one.len = at;
		frame_anew(&bytes, (unsigned char)word[0], one.data + STS_SPOOL_FRAME, one.len - STS_SPOOL_FRAME);
		assert_int_equal(sts_spool_state_read(bytes.data, bytes.len, &s), STS_OK);
		for (const struct sts_mail_record *r = s.messages; r != NULL; r = r->next)
			assert_true(strlen(r->message.domain) < STS_DOMAIN_CAP);
		sts_spool_state_fini(&s);
		sts_spool_bytes_fini(&one);
		sts_spool_bytes_fini(&bytes);
	}
}

/* Everywhere frames that announce more than there is: reading must still come to an end. */
static void
test_many_false_beginnings(void **state)
{
	size_t len = 1 << 20;
	unsigned char *bytes = calloc(1, len);
	struct sts_spool_state s;

	(void)state;
	for (size_t i = 0; i + 8 < len; i += 8) {
		bytes[i + 2] = 4;
		bytes[i + 4] = 'M';
	}
	assert_int_equal(sts_spool_state_read(bytes, len, &s), STS_OK);
	assert_true(s.damages > 0);
	assert_null(s.messages);
	sts_spool_state_fini(&s);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_pending),
		cmocka_unit_test(test_all_of_a_message),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_bent_anywhere),
		cmocka_unit_test(test_bent_at_the_end),
		cmocka_unit_test(test_made_up),
		cmocka_unit_test(test_many_false_beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
