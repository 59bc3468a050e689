/* SPDX-License-Identifier: ISC */
/* test_unpack.c - attachments: gzip, zip and plain; whole, damaged, too big, and without memory. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zip.h>
#include <zlib.h>

#include "shared-cache/tlsreport/report.h"
#include "stsctl/intake/unpack.h"
#include "tests/fake/starve.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct bytes {
	unsigned char *data;
	size_t len;
};

/* ---- making ---- */

static struct bytes
gzipped(const char *text, size_t len)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)text, .avail_in = (uInt)len };
	struct bytes out = { malloc(len + 1000), 0 };

	assert_non_null(out.data);
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = out.data;
	z.avail_out = (uInt)(len + 1000);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.len = len + 1000 - z.avail_out;
	deflateEnd(&z);
	return out;
}

struct file {
	const char *name, *text;
	size_t len;		/* 0: the text's */
};

static struct bytes
zipped(const struct file *files, size_t count)
{
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	struct bytes out = { NULL, 0 };
	zip_stat_t stat;

	assert_non_null(zip);
	zip_source_keep(source);
	for (size_t i = 0; i < count; i++) {
		size_t len = files[i].len > 0 ? files[i].len : strlen(files[i].text);

		assert_true(zip_file_add(zip, files[i].name, zip_source_buffer(zip, files[i].text, len, 0), 0) >= 0);
	}
	assert_int_equal(zip_close(zip), 0);
	assert_int_equal(zip_source_stat(source, &stat), 0);
	out.len = (size_t)stat.size;
	assert_non_null(out.data = malloc(out.len));
	assert_int_equal(zip_source_open(source), 0);
	assert_int_equal(zip_source_read(source, out.data, out.len), stat.size);
	zip_source_close(source);
	zip_source_free(source);
	return out;
}

static char *
filled(size_t len, char first, char rest)
{
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, rest, len);
	text[0] = first;
	return text;
}

/* ---- taking ---- */

struct taken {
	size_t count, bytes;
	char names[200];
	enum sts_status answer;
};

static enum sts_status
take(void *arg, const char *name, const char *text, size_t len)
{
	struct taken *taken = arg;

	taken->count++;
	taken->bytes += len;
	snprintf(taken->names + strlen(taken->names), sizeof(taken->names) - strlen(taken->names), "%s:%c ", name != NULL ? name : "-",
	    text[strspn(text, " \t\r\n\xef\xbb\xbf")]);
	return taken->answer;
}

static void
check(const char *what, const void *bytes, size_t len, enum unpack_kind want, const char *names)
{
	struct taken taken = { .answer = STS_OK };
	enum unpack_kind kind;

	assert_int_equal(unpack(bytes, len, take, &taken, &kind), STS_OK);
	if (kind != want || strcmp(taken.names, names) != 0)
		fail_msg("%s: %s, %s", what, unpack_kind_text(kind), taken.names);
}

