/* SPDX-License-Identifier: ISC */
/* test_smtp_client.c - dialogues with servers, and their outcomes. */
#include "config.h"

#include "stsctl/probe/smtp_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define EHLO_ONLY "EHLO me.test\r\n"
#define BOTH EHLO_ONLY "STARTTLS\r\n"
#define OK_EHLO "250-mx.test at your service\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"

static const struct row {
	const char *name;
	const char *says[3];		/* one piece for each turn of the server */
	enum smtp_client_outcome outcome;
	const char *sent;		/* all commands */
	const char *text;		/* the beginning of the text; NULL: not compared */
} rows[] = {
	{ "good", { "220 mx.test ESMTP\r\n", OK_EHLO, "220 go\r\n" }, SMTP_CLIENT_READY, BOTH, "220 go" },
	{ "LF alone", { "220 mx\n", "250-mx\n250 STARTTLS\n", "220 go\n" }, SMTP_CLIENT_READY, BOTH, NULL },
	{ "long greeting", { "220-one\r\n220-two\r\n220 three\r\n", OK_EHLO, "220\r\n" }, SMTP_CLIENT_READY, BOTH, "220" },
	{ "lower case", { "220 x\r\n", "250-x\r\n250-starttls\r\n250 SIZE\r\n", "220 x\r\n" }, SMTP_CLIENT_READY, BOTH, NULL },
	{ "with parameter", { "220 x\r\n", "250-x\r\n250 STARTTLS now\r\n", "220 x\r\n" }, SMTP_CLIENT_READY, BOTH, NULL },
	{ "not offered", { "220 x\r\n", "250-x\r\n250 SIZE\r\n" }, SMTP_CLIENT_NOT_OFFERED, EHLO_ONLY, "250-x / 250 SIZE" },
	{ "longer word", { "220 x\r\n", "250-x\r\n250 STARTTLSX\r\n" }, SMTP_CLIENT_NOT_OFFERED, EHLO_ONLY, NULL },
	{ "in the name", { "220 x\r\n", "250 STARTTLS\r\n" }, SMTP_CLIENT_NOT_OFFERED, EHLO_ONLY, NULL },
	{ "no EHLO", { "220 x\r\n", "502 what?\r\n" }, SMTP_CLIENT_NOT_OFFERED, EHLO_ONLY, "502 what?" },
	{ "EHLO refused", { "220 x\r\n", "550 no\r\n" }, SMTP_CLIENT_REFUSED, EHLO_ONLY, "550 no" },
	{ "EHLO deferred", { "220 x\r\n", "421 later\r\n" }, SMTP_CLIENT_REFUSED, EHLO_ONLY, NULL },
	{ "EHLO odd", { "220 x\r\n", "354 go on\r\n" }, SMTP_CLIENT_GARBAGE, EHLO_ONLY, "the reply to EHLO: neither 250 nor" },
	{ "busy", { "421 4.3.2 busy\r\n" }, SMTP_CLIENT_REFUSED, "", "421 4.3.2 busy" },
	{ "closed", { "554-no\r\n554 SMTP here\r\n" }, SMTP_CLIENT_REFUSED, "", "554-no / 554 SMTP here" },
	{ "greeting odd", { "250 hello\r\n" }, SMTP_CLIENT_GARBAGE, "", "the greeting: neither 220 nor" },
	{ "ssh", { "SSH-2.0-x\r\n" }, SMTP_CLIENT_GARBAGE, "", "the greeting: not an SMTP reply: SSH-2.0-x" },
	{ "control bytes", { "\x1b[31m\xff\n" }, SMTP_CLIENT_GARBAGE, "", "the greeting: not an SMTP reply: \\x1b[31m\\xff" },
	{ "empty line", { "\r\n" }, SMTP_CLIENT_GARBAGE, "", "the greeting: not an SMTP reply" },
	{ "two digits", { "22 x\r\n" }, SMTP_CLIENT_GARBAGE, "", NULL },
	{ "four digits", { "2200 x\r\n" }, SMTP_CLIENT_GARBAGE, "", NULL },
	{ "code 600", { "620 x\r\n" }, SMTP_CLIENT_GARBAGE, "", NULL },
	{ "code changes", { "220-x\r\n250 y\r\n" }, SMTP_CLIENT_GARBAGE, "", "the greeting: the code changes" },
	{ "not granted", { "220 x\r\n", OK_EHLO, "454 no TLS\r\n" }, SMTP_CLIENT_NOT_GRANTED, BOTH, "454 no TLS" },
	{ "other 2xx", { "220 x\r\n", OK_EHLO, "250 ok\r\n" }, SMTP_CLIENT_NOT_GRANTED, BOTH, NULL },
	{ "half a reply", { "220 x\r\n", "250-x\r\n250 START" }, SMTP_CLIENT_UNDECIDED, EHLO_ONLY, NULL },
	{ "nothing", { "" }, SMTP_CLIENT_UNDECIDED, "", "" },
}, eager[] = {	/* only in one piece: in several, the later bytes would be ignored */
	{ "answers before it is asked", { "220 x\r\n250 y\r\n" }, SMTP_CLIENT_GARBAGE, "", "the greeting: more follows" },
	{ "pipelines", { "220 x\r\n", OK_EHLO "220 go\r\n" }, SMTP_CLIENT_GARBAGE, EHLO_ONLY, "the reply to EHLO: more follows" },
	{ "injects", { "220 x\r\n", OK_EHLO, "220 go\r\n250 in\r\n" }, SMTP_CLIENT_GARBAGE, BOTH,
	    "the reply to STARTTLS: more follows" },
	{ "injects one byte", { "220 x\r\n", OK_EHLO, "220 go\r\n\x16" }, SMTP_CLIENT_GARBAGE, BOTH, NULL },
	{ "says more to no", { "220 x\r\n", OK_EHLO, "454 no\r\n421 bye\r\n" }, SMTP_CLIENT_NOT_GRANTED, BOTH, "454 no" },
};

