/* SPDX-License-Identifier: ISC */
/*
 * fuzz_smtptalk.c - any bytes from an SMTP server. The first byte is the size of the pieces in which they arrive. Whatever comes,
 * texts are printable, at most two commands are sent, in order, and a decision never changes.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "stsctl/probe/smtp_client.h"
#include "tests/fuzz/fuzz.h"

static void
check_text(const struct smtp_client *talk)
{
	MUST(memchr(talk->text, '\0', sizeof(talk->text)) != NULL);
	for (const char *p = talk->text; *p != '\0'; p++)
		MUST((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
}

static void
check_command(struct smtp_client *talk, unsigned *commands)
{
	static const char *const order[] = { "EHLO fuzz.test\r\n", "STARTTLS\r\n" };
	char command[SMTP_CLIENT_COMMAND_CAP];

	if (smtp_client_command(talk, command) == NULL)
		return;
	MUST(talk->outcome == SMTP_CLIENT_UNDECIDED && *commands < 2);
	MUST(strcmp(command, order[*commands]) == 0);
	(*commands)++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size > 0 && data[0] > 0 ? data[0] : 1;
	unsigned commands = 0;
	struct smtp_client talk;

	smtp_client_init(&talk, "fuzz.test");
	for (size_t at = 1; at < size; at += piece) {
		enum smtp_client_outcome before = talk.outcome;

		smtp_client_feed(&talk, (const char *)data + at, size - at < piece ? size - at : piece);
		MUST(before == SMTP_CLIENT_UNDECIDED || talk.outcome == before);
		MUST(smtp_client_waits_for(&talk) != NULL);
		check_text(&talk);
		check_command(&talk, &commands);
	}
	MUST(talk.outcome != SMTP_CLIENT_READY || commands == 2);
	return 0;
}
