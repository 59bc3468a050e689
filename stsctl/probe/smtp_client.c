/* SPDX-License-Identifier: ISC */
/* smtp_client.c - reads SMTP replies, and decides which command comes next. */
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
smtp_client_init(struct smtp_client *client, const char *name)
{
	memset(client, 0, sizeof(*client));
	/* sent after the greeting */
	snprintf(client->command, sizeof(client->command), "EHLO %.255s\r\n", name);
}

const char *
smtp_client_command(struct smtp_client *client, char out[SMTP_CLIENT_COMMAND_CAP])
{
	if (client->stage == SMTP_CLIENT_GREETING || client->outcome != SMTP_CLIENT_UNDECIDED || client->command[0] == '\0')
		return NULL;
	memcpy(out, client->command, sizeof(client->command));
	client->command[0] = '\0';
	return out;
}

const char *
smtp_client_waits_for(const struct smtp_client *client)
{
	return stage_names[client->stage];
}

static void
end_with_garbage(struct smtp_client *client, const char *what)
{
	struct sts_text text;

	client->outcome = SMTP_CLIENT_GARBAGE;
	sts_text_init(&text, client->text, sizeof(client->text));
	sts_text_addf(&text, "%s: %s", stage_names[client->stage], what);
	if (client->line_len == 0)
		return;
	sts_text_add(&text, ": ");
	sts_text_add_shown(&text, client->line, client->line_len, SHOWN_MAX);
}

/* Adds the line to the text of the reply that is kept for people. */
static void
keep_line(struct smtp_client *client)
{
	size_t used = client->reply_lines == 0 ? 0 : strlen(client->text);
	struct sts_text text;

	sts_text_init(&text, client->text + used, sizeof(client->text) - used);
	if (used > 0)
		sts_text_add(&text, " / ");
	sts_text_add_shown(&text, client->line, client->line_len, SHOWN_MAX);
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
say(struct smtp_client *client, const char *command)
{
	snprintf(client->command, sizeof(client->command), "%s\r\n", command);
}

/* Handles a complete reply. */
static void
take_reply(struct smtp_client *client)
{
	unsigned class = client->code / 100;

	switch (client->stage) {
	case SMTP_CLIENT_GREETING:
		if (client->code == 220)
			client->stage = SMTP_CLIENT_EHLO;
		else if (class == 4 || class == 5)
			client->outcome = SMTP_CLIENT_REFUSED;
		else
			end_with_garbage(client, "neither 220 nor a refusal");
		break;
	case SMTP_CLIENT_EHLO:
		if (client->code == 250 && client->has_starttls) {
			client->stage = SMTP_CLIENT_STARTTLS;
			say(client, "STARTTLS");
		} else if (client->code == 250 || (client->code >= 500 && client->code <= 504)) {
			client->outcome = SMTP_CLIENT_NOT_OFFERED;	/* 50x: it does not support EHLO, so there are no extensions */
		} else if (class == 4 || class == 5) {
			client->outcome = SMTP_CLIENT_REFUSED;
		} else {
			end_with_garbage(client, "neither 250 nor a refusal");
		}
		break;
	case SMTP_CLIENT_STARTTLS:
		client->outcome = client->code == 220 ? SMTP_CLIENT_READY : SMTP_CLIENT_NOT_GRANTED;
		break;
	}
	client->code = 0;
	client->reply_lines = 0;
}

/* The reply code at the beginning of the line; 0 when there is none. */
static unsigned
line_code(const struct smtp_client *client)
{
	const char *s = client->line;

	if (client->line_len < 3 || s[0] < '2' || s[0] > '5' || !sts_ascii_is_digit(s[1]) || !sts_ascii_is_digit(s[2]))
		return 0;
	if (client->line_len > 3 && s[3] != ' ' && s[3] != '-')
		return 0;
	return (unsigned)(s[0] - '0') * 100 + (unsigned)(s[1] - '0') * 10 + (unsigned)(s[2] - '0');
}

static void
take_line(struct smtp_client *client)
{
	unsigned code;

	if (client->line_len > 0 && client->line[client->line_len - 1] == '\r')
		client->line_len--;
	code = line_code(client);
	if (code == 0) {
		end_with_garbage(client, "not an SMTP reply");
		return;
	}
	if (client->code != 0 && code != client->code) {
		end_with_garbage(client, "the code changes within the reply");
		return;
	}
	keep_line(client);
	client->code = code;
	if (client->stage == SMTP_CLIENT_EHLO && client->reply_lines > 0 && client->line_len > 4 &&
	    is_starttls(client->line + 4, client->line_len - 4))
		client->has_starttls = true;
	client->reply_lines++;
	if (client->line_len == 3 || client->line[3] == ' ')
		take_reply(client);
	else if (client->reply_lines >= SMTP_CLIENT_REPLY_LINES)
		end_with_garbage(client, "an endless reply");
}

static void
feed_byte(struct smtp_client *client, char c)
{
	if (c == '\n') {
		take_line(client);
		client->line_len = 0;
	} else if (client->line_len < sizeof(client->line)) {
		client->line[client->line_len++] = c;
	} else {
		end_with_garbage(client, "an endless line");
	}
}

void
smtp_client_feed(struct smtp_client *client, const char *bytes, size_t len)
{
	enum smtp_client_stage stage = client->stage;
	size_t i;

	if (client->outcome != SMTP_CLIENT_UNDECIDED)
		return;
	for (i = 0; i < len && client->outcome == SMTP_CLIENT_UNDECIDED && client->stage == stage; i++)
		feed_byte(client, bytes[i]);
	/* Bytes that come before the next command would be taken for the reply to it. */
	if (i < len && (client->outcome == SMTP_CLIENT_READY || client->outcome == SMTP_CLIENT_UNDECIDED)) {
		client->stage = stage;
		end_with_garbage(client, "more follows before the next command");
	}
}
