/* SPDX-License-Identifier: ISC */
/* talk.c - runs sessions one after another. Knows nothing of schedules or of the milter's process. */
#include "config.h"

#include "tests/bench/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char forged_name[] = "X-MTA-STS";
static const char forged_value[] = "v=1; host=mx.bench.test; result=pass; domain=forged.bench.test";

/* What an ordinary message from a mail provider contains: 20 fields, 2.4 KiB. */
static const struct {
	const char *name, *value;
} fields[] = {
	{ "Received", "from out-7.mail.bench.test (out-7.mail.bench.test [203.0.113.7])\n\tby relay.bench.test (Postfix) with "
		      "ESMTPS id 4XyZ1t2r3kz9sQ\n\tfor <local@rcpt.bench.test>; Mon, 23 Nov 2026 10:11:12 +0000 (UTC)" },
	{ "Received", "by mail-worker with SMTP id d2e1a72fcca58-7b1c3a5f0d1so1234567b3a.1\n        for "
		      "<local@rcpt.bench.test>; Mon, 23 Nov 2026 02:11:11 -0800 (PST)" },
	{ "DKIM-Signature", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=bench.test; s=s20260101;\n t=1795428671; x=1796033471;\n "
			    "h=to:subject:message-id:date:from:mime-version:from:to:cc:subject\n :date:message-id:reply-to;\n "
			    "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n "
			    "b=VQ3mXo0Zr5sCkq1yqTz0m4pYH3l2b9s3bPq0u8F2V7aYw1kS9dJ6x5c4H3g2F1e0D\n "
			    "aZ9y8X7w6V5u4T3s2R1q0P9o8N7m6L5k4J3i2H1g0FzEyDxCwBvAuZtYsXrWqVpUoTn\n "
			    "SmRlQkPjOiNhMgLfKeJdIcHbGa0Z1Y2X3W4V5U6T7S8R9Q0P1O2N3M4L5K6J7I8H9G==" },
	{ "X-Provider-DKIM-Signature", "v=1; a=rsa-sha256; c=relaxed/relaxed; d=1e100.bench.test; s=s20260101; "
				       "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
	{ "X-Gm-Message-State", "AOJu0YzQ1p0m3h4n5t6r7e8w9q0a1s2d3f4g5h6j7k8l9z0x1c2v3b4n5m6Q7W8E9R0T1Y2U3I4O5P" },
	{ "X-Provider-Smtp-Source", "AGHT+IFa1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6A7B8C9D0E1F2G3" },
	{ "X-Received", "by 2002:a05:6a00:1a8e:b0:71e:6b8d:3a4c with SMTP id 1" },
	{ "From", "A Sender <sender@bench.test>" },
	{ "To", "Local User <local@rcpt.bench.test>" },
	{ "Cc", "Somebody Else <else@other.bench.test>" },
	{ "Subject", "Minutes of the meeting about next year's measurements" },
	{ "Date", "Mon, 23 Nov 2026 10:11:10 +0000" },
	{ "Message-ID", "<CAF1a2b3c4d5e6f7g8h9i0jklmnopqrstuvwxyz@mail.bench.test>" },
	{ "In-Reply-To", "<20261122090807.1234567-1-other@rcpt.bench.test>" },
	{ "References", "<20261122090807.1234567-1-other@rcpt.bench.test>\n <CAF0z9y8x7w6v5u4t3s2r1q@mail.bench.test>" },
	{ "MIME-Version", "1.0" },
	{ "Content-Type", "multipart/alternative; boundary=\"000000000000a1b2c3061f2e3d4c\"" },
	{ "List-Unsubscribe", "<https://lists.bench.test/unsubscribe/1234567890abcdef>" },
	{ "X-Mailer", "Bench Mailer 16.0" },
	{ "X-MTA-STS-Near", "a name that only begins like ours" },
};

int64_t
talk_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void
talk_sleep_until(int64_t ns)
{
	struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static void
think(const struct talk *t)
{
	if (t->options->think_ns > 0)
		talk_sleep_until(talk_now_ns() + t->options->think_ns);
}

void
talk_init(struct talk *t, const struct talk_options *options)
{
	memset(t, 0, sizeof(*t));
	t->options = options;
	mta_init(&t->mta);
}

void
talk_fini(struct talk *t)
{
	mta_fini(&t->mta);
	free(t->eom_ns);
}

static void
note_error(struct talk *t, const char *what, const char *detail)
{
	if (t->errors++ == 0)
		snprintf(t->first_error, sizeof(t->first_error), "%.100s: %.380s", what, detail);
}

static bool
note_time(struct talk *t, int64_t ns)
{
	if (t->done == t->eom_cap) {
		size_t cap = t->eom_cap == 0 ? 4096 : t->eom_cap * 2;
		int64_t *p = realloc(t->eom_ns, cap * sizeof(*p));

		if (p == NULL)
			return false;
		t->eom_ns = p;
		t->eom_cap = cap;
	}
	t->eom_ns[t->done++] = ns;
	return true;
}

/* ---- what came back ---- */

/* Whether tag (len bytes) equals wanted, with %d replaced by domain. */
static bool
tag_is(const char *tag, size_t len, const char *wanted, const char *domain)
{
	char text[256];
	const char *mark = strstr(wanted, "%d");
	int n;

	if (mark == NULL)
		n = snprintf(text, sizeof(text), "%s", wanted);
	else
		n = snprintf(text, sizeof(text), "%.*s%s%s", (int)(mark - wanted), wanted, domain, mark + 2);
	return n >= 0 && (size_t)n == len && memcmp(text, tag, len) == 0;
}

static bool
has_tag(const char *value, const char *wanted, const char *domain)
{
	for (const char *p = value; *(p += strspn(p, "; \t\n")) != '\0';) {
		size_t len = strcspn(p, ";\n");

		if (tag_is(p, len, wanted, domain))
			return true;
		p += len;
	}
	return false;
}

static bool
is_right(struct talk *t)
{
	const struct talk_options *o = t->options;
	const struct mta_edits *e = &t->edits;

	if (o->insert_name == NULL)
		return true;
	if (e->inserted != 1 || e->insert_index != 1 || strcmp(e->insert_name, o->insert_name) != 0 || e->other != 0) {
		note_error(t, "edits", e->inserted == 0 ? "no header inserted" : "not one expected header at index 1");
		return false;
	}
	if (e->deleted != o->forged || !e->descending || (o->forged > 0 && strcasecmp(e->delete_name, forged_name) != 0)) {
		note_error(t, "edits", "forged headers were not deleted one by one from the last to the first");
		return false;
	}
	for (size_t i = 0; o->expect[i] != NULL; i++) {
		if (!has_tag(e->insert_value, o->expect[i], t->domain)) {
			note_error(t, o->expect[i], e->insert_value);
			return false;
		}
	}
	return true;
}

/* ---- one session ---- */

static void
choose_sender(struct talk *t, uint64_t number)
{
	const struct zipf *z = &t->options->zipf;
	unsigned domain = t->options->sweep ? (unsigned)(number % z->count) : zipf_pick(z, number);

	snprintf(t->domain, sizeof(t->domain), "d%06u.bench.test", domain);
	snprintf(t->client_name, sizeof(t->client_name), "mx1.%s", t->domain);
	snprintf(t->mail_addr, sizeof(t->mail_addr), "sender@%s", t->domain);
	snprintf(t->path, sizeof(t->path), "<%s>", t->mail_addr);
	snprintf(t->queue_id, sizeof(t->queue_id), "4%011llX", (unsigned long long)number);
}

static void
set_session_macros(struct talk *t)
{
	struct mta *m = &t->mta;

	mta_set_macro(m, "i", NULL);
	mta_set_macro(m, "tls_version", NULL);
	mta_set_macro(m, "cipher", NULL);
	mta_set_macro(m, "cipher_bits", NULL);
	mta_set_macro(m, "j", "mx.rcpt.bench.test");
	mta_set_macro(m, "daemon_name", "mx.rcpt.bench.test");
	mta_set_macro(m, "daemon_addr", "198.51.100.25");
	mta_set_macro(m, "daemon_port", "25");
	mta_set_macro(m, "v", "Postfix 3.7.11");
	mta_set_macro(m, "_", "mail.bench.test [203.0.113.7]");
	mta_set_macro(m, "client_addr", "203.0.113.7");
	mta_set_macro(m, "client_port", "34567");
	mta_set_macro(m, "client_connections", "1");
	mta_set_macro(m, "client_resolve", "OK");
	mta_set_macro(m, "client_name", t->client_name);
	mta_set_macro(m, "client_ptr", t->client_name);
	mta_set_macro(m, "mail_addr", t->mail_addr);
	mta_set_macro(m, "mail_host", t->domain);
	mta_set_macro(m, "mail_mailer", "smtp");
	mta_set_macro(m, "rcpt_addr", "local@rcpt.bench.test");
	mta_set_macro(m, "rcpt_host", "rcpt.bench.test");
	mta_set_macro(m, "rcpt_mailer", "local");
}

static bool
start_tls(struct talk *t)
{
	if (!mta_abort(&t->mta))
		return false;
	mta_set_macro(&t->mta, "tls_version", "TLSv1.3");
	mta_set_macro(&t->mta, "cipher", "TLS_AES_256_GCM_SHA384");
	mta_set_macro(&t->mta, "cipher_bits", "256");
	think(t);
	return mta_helo(&t->mta, t->client_name);
}

static bool
greet(struct talk *t)
{
	set_session_macros(t);
	if (!mta_open(&t->mta, &t->options->target) || !mta_connect(&t->mta, t->client_name, "203.0.113.7"))
		return false;
	think(t);
	if (!mta_helo(&t->mta, t->client_name))
		return false;
	think(t);
	return !t->options->tls || start_tls(t);
}

static bool
recipients(struct talk *t)
{
	char path[64];

	for (unsigned i = 0; i < t->options->recipients; i++) {
		snprintf(path, sizeof(path), i == 0 ? "<local@rcpt.bench.test>" : "<local%u@rcpt.bench.test>", i);
		think(t);
		if (!(t->options->refused ? mta_rcpt_refused(&t->mta, path) : mta_rcpt(&t->mta, path)))
			return false;
	}
	return true;
}

static bool
envelope(struct talk *t)
{
	mta_set_macro(&t->mta, "i", NULL);	/* Postfix has a queue id only after the first recipient */
	think(t);
	if (!mta_mail(&t->mta, t->path))
		return false;
	if (!recipients(t))
		return false;
	if (t->options->refused)
		return true;
	mta_set_macro(&t->mta, "i", t->queue_id);
	think(t);
	return mta_data(&t->mta) && mta_hand_over(&t->mta);
}

/* Forged fields alternate with the others, a forged one first. */
static bool
content(struct talk *t)
{
	const struct talk_options *o = t->options;
	const size_t count = sizeof(fields) / sizeof(fields[0]);
	unsigned forged = 0;
	bool ok = true;

	for (unsigned i = 0; ok && i < o->headers; i++) {
		if (forged < o->forged) {
			ok = mta_header(&t->mta, forged_name, forged_value);
			forged++;
		}
		ok = ok && mta_header(&t->mta, fields[i % count].name, fields[i % count].value);
	}
	for (; ok && forged < o->forged; forged++)
		ok = mta_header(&t->mta, forged_name, forged_value);
	return ok && mta_eoh(&t->mta) && mta_body(&t->mta, "Hello.\r\n", 8);
}

static bool
message(struct talk *t, uint64_t number)
{
	int64_t before;

	choose_sender(t, number);
	if (!envelope(t))
		return false;
	think(t);
	if (t->options->refused)
		return note_time(t, 0) && mta_abort(&t->mta);
	if (!content(t))
		return false;
	before = talk_now_ns();
	if (!mta_eom(&t->mta, &t->edits))
		return false;
	if (is_right(t) && !note_time(t, talk_now_ns() - before))
		return mta_sock_fail(&t->mta.sock, "out of memory");
	return mta_abort(&t->mta);
}

void
talk_session(struct talk *t, uint64_t first)
{
	bool ok;

	choose_sender(t, first);
	ok = greet(t);
	for (unsigned i = 0; ok && i < t->options->messages; i++)
		ok = message(t, first + i);
	if (ok && t->options->messages == 0)
		ok = note_time(t, 0);
	if (ok) {
		think(t);
		ok = mta_abort(&t->mta) && mta_quit(&t->mta);
	}
	if (!ok)
		note_error(t, "session", t->mta.sock.why);
	mta_close(&t->mta);
}
