/* SPDX-License-Identifier: ISC */
/* record_judge.c - recognises the usual mistakes with _mta-sts by the bytes of the records. */
#include "config.h"

#include "stsctl/diagnosis/record_judge.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "stsctl/diagnosis/txt_records.h"

enum { NAME_CAP = STS_DOMAIN_CAP + 16, LINE_CAP = NAME_CAP + 80, SEEN_CAP = 4096,
	SHOWN_MAX = 1000 /* of one record */ };

struct judge {
	const struct record_view *view;
	struct findings *out;
	char owner[NAME_CAP];	/* _mta-sts.DOMAIN */
	struct txt_records set;
	struct sts_diag diag;
};

const char *
record_misplaced(const char *domain, size_t which, char out[STS_DOMAIN_CAP])
{
	char name[2 * STS_DOMAIN_CAP + 16];
	int len = -1;

	switch (which) {
	case 0:
		len = snprintf(name, sizeof(name), "mta-sts.%s", domain);
		break;
	case 1:
		len = snprintf(name, sizeof(name), "%s", domain);
		break;
	case 2:
		len = snprintf(name, sizeof(name), "_mta-sts.%s.%s", domain, domain);
		break;
	}
	out[0] = '\0';
	if (len > 0 && len <= STS_DOMAIN_MAX)
		memcpy(out, name, (size_t)len + 1);
	return out;
}

/* ---- the line to paste ---- */

static bool
begins_id(const struct sts_txt *txt, size_t at)
{
	char before = at > 0 ? sts_ascii_lower(txt->data[at - 1]) : ' ', after = txt->data[at + 2];

	return sts_ascii_same_letters(txt->data + at, "id", 2) && (before < 'a' || before > 'z') &&
	    (after == '=' || sts_ascii_is_wsp(after));
}

/* The id of a faulty record, without the bytes that an id cannot have; "" when nothing is left. */
static void
salvage_id(const struct sts_txt *txt, char id[STS_ID_CAP])
{
	size_t len = 0, i = 0;

	while (i + 2 < txt->len && !begins_id(txt, i))
		i++;
	for (i += 2; i < txt->len && (txt->data[i] == '=' || sts_ascii_is_wsp(txt->data[i])); i++)
		;
	for (; i < txt->len && txt->data[i] != ';' && !sts_ascii_is_wsp(txt->data[i]) && len < STS_ID_MAX; i++)
		if (sts_ascii_is_alnum(txt->data[i]))
			id[len++] = txt->data[i];
	id[len] = '\0';
}

/* txt: the record whose id to keep; NULL for a new id. */
static const char *
zone_line(const struct judge *j, const struct sts_txt *txt, char line[LINE_CAP])
{
	time_t now = (time_t)j->view->now;
	char id[STS_ID_CAP] = "";
	struct tm tm;

	if (txt != NULL)
		salvage_id(txt, id);
	if (id[0] == '\0' && gmtime_r(&now, &tm) != NULL)
		strftime(id, sizeof(id), "%Y%m%dT%H%M%S", &tm);
	snprintf(line, LINE_CAP, "%s. IN TXT \"v=STSv1; id=%s;\"", j->owner, id);
	return line;
}

/* ---- what was seen ---- */

static void
add_records(struct sts_text *text, const struct txt_records *set)
{
	for (size_t i = 0; i < set->count; i++)
		sts_text_addf(text, "%s%.*s", i > 0 ? "\n" : "", SHOWN_MAX, set->zone[i]);
}

/* In a reply, "" is a name that was too long for DNS. */
static bool
is_alias(const struct sts_dns_reply *reply, const char *owner)
{
	return reply->name[0] != '\0' && strcmp(reply->name, owner) != 0;
}

static void
add_lack(struct sts_text *text, const struct sts_dns_reply *reply, const char *owner)
{
	if (is_alias(reply, owner))
		sts_text_addf(text, "an alias of %s, which %s", reply->name,
		    reply->outcome == STS_DNS_REPLY_NO_NAME ? "does not exist" : "has no TXT record");
	else
		sts_text_add(text, reply->outcome == STS_DNS_REPLY_NO_NAME ? "the name does not exist" : "the name has no TXT record");
}

static void
note_alias(const struct judge *j)
{
	char storage[SEEN_CAP];
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	for (size_t i = 0; i < j->view->reply->count; i++)
		if (j->view->reply->records[i].type == STS_DNS_CNAME)
			sts_text_addf(&text, "%s%s is an alias of %s", text.len > 0 ? "\n" : "",
			    j->view->reply->records[i].owner, j->view->reply->records[i].target);
	if (text.len > 0)
		findings_add(j->out, FINDING_INFO, "record.cname", j->owner, storage, NULL);
}

