/* SPDX-License-Identifier: ISC */
/* report_sender.c - the steps of one report, in order. Knows nothing of which reports exist. */
#include "config.h"

#include "stsctl/reporter/report_sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "shared-cache/policy/tlsrpt_record.h"
#include "stsctl/diagnosis/txt_records.h"
#include "stsctl/reporter/compose.h"
#include "stsctl/reporter/schedule.h"

/* Longer than deliveries to all addresses of a report can take. */
enum { LOCK_MS = 15 * 60 * 1000, DAY_S = 86400 };

static const char id_note[] = "id", done_note[] = "done";

struct report_run {
	struct report_sender *all;
	const char *domain, *day;
	int64_t end, due;
	struct sts_outbox_notes notes;
	char id[REPORTER_ID_CAP];
	struct reporter_rua rua[REPORT_SENDER_RUA_MAX];
	size_t rua_count;
	void *packed;
	size_t packed_len;
	bool unfinished;	/* an address remains to be tried again */
};

const char *
report_sender_count_name(enum report_sender_count count)
{
	static const char *const names[REPORT_SENDER_COUNTS] = { [REPORT_SENDER_SENT] = "sent", [REPORT_SENDER_FAILED] = "failed",
		[REPORT_SENDER_EARLY] = "early", [REPORT_SENDER_DONE] = "done", [REPORT_SENDER_BUSY] = "busy", [REPORT_SENDER_UNKNOWN] = "unknown" };

	return names[count];
}

static enum sts_status
note(const struct report_run *e, const char *name, const char *value)
{
	return sts_outbox_note(e->all->link, e->domain, e->day, name, value);
}

static enum sts_status
finish(struct report_run *e, const char *why)
{
	e->all->counts[REPORT_SENDER_DONE]++;
	return note(e, done_note, why);
}

/* ---- the report's text ---- */

static enum sts_status
compose(struct report_sender *all, const char *domain, const char *day, const char *id, char **out)
{
	const struct reporter_author author = { all->conf->report_organization, all->conf->report_contact };
	struct sts_sent_row row = { 0 };
	enum sts_status status = sts_sent_query_row(all->link, domain, day, &row);

	*out = NULL;
	if (status == STS_ENOTFOUND)
		return STS_OK;
	snprintf(row.day, sizeof(row.day), "%s", day);
	if (status == STS_OK)
		status = sts_outbox_outcomes(all->link, &row);
	if (status == STS_OK) {
		json_t *report = reporter_compose(&author, &row, id);

		*out = report != NULL ? json_dumps(report, JSON_COMPACT) : NULL;
		if (report != NULL && *out == NULL)
			status = STS_ENOMEM;
		json_decref(report);
	}
	sts_sent_row_fini(&row);
	return status;
}

static void
draw_id(const struct report_sender *all, const char *day, char out[REPORTER_ID_CAP])
{
	uint64_t random = (uint64_t)all->now;

	(void)!getrandom(&random, sizeof(random), 0);
	reporter_id(day, random, all->submitter, out);
}

/* The id is recorded before it is used, so that a retry uses the same. */
static enum sts_status
find_id(struct report_run *e)
{
	const char *held = sts_outbox_note_find(&e->notes, id_note);

	if (held != NULL && reporter_is_id(held)) {
		snprintf(e->id, sizeof(e->id), "%s", held);
		return STS_OK;
	}
	draw_id(e->all, e->day, e->id);
	return note(e, id_note, e->id);
}

static enum sts_status
pack(struct report_run *e, bool *empty)
{
	enum sts_status status = find_id(e);
	char *json = NULL;

	if (status == STS_OK)
		status = compose(e->all, e->domain, e->day, e->id, &json);
	*empty = json == NULL;
	if (json != NULL && (e->packed = report_message_gzip(json, &e->packed_len)) == NULL)
		status = STS_ENOMEM;
	free(json);
	return status;
}

/* ---- the addresses ---- */

/* Whether two addresses are the same mailbox, even with different parameters, or the same URI. */
static bool
is_same(const struct reporter_rua *a, const struct reporter_rua *b)
{
	return strcmp(a->uri, b->uri) == 0 || (a->mailbox[0] != '\0' && strcmp(a->mailbox, b->mailbox) == 0);
}

static void
take_rua(struct report_run *e, struct sts_slice uri)
{
	struct reporter_rua *rua = &e->rua[e->rua_count];
	const char *wrong;

	if (e->rua_count == REPORT_SENDER_RUA_MAX)
		return;
	wrong = reporter_rua_read(uri.s, uri.len, rua);
	for (size_t i = 0; wrong == NULL && i < e->rua_count; i++)
		if (is_same(&e->rua[i], rua))
			return;
	if (wrong == NULL)
		e->rua_count++;
	else
		e->all->trouble(e->all->arg, e->domain, rua->uri, wrong);
}

static void
take_record(struct report_run *e, const struct txt_records *set)
{
	struct sts_tlsrpt found;
	struct sts_diag diag;
	enum sts_record_result result;

	sts_diag_init(&diag);
	result = sts_tlsrpt_select(set->txt, set->count, &found, &diag);
	/* the domain asked for reports, and gets none */
	if (result == STS_RECORD_INVALID)
		e->all->trouble(e->all->arg, e->domain, NULL, diag.error.text);
	for (size_t i = 0; result == STS_RECORD_VALID && i < found.rua_count; i++)
		take_rua(e, found.rua[i]);
}