static void
take_command(struct smtp_client *talk, char *sent, size_t cap)
{
	char command[SMTP_CLIENT_COMMAND_CAP];

	if (smtp_client_command(talk, command) != NULL) {
		assert_true(strlen(sent) + strlen(command) < cap);
		strcat(sent, command);
	}
	assert_null(smtp_client_command(talk, command));
}

static void
run_row(const struct row *row, size_t piece)
{
	char sent[200] = "";
	struct smtp_client talk;

	smtp_client_init(&talk, "me.test");
	for (size_t i = 0; i < 3 && row->says[i] != NULL; i++) {
		size_t len = strlen(row->says[i]);

		for (size_t at = 0; at < len; at += piece)
			smtp_client_feed(&talk, row->says[i] + at, len - at < piece ? len - at : piece);
		take_command(&talk, sent, sizeof(sent));
	}
	if (talk.outcome != row->outcome || strcmp(sent, row->sent) != 0 ||
	    (row->text != NULL && strncmp(talk.text, row->text, strlen(row->text)) != 0))
		fail_msg("%s, by %zu: got %d '%s', sent '%s'", row->name, piece, (int)talk.outcome, talk.text, sent);
}

static void
test_dialogues(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_row(&rows[i], 1);
		run_row(&rows[i], 7);
		run_row(&rows[i], 10000);
	}
	for (size_t i = 0; i < sizeof(eager) / sizeof(eager[0]); i++)
		run_row(&eager[i], 10000);
}

static void
test_bounds(void **state)
{
	struct smtp_client talk;
	static char line[SMTP_CLIENT_LINE_MAX + 1];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "220 ", 4);
	smtp_client_init(&talk, "me.test");
	smtp_client_feed(&talk, line, SMTP_CLIENT_LINE_MAX);
	assert_int_equal(talk.outcome, SMTP_CLIENT_UNDECIDED);
	smtp_client_feed(&talk, "x", 1);
	assert_int_equal(talk.outcome, SMTP_CLIENT_GARBAGE);

	smtp_client_init(&talk, "me.test");
	for (int i = 0; i < SMTP_CLIENT_REPLY_LINES - 1; i++)
		smtp_client_feed(&talk, "220-x\r\n", 7);
	assert_int_equal(talk.outcome, SMTP_CLIENT_UNDECIDED);
	assert_true(strlen(talk.text) < sizeof(talk.text));
	smtp_client_feed(&talk, "220-x\r\n", 7);
	assert_int_equal(talk.outcome, SMTP_CLIENT_GARBAGE);
}

static void
test_nothing_changes_afterwards(void **state)
{
	struct smtp_client talk;

	(void)state;
	smtp_client_init(&talk, "me.test");
	smtp_client_feed(&talk, "554 no\r\n", 8);
	smtp_client_feed(&talk, "220 yes\r\n", 9);
	assert_int_equal(talk.outcome, SMTP_CLIENT_REFUSED);
	assert_string_equal(talk.text, "554 no");

	smtp_client_init(&talk, "me.test");
	smtp_client_feed(&talk, "220 x\r\n", 7);
	smtp_client_feed(&talk, OK_EHLO, strlen(OK_EHLO));
	smtp_client_feed(&talk, "220 go\r\n", 8);
	smtp_client_feed(&talk, "\x16", 1);	/* from here on it is TLS */
	assert_int_equal(talk.outcome, SMTP_CLIENT_READY);
	assert_string_equal(talk.text, "220 go");
}

static void
test_long_name_is_cut(void **state)
{
	char command[SMTP_CLIENT_COMMAND_CAP], name[600];
	struct smtp_client talk;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	smtp_client_init(&talk, name);
	smtp_client_feed(&talk, "220 x\r\n", 7);
	assert_non_null(smtp_client_command(&talk, command));
	assert_int_equal(strlen(command), 5 + 255 + 2);
	assert_string_equal(command + 5 + 255, "\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogues),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_nothing_changes_afterwards),
		cmocka_unit_test(test_long_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
