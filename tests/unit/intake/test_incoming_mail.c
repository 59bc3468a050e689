/* SPDX-License-Identifier: ISC */
/* test_incoming_mail.c - mails: their parts, the fields that say from whom they are, bounds, and no memory. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stsctl/intake/mail_bounds.h"
#include "stsctl/intake/incoming_mail.h"
#include "tests/fake/starve.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HEAD "From: a@b.example\r\nMIME-Version: 1.0\r\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
#define PART(head, body) "--x\r\n" head "\r\n" body "\r\n"
#define END "--x--\r\n"
#define JSON "Content-Type: application/tlsrpt+json\r\n"

/* Each part: its name, if any, and its contents. */
static const struct {
	const char *name, *mail, *parts;
} rows[] = {
	{ "one part", HEAD JSON "\r\n{}", "-={};" },
	{ "text", HEAD "\r\nhello\r\n-x\r\n", "" },
	{ "text that is a report", HEAD "\r\n {\"policies\":[]}", "-= {\"policies\":[]};" },
	{ "text that tells of one", HEAD "\r\nsee {\"policies\":[]}", "" },
	{ "other JSON as text", HEAD "Content-Type: text/json\r\n\r\n{\"feedback\":[]}", "" },
	{ "blank text", HEAD "\r\n \r\n", "" },
	{ "text with a file name", HEAD "Content-Type: text/plain; name=r.json\r\n\r\n{}", "r.json={};" },
	{ "two parts", MIXED PART("Content-Type: text/plain\r\n", "hello") PART(JSON "Content-Disposition: attachment; filename=\"a!b\"\r\n", "{}") END,
	    "a!b={};" },
	{ "base64", HEAD JSON "Content-Transfer-Encoding: base64\r\n\r\ne30=", "-={};" },
	{ "broken base64", HEAD JSON "Content-Transfer-Encoding: base64\r\n\r\ne30=!", "-={};" },
	{ "nothing in it", HEAD JSON "\r\n", "-=;" },
	{ "forwarded", HEAD "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" JSON "\r\n{}", "-={};" },
	{ "forwarded, without a mail", HEAD "Content-Type: message/rfc822\r\n\r\n", "" },
	{ "forwarded in parts", MIXED PART("Content-Type: message/partial; id=a; number=1; total=2\r\n", "Subject: x\r\n\r\n{}") END,
	    "-=Subject: x\r\n\r\n{};" },
	{ "a multipart without parts", MIXED END, "" },
	{ "no header", "hello", "" },
	{ "nothing", "", "" },
	{ "a field without a name", ": x\r\n" HEAD JSON "\r\n{}", "" },
};

static void
read_mail(const char *text, size_t len, struct incoming_mail *mail)
{
	const char *why;

	assert_int_equal(incoming_mail_read(text, len, mail, &why), STS_OK);
	assert_string_equal(why, "");
}

static void
test_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct incoming_mail mail;
		char got[200] = "";

		read_mail(rows[i].mail, strlen(rows[i].mail), &mail);
		for (size_t k = 0; k < mail.part_count; k++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s=%.*s;", mail.parts[k].name != NULL ? mail.parts[k].name : "-",
			    (int)mail.parts[k].len, mail.parts[k].data);
		if (strcmp(got, rows[i].parts) != 0)
			fail_msg("%s: \"%s\"", rows[i].name, got);
		assert_int_equal(mail.dropped, 0);
		incoming_mail_fini(&mail);
	}
}

/* ---- fields ---- */

static void
test_fields(void **state)
{
	static const char text[] = "TLS-Report-Domain: a.example\r\nTLS-Report-Domain: z.example\r\nTLS-Report-Submitter: b.example\r\n"
	    "tls-report-submitter: z.example\r\nAuthentication-Results: mx.example; one\r\nauthentication-results: mx.example;\r\n two\r\n"
	    "DKIM-Signature: v=1; three\r\nContent-Type: message/rfc822\r\n\r\n"
	    "Authentication-Results: mx.example; forged\r\nDKIM-Signature: v=1; forged\r\n\r\nhello";
	struct incoming_mail mail;

	(void)state;
	read_mail(text, sizeof(text) - 1, &mail);
	assert_string_equal(mail.origin.domain, "a.example");
	assert_string_equal(mail.origin.submitter, "b.example");
	assert_int_equal(mail.result_count, 2);
	assert_non_null(strstr(mail.results[0].value, "one"));
	assert_non_null(strstr(mail.results[1].value, "two"));
	assert_int_equal(mail.results[1].len, strlen(mail.results[1].value));
	assert_int_equal(mail.signature_count, 1);
	assert_non_null(strstr(mail.signatures[0].value, "three"));
	incoming_mail_fini(&mail);
}