/* Whether the answer comes from a wildcard: a made-up name gets the same. */
static bool
is_wildcard(const struct judge *j)
{
	const struct sts_dns_reply *reply = j->view->reply, *sibling = j->view->sibling;
	struct txt_records other;
	bool same;

	if (sibling == NULL || sibling->outcome != reply->outcome)
		return false;
	if (is_alias(reply, j->owner))
		return strcmp(sibling->name, reply->name) == 0;
	if (reply->outcome != STS_DNS_REPLY_ANSWER)
		return false;
	if (txt_records_init(&other, sibling) != STS_OK) {
		j->out->no_memory = true;
		return false;
	}
	same = txt_records_same(&j->set, &other);
	txt_records_fini(&other);
	return same;
}

/* ---- existing records ---- */

static bool
holds(const struct sts_txt *txt, const char *bytes, size_t len)
{
	return txt->len > 0 && memmem(txt->data, txt->len, bytes, len) != NULL;
}

static bool
has_curly_quotes(const struct sts_txt *txt)
{
	for (size_t i = 0; i + 2 < txt->len; i++) {
		unsigned char last = (unsigned char)txt->data[i + 2];

		/* U+2018 to U+201F */
		if (memcmp(txt->data + i, "\xe2\x80", 2) == 0 && last >= 0x98 && last <= 0x9f)
			return true;
	}
	return holds(txt, "\xc2\xab", 2) || holds(txt, "\xc2\xbb", 2);
}

