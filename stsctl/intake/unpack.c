/* SPDX-License-Identifier: ISC */
/* unpack.c - gzip by zlib, zip by libzip, both with a bound on the output. */
#include "config.h"

#include "stsctl/intake/unpack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>
#include <zlib.h>

#include "shared-cache/tlsreport/report.h"

struct buffer {
	char *data;
	size_t len, cap;
};

enum { FIRST_CAP = 65536, GZIP_WINDOW = 15 + 16 /* adding 16 tells zlib to expect a gzip header */ };

const char *
unpack_kind_text(enum unpack_kind kind)
{
	static const char *const texts[] = {
		[UNPACK_JSON] = "JSON",
		[UNPACK_OTHER] = "not a TLS report: neither JSON nor compressed JSON",
		[UNPACK_BROKEN] = "damaged: it cannot be unpacked",
		[UNPACK_TOO_BIG] = "too big, or a bomb",
	};

	return texts[kind];
}

/* Makes room for more bytes. False: no memory. len never exceeds STS_REPORT_TEXT_MAX + 1. */
static bool
grow(struct buffer *b)
{
	size_t cap = b->cap > 0 ? 2 * b->cap : FIRST_CAP;
	char *data;

	if (cap > STS_REPORT_TEXT_MAX + 1)
		cap = STS_REPORT_TEXT_MAX + 1;
	data = realloc(b->data, cap);
	if (data == NULL)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

/* ---- recognising the format ---- */

static bool
is_gzip(const unsigned char *s, size_t len)
{
	return len >= 3 && s[0] == 0x1f && s[1] == 0x8b && s[2] == 8;
}

static bool
is_zip(const char *s, size_t len)
{
	return len >= 4 && (memcmp(s, "PK\3\4", 4) == 0 || memcmp(s, "PK\5\6", 4) == 0);
}

/* Only an object can be a report; if it is malformed, the reader says so, with a line number. */
static bool
looks_like_json(const char *s, size_t len)
{
	size_t i = 0;

	if (len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < len && strchr(" \t\r\n", s[i]) != NULL && s[i] != '\0')
		i++;
	return i < len && (s[i] == '{' || s[i] == '[');
}

static enum sts_status
give(const char *name, const char *text, size_t len, unpack_fn *fn, void *arg, enum unpack_kind *kind)
{
	if (len > STS_REPORT_TEXT_MAX)
		*kind = UNPACK_TOO_BIG;
	else if (looks_like_json(text, len)) {
		*kind = UNPACK_JSON;
		return fn(arg, name, text, len);
	} else
		*kind = UNPACK_OTHER;
	return STS_OK;
}

/* ---- gzip ---- */

/* Inflates one gzip member. Z_STREAM_END, or what ended it early; Z_OK: the output is too large. */
static int
inflate_member(z_stream *z, struct buffer *out)
{
	int code;

	do {
		if (out->len == out->cap && (out->cap > STS_REPORT_TEXT_MAX || !grow(out)))
			return out->cap > STS_REPORT_TEXT_MAX ? Z_OK : Z_MEM_ERROR;
		z->next_out = (Bytef *)(out->data + out->len);
		z->avail_out = (uInt)(out->cap - out->len);
		code = inflate(z, Z_NO_FLUSH);
		out->len = out->cap - z->avail_out;
	} while (code == Z_OK);
	return code;
}

/* Inflates member after member. Some senders append garbage, which is ignored. If the end is missing, as after truncated base64, the
 * JSON parser finds out whether the text is complete. */
static enum sts_status
inflate_all(const void *bytes, size_t len, struct buffer *out, enum unpack_kind *kind)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len };
	size_t whole = 0;	/* bytes that came out of members that were whole */
	int code;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return STS_ENOMEM;
	while ((code = inflate_member(&z, out)) == Z_STREAM_END) {
		whole = out->len;
		if (!is_gzip(z.next_in, z.avail_in) || inflateReset(&z) != Z_OK)
			break;
	}
	if (code == Z_DATA_ERROR)
		out->len = whole;
	*kind = code == Z_OK ? UNPACK_TOO_BIG : out->len > 0 || code == Z_STREAM_END ? UNPACK_JSON : UNPACK_BROKEN;
	inflateEnd(&z);
	return code == Z_MEM_ERROR ? STS_ENOMEM : STS_OK;
}

static enum sts_status
unpack_gzip(const void *bytes, size_t len, unpack_fn *fn, void *arg, enum unpack_kind *kind)
{
	struct buffer out = { .data = NULL };
	enum sts_status status = inflate_all(bytes, len, &out, kind);

	if (status == STS_OK && *kind == UNPACK_JSON)
		status = give(NULL, out.data, out.len, fn, arg, kind);
	free(out.data);
	return status;
}

/* ---- zip ---- */