static void
test_plain(void **state)
{
	static const struct {
		const char *name, *text;
		enum unpack_kind kind;
	} rows[] = {
		{ "an object", "{}", UNPACK_JSON }, { "blanks before it", " \t\r\n{", UNPACK_JSON }, { "a list", "[]", UNPACK_JSON },
		{ "a byte order mark", "\xef\xbb\xbf{}", UNPACK_JSON }, { "XML", "<feedback/>", UNPACK_OTHER }, { "nothing", "", UNPACK_OTHER },
		{ "blanks alone", "  \n", UNPACK_OTHER }, { "two bytes of a mark", "\xef\xbb", UNPACK_OTHER },
		{ "two bytes of gzip", "\x1f\x8b", UNPACK_OTHER }, { "another method than deflate", "\x1f\x8b\7", UNPACK_OTHER },
		{ "one byte of gzip", "\x1f ", UNPACK_OTHER }, { "compress", "\x1f\x9d\x08", UNPACK_OTHER }, { "half of a zip's mark", "PK", UNPACK_OTHER },
		{ "a split zip", "PK\7\10", UNPACK_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(rows[i].name, rows[i].text, strlen(rows[i].text), rows[i].kind, rows[i].kind == UNPACK_JSON ?
		    rows[i].text[strspn(rows[i].text, " \t\r\n\xef\xbb\xbf")] == '[' ? "-:[ " : "-:{ " : "");
	check("a NUL first", "\0{}", 3, UNPACK_OTHER, "");
}

static void
test_gzip(void **state)
{
	enum { BIG = 300000 };
	char *big = filled(BIG, '{', 'x');
	struct bytes good = gzipped("{\"a\":1}", 7), grown = gzipped(big, BIG), other = gzipped("<feedback/>", 11);

	(void)state;
	check("a small one", good.data, good.len, UNPACK_JSON, "-:{ ");
	check("one that is not JSON", other.data, other.len, UNPACK_OTHER, "");
	check("more than fits at first", grown.data, grown.len, UNPACK_JSON, "-:{ ");
	check("garbage behind it", memcpy(big, grown.data, grown.len), grown.len + 20, UNPACK_JSON, "-:{ ");
	check("its checksum is missing", grown.data, grown.len - 8, UNPACK_JSON, "-:{ ");
	check("the end of its length is missing", good.data, good.len - 2, UNPACK_JSON, "-:{ ");
	check("a header alone", grown.data, 10, UNPACK_BROKEN, "");
	grown.data[grown.len - 5] ^= 1;
	check("another checksum", grown.data, grown.len, UNPACK_BROKEN, "");
	memcpy(big, good.data, good.len);
	memcpy(big + good.len, other.data, other.len);
	check("two members", big, good.len + other.len, UNPACK_JSON, "-:{ ");
	check("two members, and garbage", big, good.len + other.len + 20, UNPACK_JSON, "-:{ ");
	big[good.len + other.len - 5] ^= 1;
	check("the second is garbage", big, good.len + other.len, UNPACK_JSON, "-:{ ");
	free(good.data);
	free(grown.data);
	free(other.data);
	free(big);
}

static void
test_zip(void **state)
{
	static const struct file two[] = { { "a.json", "{}", 0 }, { "b.json", "[]", 0 } };
	static const struct file mixed[] = { { "readme.txt", "hello", 0 }, { "b.json", " {}", 0 }, { "c.xml", "<x/>", 0 } };
	static const struct file none[] = { { "readme.txt", "hello", 0 } };
	struct bytes zip = zipped(two, 2), more = zipped(mixed, 3), other = zipped(none, 1);
	unsigned char *name;

	(void)state;
	check("two", zip.data, zip.len, UNPACK_JSON, "a.json:{ b.json:[ ");
	check("one of three", more.data, more.len, UNPACK_JSON, "b.json:{ ");
	check("none", other.data, other.len, UNPACK_OTHER, "");
	check("its directory is missing", more.data, more.len - 30, UNPACK_BROKEN, "");
	check("no files", "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, UNPACK_OTHER, "");
	/* the second file's checksum in its local header; the directory's is intact */
	assert_non_null(name = memmem(more.data, more.len, " {}", 3));
	name[1] = '[';
	check("a file that is not what was packed", more.data, more.len, UNPACK_BROKEN, "");
	/* an unknown method for the first file */
	assert_non_null(name = memmem(zip.data, zip.len, "PK\1\2", 4));
	name[10] = 77;
	check("a file that cannot be opened", zip.data, zip.len, UNPACK_JSON, "b.json:[ ");
	free(zip.data);
	free(more.data);
	free(other.data);
}

/* gzip in zip: its output counts, too. */
static void
test_packed_in_zip(const char *big)
{
	struct bytes small = gzipped("{}", 2), large = gzipped(big, STS_REPORT_TEXT_MAX - 20), bomb = gzipped(big, STS_REPORT_TEXT_MAX + 1), made;
	const struct file rows[][3] = {
		{ { "a", (char *)small.data, small.len }, { "b", "x", 0 }, { "c", (char *)small.data, small.len } },
		{ { "a", (char *)large.data, large.len }, { "b", "{}", 0 }, { "c", "{}", 0 } },
		{ { "a", (char *)bomb.data, bomb.len }, { "b", "{}", 0 }, { "c", "{}", 0 } },
		{ { "a", (char *)small.data, 10 }, { "b", "x", 0 }, { "c", "x", 0 } },
	};
	static const struct {
		const char *what, *names;
		enum unpack_kind kind;
	} wants[] = {
		{ "two packed ones", "a:{ c:{ ", UNPACK_JSON }, { "one too large for the sum", "", UNPACK_TOO_BIG },
		{ "a bomb in a gzip", "", UNPACK_TOO_BIG }, { "a broken one", "", UNPACK_BROKEN },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		made = zipped(rows[i], 3);
		check(wants[i].what, made.data, made.len, wants[i].kind, wants[i].names);
		free(made.data);
	}
	free(small.data);
	free(large.data);
	free(bomb.data);
}

/* The output is bounded by the size of a report, for one file and for all. */
static void
test_bounds(void **state)
{
	char *big = filled(STS_REPORT_TEXT_MAX + 1, '{', ' '), *bomb = filled(3 * STS_REPORT_TEXT_MAX, '{', ' ');
	const struct file whole[] = { { "a", big, STS_REPORT_TEXT_MAX } }, more[] = { { "a", big, STS_REPORT_TEXT_MAX + 1 } };
	const struct file sum[] = { { "a", big, STS_REPORT_TEXT_MAX }, { "b", "{}", 0 }, { "c", "{}", 0 } };
	struct file many[100];
	struct bytes made;
	char names[COUNT(many) + 1];
	size_t len;

	(void)state;
	memset(names, 'n', sizeof(names) - 1);
	names[COUNT(many)] = '\0';
	check("plain", big, STS_REPORT_TEXT_MAX, UNPACK_JSON, "-:{ ");
	check("plain, one more", big, STS_REPORT_TEXT_MAX + 1, UNPACK_TOO_BIG, "");
	made = gzipped(bomb, 3 * STS_REPORT_TEXT_MAX);
	check("a bomb", made.data, made.len, UNPACK_TOO_BIG, "");
	free(made.data);
	made = zipped(&(struct file){ "a", bomb, 3 * STS_REPORT_TEXT_MAX }, 1);
	check("a bomb in a zip", made.data, made.len, UNPACK_TOO_BIG, "");
	free(made.data);
	free(bomb);
	for (int one = 0; one < 2; one++) {
		made = gzipped(big, STS_REPORT_TEXT_MAX + (size_t)one);
		check("gzip", made.data, made.len, one ? UNPACK_TOO_BIG : UNPACK_JSON, one ? "" : "-:{ ");
		free(made.data);
		made = zipped(one ? more : whole, 1);
		check("zip", made.data, made.len, one ? UNPACK_TOO_BIG : UNPACK_JSON, one ? "" : "a:{ ");
		free(made.data);
	}
	made = zipped(sum, 3);
	check("all files together", made.data, made.len, UNPACK_TOO_BIG, "a:{ ");
	free(made.data);
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct file){ &names[i], i + 1 < COUNT(many) ? "x" : "{}", 0 };
	made = zipped(many, COUNT(many));
	check("many files", made.data, made.len, UNPACK_JSON, "n:{ ");
	free(made.data);
	test_packed_in_zip(big);
	len = UNPACK_ZIP_MAX + 1;
	memcpy(big, "PK\3\4", 5);
	check("a zip that is too long", big, len, UNPACK_TOO_BIG, "");
	free(big);
}

/* The callback's status ends it. */
static void
test_answers(void **state)
{
	static const struct file two[] = { { "a", "{}", 0 }, { "b", "{}", 0 } };
	struct bytes zip = zipped(two, 2), gzip = gzipped("{}", 2);
	enum unpack_kind kind;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct taken taken = { .answer = STS_EFULL };
		enum sts_status status = i == 0 ? unpack("{}", 2, take, &taken, &kind) :
		    i == 1 ? unpack(gzip.data, gzip.len, take, &taken, &kind) : unpack(zip.data, zip.len, take, &taken, &kind);

		assert_int_equal(status, STS_EFULL);
		assert_int_equal(taken.count, 1);
	}
	free(zip.data);
	free(gzip.data);
}

/* ---- without memory ---- */

static enum sts_status
unpack_all(void *arg)
{
	const struct bytes *packed = arg;
	struct taken taken = { .answer = STS_OK };
	enum unpack_kind kind;
	enum sts_status status = unpack(packed->data, packed->len, take, &taken, &kind);

	if (status == STS_OK && taken.bytes != 300000)
		fail_msg("%zu bytes, %s", taken.bytes, unpack_kind_text(kind));
	return status;
}

/* libzip 1.7 tolerates some failed allocations; without memory for the directory it searches for another one, finds none, and says
 * damaged: no worse. And it leaks an error now and then. */
static enum sts_status
unpack_zip(void *arg)
{
	const struct bytes *packed = arg;
	struct taken taken = { .answer = STS_OK };
	enum unpack_kind kind;
	enum sts_status status = unpack(packed->data, packed->len, take, &taken, &kind);

	assert_true(status != STS_OK || taken.bytes == 300000 || (taken.bytes == 0 && kind == UNPACK_BROKEN));
	return status;
}

static void
starve_libzip(struct bytes *zip)
{
	struct starve_which which = { .of = STARVE_ALL, .may_leak = true };
	enum sts_status status;
	size_t said = 0;

	for (; starve_once(&which, unpack_zip, zip, &status) > which.at; which.at++)
		said += status == STS_ENOMEM;
	assert_in_range(said, which.at / 2, which.at);
}

/* A lack of memory is not called damage: the mail would never be read again. */
static void
test_starved(void **state)
{
	struct bytes gzip, zip;
	char *big;

	(void)state;
	if (!starve_can())
		skip();
	big = filled(300000, '{', 'x');
	gzip = gzipped(big, 300000);
	zip = zipped(&(struct file){ "a", big, 300000 }, 1);
	assert_true(starve(STARVE_ALL, unpack_all, &gzip) > 4);
	assert_true(starve(STARVE_OWN, unpack_all, &zip) >= 3);
	starve_libzip(&zip);
	free(gzip.data);
	free(zip.data);
	free(big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_zip),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_starved),
	};

	return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
