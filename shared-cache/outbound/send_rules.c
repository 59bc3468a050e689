/* SPDX-License-Identifier: ISC */
/* send_rules.c - parses `send:` lines, and finds the one for a domain. Knows neither files nor answers. */
#include "config.h"

#include "shared-cache/outbound/send_rules.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/hash.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/domain.h"

enum { SHOWN_MAX = 60, MATCH_MAX = 1024, NOTE_CAP = 320 };

struct rule {
	struct sts_send_rule rule;
	char pattern[STS_DOMAIN_CAP + 1];
	char *match;
	UT_hash_handle hh;
};

struct sts_send_rules {
	struct rule *table;
};

struct word {
	const char *s;
	size_t len;
};

/* Reports mistakes, and counts them. */
struct notes {
	sts_rules_note_fn *fn;
	void *arg;
	size_t count;
	bool no_memory;
};

const char *
sts_send_level_name(unsigned level)
{
	static const char *const names[STS_SEND_LEVELS] = {
		[STS_SEND_DEFAULT] = "default", [STS_SEND_NONE] = "none", [STS_SEND_MAY] = "may", [STS_SEND_ENCRYPT] = "encrypt",
		[STS_SEND_DANE] = "dane", [STS_SEND_DANE_ONLY] = "dane-only", [STS_SEND_SECURE] = "secure",
	};

	return level < STS_SEND_LEVELS ? names[level] : "";
}

/* ---- one line ---- */

static struct word
next_word(const char **at, const char *end)
{
	struct word word;

	while (*at < end && (sts_ascii_is_wsp(**at) || **at == '\r'))
		(*at)++;
	word.s = *at;
	while (*at < end && !sts_ascii_is_wsp(**at) && **at != '\r')
		(*at)++;
	word.len = (size_t)(*at - word.s);
	if (word.len > 0 && word.s[0] == '#') {
		*at = end;
		word.len = 0;
	}
	return word;
}

static bool
takes(struct word *word, const char *prefix)
{
	size_t len = strlen(prefix);

	if (word->len < len || memcmp(word->s, prefix, len) != 0)
		return false;
	word->s += len;
	word->len -= len;
	return true;
}

bool
sts_send_rules_is_send_line(const char *line, size_t len)
{
	const char *at = line;
	struct word word = next_word(&at, line + len);

	return takes(&word, "send:");
}

static bool
parse_level(struct word word, enum sts_send_level *out)
{
	for (unsigned i = 0; i < STS_SEND_LEVELS; i++) {
		if (strlen(sts_send_level_name(i)) != word.len || memcmp(sts_send_level_name(i), word.s, word.len) != 0)
			continue;
		*out = (enum sts_send_level)i;
		return true;
	}
	return false;
}

/* Names separated by colons; nothing that could end the attribute or begin another. */
static bool
match_is_sound(struct word word)
{
	if (word.len == 0 || word.len > MATCH_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (!sts_ascii_is_alnum(word.s[i]) && strchr(".-_:", word.s[i]) == NULL)
			return false;
	}
	return word.s[0] != ':' && word.s[word.len - 1] != ':';
}

static const char *
set_pattern(struct rule *r, struct word word)
{
	size_t dot = word.len > 0 && word.s[0] == '.' ? 1 : 0;
	enum sts_domain_fault fault;

	if (word.len > 1 && word.s[0] == '*')
		return "subdomains are written with a dot in front, without the *";
	r->pattern[0] = '.';
	fault = sts_domain_normalise(word.s + dot, word.len - dot, r->pattern + dot);
	if (fault != STS_DOMAIN_OK)
		return sts_domain_fault_text(fault);
	/* such a rule would never apply: socketmap_key.c */
	return strchr(r->pattern, '.') == NULL ? "a name of one label, about which Postfix is told nothing" : NULL;
}

static const char *
set_match(struct rule *r, struct word word, struct notes *notes)
{
	if (r->match != NULL)
		return "match is given twice";
	if (!match_is_sound(word))
		return "match must be names such as mx.example:.mx.example";
	r->match = strndup(word.s, word.len);
	if (r->match == NULL)
		notes->no_memory = true;
	return NULL;
}

