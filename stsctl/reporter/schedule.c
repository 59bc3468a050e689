/* SPDX-License-Identifier: ISC */
/* schedule.c - due times, retries, and the state of an address as text. */
#include "config.h"

#include "stsctl/reporter/schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/names/domain.h"

enum { FIRST_RETRY_S = 900, LAST_RETRY_S = 14400, DIGITS_MAX = 12 };

const char *
reporter_state_write(const struct reporter_state *state, char out[REPORTER_STATE_CAP])
{
	if (state->sent)
		snprintf(out, REPORTER_STATE_CAP, "sent %" PRId64, state->at);
	else
		snprintf(out, REPORTER_STATE_CAP, "failed %" PRId64 " %" PRId64, state->failures, state->at);
	return out;
}

/* Parses a number behind one blank, and moves *text behind it. */
static bool
read_number(const char **text, int64_t *out)
{
	const char *digits = *text + 1;
	size_t len;

	if (**text != ' ' || (len = strspn(digits, "0123456789")) == 0 || len > DIGITS_MAX)
		return false;
	*out = 0;
	for (size_t i = 0; i < len; i++)
		*out = 10 * *out + (digits[i] - '0');
	*text = digits + len;
	return true;
}

void
reporter_state_read(const char *text, struct reporter_state *out)
{
	struct reporter_state read = { .sent = strncmp(text, "sent ", 5) == 0 };

	*out = (struct reporter_state){ 0 };
	if (!read.sent && strncmp(text, "failed ", 7) != 0)
		return;
	text += read.sent ? 4 : 6;
	if ((read.sent || read_number(&text, &read.failures)) && read_number(&text, &read.at) && *text == '\0')
		*out = read;
}

/* FNV-1a: the same in every process. Nobody gains from choosing his own time. */
static uint64_t
fixed_hash(const char *s)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *s != '\0'; s++)
		hash = (hash ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

int64_t
reporter_due(const char *domain, int64_t end, const char *submitter, int64_t jitter_s)
{
	char text[2 * STS_DOMAIN_CAP + 32];
	int64_t delay;

	snprintf(text, sizeof(text), "%s %s %" PRId64, domain, submitter, end);
	delay = jitter_s > 0 ? (int64_t)(fixed_hash(text) % (uint64_t)jitter_s) : 0;
	return end + REPORTER_GRACE_S + delay;
}

enum reporter_turn
reporter_turn(const struct reporter_state *state, int64_t due, int64_t now)
{
	int64_t wait = LAST_RETRY_S;

	if (state->sent)
		return REPORTER_DONE;
	if (now < due)
		return REPORTER_EARLY;
	if (now >= due + REPORTER_TRY_S)
		return REPORTER_TOO_LATE;
	if (state->failures <= 4)
		wait = state->failures == 0 ? 0 : (int64_t)FIRST_RETRY_S << (state->failures - 1);
	/* a time in the future was written by a wrong clock */
	return state->failures > 0 && state->at <= now && now < state->at + wait ? REPORTER_LATER : REPORTER_NOW;
}
