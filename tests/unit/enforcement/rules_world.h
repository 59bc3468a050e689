/* SPDX-License-Identifier: ISC */
/* rules_world.h - rules read from a text, what is said of its mistakes, and sessions to hold against rules. */
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
	char storage[NOTES_CAP];	/* "LINE: TEXT\n" for each */
	struct sts_text text;
	size_t count;
};
void init_notes(struct notes *notes);
void keep_note(void *notes, unsigned line, const char *text);	/* a sts_rules_note_fn */

/* The rules of a text in a piece of memory of just its size; NULL and notes when it is wrong. To be freed with sts_domain_rules_free. */
struct sts_domain_rules *parse_bytes(const char *text, size_t len, struct notes *notes);
struct sts_domain_rules *parse(const char *text, struct notes *notes);
/* The test fails where the text is wrong. */
struct sts_domain_rules *parse_good(const char *text);

extern const struct sts_rule_session nobody;	/* of whom nothing is known */
/* What a client is, in one word: an address, a name, "pending" for a name that DNS does not tell now. addr is the address's place. */
struct sts_rule_session session_of(const char *client, struct sts_ipaddr *addr);

#endif
