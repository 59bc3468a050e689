/* SPDX-License-Identifier: ISC */
/* test_page_mail.c - a document as a mail, read back by GMime's parser. */
#include "config.h"

#include "stsctl/page_mail/page_mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gmime/gmime.h>

static const struct document_series series[] = { { "TLS 1.3", TONE_TLS13 }, { "plaintext", TONE_PLAIN } };
static const char *const heads[] = { "Day", NULL }, *const table_heads[] = { "Domain", "Plaintext", NULL };

static void
write_document(struct document *doc)
{
	struct document_block *block;
	struct document_row *row;

	document_set(doc, &doc->title, "Mail and TLS at <mx>");
	document_set(doc, &doc->period, "2026-11-23 to 2026-11-29");
	document_set(doc, &doc->made, "Made now");
	document_add(doc, DOCUMENT_HEADING, "TLS versions");
	block = document_add(doc, DOCUMENT_COLUMNS, "Messages a day");
	document_set(doc, &block->summary, "From the one to the other & so on");
	block->heads = heads;
	block->series = series;
	block->series_count = 2;
	row = document_row(doc, block);
	document_cell(doc, row, "2026-11-23");
	row->parts[0] = 3000;
	row->parts[1] = 1000;
	row = document_row(doc, block);
	document_cell(doc, row, "2026-11-24");
	row->parts[0] = 2000;
	block = document_add(doc, DOCUMENT_TABLE, "Domains");
	block->heads = table_heads;
	row = document_row(doc, block);
	document_cell(doc, row, "%s", "<b>.example\nFrom x");
	document_cell(doc, row, "17");
	document_add(doc, DOCUMENT_NOTE, "From time to time a note is longer than a line of a mail is to be, and then it goes on in the next one; "
	    "\xc3\xbc is not ASCII.");
}

/* The caller frees it by g_free. */
static char *
part_text(GMimeMultipart *both, int i, const char *subtype)
{
	GMimeObject *part = g_mime_multipart_get_part(both, i);

	assert_true(GMIME_IS_TEXT_PART(part));
	assert_string_equal(g_mime_content_type_get_media_subtype(g_mime_object_get_content_type(part)), subtype);
	return g_mime_text_part_get_text(GMIME_TEXT_PART(part));
}

static void
test_mail(void **state)
{
	const struct page_mail_headers headers = { .name = "mta-sts-milter", .from = "tls@example.net", .to = "postmaster@example.net",
		.now = 1795910400, .random = 0xabcdef };
	struct document doc = { .title = NULL };
	GMimeMessage *message;
	GMimeMultipart *both;
	GMimeParser *parser;
	GMimeStream *stream;
	char *mail, *text;
	size_t len;

	(void)state;
	page_mail_init();
	write_document(&doc);
	mail = page_mail_make(&doc, &headers, &len);
	assert_non_null(mail);
	assert_int_equal(len, strlen(mail));
	for (const char *line = mail; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 998);
	stream = g_mime_stream_mem_new_with_buffer(mail, len);
	parser = g_mime_parser_new_with_stream(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	assert_non_null(message);
	assert_string_equal(g_mime_message_get_subject(message), "Mail and TLS at <mx>");
	assert_string_equal(g_mime_message_get_message_id(message), "1795910400.0000000000abcdef@example.net");
	assert_non_null(strstr(mail, "\nDate: Sun, 29 Nov 2026 00:00:00 +0000\n"));
	assert_non_null(strstr(mail, "From: mta-sts-milter <tls@example.net>\nTo: postmaster@example.net\n"));
	assert_non_null(strstr(mail, "\nAuto-Submitted: auto-generated\n"));
	both = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
	assert_int_equal(g_mime_multipart_get_count(both), 2);
	text = part_text(both, 0, "plain");
	assert_non_null(strstr(text, "2026-11-23    3,000      1,000\n2026-11-24    2,000          0\n"));
	assert_non_null(strstr(text, "<b>.example?From x         17\n"));
	assert_non_null(strstr(text, "it\ngoes on in the next one; ?? is not ASCII."));
	g_free(text);
	text = part_text(both, 1, "html");
	assert_non_null(strstr(text, "&lt;b&gt;.example From x"));
	assert_null(strstr(text, "<b>.example"));
	/* the greatest day has 4,000: 75 and 25 percent; the other has 50, and the rest is empty */
	assert_non_null(strstr(text, "<td width=\"75%\" bgcolor=\"#1f5a96\""));
	assert_non_null(strstr(text, "<td width=\"25%\" bgcolor=\"#a3260d\""));
	assert_non_null(strstr(text, "<td width=\"50%\" bgcolor=\"#1f5a96\""));
	assert_non_null(strstr(text, "<td width=\"50%\" style="));
	assert_non_null(strstr(text, "From the one to the other &amp; so on"));
	g_free(text);
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	free(mail);
	document_fini(&doc);
}

static void
test_no_recipient(void **state)
{
	const struct page_mail_headers headers = { .name = "x", .from = "a@b.example", .now = 1 };
	struct document doc = { .title = NULL };
	char *mail;
	size_t len;

	(void)state;
	write_document(&doc);
	mail = page_mail_make(&doc, &headers, &len);
	assert_non_null(mail);
	assert_null(strstr(mail, "\nTo:"));
	free(mail);
	document_fini(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_no_recipient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
