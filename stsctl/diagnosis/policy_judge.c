/* SPDX-License-Identifier: ISC */
/* policy_judge.c - says what is wrong with a policy's text, and composes the text to paste. Uses the library's parser (policy.h). */
#include "config.h"

#include "stsctl/diagnosis/policy_judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"

enum { DAY_S = 86400, WEEK_S = 7 * DAY_S, FIX_MAX = 4096, SHOWN_LINE = 60 };

static const char utf8_bom[] = "\xef\xbb\xbf";

/* ---- line ends, byte order marks ---- */

struct line_ends {
	size_t lf, crlf, cr;		/* cr: a CR that no LF follows */
	unsigned first_cr;		/* the line of the first such CR; lines are counted by LF */
};

static struct line_ends
count_line_ends(const char *text, size_t len)
{
	struct line_ends ends = { 0 };

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			(*(i > 0 && text[i - 1] == '\r' ? &ends.crlf : &ends.lf))++;
		else if (text[i] == '\r' && (i + 1 == len || text[i + 1] != '\n') && ends.cr++ == 0)
			ends.first_cr = (unsigned)(ends.lf + ends.crlf + 1);
	}
	return ends;
}

/* The byte order mark that the text begins with, in words; NULL for none. */
static const char *
bom_kind(const char *text, size_t len)
{
	if (len >= 3 && memcmp(text, utf8_bom, 3) == 0)
		return "the bytes EF BB BF, a UTF-8 byte order mark";
	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return "a UTF-16 byte order mark: a policy is ASCII";
	return NULL;
}

/* ---- the text to paste ---- */

static bool
is_at(const char *pos, const char *end, const char *what)
{
	return (size_t)(end - pos) >= strlen(what) && memcmp(pos, what, strlen(what)) == 0;
}

/* Copies the text without its faults of form: byte order mark, blanks around lines and before colons, blank lines, odd line ends. */
static void
tidy(const char *text, size_t len, struct sts_text *out)
{
	const char *end = text + len, *stop, *last, *colon;

	if (is_at(text, end, utf8_bom))
		text += 3;
	for (const char *pos = text; pos < end; pos = stop + 1) {
		for (stop = pos; stop < end && *stop != '\n' && *stop != '\r'; stop++)
			;
		while (pos < stop && sts_ascii_is_wsp(*pos))
			pos++;
		for (last = stop; last > pos && sts_ascii_is_wsp(last[-1]); last--)
			;
		if (pos == last)
			continue;
		colon = memchr(pos, ':', (size_t)(last - pos));
		if (colon != NULL) {
			const char *name_end = colon;

			while (name_end > pos && sts_ascii_is_wsp(name_end[-1]))
				name_end--;
			sts_text_add_bytes(out, pos, (size_t)(name_end - pos));
			pos = colon;
		}
		sts_text_add_bytes(out, pos, (size_t)(last - pos));
		sts_text_add(out, "\n");
	}
}

static bool
is_valid(const char *text, size_t len)
{
	struct sts_policy *policy;
	bool valid = sts_policy_parse(text, len, &policy, NULL) == STS_OK;

	sts_policy_free(&policy);
	return valid;
}

/* Composes a policy from what is known about the domain, when the one that was found cannot be repaired. */
static void
compose(const struct check_facts *facts, struct sts_text *out)
{
	size_t named = 0;

	sts_text_add(out, "version: STSv1\nmode: testing\n");
	for (size_t i = 0; i < facts->mx_count; i++) {
		if (!sts_policy_mx_valid(facts->mx[i].host, strlen(facts->mx[i].host), 0, NULL))
			continue;
		sts_text_addf(out, "mx: %s\n", facts->mx[i].host);
		named++;
	}
	if (named == 0)
		sts_text_addf(out, "mx: mail.%s\n", facts->domain);
	sts_text_add(out, "max_age: 604800\n");
}

static const char *
corrected(const struct check_facts *facts, char out[FIX_MAX])
{
	struct sts_text text;

	sts_text_init(&text, out, FIX_MAX);
	tidy(facts->policy_text, facts->policy_len, &text);
	if (text.overflow || !is_valid(text.buf, text.len)) {
		sts_text_init(&text, out, FIX_MAX);
		compose(facts, &text);
	}
	if (text.len > 0 && out[text.len - 1] == '\n')
		out[text.len - 1] = '\0';	/* the caller ends the line */
	return out;
}

/* ---- findings ---- */

/* Quotes the offending line: "line 2 is: mode : enforce". */
static void
add_line(const struct check_facts *facts, unsigned number, struct sts_text *out)
{
	const char *pos = facts->policy_text, *end = pos + facts->policy_len, *stop;
	size_t len;

	for (unsigned n = 1; n < number && pos != NULL; n++) {
		pos = memchr(pos, '\n', (size_t)(end - pos));
		pos = pos != NULL ? pos + 1 : NULL;
	}
	if (number == 0 || pos == NULL)
		return;
	stop = memchr(pos, '\n', (size_t)(end - pos));
	len = (size_t)((stop != NULL ? stop : end) - pos);
	if (stop != NULL && len > 0 && pos[len - 1] == '\r')
		len--;
	if (len == 0)
		return;
	sts_text_addf(out, "\nline %u is: ", number);
	sts_text_add_shown(out, pos, len, SHOWN_LINE);
}

