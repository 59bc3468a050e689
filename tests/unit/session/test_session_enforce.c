/* SPDX-License-Identifier: ISC */
/* test_session_enforce.c - messages that are refused, held, or only marked: at which stage, for whom, and what is put down. */
#include "config.h"

#include "milter/session/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"
#include "tests/unit/session/session_world.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { OVERRIDES_MAX = 12 };
#define NOW_MS 1760000000000

/* Settings of a test, after those that all have. */
static int
open_with(const char *const *more, size_t count)
{
	const char *overrides[OVERRIDES_MAX] = { "authserv_id=mx.test",
		"local_domains=strict.example lax.example nothing.example slow.example" };

	for (size_t i = 0; i < count; i++)
		overrides[2 + i] = more[i];
	world_open(overrides, 2 + count);
	fake_policy("enforce.example", STS_MODE_ENFORCE, "e1", "mx.enforce.example");
	fake_policy("testing.example", STS_MODE_TESTING, "t1", "mx.testing.example");
	fake_policy("old.example", STS_MODE_ENFORCE, "o1", "mx.old.example");
	fake_policy("strict.example", STS_MODE_ENFORCE, "s1", "mx.strict.example");
	fake_policy("lax.example", STS_MODE_TESTING, "l1", "mx.lax.example");
	fake_absent("nothing.example");
	fake_absent("sender.example");
	fake_absent("cert.example");
	fake_failed("broken.example", STS_REASON_FETCH_TLS);
	fake_confirmed("enforce.example", NOW_MS / 1000 - 60);
	fake_confirmed("strict.example", NOW_MS / 1000 - 60);
	fake_confirmed("lax.example", NOW_MS / 1000 - 60);
	return 0;
}
#define OPEN(...) open_with((const char *const[]){ __VA_ARGS__ }, COUNT(((const char *const[]){ __VA_ARGS__ })))

static int
setup_sender(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=reject", "sender_testing_action=tempfail");
}

static int
setup_quarantine(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=quarantine", "recipient_enforce_action=quarantine");
}

static int
setup_recipient(void **state)
{
	(void)state;
	return OPEN("recipient_enforce_action=reject", "recipient_testing_action=tempfail");
}

static int
setup_dry(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=reject", "recipient_enforce_action=tempfail", "dry_run=yes");
}

static int
setup_wire(void **state)
{
	(void)state;
	return OPEN("sender_enforce_action=reject", "recipient_enforce_action=reject", "max_refusals_per_minute=2");
}

static int
setup_off(void **state)
{
	(void)state;
	return OPEN("dry_run=no");
}

static void
plaintext(const char *sender)
{
	mail_over(sender, NULL, NULL, NULL);
}

/* RCPT TO, to its answer. */
static struct refusal_answer
rcpt(const char *path)
{
	struct refusal_answer answer;

	session_rcpt(w.session, path);
	session_rcpt_decide(w.session, NOW_MS, &answer);
	return answer;
}

static void
want_rcpt(const char *path, enum sts_action want)
{
	struct refusal_answer answer = rcpt(path);

	if (answer.action != want)
		fail_msg("%s: got %s, want %s", path, sts_action_name(answer.action), sts_action_name(want));
}

/* What is asked about the domain is answered from now on. */
static void
finish_lookup(const char *domain)
{
	fake_known_from(domain, 0);
}

/* The end of the message: what is done to it, and what is put down. */
static void
want_end(const char *name, enum sts_action want, const char *logged)
{
	finish();
	if (w.outcome.answer.action != want)
		fail_msg("%s: got %s, want %s", name, sts_action_name(w.outcome.answer.action), sts_action_name(want));
	if (strstr(w.line, logged) == NULL)
		fail_msg("%s: \"%s\" is not in \"%s\"", name, logged, w.line);
}

/* ---- the sender's side ---- */

