/* SPDX-License-Identifier: ISC */
/* domain_rule_line.c - the grammar of a line of the domain rules. Knows neither other lines nor files. */
#include "config.h"

#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/date.h"
#include "shared-cache/base/text.h"
#include "shared-cache/enforcement/domain_rules_private.h"

enum { SHOWN_MAX = 60 };

enum word_bit {
	WORD_EXEMPT = 1 << 0, WORD_TLS = 1 << 1, WORD_VERSION = 1 << 2, WORD_CERT = 1 << 3, WORD_CLIENT = 1 << 4,
	WORD_ACTION = 1 << 5, WORD_FROM = 1 << 6, WORD_UNTIL = 1 << 7,
};

struct parsing {
	struct sts_rule_draft *draft;
	unsigned seen;		/* one bit per word */
	bool optional;
	bool no_memory;
};

/* Parses a value. Returns NULL, or what is wrong with it. */
typedef const char *value_fn(struct parsing *p, const char *value, size_t len);

static bool
is_text(const char *value, size_t len, const char *text)
{
	return strlen(text) == len && memcmp(value, text, len) == 0;
}

/* ---- values ---- */

static const char *
set_exempt(struct parsing *p, const char *value, size_t len)
{
	(void)value;
	(void)len;
	p->draft->kind = STS_RULE_EXEMPT;
	return NULL;
}

static const char *
set_tls(struct parsing *p, const char *value, size_t len)
{
	p->optional = is_text(value, len, "optional");
	if (!p->optional && !is_text(value, len, "required"))
		return "must be required or optional";
	if (p->optional)
		p->draft->kind = STS_RULE_OPTIONAL;
	return NULL;
}

static const char *
set_version(struct parsing *p, const char *value, size_t len)
{
	static const char *const names[] = { "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_text(value, len, names[i]))
			continue;
		p->draft->min_version = sts_tls_version_rank(names[i]);
		return NULL;
	}
	return "must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3";
}

static const char *
set_cert(struct parsing *p, const char *value, size_t len)
{
	const char *slash = memchr(value, '/', len);
	size_t subject = slash != NULL ? (size_t)(slash - value) : len;

	if (len > STS_RULE_CERT_MAX)
		return "too long for the names in a certificate";
	p->draft->subject = (struct sts_rule_slice){ value, subject };
	if (slash != NULL)
		p->draft->issuer = (struct sts_rule_slice){ slash + 1, len - subject - 1 };
	if (subject == 0 || (slash != NULL && p->draft->issuer.len == 0))
		return "must be SUBJECT or SUBJECT/ISSUER (* for any)";
	if (slash != NULL && memchr(slash + 1, '/', p->draft->issuer.len) != NULL)
		return "more than one slash (? stands for one that is part of a name)";
	return NULL;
}

static const char *
set_action(struct parsing *p, const char *value, size_t len)
{
	return sts_action_parse(value, len, &p->draft->action) ? NULL : "must be accept, quarantine, tempfail or reject";
}

/* ---- clients ---- */

static const char *
add_name(struct sts_rule_draft *draft, const char *value, size_t len)
{
	size_t dot = len > 0 && value[0] == '.' ? 1 : 0;
	char name[STS_DOMAIN_CAP];
	enum sts_domain_fault fault;

	if (len > 1 && value[0] == '*' && value[1] == '.')
		return "subdomains are written with a dot in front, without the *";
	fault = sts_domain_normalise(value + dot, len - dot, name);
	if (fault != STS_DOMAIN_OK)
		return sts_domain_fault_text(fault);
	memcpy(draft->names + draft->names_len, ".", dot);
	memcpy(draft->names + draft->names_len + dot, name, strlen(name) + 1);
	draft->names_len += dot + strlen(name) + 1;
	draft->names[draft->names_len] = '\0';
	return NULL;
}

static bool
is_network(const char *value, size_t len)
{
	struct sts_ipaddr addr;

	return memchr(value, '/', len) != NULL || sts_ipaddr_parse(value, len, &addr);
}

/* list: networks separated by commas. */
static const char *
set_networks(struct parsing *p, const char *list)
{
	struct sts_diag diag;
	enum sts_status status;

	sts_diag_init(&diag);
	status = sts_netlist_parse(list, &p->draft->networks, &diag);
	p->no_memory = status == STS_ENOMEM;
	if (status != STS_EINVAL)
		return NULL;
	return strncmp(diag.error.text, "host bits", 9) == 0 ? "host bits are set in a network" : "not a network";
}