/* Parses a line. Returns NULL, or what is wrong with it. */
static const char *
read_line(struct rule *r, const char *line, size_t len, struct notes *notes)
{
	const char *at = line, *end = line + len, *wrong;
	struct word word = next_word(&at, end);
	bool has_level = false;

	(void)takes(&word, "send:");
	if ((wrong = set_pattern(r, word)) != NULL)
		return wrong;
	for (word = next_word(&at, end); word.len > 0; word = next_word(&at, end)) {
		if (takes(&word, "tls=")) {
			if (has_level)
				return "tls is given twice";
			if (!parse_level(word, &r->rule.level))
				return "tls must be default, none, may, encrypt, dane, dane-only or secure";
			has_level = true;
		} else if (takes(&word, "match=")) {
			if ((wrong = set_match(r, word, notes)) != NULL)
				return wrong;
		} else {
			return "send: allows only tls= and match=";
		}
	}
	if (!has_level)
		return "tls= is missing";
	return r->match != NULL && r->rule.level != STS_SEND_SECURE ? "match= goes with tls=secure alone" : NULL;
}

/* ---- all of them ---- */

static void
free_rule(struct rule *r)
{
	free(r->match);
	free(r);
}

static void
tell(struct notes *notes, unsigned line, const char *wrong, const char *text, size_t len)
{
	char storage[NOTE_CAP];
	struct sts_text note;

	if (++notes->count > STS_RULES_NOTES)
		return;
	sts_text_init(&note, storage, sizeof(storage));
	sts_text_addf(&note, "%s, in \"", wrong);
	sts_text_add_shown(&note, text, len, SHOWN_MAX);
	sts_text_add(&note, "\"");
	notes->fn(notes->arg, line, storage);
}

/* Takes over the rule. */
static void
add(struct sts_send_rules *rules, struct rule *r, struct notes *notes)
{
	HASH_ADD_KEYPTR(hh, rules->table, r->pattern, strlen(r->pattern), r);
	if (r->hh.tbl != NULL)
		return;
	notes->no_memory = true;
	free_rule(r);
}

static void
take_line(struct sts_send_rules *rules, const char *line, size_t len, unsigned number, struct notes *notes)
{
	struct rule *r = calloc(1, sizeof(*r)), *twin = NULL;
	const char *wrong;

	if (r == NULL) {
		notes->no_memory = true;
		return;
	}
	r->rule.line = number;
	wrong = len > STS_RULE_LINE_MAX ? "too long" : read_line(r, line, len, notes);
	if (wrong == NULL) {
		r->rule.pattern = r->pattern;
		r->rule.match = r->match;
		HASH_FIND(hh, rules->table, r->pattern, (unsigned)strlen(r->pattern), twin);
	}
	if (wrong == NULL && twin != NULL)
		wrong = "there is a rule for this name already";
	if (wrong == NULL) {
		add(rules, r, notes);
		return;
	}
	tell(notes, number, wrong, line, len);
	free_rule(r);
}

enum sts_status
sts_send_rules_parse(const char *text, size_t len, sts_rules_note_fn *mistake, void *arg, struct sts_send_rules **out)
{
	struct notes notes = { .fn = mistake, .arg = arg };
	struct sts_send_rules *rules = calloc(1, sizeof(*rules));
	unsigned number = 0;

	*out = NULL;
	if (rules == NULL)
		return STS_ENOMEM;
	while (len > 0 && !notes.no_memory) {
		const char *newline = memchr(text, '\n', len);
		size_t line_len = newline != NULL ? (size_t)(newline - text) : len;

		number++;
		if (sts_send_rules_is_send_line(text, line_len))
			take_line(rules, text, line_len, number, &notes);
		len -= newline != NULL ? line_len + 1 : line_len;
		text += newline != NULL ? line_len + 1 : line_len;
	}
	if (notes.no_memory || notes.count > 0 || rules->table == NULL)
		sts_send_rules_free(&rules);
	*out = rules;
	return notes.no_memory ? STS_ENOMEM : notes.count > 0 ? STS_EINVAL : STS_OK;
}

void
sts_send_rules_free(struct sts_send_rules **rules)
{
	struct rule *r, *next;

	if (*rules == NULL)
		return;
	r = (*rules)->table;
	HASH_CLEAR(hh, (*rules)->table);	/* frees no elements */
	for (; r != NULL; r = next) {
		next = r->hh.next;
		free_rule(r);
	}
	free(*rules);
	*rules = NULL;
}

size_t
sts_send_rules_count(const struct sts_send_rules *rules)
{
	return rules == NULL ? 0 : HASH_COUNT(rules->table);
}

const struct sts_send_rule *
sts_send_rules_find(const struct sts_send_rules *rules, const char *domain)
{
	struct rule *r = NULL;

	if (rules == NULL)
		return NULL;
	while (domain != NULL && domain[0] != '\0') {
		HASH_FIND(hh, rules->table, domain, (unsigned)strlen(domain), r);
		if (r != NULL)
			return &r->rule;
		/* next: the suffix after the first label, with its dot */
		domain = strchr(domain + 1, '.');
	}
	return NULL;
}
