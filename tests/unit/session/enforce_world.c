/* SPDX-License-Identifier: ISC */
/* enforce_world.c - see enforce_world.h. */
#include "config.h"

#include "tests/unit/session/enforce_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/fake_cache.h"

enum { OVERRIDES_MAX = 12 };

int
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

void
plaintext(const char *sender)
{
	mail_over(sender, NULL, NULL, NULL);
}

struct refusal_answer
rcpt(const char *path)
{
	struct refusal_answer answer;

	session_rcpt(w.session, path);
	session_rcpt_decide(w.session, NOW_MS, &answer);
	return answer;
}

void
want_rcpt(const char *path, enum sts_action want)
{
	struct refusal_answer answer = rcpt(path);

	if (answer.action != want)
		fail_msg("%s: got %s, want %s", path, sts_action_name(answer.action), sts_action_name(want));
}

void
want_end(const char *name, enum sts_action want, const char *logged)
{
	finish();
	if (w.outcome.answer.action != want)
		fail_msg("%s: got %s, want %s", name, sts_action_name(w.outcome.answer.action), sts_action_name(want));
	if (strstr(w.line, logged) == NULL)
		fail_msg("%s: \"%s\" is not in \"%s\"", name, logged, w.line);
}