/* Whether the value of id, up to a semicolon, is not a valid id. */
static bool
has_bad_id(const struct sts_txt *txt)
{
	const char *id = memmem(txt->data, txt->len, "id=", 3), *end = txt->data + txt->len;
	size_t len = 0;

	if (id == NULL)
		return false;
	for (id += 3; id + len < end && id[len] != ';'; len++)
		;
	while (len > 0 && sts_ascii_is_wsp(id[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++)
		if (!sts_ascii_is_alnum(id[i]))
			return true;
	return len == 0 || len > STS_ID_MAX;
}

static const char *
kind_of(const struct sts_txt *txt, bool is_stsv1)
{
	if (has_curly_quotes(txt))
		return "record.curly-quotes";
	if (holds(txt, "\"", 1) || holds(txt, "\\", 1) || (txt->len > 0 && txt->data[0] == '\''))
		return "record.quotes";
	return is_stsv1 && has_bad_id(txt) ? "record.bad-id" : "record.syntax";
}

/* Reports the record, what is wrong with it, and how its strings are joined. */
static void
blame(const struct judge *j, size_t which, const char *id, const char *why)
{
	const struct sts_dns_reply *reply = j->view->reply;
	char storage[SEEN_CAP], line[LINE_CAP];
	struct sts_text text;
	size_t nth = 0;

	sts_text_init(&text, storage, sizeof(storage));
	sts_text_addf(&text, "%.*s\n%s", SHOWN_MAX, j->set.zone[which], why);
	for (size_t i = 0; i < reply->count; i++)
		if (reply->records[i].type == STS_DNS_TXT && nth++ == which && reply->records[i].string_count > 1) {
			sts_text_add(&text, "\nthe strings are joined without a separator: ");
			sts_text_add_shown(&text, j->set.txt[which].data, j->set.txt[which].len, 200);
		}
	findings_add(j->out, FINDING_FAIL, id, j->owner, storage, zone_line(j, &j->set.txt[which], line));
}

/* Whether the record was meant for MTA-STS. If it is not valid, the warning says why senders do not see it. */
static bool
is_near_miss(const struct sts_txt *txt, struct sts_diag *diag)
{
	char id[STS_ID_CAP];

	sts_diag_init(diag);
	return sts_record_select(txt, 1, id, diag) != STS_RECORD_NONE || diag->warning_count > 0;
}

static size_t
blame_near_misses(const struct judge *j)
{
	struct sts_diag diag;
	size_t n = 0;

	for (size_t i = 0; i < j->set.count; i++) {
		if (!is_near_miss(&j->set.txt[i], &diag))
			continue;
		blame(j, i, kind_of(&j->set.txt[i], false), diag.warnings[0].text);
		n++;
	}
	return n;
}

static bool
is_stsv1(const struct sts_txt *txt)
{
	return txt->len >= 8 && memcmp(txt->data, "v=STSv1;", 8) == 0;
}

static void
judge_valid(const struct judge *j, const char *id)
{
	char storage[SEEN_CAP], line[LINE_CAP];
	const struct sts_txt *txt = j->set.txt;
	struct sts_text text;

	while (!is_stsv1(txt))
		txt++;
	sts_text_init(&text, storage, sizeof(storage));
	sts_text_addf(&text, "%.*s id %s", SHOWN_MAX, j->set.zone[txt - j->set.txt], id);
	findings_add(j->out, FINDING_PASS, "record.ok", j->owner, storage, NULL);
	if (j->diag.warning_count > 0) {
		sts_text_init(&text, storage, sizeof(storage));
		for (size_t i = 0; i < j->diag.warning_count; i++)
			sts_text_addf(&text, "%s%s", i > 0 ? "\n" : "", j->diag.warnings[i].text);
		findings_add(j->out, FINDING_WARN, "record.syntax", j->owner, storage, zone_line(j, txt, line));
	}
	if (is_wildcard(j))
		findings_add(j->out, FINDING_WARN, "record.wildcard", j->owner,
		    "the record comes from a wildcard: every name beside it has the same", zone_line(j, txt, line));
}

static void
judge_invalid(const struct judge *j)
{
	size_t which = 0;

	while (!is_stsv1(&j->set.txt[which]))
		which++;
	blame(j, which, kind_of(&j->set.txt[which], true), j->diag.error.text);
}

static void
judge_multiple(const struct judge *j)
{
	char storage[SEEN_CAP], line[LINE_CAP], fix[LINE_CAP + 64];
	const struct sts_txt *last = NULL;
	struct sts_text text;

	sts_text_init(&text, storage, sizeof(storage));
	add_records(&text, &j->set);
	for (size_t i = 0; i < j->set.count; i++)
		last = is_stsv1(&j->set.txt[i]) ? &j->set.txt[i] : last;
	snprintf(fix, sizeof(fix), "keep only one of them, for example:\n%s", zone_line(j, last, line));
	findings_add(j->out, FINDING_FAIL, "record.multiple", j->owner, storage, fix);
}

/* ---- no such record ---- */

static bool
is_misplaced(const struct judge *j, size_t which)
{
	const struct sts_dns_reply *reply = j->view->misplaced[which];
	char storage[SEEN_CAP], line[LINE_CAP], name[STS_DOMAIN_CAP];
	struct sts_diag diag;
	struct sts_text text;
	struct txt_records set;
	bool found = false;

	if (txt_records_init(&set, reply) != STS_OK) {
		j->out->no_memory = true;
		return false;
	}
	sts_text_init(&text, storage, sizeof(storage));
	for (size_t i = 0; i < set.count && !found; i++) {
		found = is_near_miss(&set.txt[i], &diag);
		if (!found)
			continue;
		sts_text_addf(&text, "the record is at %s: %.*s\n%s: ", record_misplaced(j->view->domain, which, name), SHOWN_MAX,
		    set.zone[i], j->owner);
		if (j->set.count == 0)
			add_lack(&text, j->view->reply, j->owner);
		else
			add_records(&text, &j->set);
		findings_add(j->out, FINDING_FAIL, "record.wrong-name", j->owner, storage, zone_line(j, &set.txt[i], line));
	}
	txt_records_fini(&set);
	return found;
}

static void
judge_absent(const struct judge *j)
{
	char storage[SEEN_CAP], line[LINE_CAP];
	struct sts_text text;
	bool wildcard = is_wildcard(j);

	if (blame_near_misses(j) > 0)
		return;
	for (size_t i = 0; i < RECORD_MISPLACED && !wildcard; i++)
		if (is_misplaced(j, i))
			return;
	sts_text_init(&text, storage, sizeof(storage));
	if (wildcard)
		sts_text_add(&text, "a wildcard answers, here and for every name beside it: ");
	if (j->set.count == 0)
		add_lack(&text, j->view->reply, j->owner);
	else
		add_records(&text, &j->set);
	findings_add(j->out, FINDING_FAIL, wildcard ? "record.wildcard" : "record.missing", j->owner, storage,
	    zone_line(j, NULL, line));
}

enum sts_record_result
record_judge(const struct record_view *view, char id[STS_ID_CAP], struct findings *out)
{
	struct judge j = { .view = view, .out = out };
	enum sts_record_result result;
	size_t several = 0;

	id[0] = '\0';
	snprintf(j.owner, sizeof(j.owner), "_mta-sts.%s", view->domain);
	sts_diag_init(&j.diag);
	if (txt_records_init(&j.set, view->reply) != STS_OK) {
		out->no_memory = true;
		return STS_RECORD_NONE;
	}
	note_alias(&j);
	result = sts_record_select(j.set.txt, j.set.count, id, &j.diag);
	for (size_t i = 0; i < j.set.count; i++)
		several += is_stsv1(&j.set.txt[i]);
	if (result == STS_RECORD_VALID)
		judge_valid(&j, id);
	else if (result == STS_RECORD_INVALID)
		judge_invalid(&j);
	else if (several > 1)
		judge_multiple(&j);
	else
		judge_absent(&j);
	txt_records_fini(&j.set);
	return result;
}