static const char *
add_client(struct sts_rule_draft *draft, const char *value, size_t len, struct sts_text *networks)
{
	if (!is_network(value, len))
		return add_name(draft, value, len);
	sts_text_add(networks, networks->len > 0 ? "," : "");
	sts_text_add_bytes(networks, value, len);
	return NULL;
}

static const char *
set_client(struct parsing *p, const char *value, size_t len)
{
	char storage[STS_RULE_LINE_MAX + 1];
	struct sts_text networks;
	const char *wrong = NULL;
	size_t begin = 0, count = 0;

	sts_text_init(&networks, storage, sizeof(storage));
	while (wrong == NULL && begin <= len) {
		const char *comma = memchr(value + begin, ',', len - begin);
		size_t end = comma != NULL ? (size_t)(comma - value) : len;

		if (++count > STS_RULE_CLIENTS_MAX)
			return "more than 64 clients";
		wrong = add_client(p->draft, value + begin, end - begin, &networks);
		begin = end + 1;
	}
	return wrong == NULL && networks.len > 0 ? set_networks(p, storage) : wrong;
}

/* ---- days ---- */

static const char *
set_day(const char *value, size_t len, int32_t *out)
{
	return sts_date_parse(value, len, out) ? NULL : "must be a day of the calendar as YYYY-MM-DD";
}

static const char *
set_from(struct parsing *p, const char *value, size_t len)
{
	return set_day(value, len, &p->draft->from);
}

static const char *
set_until(struct parsing *p, const char *value, size_t len)
{
	return set_day(value, len, &p->draft->until);
}

/* ---- words ---- */

static const struct word {
	const char *name;	/* including the `=` of words with a value */
	unsigned bit;
	value_fn *set;
} words[] = {
	{ "exempt", WORD_EXEMPT, set_exempt },
	{ "tls=", WORD_TLS, set_tls },
	{ "version=", WORD_VERSION, set_version },
	{ "cert=", WORD_CERT, set_cert },
	{ "client=", WORD_CLIENT, set_client },
	{ "action=", WORD_ACTION, set_action },
	{ "from=", WORD_FROM, set_from },
	{ "until=", WORD_UNTIL, set_until },
};

static const struct word *
find_word(const char *text, size_t len, size_t *name_len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		*name_len = strlen(words[i].name);
		if (len >= *name_len && memcmp(text, words[i].name, *name_len) == 0 &&
		    (words[i].name[*name_len - 1] == '=' || len == *name_len))
			return &words[i];
	}
	return NULL;
}

static const char *
take_word(struct parsing *p, const char *text, size_t len)
{
	size_t name_len;
	const struct word *word = find_word(text, len, &name_len);

	if (word == NULL)
		return "no such word (exempt, tls=, version=, cert=, client=, action=, from=, until=)";
	if (p->seen & word->bit)
		return "this word is given twice";
	p->seen |= word->bit;
	return word->set(p, text + name_len, len - name_len);
}

/* Checks the words together. */
static const char *
check_together(const struct parsing *p)
{
	unsigned seen = p->seen;

	if ((seen & WORD_EXEMPT) && (seen & (WORD_TLS | WORD_VERSION | WORD_ACTION)))
		return "exempt excludes tls=, version= and action=";
	if (p->optional && (seen & (WORD_VERSION | WORD_ACTION)))
		return "tls=optional excludes version= and action=";
	if (p->draft->from > p->draft->until)
		return "until= is before from=";
	if (p->draft->kind != STS_RULE_REQUIRE)
		return NULL;
	if (!(seen & (WORD_TLS | WORD_VERSION | WORD_CERT)))
		return seen & WORD_CLIENT ? "client= says who, not what: add tls=required, tls=optional or exempt" :
		    "nothing is required: add tls=, version=, cert= or exempt";
	if (!(seen & WORD_ACTION))
		return "no action=: accept, quarantine, tempfail or reject mail that does not satisfy this?";
	return NULL;
}

/* ---- patterns ---- */

/* Writes "postmaster@" or "abuse@" to out. */
static const char *
set_role(const struct sts_rule_draft *draft, const char *local_part, size_t len, struct sts_text *out)
{
	static const char *const roles[] = { "postmaster", "abuse" };

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]) && draft->side == STS_RULE_RCPT; i++) {
		if (strlen(roles[i]) != len || !sts_ascii_same_letters(roles[i], local_part, len))
			continue;
		sts_text_addf(out, "%s@", roles[i]);
		return NULL;
	}
	return "only rcpt:postmaster@ and rcpt:abuse@ name an address; otherwise it must be a domain";
}

