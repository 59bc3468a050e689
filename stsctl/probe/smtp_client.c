/* SPDX-License-Identifier: ISC */
/* smtp_client.c - reads SMTP replies and decides what to say next. Knows no sockets and no TLS. */
#include "config.h"

#include "stsctl/probe/smtp_client.h"

#include <stdio.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum { SHOWN_MAX = 120 };

static const char *const stage_names[] = {
	[SMTP_CLIENT_GREETING] = "the greeting",
	[SMTP_CLIENT_EHLO] = "the reply to EHLO",
	[SMTP_CLIENT_STARTTLS] = "the reply to STARTTLS",
};

void
smtp_client_init(struct smtp_client *talk, const char *name)
{
	memset(talk, 0, sizeof(*talk));
	/* said once the greeting has come */
	snprintf(talk->command, sizeof(talk->command), "EHLO %.255s\r\n", name);
}

const char *
smtp_client_command(struct smtp_client *talk, char out[SMTP_CLIENT_COMMAND_CAP])
{
	if (talk->stage == SMTP_CLIENT_GREETING || talk->outcome != SMTP_CLIENT_UNDECIDED || talk->command[0] == '\0')
		return NULL;
	memcpy(out, talk->command, sizeof(talk->command));
	talk->command[0] = '\0';
	return out;
}

const char *
smtp_client_waits_for(const struct smtp_client *talk)
{
	return stage_names[talk->stage];
}

static void
end_with_garbage(struct smtp_client *talk, const char *what)
{
	struct sts_text text;

	talk->outcome = SMTP_CLIENT_GARBAGE;
	sts_text_init(&text, talk->text, sizeof(talk->text));
	sts_text_addf(&text, "%s: %s", stage_names[talk->stage], what);
	if (talk->line_len == 0)
		return;
	sts_text_add(&text, ": ");
	sts_text_add_shown(&text, talk->line, talk->line_len, SHOWN_MAX);
}

/* Adds the line to what people are shown of the reply. */
static void
keep_line(struct smtp_client *talk)
{
	size_t used = talk->reply_lines == 0 ? 0 : strlen(talk->text);
	struct sts_text text;

	sts_text_init(&text, talk->text + used, sizeof(talk->text) - used);
	if (used > 0)
		sts_text_add(&text, " / ");
	sts_text_add_shown(&text, talk->line, talk->line_len, SHOWN_MAX);
}

/* Whether an EHLO line after the first, without its code, is the keyword STARTTLS. */
static bool
is_starttls(const char *s, size_t len)
{
	static const char keyword[] = "STARTTLS";
	size_t n = sizeof(keyword) - 1;

	return len >= n && sts_ascii_same_letters(keyword, s, n) && (len == n || sts_ascii_is_wsp(s[n]));
}

static void
say(struct smtp_client *talk, const char *command)
{
	snprintf(talk->command, sizeof(talk->command), "%s\r\n", command);
}

/* A whole reply is there. */
static void
take_reply(struct smtp_client *talk)
{
	unsigned class = talk->code / 100;

	switch (talk->stage) {
	case SMTP_CLIENT_GREETING:
		if (talk->code == 220)
			talk->stage = SMTP_CLIENT_EHLO;
		else if (class == 4 || class == 5)
			talk->outcome = SMTP_CLIENT_REFUSED;
		else
			end_with_garbage(talk, "neither 220 nor a refusal");
		break;
	case SMTP_CLIENT_EHLO:
		if (talk->code == 250 && talk->has_starttls) {
			talk->stage = SMTP_CLIENT_STARTTLS;
			say(talk, "STARTTLS");
		} else if (talk->code == 250 || (talk->code >= 500 && talk->code <= 504)) {
			talk->outcome = SMTP_CLIENT_NOT_OFFERED;	/* 50x: it knows no EHLO, hence no extensions */
		} else if (class == 4 || class == 5) {
			talk->outcome = SMTP_CLIENT_REFUSED;
		} else {
			end_with_garbage(talk, "neither 250 nor a refusal");
		}
		break;
	case SMTP_CLIENT_STARTTLS:
		talk->outcome = talk->code == 220 ? SMTP_CLIENT_READY : SMTP_CLIENT_NOT_GRANTED;
		break;
	}
	talk->code = 0;
	talk->reply_lines = 0;
}

/* The reply code at the beginning of the line; 0 when there is none. */
static unsigned
line_code(const struct smtp_client *talk)
{
	const char *s = talk->line;

	if (talk->line_len < 3 || s[0] < '2' || s[0] > '5' || !sts_ascii_is_digit(s[1]) || !sts_ascii_is_digit(s[2]))
		return 0;
	if (talk->line_len > 3 && s[3] != ' ' && s[3] != '-')
		return 0;
	return (unsigned)(s[0] - '0') * 100 + (unsigned)(s[1] - '0') * 10 + (unsigned)(s[2] - '0');
}

static void
take_line(struct smtp_client *talk)
{
	unsigned code;

	if (talk->line_len > 0 && talk->line[talk->line_len - 1] == '\r')
		talk->line_len--;
	code = line_code(talk);
	if (code == 0) {
		end_with_garbage(talk, "not an SMTP reply");
		return;
	}
	if (talk->code != 0 && code != talk->code) {
		end_with_garbage(talk, "the code changes within the reply");
		return;
	}
	keep_line(talk);
	talk->code = code;
	if (talk->stage == SMTP_CLIENT_EHLO && talk->reply_lines > 0 && talk->line_len > 4 &&
	    is_starttls(talk->line + 4, talk->line_len - 4))
		talk->has_starttls = true;
	talk->reply_lines++;
	if (talk->line_len == 3 || talk->line[3] == ' ')
		take_reply(talk);
	else if (talk->reply_lines >= SMTP_CLIENT_REPLY_LINES)
		end_with_garbage(talk, "a reply without end");
}

static void
feed_byte(struct smtp_client *talk, char c)
{
	if (c == '\n') {
		take_line(talk);
		talk->line_len = 0;
	} else if (talk->line_len < sizeof(talk->line)) {
		talk->line[talk->line_len++] = c;
	} else {
		end_with_garbage(talk, "a line without end");
	}
}

void
smtp_client_feed(struct smtp_client *talk, const char *bytes, size_t len)
{
	enum smtp_client_stage stage = talk->stage;
	size_t i;

	if (talk->outcome != SMTP_CLIENT_UNDECIDED)
		return;
	for (i = 0; i < len && talk->outcome == SMTP_CLIENT_UNDECIDED && talk->stage == stage; i++)
		feed_byte(talk, bytes[i]);
	/* Whatever the server says before it is asked would be taken for the answer to the next question. */
	if (i < len && (talk->outcome == SMTP_CLIENT_READY || talk->outcome == SMTP_CLIENT_UNDECIDED)) {
		talk->stage = stage;
		end_with_garbage(talk, "more follows before it is the server's turn again");
	}
}