/* The fields take precedence, then the file's name, then the subject. */
static void
test_origin(void **state)
{
	static const struct {
		const char *mail, *submitter, *domain;
	} origins[] = {
		{ "Subject: Report Domain: s.example Submitter: t.example Report-ID: <x>\r\n\r\n", "t.example", "s.example" },
		{ "Subject: Report Domain: s.example Submitter: t.example\r\nContent-Type: application/gzip; name=\"f.example!g.example!1!2.json.gz\"\r\n\r\n",
		    "f.example", "g.example" },
		{ "TLS-Report-Domain: h.example\r\nContent-Type: application/gzip; name=\"f.example!g.example!1!2.json.gz\"\r\n\r\n", "f.example",
		    "h.example" },
		{ "Content-Type: application/gzip\r\n\r\n", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(origins); i++) {
		struct incoming_mail mail;

		read_mail(origins[i].mail, strlen(origins[i].mail), &mail);
		if (strcmp(mail.origin.submitter, origins[i].submitter) != 0 || strcmp(mail.origin.domain, origins[i].domain) != 0)
			fail_msg("%s: %s, %s", origins[i].mail, mail.origin.submitter, mail.origin.domain);
		incoming_mail_fini(&mail);
	}
}

/* ---- bounds ---- */

/* The caller frees. */
static char *
repeated(const char *head, const char *piece, size_t count, const char *tail)
{
	char *text = malloc(strlen(head) + count * strlen(piece) + strlen(tail) + 1), *end;

	assert_non_null(text);
	end = stpcpy(text, head);
	for (size_t i = 0; i < count; i++)
		end = stpcpy(end, piece);
	stpcpy(end, tail);
	return text;
}

static void
check_refused(const char *text, size_t len, const char *want)
{
	struct incoming_mail mail;
	const char *why;
	enum sts_status status = incoming_mail_read(text, len, &mail, &why);

	assert_int_equal(status, want[0] != '\0' ? STS_EFULL : STS_OK);
	assert_string_equal(why, want);
	incoming_mail_fini(&mail);
}

static void
test_bounds(void **state)
{
	struct incoming_mail mail;
	char *text;

	(void)state;
	text = repeated("Subject: x\n\n", "0123456789abcde\n", MAIL_MAX / 16, "");
	check_refused(text, MAIL_MAX, "");
	check_refused(text, MAIL_MAX + 1, "a mail of more than 10 MiB");
	free(text);
	for (size_t more = 0; more < 2; more++) {
		text = repeated("Subject: x\n\n", "--\n", MAIL_BOUNDARIES_MAX + more, "-");
		check_refused(text, strlen(text), more > 0 ? "a mail with too many parts" : "");
		free(text);
		text = repeated("", "A: b\n", MAIL_COLON_LINES_MAX + more, "\n");
		check_refused(text, strlen(text), more > 0 ? "a mail with too many header fields" : "");
		free(text);
	}
	text = repeated(MIXED, PART(JSON, "{}"), INCOMING_MAIL_PARTS_MAX + 3, END);
	read_mail(text, strlen(text), &mail);
	assert_int_equal(mail.part_count, INCOMING_MAIL_PARTS_MAX);
	assert_int_equal(mail.dropped, 3);
	incoming_mail_fini(&mail);
	free(text);
	text = repeated("", "Content-Type: message/rfc822\n\n", INCOMING_MAIL_DEPTH_MAX + 5, "\nhello");
	read_mail(text, strlen(text), &mail);
	assert_int_equal(mail.part_count, 0);
	assert_int_equal(mail.dropped, 1);
	incoming_mail_fini(&mail);
	free(text);
}

/* Mails for which GMime would need quadratic time, or all of its stack. */
static void
test_bounds_of_fields(void **state)
{
	static const struct {
		const char *head, *piece;
		size_t count;
		const char *why;
	} fields[] = {
		{ "To: ", "g:", 999, "" },
		{ "To: ", "g:", 1000, "a mail with a header field that is too long" },
		{ "To: ", "a,", 1000, "a mail with a header field that is too long" },
		{ "", "To: a,b,c,d,e,f,g,h,i,j\n", 6000, "a mail with too many header fields" },
		{ "To: ", "g:", 4000000, "a mail with a header field that is too long" },
		{ "Cc :", "\n g:", 1000, "a mail with a header field that is too long" },
		{ "Subject:", " 0123456\n\t0123456", 1900, "" },
		{ "Subject:", " 0123456\n\t0123456", 2100, "a mail with a header field that is too long" },
		{ "Subject: x\n\nNo field:", " 0123456\n\t0123456", 5000, "" },
		{ "Subject: x\n\n{\"a\":", " 0123456\n\t0123456", 5000, "" },
		{ "Subject: x\n\nSubject: y\n\n", " 0123456\n\t0123456", 5000, "" },
		{ "", "Name: 0123456\n 0123456789012345678901234567890123456789\n", 9200, "" },
		{ "", "Name: 0123456\n 0123456789012345678901234567890123456789\n", 9600, "a mail with too many header fields" },
	};
	struct incoming_mail mail;
	char *text;

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		text = repeated(fields[i].head, fields[i].piece, fields[i].count, "\n\n");
		check_refused(text, strlen(text), fields[i].why);
		free(text);
	}
	text = repeated("", "DKIM-Signature: v=1\n", STS_TRUST_FIELDS_MAX + 2, "\n");
	read_mail(text, strlen(text), &mail);
	assert_int_equal(mail.signature_count, STS_TRUST_FIELDS_MAX);
	incoming_mail_fini(&mail);
	free(text);
}

/* ---- without memory ---- */

static enum sts_status
read_starved(void *arg)
{
	struct incoming_mail mail;
	const char *why;
	enum sts_status status = incoming_mail_read(arg, strlen(arg), &mail, &why);

	if (status == STS_OK) {
		assert_int_equal(mail.part_count, 2);
		assert_string_equal(mail.parts[0].name, "n");
		assert_int_equal(mail.result_count, 1);
		assert_int_equal(mail.signature_count, 1);
	}
	incoming_mail_fini(&mail);
	return status;
}

/* GLib aborts without memory, so that only our own allocations fail. */
static void
test_starved(void **state)
{
	static char text[] = "Authentication-Results: mx.example; x\r\nDKIM-Signature: v=1\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
	    PART("Content-Type: application/json; name=n\r\n", "{}") PART(JSON, "{}") END;

	(void)state;
	if (!starve_can())
		skip();
	assert_int_equal(starve(STARVE_OWN, read_starved, text), 5);
}

static int
setup(void **state)
{
	(void)state;
	incoming_mail_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_bounds_of_fields),
		cmocka_unit_test(test_starved),
	};

	return cmocka_run_group_tests_name("incoming_mail", tests, setup, NULL);
}