static const char *
set_pattern(struct sts_rule_draft *draft, const char *text, size_t len)
{
	static const char prefix[] = "rcpt:";
	char domain[STS_DOMAIN_CAP];
	enum sts_domain_fault fault;
	struct sts_text out;
	const char *at, *wrong = NULL;

	sts_text_init(&out, draft->pattern, sizeof(draft->pattern));
	if (len >= sizeof(prefix) - 1 && memcmp(text, prefix, sizeof(prefix) - 1) == 0) {
		draft->side = STS_RULE_RCPT;
		text += sizeof(prefix) - 1;
		len -= sizeof(prefix) - 1;
	}
	if ((at = memchr(text, '@', len)) != NULL) {
		wrong = set_role(draft, text, (size_t)(at - text), &out);
		len -= (size_t)(at + 1 - text);
		text = at + 1;
	} else if (len > 0 && text[0] == '.') {
		sts_text_add(&out, ".");
		text++;
		len--;
	} else if (len > 1 && text[0] == '*' && text[1] == '.') {
		wrong = "subdomains are written with a dot in front, without the *";
	}
	if (wrong != NULL)
		return wrong;
	fault = sts_domain_normalise(text, len, domain);
	sts_text_add(&out, domain);
	return fault == STS_DOMAIN_OK ? NULL : sts_domain_fault_text(fault);
}

/* ---- the line ---- */

/* Takes the next word off *line. False at the end of the line, or at a comment. */
static bool
next_word(const char **line, const char *end, struct sts_rule_slice *out)
{
	const char *begin = *line, *p;

	while (begin < end && sts_ascii_is_wsp(*begin))
		begin++;
	if (begin == end || *begin == '#')
		return false;
	for (p = begin; p < end && !sts_ascii_is_wsp(*p); p++)
		;
	*out = (struct sts_rule_slice){ begin, (size_t)(p - begin) };
	*line = p;
	return true;
}

static bool
has_control_byte(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

/* Writes `"word": wrong` to why, or just wrong when it concerns the whole line. */
static enum sts_status
refuse(const struct sts_rule_slice *word, const char *wrong, char why[STS_RULE_WHY_CAP])
{
	struct sts_text text;

	sts_text_init(&text, why, STS_RULE_WHY_CAP);
	if (word != NULL) {
		sts_text_add(&text, "\"");
		sts_text_add_shown(&text, word->bytes, word->len, SHOWN_MAX);
		sts_text_add(&text, "\": ");
	}
	sts_text_add(&text, wrong);
	return STS_EINVAL;
}

/* Lines about outgoing mail are in the same file, and have a parser of their own (outbound/send_rules.h). */
static bool
is_about_sending(const struct sts_rule_slice *pattern)
{
	static const char prefix[] = "send:";

	return pattern->len >= sizeof(prefix) - 1 && memcmp(pattern->bytes, prefix, sizeof(prefix) - 1) == 0;
}

static enum sts_status
parse_words(struct parsing *p, const char *line, const char *end, char why[STS_RULE_WHY_CAP])
{
	struct sts_rule_slice word, pattern;
	const char *wrong;

	if (!next_word(&line, end, &pattern) || is_about_sending(&pattern))
		return STS_ENOTFOUND;
	if ((wrong = set_pattern(p->draft, pattern.bytes, pattern.len)) != NULL)
		return refuse(&pattern, wrong, why);
	while (next_word(&line, end, &word)) {
		wrong = take_word(p, word.bytes, word.len);
		if (p->no_memory)
			return STS_ENOMEM;
		if (wrong != NULL)
			return refuse(&word, wrong, why);
	}
	wrong = check_together(p);
	return wrong != NULL ? refuse(&pattern, wrong, why) : STS_OK;
}

enum sts_status
sts_domain_rule_parse_line(const char *line, size_t len, struct sts_rule_draft *out, char why[STS_RULE_WHY_CAP])
{
	struct parsing p = { .draft = out };
	enum sts_status status;

	if (len > STS_RULE_LINE_MAX)
		return refuse(NULL, "the line is too long", why);
	if (has_control_byte(line, len))
		return refuse(NULL, "a control character: this is not a text file", why);
	out->side = STS_RULE_SENDER;
	out->kind = STS_RULE_REQUIRE;
	out->action = STS_ACTION_ACCEPT;
	out->min_version = 0;
	out->subject = out->issuer = (struct sts_rule_slice){ NULL, 0 };
	out->networks = NULL;
	out->names[0] = '\0';
	out->names_len = 0;
	out->from = INT32_MIN;
	out->until = INT32_MAX;
	status = parse_words(&p, line, line + len, why);
	if (status != STS_OK)
		sts_domain_rule_draft_fini(out);
	return status;
}

void
sts_domain_rule_draft_fini(struct sts_rule_draft *draft)
{
	sts_netlist_free(&draft->networks);
}