/* An out-of-memory error of libzip does not mean that the zip is damaged. */
static enum sts_status
status_of(const zip_error_t *error)
{
	return zip_error_code_zip(error) == ZIP_ER_MEMORY ? STS_ENOMEM : STS_OK;
}

/* Reads a file of the zip. *left: how much all files together may still yield, which is less than a buffer holds. */
static enum sts_status
read_file(zip_file_t *file, struct buffer *out, size_t *left, enum unpack_kind *kind)
{
	zip_int64_t got = 1;

	*kind = UNPACK_JSON;
	while (got > 0) {
		if (out->len == out->cap && !grow(out))
			return STS_ENOMEM;
		got = zip_fread(file, out->data + out->len, out->cap - out->len);
		if (got < 0) {
			*kind = UNPACK_BROKEN;
			return status_of(zip_file_get_error(file));
		}
		if ((size_t)got > *left) {
			*kind = UNPACK_TOO_BIG;
			return STS_OK;
		}
		out->len += (size_t)got;
		*left -= (size_t)got;
	}
	return STS_OK;
}

/* A collection of attachments holds them as they came: compressed. Both texts are in memory at once, so that the gzip must be small. */
static enum sts_status
give_entry(const char *name, const struct buffer *file, size_t *left, unpack_fn *fn, void *arg, enum unpack_kind *kind)
{
	struct buffer text = { .data = NULL };
	enum sts_status status;

	if (!is_gzip((const unsigned char *)file->data, file->len))
		return give(name, file->data, file->len, fn, arg, kind);
	*kind = UNPACK_TOO_BIG;
	if (file->len > UNPACK_INNER_MAX)
		return STS_OK;
	status = inflate_all(file->data, file->len, &text, kind);
	if (text.len > *left)
		*kind = UNPACK_TOO_BIG;
	else
		*left -= text.len;
	if (status == STS_OK && *kind == UNPACK_JSON)
		status = give(name, text.data, text.len, fn, arg, kind);
	free(text.data);
	return status;
}

static enum sts_status
unpack_entry(zip_t *zip, zip_uint64_t index, size_t *left, unpack_fn *fn, void *arg, enum unpack_kind *kind)
{
	zip_file_t *file = zip_fopen_index(zip, index, 0);
	struct buffer out = { .data = NULL };
	enum sts_status status;

	*kind = UNPACK_BROKEN;
	if (file == NULL)
		return status_of(zip_get_error(zip));
	status = read_file(file, &out, left, kind);
	zip_fclose(file);
	if (status == STS_OK && *kind == UNPACK_JSON)
		status = give_entry(zip_get_name(zip, index, 0), &out, left, fn, arg, kind);
	free(out.data);
	return status;
}

/* If one file is a report, the zip counts as a report, whatever else it holds; unless a file was left out. */
static enum sts_status
unpack_files(zip_t *zip, unpack_fn *fn, void *arg, enum unpack_kind *kind)
{
	zip_int64_t count = zip_get_num_entries(zip, 0);
	size_t left = STS_REPORT_TEXT_MAX;
	enum sts_status status = STS_OK;

	*kind = UNPACK_OTHER;
	for (zip_int64_t i = 0; i < count && status == STS_OK; i++) {
		enum unpack_kind one;

		status = unpack_entry(zip, (zip_uint64_t)i, &left, fn, arg, &one);
		if (one == UNPACK_TOO_BIG || (*kind != UNPACK_JSON && one != UNPACK_OTHER))
			*kind = one;
		if (one == UNPACK_TOO_BIG)
			break;
	}
	return status;
}

static enum sts_status
unpack_zip(const void *bytes, size_t len, unpack_fn *fn, void *arg, enum unpack_kind *kind)
{
	zip_source_t *source;
	zip_error_t error;
	zip_t *zip;
	enum sts_status status;

	*kind = UNPACK_TOO_BIG;
	if (len > UNPACK_ZIP_MAX)
		return STS_OK;
	zip_error_init(&error);
	source = zip_source_buffer_create(bytes, len, 0, &error);
	if (source == NULL)
		return STS_ENOMEM;
	zip = zip_open_from_source(source, ZIP_RDONLY, &error);
	if (zip == NULL) {
		status = status_of(&error);
		zip_source_free(source);
		zip_error_fini(&error);
		*kind = UNPACK_BROKEN;
		return status;
	}
	status = unpack_files(zip, fn, arg, kind);
	zip_discard(zip);
	zip_error_fini(&error);
	return status;
}

enum sts_status
unpack(const void *bytes, size_t len, unpack_fn *fn, void *arg, enum unpack_kind *kind)
{
	if (is_gzip(bytes, len))
		return unpack_gzip(bytes, len, fn, arg, kind);
	if (is_zip(bytes, len))
		return unpack_zip(bytes, len, fn, arg, kind);
	return give(NULL, bytes, len, fn, arg, kind);
}