static void
test_sender_at_rcpt(void **state)
{
	struct refusal_answer answer;

	(void)state;
	begin_usual();
	plaintext("<a@enforce.example>");
	answer = rcpt("<x@nothing.example>");
	assert_int_equal(answer.action, STS_ACTION_REJECT);
	assert_string_equal(answer.reply.code, "550");
	assert_string_equal(answer.reply.xcode, "5.7.10");
	assert_string_equal(answer.reply.text, "Encryption needed for mail of enforce.example: this session is not encrypted");
	want_rcpt("<PostMaster@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<abuse@elsewhere.example>", STS_ACTION_ACCEPT);
	want_rcpt("<postmaster>", STS_ACTION_ACCEPT);
	want_rcpt("<postmasters@nothing.example>", STS_ACTION_REJECT);
	want_end("rest", STS_ACTION_ACCEPT, " action=reject cause=sender-policy waived=- refused=2 ");
	assert_true(header_has("action=accept"));
	assert_string_equal(fake_entry_field("action"), "reject");
	assert_string_equal(fake_entry_field("cause"), "sender-policy");
	assert_true(fake_counted("action:reject"));
	assert_true(fake_counted("cause:sender-policy"));
	assert_false(fake_counted("refused"));
	assert_int_equal(fake_records(), 1);

	mail_over("<a@testing.example>", "TLSv1.1", "X", "256");
	answer = rcpt("<x@nothing.example>");
	assert_int_equal(answer.action, STS_ACTION_TEMPFAIL);
	assert_string_equal(answer.reply.code, "450");
	assert_string_equal(answer.reply.xcode, "4.7.10");
	assert_string_equal(answer.reply.text, "Encryption needed for mail of testing.example: TLSv1.1 is too old");
	session_reset(w.session);
	mail("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("adequate TLS", STS_ACTION_ACCEPT, " action=accept cause=- waived=- refused=0 ");
}

/* Not known at RCPT TO: at the end, and then for nobody when a role account is among the recipients. */
static void
test_sender_at_end(void **state)
{
	(void)state;
	begin_usual();
	fake_known_from("enforce.example", 1);
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("late", STS_ACTION_REJECT, " action=reject cause=sender-policy waived=- refused=0 ");
	assert_false(w.outcome.add);
	assert_string_equal(w.outcome.answer.reply.xcode, "5.7.10");
	assert_true(fake_counted("refused"));
	fake_known_from("enforce.example", 1);
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<abuse@nothing.example>", STS_ACTION_ACCEPT);
	want_end("with abuse@", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account refused=0 ");
	fake_known_from("enforce.example", 1);
	plaintext("<a@enforce.example>");
	want_rcpt("<TLS-Reports@nothing.example>", STS_ACTION_ACCEPT);
	want_end("a TLS report", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account refused=0 ");
	assert_true(header_has("action=accept"));
	assert_int_equal(fake_records(), 3);
}

static void
test_never(void **state)
{
	static const char *const senders[] = { "<>", "<a@broken.example>", "<a@unheard-of.example>", "<a@sender.example>" };
	const struct session_mail auth = { .sender = "<a@enforce.example>", .auth_type = "PLAIN" };

	(void)state;
	begin_usual();
	session_helo(w.session, "enforce.example");
	for (size_t i = 0; i < COUNT(senders); i++) {
		plaintext(senders[i]);
		want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
		want_end(senders[i], STS_ACTION_ACCEPT, " action=accept ");
	}
	session_mail(w.session, &auth);
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("authenticated", STS_ACTION_ACCEPT, "exempt=auth");
	begin(false);
	connect_from("192.0.2.10", NULL, NULL);
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("unknown TLS", STS_ACTION_ACCEPT, " result=neutral ");
	begin(true);
	connect_from("127.0.0.1", NULL, "4444");
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("trusted", STS_ACTION_ACCEPT, "exempt=trusted");
}

static void
test_unconfirmed(void **state)
{
	(void)state;
	begin_usual();
	fake_confirmed("old.example", NOW_MS / 1000 - 7201);
	plaintext("<a@old.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_TEMPFAIL);
	session_reset(w.session);
	assert_non_null(strstr(w.line, " action=tempfail cause=sender-policy waived=unconfirmed refused=1 "));
	fake_confirmed("old.example", NOW_MS / 1000 - 7200);
	plaintext("<a@old.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_REJECT);
}

/* ---- the recipient's side ---- */

static void
test_recipients(void **state)
{
	struct refusal_answer answer;

	(void)state;
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	answer = rcpt("<x@strict.example>");
	assert_int_equal(answer.action, STS_ACTION_REJECT);
	assert_string_equal(answer.reply.text, "Encryption needed for mail of strict.example: this session is not encrypted");
	want_rcpt("<x@lax.example>", STS_ACTION_TEMPFAIL);
	want_rcpt("<postmaster@strict.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);
	want_end("one of several", STS_ACTION_ACCEPT,
	    " rcpt=enforce history=- action=reject cause=recipient-policy waived=- refused=2 ");
	assert_true(header_has("action=accept"));
	assert_true(w.outcome.add);
	plaintext("<>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	mail("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("adequate TLS", STS_ACTION_ACCEPT, " action=accept ");
}

/* What is said of the message is said of those who get it; those who do not are in the evidence, apart. */
static void
test_refused_are_no_recipients(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@lax.example>", STS_ACTION_TEMPFAIL);
	want_end("mixed", STS_ACTION_ACCEPT, " rcpt=absent history=- action=reject cause=recipient-policy waived=- refused=2 ");
	assert_true(header_has("rcpt=absent"));
	assert_string_equal(fake_entry_field("rcpt"), "absent");
	assert_string_equal(fake_entry_field("rcpts"), "nothing.example:absent");
	assert_string_equal(fake_entry_field("refused_rcpts"), "lax.example:testing,strict.example:enforce");
	assert_true(fake_counted("rcpt:absent"));
	assert_false(fake_counted("rcpt:enforce"));
	/* One of a domain refused, another let through: postmaster. */
	plaintext("<a@sender.example>");
	want_rcpt("<postmaster@strict.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_end("postmaster", STS_ACTION_ACCEPT, " rcpt=enforce ");
	assert_string_equal(fake_entry_field("rcpts"), "strict.example:enforce:spared");
	assert_string_equal(fake_entry_field("refused_rcpts"), "strict.example:enforce");
	/* Only strangers are left, and then nobody. */
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);
	want_end("elsewhere", STS_ACTION_ACCEPT, " rcpt=- ");
	assert_null(strstr(w.outcome.header, "rcpt="));
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	assert_non_null(strstr(w.line, " rcpt=- "));
	assert_string_equal(fake_entry_field("rcpts"), "");
	assert_string_equal(fake_entry_field("refused_rcpts"), "strict.example:enforce");
	assert_false(fake_counted("rcpt:enforce"));
}

/* A thousand recipients are judged once: each asks for what its own domain publishes, and for nothing else. */
static void
test_many_recipients(void **state)
{
	static const char *const domains[] = { "nothing.example", "strict.example", "lax.example", "elsewhere.example" };
	size_t before;

	(void)state;
	begin_usual();
	fake_known_from("enforce.example", 1);	/* not known at first */
	plaintext("<a@enforce.example>");
	before = fake_waits();
	for (unsigned i = 0; i < 1000; i++) {
		char path[64];

		snprintf(path, sizeof(path), "<user%u@%s>", i, domains[i % COUNT(domains)]);
		want_rcpt(path, i % COUNT(domains) == 1 ? STS_ACTION_REJECT : i % COUNT(domains) == 2 ? STS_ACTION_TEMPFAIL :
		    STS_ACTION_ACCEPT);
		if (i == 9)
			finish_lookup("enforce.example");
	}
	/* 750 for the recipients, 10 or so until the sender's domain was known */
	assert_in_range(fake_waits() - before, 750, 770);
	want_end("all of them", STS_ACTION_ACCEPT, " result=fail reason=plaintext domain=enforce.example ");
	assert_non_null(strstr(w.line, " refused=500 "));
}

/* Only who may be refused is waited for, and all waiting of one message together has a bound. */
static void
test_patience(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	session_rcpt(w.session, "<x@strict.example>");
	assert_null(session_rcpt_lookup(w.session, NOW_MS));
	plaintext("<a@sender.example>");
	session_rcpt(w.session, "<x@elsewhere.example>");
	assert_null(session_rcpt_lookup(w.session, NOW_MS));
	session_rcpt(w.session, "<x@strict.example>");
	assert_non_null(session_rcpt_lookup(w.session, NOW_MS));
	assert_int_equal(session_patience_ms(w.session), 2000);
	session_waited(w.session, 1500);
	assert_int_equal(session_patience_ms(w.session), 500);
	session_waited(w.session, 1500);
	assert_int_equal(session_patience_ms(w.session), 0);
	want_end("waited", STS_ACTION_ACCEPT, " wait_ms=3000 ");
	assert_int_equal(session_patience_ms(w.session), 2000);
	/* Not known in time: the recipient gets the mail. */
	fake_policy("slow.example", STS_MODE_ENFORCE, "1", "mx.slow.example");
	fake_known_from("slow.example", 1);
	plaintext("<a@sender.example>");
	want_rcpt("<x@slow.example>", STS_ACTION_ACCEPT);
	want_end("too late", STS_ACTION_ACCEPT, " action=accept ");
}

/* ---- what is put down when no end of the message comes ---- */

static void
test_counted_once(void **state)
{
	(void)state;
	begin_usual();
	for (size_t how = 0; how < 3; how++) {
		size_t before = fake_records();

		w.lines = 0;
		plaintext("<a@sender.example>");
		want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
		want_rcpt("<y@strict.example>", STS_ACTION_REJECT);
		if (how == 0)
			session_reset(w.session);
		else if (how == 1)
			plaintext("<b@sender.example>");	/* MAIL after MAIL */
		else
			session_free(&w.session);
		assert_int_equal(fake_records(), before + 1);
		assert_int_equal(w.lines, 1);
		assert_non_null(strstr(w.line, "NOQUEUE: result=none "));
		assert_non_null(strstr(w.line, " action=reject cause=recipient-policy waived=- refused=2 "));
		assert_true(fake_counted("messages"));
		assert_true(fake_counted("refused"));
		assert_true(fake_counted("action:reject"));
		assert_int_equal(fake_counted("sessions"), how == 0);
		assert_string_equal(fake_entry_field("ts"), "1760000000000");
		if (how < 2)
			session_reset(w.session);
		assert_int_equal(fake_records(), before + 1);
	}
	/* Nobody was refused: the client's own affair, as ever. */
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	session_reset(w.session);
	assert_int_equal(fake_records(), 3);
}

/* ---- quarantine ---- */

static void
test_quarantine(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("sender's", STS_ACTION_QUARANTINE, " action=quarantine cause=sender-policy ");
	assert_true(header_has("action=quarantine"));
	assert_false(fake_counted("refused"));
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("recipient's", STS_ACTION_QUARANTINE, " action=quarantine cause=recipient-policy ");
	plaintext("<a@enforce.example>");
	want_rcpt("<abuse@nothing.example>", STS_ACTION_ACCEPT);
	want_end("for abuse@ alone", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account ");
	plaintext("<a@enforce.example>");
	want_rcpt("<abuse@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("for abuse@ too", STS_ACTION_QUARANTINE, " action=quarantine ");
}

/* ---- more forged fields than anybody has time for ---- */

static int
setup_swamped(void **state)
{
	(void)state;
	return OPEN("max_forged_fields=3");
}

static int
setup_swamped_quarantine(void **state)
{
	(void)state;
	return OPEN("max_forged_fields=3", "forged_action=quarantine");
}

static int
setup_swamped_dry(void **state)
{
	(void)state;
	return OPEN("max_forged_fields=3", "forged_action=tempfail", "dry_run=yes");
}

static void
forge(size_t count)
{
	for (size_t i = 0; i < count; i++)
		session_field(w.session, "X-MTA-STS");
}

/* By default; over whatever TLS, and for clients that are exempt, too. */
static void
test_swamped(void **state)
{
	const struct session_mail auth = { .sender = "<a@enforce.example>", .auth_type = "PLAIN" };

	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	forge(3);
	want_end("as many as are removed", STS_ACTION_ACCEPT, " forged=3 ");
	assert_int_equal(w.outcome.forged, 3);
	mail("<a@sender.example>");
	forge(4);
	want_end("one more", STS_ACTION_REJECT, " action=reject cause=forged-fields waived=- refused=0 ");
	assert_non_null(strstr(w.line, " forged=4 "));
	assert_false(w.outcome.add);
	assert_string_equal(w.outcome.answer.reply.code, "550");
	assert_string_equal(w.outcome.answer.reply.xcode, "5.7.1");
	assert_string_equal(w.outcome.answer.reply.text, "More than 3 X-MTA-STS fields");
	assert_true(fake_counted("refused"));
	assert_true(fake_counted("cause:forged-fields"));
	assert_string_equal(fake_entry_field("cause"), "forged-fields");
	session_mail(w.session, &auth);
	forge(4);
	want_end("authenticated", STS_ACTION_REJECT, "exempt=auth action=reject cause=forged-fields forged=4 ");
	mail("<a@sender.example>");
	want_end("nothing of it in the next", STS_ACTION_ACCEPT, " forged=0 ");
	assert_null(strstr(w.line, "cause="));
}

static void
test_swamped_quarantine(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	forge(100000);
	want_end("held", STS_ACTION_QUARANTINE, " action=quarantine cause=forged-fields ");
	assert_int_equal(w.outcome.forged, 3);
	assert_true(w.outcome.add);
}

static void
test_swamped_dry_run(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@sender.example>");
	forge(4);
	want_end("dry run", STS_ACTION_ACCEPT, " action=would-tempfail cause=forged-fields waived=dry-run ");
	assert_int_equal(w.outcome.forged, 3);
	assert_true(w.outcome.add);
}

/* ---- holding back ---- */

static void
test_dry_run(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@sender.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("recipient's", STS_ACTION_ACCEPT, " action=would-tempfail cause=recipient-policy waived=dry-run refused=0 ");
	assert_true(header_has("action=would-tempfail"));
	assert_true(fake_counted("action:would-tempfail"));
	assert_string_equal(fake_entry_field("action"), "would-tempfail");
	/* Also where role accounts would have got their mail, and the others not. */
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_rcpt("<postmaster@nothing.example>", STS_ACTION_ACCEPT);
	want_end("sender's", STS_ACTION_ACCEPT, " action=would-reject cause=sender-policy waived=dry-run ");
	plaintext("<a@enforce.example>");
	want_rcpt("<postmaster@nothing.example>", STS_ACTION_ACCEPT);
	want_end("postmaster", STS_ACTION_ACCEPT, " action=accept cause=sender-policy waived=role-account ");
	assert_true(header_has("action=accept"));
	assert_int_equal(w.service.wire.tripped, false);
}

static void
test_trip_wire(void **state)
{
	struct service_tripwire wire;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin_usual();
		connect_from(i == 0 ? "198.51.100.1" : "203.0.113.1", NULL, "4444");
		plaintext(i == 0 ? "<a@one.example>" : "<a@two.example>");
		/* Many recipients of one message are one refusal. */
		for (int n = 0; n < 5; n++)
			want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
		session_reset(w.session);
	}
	service_tripwire(&w.service, &wire);
	assert_int_equal(wire.tripped_at, 0);
	assert_int_equal(wire.last_minute, 2);
	assert_int_equal(wire.limit, 2);
	assert_true(wire.enforces);
	/* A domain or a network that was there before is no news. */
	begin_usual();
	plaintext("<b@two.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	w.lines = 0;
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	assert_int_equal(w.lines, 1);
	assert_non_null(strstr(w.line, "trip wire: mail of more than 2 domains, from as many networks, refused or held"));
	want_end("tripped", STS_ACTION_ACCEPT, " action=would-reject cause=recipient-policy waived=trip-wire refused=0 ");
	service_tripwire(&w.service, &wire);
	assert_true(wire.tripped_at > 0);
	assert_int_equal(wire.trips, 1);
	assert_true(service_reset_tripwire(&w.service, "test"));
	assert_false(service_reset_tripwire(&w.service, "test"));
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_REJECT);
}

/* ---- rules ---- */

static int
setup_rules(void **state)
{
	char path[] = "/tmp/test_session_enforce.XXXXXX", setting[64];
	static const char rules[] =
	    "sender.example tls=required action=reject\n"
	    "enforce.example exempt\n"
	    "testing.example tls=optional\n"
	    "broken.example tls=required action=tempfail\n"
	    "rcpt:lax.example tls=required action=reject\n"
	    "rcpt:nothing.example exempt\n"
	    "rcpt:postmaster@strict.example tls=required action=reject\n"
	    "rcpt:abuse@strict.example exempt\n"
	    "cert.example cert=mail.partner.example client=192.0.2.0/24 action=reject\n";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, rules, sizeof(rules) - 1), sizeof(rules) - 1);
	close(fd);
	snprintf(setting, sizeof(setting), "domain_rules=%s", path);
	OPEN("sender_enforce_action=reject", "sender_testing_action=reject", "recipient_enforce_action=reject", setting);
	unlink(path);
	return 0;
}

/* Rules beat the actions in general, on their own side; an exempt one those of the other side, too, but no rule. */
static void
test_rules(void **state)
{
	static const struct {
		const char *sender, *rcpt;
		enum sts_action want;
	} rows[] = {
		{ "<a@sender.example>", "<x@elsewhere.example>", STS_ACTION_REJECT },
		{ "<a@sender.example>", "<x@nothing.example>", STS_ACTION_REJECT },	/* an exempt recipient, but a rule */
		{ "<a@sender.example>", "<postmaster@nothing.example>", STS_ACTION_ACCEPT },
		{ "<a@sender.example>", "<postmaster@strict.example>", STS_ACTION_REJECT },	/* named */
		{ "<a@sender.example>", "<abuse@strict.example>", STS_ACTION_ACCEPT },	/* named, to be let through */
		{ "<a@enforce.example>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },
		{ "<a@enforce.example>", "<x@strict.example>", STS_ACTION_ACCEPT },
		{ "<a@enforce.example>", "<x@lax.example>", STS_ACTION_REJECT },
		{ "<a@testing.example>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },
		{ "<a@testing.example>", "<x@strict.example>", STS_ACTION_REJECT },
		{ "<a@broken.example>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },	/* permerror: never */
		{ "<a@absent.example>", "<x@nothing.example>", STS_ACTION_ACCEPT },
		{ "<a@absent.example>", "<x@lax.example>", STS_ACTION_REJECT },
		{ "<>", "<x@lax.example>", STS_ACTION_REJECT },
		{ "<>", "<x@elsewhere.example>", STS_ACTION_ACCEPT },
	};

	(void)state;
	begin_usual();
	session_helo(w.session, "sender.example");
	for (size_t i = 0; i < COUNT(rows); i++) {
		plaintext(rows[i].sender);
		if (rcpt(rows[i].rcpt).action != rows[i].want)
			fail_msg("%s to %s: not %s", rows[i].sender, rows[i].rcpt, sts_action_name(rows[i].want));
		session_reset(w.session);
	}
}

/* A rule about a recipient whose domain's policy is not known yet: that is waited for, because nobody is refused before. */
static void
test_rules_wait(void **state)
{
	(void)state;
	begin_usual();
	mail("<a@absent.example>");
	session_rcpt(w.session, "<x@lax.example>");
	assert_null(session_rcpt_lookup(w.session, NOW_MS));
	plaintext("<a@absent.example>");
	session_rcpt(w.session, "<x@lax.example>");
	assert_non_null(session_rcpt_lookup(w.session, NOW_MS));
	session_reset(w.session);
	fake_known_from("lax.example", 1);
	plaintext("<a@absent.example>");
	want_rcpt("<x@lax.example>", STS_ACTION_ACCEPT);
}

static void
test_rules_of_certificates(void **state)
{
	struct session_mail mail = { .sender = "<a@cert.example>", .tls_version = "TLSv1.3" };
	const struct session_terms terms = { .macros_asked = true, .cert_asked = true };

	(void)state;
	begin_usual();
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);	/* nobody asked Postfix for it */
	session_set_terms(w.session, &terms);
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_REJECT);
	mail.cert_subject = "mail.partner.example";
	mail.cert_issuer = "Some CA";
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_ACCEPT);
	connect_from("198.51.100.1", NULL, NULL);
	session_mail(w.session, &mail);
	want_rcpt("<x@elsewhere.example>", STS_ACTION_REJECT);
}

/* Nothing is set: not a word more than without all this. */
static void
test_off(void **state)
{
	(void)state;
	begin_usual();
	plaintext("<a@enforce.example>");
	want_rcpt("<x@strict.example>", STS_ACTION_ACCEPT);
	want_end("off", STS_ACTION_ACCEPT, " action=accept source=");
	assert_null(strstr(w.outcome.header, "action="));
	assert_null(strstr(w.line, "cause="));
	assert_false(fake_counted("refused"));
	assert_string_equal(fake_entry_field("cause"), "");
}

/* A session keeps the settings it began with, while the trip wire is everybody's. */
static void
test_reload(void **state)
{
	static const char *const off[] = { "authserv_id=mx.test" };

	(void)state;
	begin_usual();
	service_conf_swap(&w.service, world_settings(off, 1));
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_REJECT);
	session_reset(w.session);
	begin_usual();
	plaintext("<a@enforce.example>");
	want_rcpt("<x@nothing.example>", STS_ACTION_ACCEPT);
	want_end("new session", STS_ACTION_ACCEPT, " action=accept source=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sender_at_rcpt, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_sender_at_end, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_never, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_unconfirmed, setup_sender, world_close),
		cmocka_unit_test_setup_teardown(test_recipients, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_refused_are_no_recipients, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_many_recipients, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_patience, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_counted_once, setup_recipient, world_close),
		cmocka_unit_test_setup_teardown(test_quarantine, setup_quarantine, world_close),
		cmocka_unit_test_setup_teardown(test_swamped, setup_swamped, world_close),
		cmocka_unit_test_setup_teardown(test_swamped_quarantine, setup_swamped_quarantine, world_close),
		cmocka_unit_test_setup_teardown(test_swamped_dry_run, setup_swamped_dry, world_close),
		cmocka_unit_test_setup_teardown(test_dry_run, setup_dry, world_close),
		cmocka_unit_test_setup_teardown(test_trip_wire, setup_wire, world_close),
		cmocka_unit_test_setup_teardown(test_rules, setup_rules, world_close),
		cmocka_unit_test_setup_teardown(test_rules_wait, setup_rules, world_close),
		cmocka_unit_test_setup_teardown(test_rules_of_certificates, setup_rules, world_close),
		cmocka_unit_test_setup_teardown(test_off, setup_off, world_close),
		cmocka_unit_test_setup_teardown(test_reload, setup_sender, world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