/* Looks up the domain's record, and reads its addresses. False: no answer from DNS. */
static bool
look_up_addresses(struct report_run *e)
{
	char name[STS_DOMAIN_CAP + sizeof("_smtp._tls.")];
	struct txt_records set;
	struct sts_dns_reply *reply;
	bool said;

	snprintf(name, sizeof(name), "_smtp._tls.%s", e->domain);
	if (dns_query_ask(e->all->delivery.dns, name, STS_DNS_TXT, &reply) != STS_OK)
		return false;
	said = !sts_dns_reply_failed(reply) && txt_records_init(&set, reply) == STS_OK;
	if (said) {
		take_record(e, &set);
		txt_records_fini(&set);
	}
	sts_dns_reply_free(&reply);
	return said;
}

/* ---- one address ---- */

static enum sts_status
deliver(struct report_run *e, const struct reporter_rua *rua, struct reporter_state *state)
{
	struct report_message message = { .domain = e->domain, .submitter = e->all->submitter, .id = e->id, .begin = e->end - DAY_S,
		.end = e->end - 1, .organization = e->all->conf->report_organization, .from = e->all->conf->report_from,
		.packed = e->packed, .packed_len = e->packed_len };
	char why[DELIVERY_WHY_CAP], text[REPORTER_STATE_CAP];
	enum sts_status status = report_deliver(&e->all->delivery, &message, rua, e->all->now, why);

	if (status == STS_ENOMEM)
		return status;
	state->sent = status == STS_OK;
	state->failures += !state->sent;
	state->at = e->all->now;
	e->all->counts[state->sent ? REPORT_SENDER_SENT : REPORT_SENDER_FAILED]++;
	if (!state->sent) {
		e->unfinished = true;
		e->all->trouble(e->all->arg, e->domain, rua->uri, why);
	}
	return note(e, rua->uri, reporter_state_write(state, text));
}

static enum sts_status
try_address(struct report_run *e, const struct reporter_rua *rua)
{
	const char *held = sts_outbox_note_find(&e->notes, rua->uri);
	struct reporter_state state;

	reporter_state_read(held != NULL ? held : "", &state);
	switch (reporter_turn(&state, e->due, e->all->now)) {
	case REPORTER_NOW:
		return deliver(e, rua, &state);
	case REPORTER_EARLY:
	case REPORTER_LATER:
		e->unfinished = true;
		e->all->counts[REPORT_SENDER_EARLY]++;
		return STS_OK;
	default:
		return STS_OK;
	}
}

/* ---- the run ---- */

static enum sts_status
send_to_all(struct report_run *e)
{
	enum sts_status status;
	bool empty;

	if (!look_up_addresses(e)) {
		e->all->counts[REPORT_SENDER_UNKNOWN]++;
		return STS_OK;
	}
	if (e->rua_count == 0)
		return finish(e, "no address");
	if ((status = pack(e, &empty)) != STS_OK)
		return status;
	if (empty)
		return finish(e, "nothing");
	for (size_t i = 0; i < e->rua_count && status == STS_OK; i++)
		status = try_address(e, &e->rua[i]);
	return status == STS_OK && !e->unfinished ? note(e, done_note, "sent") : status;
}

static enum sts_status
read_notes(struct report_run *e, bool *done)
{
	enum sts_status status;

	sts_outbox_notes_fini(&e->notes);
	status = sts_outbox_notes(e->all->link, e->domain, e->day, &e->notes);
	*done = status == STS_OK && sts_outbox_note_find(&e->notes, done_note) != NULL;
	e->all->counts[REPORT_SENDER_DONE] += *done;
	return status;
}

static enum sts_status
send_locked(struct report_run *e)
{
	enum sts_status status = sts_outbox_lock(e->all->link, e->domain, e->day, e->all->owner, LOCK_MS);
	bool done;

	if (status == STS_EFULL) {
		e->all->counts[REPORT_SENDER_BUSY]++;
		return STS_OK;
	}
	if (status != STS_OK)
		return status;
	/* the previous holder of the lock may have recorded more */
	status = read_notes(e, &done);
	if (status == STS_OK && !done)
		status = send_to_all(e);
	sts_outbox_unlock(e->all->link, e->domain, e->day, e->all->owner);
	return status;
}

enum sts_status
report_sender_run(struct report_sender *all, const char *domain, const char *day, int64_t end)
{
	struct report_run e = { .all = all, .domain = domain, .day = day, .end = end,
		.due = reporter_due(domain, end, all->submitter, all->jitter_s) };
	enum sts_status status;
	bool done;

	if (all->now < e.due || all->now >= e.due + REPORTER_TRY_S) {
		all->counts[REPORT_SENDER_EARLY] += all->now < e.due;
		return STS_OK;
	}
	status = read_notes(&e, &done);
	if (status == STS_OK && !done)
		status = send_locked(&e);
	sts_outbox_notes_fini(&e.notes);
	free(e.packed);
	return status;
}

enum sts_status
report_sender_preview(struct report_sender *all, const char *domain, const char *day, char **out)
{
	char id[REPORTER_ID_CAP];

	draw_id(all, day, id);
	return compose(all, domain, day, id, out);
}
