/* SPDX-License-Identifier: ISC */
/* rules_world.h - fixture: rules parsed from a text, the messages about its mistakes, and sessions to match against rules. */
#ifndef RULES_WORLD_H
#define RULES_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "shared-cache/base/text.h"
#include "shared-cache/enforcement/domain_rules.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { DAY = 86400, NOTES_CAP = 32768 };
extern const int64_t today;	/* 2026-11-24 00:00:00 */

struct notes {
	char storage[NOTES_CAP];	/* a line "LINE: TEXT\n" for each message */
	struct sts_text text;
	size_t count;
};
void init_notes(struct notes *notes);
void keep_note(void *notes, unsigned line, const char *text);	/* a sts_rules_note_fn */

/* Parses a text in a buffer of exactly its size; NULL, with notes, when it is invalid. Release with sts_domain_rules_free. */
struct sts_domain_rules *parse_bytes(const char *text, size_t len, struct notes *notes);
struct sts_domain_rules *parse(const char *text, struct notes *notes);
/* Fails the test when the text is invalid. */
struct sts_domain_rules *parse_good(const char *text);

extern const struct sts_rule_session nobody;	/* nothing is known about it */
/* Describes a client in one word: an address, a name, or "pending" for a name that DNS cannot tell now. addr is storage. */
struct sts_rule_session session_of(const char *client, struct sts_ipaddr *addr);

#endif
