/* SPDX-License-Identifier: ISC */
/*
 * domain_rules.c - parses a text into a hash table of patterns, and finds the rule of a domain. Does not know the grammar of lines.
 *
 * Rules and their strings are in chunks that are freed together. The key of a rule is its pattern, with its dot: a lookup of
 * "a.b.example" tries "a.b.example", ".b.example", ".example", all of which are parts of that same string.
 */
#include "config.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/date.h"
#include "shared-cache/base/hash.h"
#include "shared-cache/base/text.h"
#include "shared-cache/enforcement/domain_rules_private.h"

enum { CHUNK_SIZE = 64 << 10 };

struct chunk {
	struct chunk *next;
	size_t used;
	alignas(max_align_t) char bytes[CHUNK_SIZE];
};

struct node {
	struct sts_domain_rule rule;
	struct node *same;		/* the next one with the same pattern */
	struct node *next;		/* in the file */
	UT_hash_handle hh;		/* used in the first one of a pattern only */
};

struct sts_domain_rules {
	struct node *by_pattern[STS_RULE_SIDES];
	struct node *first, **last;
	size_t count;
	bool asks_cert;
	struct chunk *chunks;
	struct sts_rule_clients *clients;
};

/* Reports about lines, up to STS_RULES_NOTES of them. */
struct notes {
	sts_rules_note_fn *tell;
	void *arg;
	size_t count;
};

static void
note(struct notes *notes, unsigned line, const char *text)
{
	if (++notes->count <= STS_RULES_NOTES && notes->tell != NULL)
		notes->tell(notes->arg, line, text);
}

static void
end_notes(const struct notes *notes, const char *what)
{
	char storage[64];
	struct sts_text text;

	if (notes->count <= STS_RULES_NOTES || notes->tell == NULL)
		return;
	sts_text_init(&text, storage, sizeof(storage));
	sts_text_addf(&text, "and %zu more %s", notes->count - STS_RULES_NOTES, what);
	notes->tell(notes->arg, 0, storage);
}

/* ---- memory ---- */

/* The client names of a line are the largest allocation. */
_Static_assert(sizeof(((struct sts_rule_draft *)0)->names) < CHUNK_SIZE, "a chunk must hold every piece");

static void *
take(struct sts_domain_rules *rules, size_t size, size_t align)
{
	struct chunk *chunk = rules->chunks;
	size_t at = chunk != NULL ? (chunk->used + align - 1) / align * align : CHUNK_SIZE;

	if (at + size > CHUNK_SIZE) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
		chunk->next = rules->chunks;
		rules->chunks = chunk;
		at = 0;
	}
	chunk->used = at + size;
	return chunk->bytes + at;
}

/* Stores a NUL-terminated copy; bytes may be NULL, and then *out is. False when out of memory. */
static bool
keep(struct sts_domain_rules *rules, const char *bytes, size_t len, const char **out)
{
	char *copy;

	*out = NULL;
	if (bytes == NULL)
		return true;
	copy = take(rules, len + 1, 1);
	if (copy == NULL)
		return false;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	*out = copy;
	return true;
}

static bool
keep_clients(struct sts_domain_rules *rules, struct sts_rule_draft *draft, const struct sts_rule_clients **out)
{
	struct sts_rule_clients *clients;

	*out = NULL;
	if (draft->networks == NULL && draft->names_len == 0)
		return true;
	clients = take(rules, sizeof(*clients), alignof(struct sts_rule_clients));
	if (clients == NULL || !keep(rules, draft->names, draft->names_len, &clients->names))
		return false;
	clients->networks = draft->networks;
	draft->networks = NULL;
	clients->next = rules->clients;
	rules->clients = clients;
	*out = clients;
	return true;
}

static struct node *
make_node(struct sts_domain_rules *rules, struct sts_rule_draft *draft, unsigned line)
{
	struct node *node = take(rules, sizeof(*node), alignof(struct node));
	struct sts_domain_rule *rule;

	if (node == NULL)
		return NULL;
	memset(node, 0, sizeof(*node));
	rule = &node->rule;
	rule->line = line;
	rule->side = draft->side;
	rule->kind = draft->kind;
	rule->action = draft->action;
	rule->min_version = draft->min_version;
	rule->from = draft->from;
	rule->until = draft->until;
	if (!keep(rules, draft->pattern, strlen(draft->pattern), &rule->pattern) ||
	    !keep(rules, draft->subject.bytes, draft->subject.len, &rule->cert_subject) ||
	    !keep(rules, draft->issuer.bytes, draft->issuer.len, &rule->cert_issuer) ||
	    !keep_clients(rules, draft, &rule->clients))
		return NULL;
	return node;
}