static void
add_note(const struct check_facts *facts, enum finding_level level, const char *id, const char *subject,
    const struct sts_diag_note *note, struct findings *out)
{
	char seen[800], fix[FIX_MAX];
	struct sts_text text;

	sts_text_init(&text, seen, sizeof(seen));
	if (note->line > 0)
		sts_text_addf(&text, "line %u: ", note->line);
	sts_text_add(&text, note->text);
	add_line(facts, note->line, &text);
	findings_add(out, level, id, subject, seen, corrected(facts, fix));
}

static void
judge_invalid(const struct check_facts *facts, const char *subject, const struct sts_diag *diag, struct findings *out)
{
	const char *bom = bom_kind(facts->policy_text, facts->policy_len);
	struct line_ends ends = count_line_ends(facts->policy_text, facts->policy_len);
	char seen[160], fix[FIX_MAX];

	if (bom != NULL) {
		snprintf(seen, sizeof(seen), "the file begins with %s", bom);
		findings_add(out, FINDING_FAIL, "policy.bom", subject, seen, corrected(facts, fix));
	} else if (ends.cr > 0) {
		snprintf(seen, sizeof(seen), "line %u: a CR without LF (%zu in all)", ends.first_cr, ends.cr);
		findings_add(out, FINDING_FAIL, "policy.line-ends", subject, seen, corrected(facts, fix));
	} else {
		add_note(facts, FINDING_FAIL, "policy.syntax", subject, &diag->error, out);
	}
}

static void
judge_form(const struct check_facts *facts, const char *subject, const struct sts_diag *diag, struct findings *out)
{
	struct line_ends ends = count_line_ends(facts->policy_text, facts->policy_len);
	char seen[160], fix[FIX_MAX];

	for (size_t i = 0; i < diag->warning_count; i++)
		add_note(facts, FINDING_WARN, "policy.syntax", subject, &diag->warnings[i], out);
	if (ends.lf > 0 && ends.crlf > 0) {
		snprintf(seen, sizeof(seen), "%zu lines end with LF, %zu with CRLF", ends.lf, ends.crlf);
		findings_add(out, FINDING_INFO, "policy.line-ends", subject, seen, corrected(facts, fix));
	}
}

static void
judge_meaning(const struct sts_policy *policy, const char *subject, struct findings *out)
{
	char seen[160];

	snprintf(seen, sizeof(seen), "max_age is %" PRIu32 " seconds", policy->max_age_s);
	if (policy->max_age_s < DAY_S && policy->mode != STS_MODE_NONE)
		findings_add(out, FINDING_WARN, "policy.short-max-age", subject, seen, "max_age: 604800");
	else if (policy->max_age_s < WEEK_S && policy->mode == STS_MODE_ENFORCE)
		findings_add(out, FINDING_INFO, "policy.short-max-age", subject, seen, "max_age: 604800");
	if (policy->mode == STS_MODE_TESTING)
		findings_add(out, FINDING_INFO, "policy.testing", subject, "mode: testing; no mail is refused because of it", NULL);
	else if (policy->mode == STS_MODE_NONE)
		findings_add(out, FINDING_INFO, "policy.none", subject, "mode: none; the domain withdraws its policy", NULL);
}

static void
add_ok(const struct sts_policy *policy, const char *subject, struct findings *out)
{
	char seen[1200];
	struct sts_text text;

	sts_text_init(&text, seen, sizeof(seen));
	sts_text_addf(&text, "mode %s, max_age %" PRIu32, sts_mode_name(policy->mode), policy->max_age_s);
	for (size_t i = 0; i < policy->mx_count; i++)
		sts_text_addf(&text, "%s%s", i == 0 ? ", mx " : " ", policy->mx[i]);
	findings_add(out, FINDING_PASS, "policy.ok", subject, seen, NULL);
}

void
policy_judge(const char *subject, struct check_facts *facts, struct findings *out)
{
	struct sts_diag diag;
	enum sts_status status;

	sts_diag_init(&diag);
	sts_policy_free(&facts->policy);
	status = sts_policy_parse(facts->policy_text, facts->policy_len, &facts->policy, &diag);
	if (status == STS_EINVAL) {
		judge_invalid(facts, subject, &diag, out);
	} else if (status != STS_OK) {
		out->no_memory = true;
	} else {
		add_ok(facts->policy, subject, out);
		judge_form(facts, subject, &diag, out);
		judge_meaning(facts->policy, subject, out);
	}
}
