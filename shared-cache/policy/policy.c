/* SPDX-License-Identifier: ISC */
/* policy.c - parses policy files, matches MX hosts. Knows nothing of HTTP, caching or the use of a policy. */
#include "config.h"

#include "shared-cache/policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "shared-cache/names/domain.h"

enum { MX_USUAL = 16, NAME_MAX_LEN = 32, MAX_AGE_DIGITS = 10, SHOW_MAX = 32, SHOW_CAP = 4 * SHOW_MAX + 4 };

struct slice {
	const char *s;
	size_t len;
};

/* The state of parsing. The slices point into the text. */
struct reader {
	struct sts_diag *diag;
	unsigned line;
	bool seen_version, seen_mode, seen_max_age;
	enum sts_mode mode;
	uint32_t max_age_s;
	struct slice *mx;
	size_t mx_count, mx_cap;
};

static bool
is_name_byte(char c)
{
	return sts_ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool
slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

static const char *
show(char storage[SHOW_CAP], struct slice s)
{
	struct sts_text t;

	sts_text_init(&t, storage, SHOW_CAP);
	sts_text_add_shown(&t, s.s, s.len, SHOW_MAX);
	return storage;
}

/* Length of the UTF-8 sequence that begins with c; 0 for a byte that begins none, or only an overlong one or one above U+10FFFF. */
static size_t
utf8_length(unsigned char c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* Length of the well-formed non-ASCII UTF-8 sequence at the start of text (RFC 3629 section 4: UTF8-2, -3, -4); 0 when there is
 * none. */
static size_t
utf8_sequence(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t n = utf8_length(s[0]);

	if (n == 0 || n > len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < n; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

/* Every value, known or not, must match sts-policy-ext-value, without white space at its ends. */
static bool
check_value_bytes(struct reader *r, struct slice value)
{
	char shown[SHOW_CAP];
	size_t n;

	for (size_t i = 0; i < value.len; i += n) {
		n = value.s[i] >= 0x20 && value.s[i] < 0x7f ? 1 : utf8_sequence(value.s + i, value.len - i);
		if (n == 0) {
			struct slice bad = { value.s + i, 1 };

			sts_diag_error(r->diag, r->line, "a byte that no value may hold: %s%s", show(shown, bad),
			    *bad.s == '\r' ? " (a carriage return that is not part of a line end)" : "");
			return false;
		}
	}
	return true;
}

bool
sts_policy_mx_valid(const char *pattern, size_t len, unsigned line, struct sts_diag *diag)
{
	char shown[SHOW_CAP];
	struct slice whole = { pattern, len }, host = whole;
	enum sts_domain_fault fault;
	const char *why;

	if (len >= 2 && memcmp(pattern, "*.", 2) == 0)
		host = (struct slice){ pattern + 2, len - 2 };
	if ((fault = sts_domain_check_host(host.s, host.len)) == STS_DOMAIN_OK)
		return true;
	why = sts_domain_fault_text(fault);
	if (fault == STS_DOMAIN_BAD_BYTE && memchr(host.s, '*', host.len) != NULL)
		why = "an asterisk may only stand as \"*.\" in front of a name";
	else if (fault == STS_DOMAIN_BAD_LABEL && host.s[host.len - 1] == '.')
		why = "a trailing dot";
	sts_diag_error(diag, line, "mx is no host name (%s): %s", why, show(shown, whole));
	return false;
}

static enum sts_status
field_version(struct reader *r, struct slice value)
{
	char shown[SHOW_CAP];

	if (slice_is(value, "STSv1"))
		return STS_OK;
	sts_diag_error(r->diag, r->line, "version must be STSv1, not: %s", show(shown, value));
	return STS_EINVAL;
}

static enum sts_status
field_mode(struct reader *r, struct slice value)
{
	char shown[SHOW_CAP];

	if (sts_mode_parse(value.s, value.len, &r->mode))
		return STS_OK;
	sts_diag_error(r->diag, r->line, "mode must be enforce, testing or none, not: %s", show(shown, value));
	return STS_EINVAL;
}

static enum sts_status
field_max_age(struct reader *r, struct slice value)
{
	char shown[SHOW_CAP];
	unsigned long long seconds;

	if (!sts_text_parse_u64(value.s, value.len, MAX_AGE_DIGITS, &seconds)) {
		sts_diag_error(r->diag, r->line, "max_age must be 1 to 10 digits, not: %s", show(shown, value));
		return STS_EINVAL;
	}
	if (seconds > STS_POLICY_MAX_AGE_S) {
		sts_diag_warn(r->diag, r->line, "max_age counts as %d, the maximum", STS_POLICY_MAX_AGE_S);
		seconds = STS_POLICY_MAX_AGE_S;
	}
	r->max_age_s = (uint32_t)seconds;
	return STS_OK;
}

static enum sts_status
field_mx(struct reader *r, struct slice value)
{
	if (!sts_policy_mx_valid(value.s, value.len, r->line, r->diag))
		return STS_EINVAL;
	if (r->mx_count == STS_POLICY_ORGS_MAX)
		sts_diag_warn(r->diag, r->line, "more than %d mx; inbound mail is compared with at most %d organisations",
		    STS_POLICY_ORGS_MAX, STS_POLICY_ORGS_MAX);
	if (r->mx_count == r->mx_cap) {
		size_t cap = r->mx_cap == 0 ? MX_USUAL : 2 * r->mx_cap;
		struct slice *grown = realloc(r->mx, cap * sizeof(*grown));

		if (grown == NULL)
			return STS_ENOMEM;
		r->mx = grown;
		r->mx_cap = cap;
	}
	r->mx[r->mx_count++] = value;
	return STS_OK;
}

static void
warn_near_miss(struct reader *r, struct slice name)
{
	static const char *const known[] = { "version", "mode", "max_age", "max-age", "maxage", "mx" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i]) == name.len && sts_ascii_same_letters(known[i], name.s, name.len)) {
			sts_diag_warn(r->diag, r->line, "the field %.*s is unknown and ignored; names are version, mode, "
			    "max_age, mx", (int)name.len, name.s);
			return;
		}
	}
}

/* Of duplicate fields the first counts, even if its value is invalid; the others are ignored (section 3.2). */
static enum sts_status
read_once(struct reader *r, bool *seen, const char *name, struct slice value,
    enum sts_status (*read)(struct reader *, struct slice))
{
	if (*seen) {
		sts_diag_warn(r->diag, r->line, "%s is given again; the first one counts", name);
		return STS_OK;
	}
	*seen = true;
	return read(r, value);
}

static enum sts_status
read_field(struct reader *r, struct slice name, struct slice value)
{
	if (slice_is(name, "mx"))
		return field_mx(r, value);
	if (slice_is(name, "version"))
		return read_once(r, &r->seen_version, "version", value, field_version);
	if (slice_is(name, "mode"))
		return read_once(r, &r->seen_mode, "mode", value, field_mode);
	if (slice_is(name, "max_age"))
		return read_once(r, &r->seen_max_age, "max_age", value, field_max_age);
	warn_near_miss(r, name);
	return STS_OK;
}

/* The field's name is the text before the first colon; reports a text that is not a name. */
static bool
take_name(struct reader *r, struct slice line, struct slice *name)
{
	char shown[SHOW_CAP];
	size_t n = 0;

	while (n < line.len && is_name_byte(line.s[n]))
		n++;
	*name = (struct slice){ line.s, n };
	if (line.len == 0)
		sts_diag_error(r->diag, r->line, "a blank line");
	else if (sts_ascii_is_wsp(line.s[0]))
		sts_diag_error(r->diag, r->line, "white space at the beginning of the line");
	else if (r->line == 1 && line.len >= 3 && memcmp(line.s, "\xef\xbb\xbf", 3) == 0)
		sts_diag_error(r->diag, r->line, "a byte order mark at the beginning of the file");
	else if (n < line.len && sts_ascii_is_wsp(line.s[n]))
		sts_diag_error(r->diag, r->line, "no colon right after the field name: %s", show(shown, line));
	else if (n < line.len && line.s[n] != ':')
		sts_diag_error(r->diag, r->line, "a byte that no field name may hold: %s",
		    show(shown, (struct slice){ line.s + n, 1 }));
	else if (n == line.len)
		sts_diag_error(r->diag, r->line, "no colon in the line: %s", show(shown, line));
	else if (n == 0 || !sts_ascii_is_alnum(line.s[0]))
		sts_diag_error(r->diag, r->line, "a field name must begin with a letter or digit: %s", show(shown, line));
	else if (n > NAME_MAX_LEN)
		sts_diag_error(r->diag, r->line, "a field name longer than 32 bytes: %s", show(shown, line));
	else
		return true;
	return false;
}

/* Parses one line, without its line end. */
static enum sts_status
read_line(struct reader *r, struct slice line)
{
	struct slice name, value;

	if (!take_name(r, line, &name))
		return STS_EINVAL;
	value = (struct slice){ line.s + name.len + 1, line.len - name.len - 1 };
	while (value.len > 0 && sts_ascii_is_wsp(value.s[0])) {
		value.s++;
		value.len--;
	}
	while (value.len > 0 && sts_ascii_is_wsp(value.s[value.len - 1]))
		value.len--;
	if (value.len == 0) {
		sts_diag_error(r->diag, r->line, "the field %.*s has no value", (int)name.len, name.s);
		return STS_EINVAL;
	}
	if (!check_value_bytes(r, value))
		return STS_EINVAL;
	return read_field(r, name, value);
}

/* The text's length without trailing blank lines. */
static size_t
without_blank_end(const char *text, size_t len)
{
	for (;;) {
		if (len >= 2 && memcmp(text + len - 2, "\n\n", 2) == 0)
			len -= 1;
		else if (len >= 3 && memcmp(text + len - 3, "\n\r\n", 3) == 0)
			len -= 2;
		else
			return len;
	}
}

static enum sts_status
read_lines(struct reader *r, const char *text, size_t len)
{
	const char *end = text + without_blank_end(text, len), *next, *lf;
	enum sts_status status = STS_OK;

	for (const char *pos = text; pos < end && status == STS_OK; pos = next) {
		struct slice line = { pos, 0 };

		lf = memchr(pos, '\n', (size_t)(end - pos));
		next = lf != NULL ? lf + 1 : end;
		line.len = (size_t)((lf != NULL ? lf : end) - pos);
		if (lf != NULL && line.len > 0 && pos[line.len - 1] == '\r')
			line.len--;
		r->line++;
		status = read_line(r, line);
	}
	if (status == STS_OK && end < text + len)
		sts_diag_warn(r->diag, r->line + 1, "blank lines at the end");
	return status;
}

static enum sts_status
check_complete(const struct reader *r)
{
	const char *missing = !r->seen_version ? "version" : !r->seen_mode ? "mode" : !r->seen_max_age ? "max_age"
	    : r->mode != STS_MODE_NONE && r->mx_count == 0 ? "mx" : NULL;

	if (missing == NULL)
		return STS_OK;
	sts_diag_error(r->diag, 0, "%s is missing", missing);
	return STS_EINVAL;
}

static size_t
orgs_room(size_t mx_count)
{
	return mx_count < STS_POLICY_ORGS_MAX ? mx_count : STS_POLICY_ORGS_MAX;
}

/* Allocates the policy with its arrays and names as one block. */
static enum sts_status
build(const struct reader *r, struct sts_policy **out)
{
	size_t size = sizeof(struct sts_policy) + (r->mx_count + orgs_room(r->mx_count)) * sizeof(char *);
	struct sts_policy *p;
	char *names;

	for (size_t i = 0; i < r->mx_count; i++)
		size += r->mx[i].len + 1;
	if ((p = malloc(size)) == NULL)
		return STS_ENOMEM;
	*p = (struct sts_policy){ .mode = r->mode, .max_age_s = r->max_age_s, .mx_count = r->mx_count,
		.mx = (char **)(void *)(p + 1) };
	p->orgs = (const char **)(void *)(p->mx + r->mx_count);
	names = (char *)(p->orgs + orgs_room(r->mx_count));
	for (size_t i = 0; i < r->mx_count; i++) {
		p->mx[i] = names;
		for (size_t k = 0; k < r->mx[i].len; k++)
			*names++ = sts_ascii_lower(r->mx[i].s[k]);
		*names++ = '\0';
	}
	*out = p;
	return STS_OK;
}

enum sts_status
sts_policy_parse(const char *text, size_t len, struct sts_policy **out, struct sts_diag *diag)
{
	struct reader r = { .diag = diag };
	enum sts_status status;

	*out = NULL;
	if (len == 0) {
		sts_diag_error(diag, 0, "the policy is empty");
		return STS_EINVAL;
	}
	if (len > STS_POLICY_TEXT_MAX) {
		sts_diag_error(diag, 0, "more than %d bytes", STS_POLICY_TEXT_MAX);
		return STS_EINVAL;
	}
	status = read_lines(&r, text, len);
	if (status == STS_OK)
		status = check_complete(&r);
	if (status == STS_OK)
		status = build(&r, out);
	free(r.mx);
	return status;
}

static bool
has_org(const struct sts_policy *policy, const char *org)
{
	for (size_t i = 0; i < policy->org_count; i++) {
		if (strcmp(policy->orgs[i], org) == 0)
			return true;
	}
	return false;
}

void
sts_policy_find_orgs(struct sts_policy *policy, const struct sts_organisations *organisations)
{
	policy->org_count = 0;
	for (size_t i = 0; i < policy->mx_count && policy->org_count < STS_POLICY_ORGS_MAX; i++) {
		const char *mx = policy->mx[i];
		const char *org = sts_organisation_of(organisations, strncmp(mx, "*.", 2) == 0 ? mx + 2 : mx);

		if (!has_org(policy, org))
			policy->orgs[policy->org_count++] = org;
	}
}

size_t
sts_policy_size(const struct sts_policy *policy)
{
	size_t size = sizeof(*policy) + (policy->mx_count + orgs_room(policy->mx_count)) * sizeof(char *);

	for (size_t i = 0; i < policy->mx_count; i++)
		size += strlen(policy->mx[i]) + 1;
	return size;
}

void
sts_policy_free(struct sts_policy **policy)
{
	free(*policy);
	*policy = NULL;
}

bool
sts_policy_mx_matches(const char *pattern, const char *host)
{
	char name[STS_DOMAIN_CAP];
	const char *rest = name;

	if (!sts_policy_mx_valid(pattern, strlen(pattern), 0, NULL))
		return false;
	if (sts_domain_normalise(host, strlen(host), name) != STS_DOMAIN_OK)
		return false;
	if (pattern[0] == '*') {
		if ((rest = strchr(name, '.')) == NULL)
			return false;
		rest++;
		pattern += 2;
	}
	return strlen(pattern) == strlen(rest) && sts_ascii_same_letters(pattern, rest, strlen(rest));
}

static const char *const mode_names[] = {
	[STS_MODE_NONE] = "none",
	[STS_MODE_TESTING] = "testing",
	[STS_MODE_ENFORCE] = "enforce",
};

const char *
sts_mode_name(enum sts_mode mode)
{
	return (unsigned)mode < sizeof(mode_names) / sizeof(mode_names[0]) ? mode_names[mode] : "";
}

bool
sts_mode_parse(const char *name, size_t len, enum sts_mode *out)
{
	for (unsigned i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++) {
		if (strlen(mode_names[i]) == len && memcmp(mode_names[i], name, len) == 0) {
			*out = (enum sts_mode)i;
			return true;
		}
	}
	return false;
}