void
sts_domain_rules_free(struct sts_domain_rules **rules)
{
	struct chunk *chunk;

	if (*rules == NULL)
		return;
	for (size_t side = 0; side < STS_RULE_SIDES; side++)
		HASH_CLEAR(hh, (*rules)->by_pattern[side]);
	for (struct sts_rule_clients *c = (*rules)->clients; c != NULL; c = c->next)
		sts_netlist_free(&c->networks);
	while ((chunk = (*rules)->chunks) != NULL) {
		(*rules)->chunks = chunk->next;
		free(chunk);
	}
	free(*rules);
	*rules = NULL;
}

/* ---- making ---- */

struct reader {
	struct sts_domain_rules *rules;
	struct notes mistakes;
	unsigned line;
	bool full;
};

static struct node *
find_pattern(const struct sts_domain_rules *rules, enum sts_rule_side side, const char *pattern, size_t len)
{
	struct node *found;

	HASH_FIND(hh, rules->by_pattern[side], pattern, len, found);
	return found;
}

/* A narrowed rule never conflicts. */
static bool
conflicts(const struct sts_domain_rule *a, const struct sts_domain_rule *b)
{
	return !sts_domain_rule_is_narrowed(a) && !sts_domain_rule_is_narrowed(b) && a->from <= b->until && b->from <= a->until;
}

/* Appends node to the rules with the same pattern. False, with a mistake reported, when that is not allowed. */
static bool
join(struct reader *r, struct node *first, struct node *node)
{
	char storage[STS_RULE_WHY_CAP];
	struct sts_text text;
	struct node **end = &first;
	size_t count = 1;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_addf(&text, "\"%s%s\": ", sts_rule_side_prefix(node->rule.side), node->rule.pattern);
	for (; *end != NULL; end = &(*end)->same) {
		if (conflicts(&(*end)->rule, &node->rule)) {
			sts_text_addf(&text, "line %u has a rule for it already, and for the same days", (*end)->rule.line);
			note(&r->mistakes, r->line, storage);
			return false;
		}
		count++;
	}
	if (count > STS_RULES_PER_PATTERN) {
		sts_text_addf(&text, "more than %d rules for it", (int)STS_RULES_PER_PATTERN);
		note(&r->mistakes, r->line, storage);
		return false;
	}
	*end = node;
	return true;
}

static enum sts_status
add_node(struct reader *r, struct node *node)
{
	struct sts_domain_rules *rules = r->rules;
	struct node **table = &rules->by_pattern[node->rule.side];
	size_t len = strlen(node->rule.pattern);
	struct node *first = find_pattern(rules, node->rule.side, node->rule.pattern, len);

	if (first != NULL && !join(r, first, node))
		return STS_OK;
	if (first == NULL) {
		HASH_ADD_KEYPTR(hh, *table, node->rule.pattern, len, node);
		if (node->hh.tbl == NULL)
			return STS_ENOMEM;
	}
	*rules->last = node;
	rules->last = &node->next;
	rules->count++;
	rules->asks_cert = rules->asks_cert || node->rule.cert_subject != NULL;		/* an issuer implies a subject */
	return STS_OK;
}

static enum sts_status
take_line(struct reader *r, const char *line, size_t len)
{
	char why[STS_RULE_WHY_CAP];
	struct sts_rule_draft draft;
	enum sts_status status = sts_domain_rule_parse_line(line, len, &draft, why);
	struct node *node;

	if (status == STS_EINVAL)
		note(&r->mistakes, r->line, why);
	if (status == STS_EINVAL || status == STS_ENOTFOUND)
		return STS_OK;
	if (status != STS_OK)
		return status;
	if (r->rules->count == STS_RULES_MAX) {
		note(&r->mistakes, r->line, "too many rules: the rest is not looked at");
		sts_domain_rule_draft_fini(&draft);
		r->full = true;
		return STS_OK;
	}
	node = make_node(r->rules, &draft, r->line);
	sts_domain_rule_draft_fini(&draft);
	return node == NULL ? STS_ENOMEM : add_node(r, node);
}

static enum sts_status
take_text(struct reader *r, const char *text, size_t len)
{
	enum sts_status status = STS_OK;
	const char *end = text + len;

	while (status == STS_OK && text < end && !r->full) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = (size_t)((lf != NULL ? lf : end) - text);
		size_t cr = line_len > 0 && text[line_len - 1] == '\r' ? 1 : 0;

		r->line++;
		status = take_line(r, text, line_len - cr);
		text += line_len + (lf != NULL ? 1 : 0);
	}
	return status;
}

