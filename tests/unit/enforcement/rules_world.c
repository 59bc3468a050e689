/* SPDX-License-Identifier: ISC */
/* rules_world.c - makes rules and sessions from text. */
#include "config.h"

#include "tests/unit/enforcement/rules_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const int64_t today = 20781LL * DAY;
const struct sts_rule_session nobody = { .cert_told = true };

void
keep_note(void *arg, unsigned line, const char *text)
{
	struct notes *notes = arg;

	sts_text_addf(&notes->text, "%u: %s\n", line, text);
	notes->count++;
}

void
init_notes(struct notes *notes)
{
	sts_text_init(&notes->text, notes->storage, sizeof(notes->storage));
	notes->count = 0;
}

struct sts_domain_rules *
parse_bytes(const char *text, size_t len, struct notes *notes)
{
	char *exact = malloc(len > 0 ? len : 1);
	struct sts_domain_rules *rules;
	enum sts_status status;

	assert_non_null(exact);
	memcpy(exact, text, len);
	init_notes(notes);
	status = sts_domain_rules_parse(exact, len, keep_note, notes, &rules);
	free(exact);
	assert_true(status == STS_OK || status == STS_EINVAL);
	assert_true((status == STS_OK) == (rules != NULL));
	assert_true((status == STS_OK) == (notes->count == 0));
	assert_false(notes->text.overflow);
	return rules;
}

struct sts_domain_rules *
parse(const char *text, struct notes *notes)
{
	return parse_bytes(text, strlen(text), notes);
}

struct sts_domain_rules *
parse_good(const char *text)
{
	struct notes notes;
	struct sts_domain_rules *rules = parse(text, &notes);

	if (rules == NULL)
		fail_msg("%s: %s", text, notes.storage);
	return rules;
}

struct sts_rule_session
session_of(const char *client, struct sts_ipaddr *addr)
{
	struct sts_rule_session session = nobody;

	session.client_name_pending = strcmp(client, "pending") == 0;
	if (sts_ipaddr_parse(client, strlen(client), addr))
		session.client = addr;
	else if (!session.client_name_pending)
		session.client_name = client;
	return session;
}