enum sts_status
sts_domain_rules_parse(const char *text, size_t len, sts_rules_note_fn *mistake, void *arg, struct sts_domain_rules **out)
{
	struct reader r = { .rules = calloc(1, sizeof(*r.rules)), .mistakes = { mistake, arg, 0 } };
	enum sts_status status = STS_OK;

	*out = NULL;
	if (r.rules == NULL)
		return STS_ENOMEM;
	r.rules->last = &r.rules->first;
	if (len > STS_RULES_TEXT_MAX)
		note(&r.mistakes, 0, "too long for a file of rules");
	else
		status = take_text(&r, text, len);
	end_notes(&r.mistakes, "lines that are wrong");
	if (status == STS_OK && r.mistakes.count > 0)
		status = STS_EINVAL;
	if (status == STS_OK)
		*out = r.rules;
	else
		sts_domain_rules_free(&r.rules);
	return status;
}

size_t
sts_domain_rules_count(const struct sts_domain_rules *rules)
{
	return rules != NULL ? rules->count : 0;
}

bool
sts_domain_rules_asks_cert(const struct sts_domain_rules *rules)
{
	return rules != NULL && rules->asks_cert;
}

/* ---- warnings ---- */

static void
warn(struct notes *notes, const struct sts_domain_rule *rule, const char *what)
{
	char storage[STS_RULE_WHY_CAP];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_addf(&text, "\"%s%s\": %s", sts_rule_side_prefix(rule->side), rule->pattern, what);
	note(notes, rule->line, storage);
}

static void
warn_of(const struct sts_domain_rule *rule, int32_t today, struct notes *notes)
{
	if (rule->until < today)
		warn(notes, rule, "its days are over");
	if (rule->pattern[0] == '.' && strchr(rule->pattern + 1, '.') == NULL)
		warn(notes, rule, "this covers a whole top-level domain");
	if (rule->min_version != 0 && rule->min_version < sts_tls_version_rank("TLSv1.2"))
		warn(notes, rule, "versions before TLSv1.2 are deprecated (RFC 8996)");
}

void
sts_domain_rules_warn(const struct sts_domain_rules *rules, int64_t now, sts_rules_note_fn *warning, void *arg)
{
	struct notes notes = { warning, arg, 0 };

	for (const struct node *node = rules->first; node != NULL; node = node->next)
		warn_of(&node->rule, sts_date_day_of(now), &notes);
	end_notes(&notes, "warnings");
}

/* ---- finding ---- */

struct question {
	const struct sts_domain_rules *rules;
	enum sts_rule_side side;
	const struct sts_rule_session *session;
	int32_t today;
};

/* The rule for one pattern: the first narrowed one that applies to this client, else the one for all. */
static const struct sts_domain_rule *
ask_pattern(const struct question *q, const char *pattern, size_t len)
{
	const struct sts_domain_rule *for_all = NULL;

	for (const struct node *node = find_pattern(q->rules, q->side, pattern, len); node != NULL; node = node->same) {
		const struct sts_domain_rule *rule = &node->rule;

		if (q->today < rule->from || q->today > rule->until || !sts_domain_rule_applies(rule, q->session))
			continue;
		if (sts_domain_rule_is_narrowed(rule))
			return rule;
		for_all = rule;
	}
	return for_all;
}

const struct sts_domain_rule *
sts_domain_rules_find(const struct sts_domain_rules *rules, enum sts_rule_side side, const char *domain,
    const struct sts_rule_session *session, int64_t now)
{
	const struct question q = { rules, side, session, sts_date_day_of(now) };
	const struct sts_domain_rule *found = NULL;
	size_t len = strlen(domain);

	if (rules == NULL || len == 0)
		return NULL;
	for (const char *p = domain; found == NULL && p != NULL; p = strchr(p + 1, '.'))
		found = ask_pattern(&q, p, len - (size_t)(p - domain));
	return found;
}

const struct sts_domain_rule *
sts_domain_rules_find_role(const struct sts_domain_rules *rules, const char *local_part, const char *domain,
    const struct sts_rule_session *session, int64_t now)
{
	const struct question q = { rules, STS_RULE_RCPT, session, sts_date_day_of(now) };
	char pattern[STS_RULE_PATTERN_CAP];
	struct sts_text text;

	if (rules == NULL)
		return NULL;
	sts_text_init(&text, pattern, sizeof(pattern));
	for (const char *p = local_part; *p != '\0'; p++) {
		char c = sts_ascii_lower(*p);

		sts_text_add_bytes(&text, &c, 1);
	}
	sts_text_addf(&text, "@%s", domain);
	return text.overflow ? NULL : ask_pattern(&q, pattern, text.len);
}
