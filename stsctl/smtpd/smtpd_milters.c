/* SPDX-License-Identifier: ISC */
/* smtpd/smtpd_milters.c - smtpd_milters: who is listed on which service, in which order, with which time limits and actions. Pure. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/smtpd/smtpd_milters.h"

/* What the lines to paste say: seconds that Postfix waits for us, besides policy_wait. */
enum { ANSWER_S = 8 };

/* Where the socket is to be for a chrooted smtpd, below the queue directory. */
static const char inside[] = "/mta-sts-milter/milter.sock";

static bool
is_inside(const char *directory, const char *path)
{
	size_t len = strlen(directory);

	return len > 0 && strncmp(path, directory, len) == 0 && path[len] == '/';
}

const char *
doctor_milter_endpoint(const struct doctor_postfix *pf, const char *milter_socket, bool chrooted, char out[POSTFIX_VALUE_CAP])
{
	const char *queue = postconf_get(pf->conf, "queue_directory"), *at = strchr(milter_socket, '@');

	if (strncmp(milter_socket, "unix:", 5) == 0) {
		const char *path = milter_socket + 5;

		if (chrooted)
			path = is_inside(queue, path) ? path + strlen(queue) : inside;
		snprintf(out, POSTFIX_VALUE_CAP, "unix:%s", path);
	} else if (strncmp(milter_socket, "inet:", 5) == 0 && at != NULL) {
		snprintf(out, POSTFIX_VALUE_CAP, "inet:%s:%.*s", at + 1, (int)(at - milter_socket - 5), milter_socket + 5);
	} else {
		snprintf(out, POSTFIX_VALUE_CAP, "%s", milter_socket);
	}
	return out;
}

/* ---- the list of one service ---- */

enum { MILTERS_MAX = 16 };
struct seat {
	struct postfix_milter milter;
	enum milter_identity identify;
	const char *element;		/* as written */
	size_t len;
};
struct row {
	struct seat seats[MILTERS_MAX];
	size_t count;
	const struct seat *ours, *outside, *rspamd;	/* the first of each, or NULL */
};

static void
read_row(const struct doctor_smtpd_milters *w, const struct postconf_service *service, struct row *row)
{
	const char *list = postconf_get_of(w->pf->conf, service, "smtpd_milters"), *e;
	bool chrooted = doctor_service_is_chrooted(w->pf, service);
	size_t len;

	*row = (struct row){ .count = 0 };
	while (row->count < MILTERS_MAX && (e = postfix_value_next(&list, &len)) != NULL) {
		struct seat *seat = &row->seats[row->count];

		if (!postfix_milter_parse(e, len, &seat->milter))
			continue;
		*seat = (struct seat){ seat->milter, w->identify(w->arg, &seat->milter, chrooted), e, len };
		row->count++;
	}
	for (size_t i = row->count; i > 0; i--) {
		const struct seat *seat = &row->seats[i - 1];

		if (seat->identify == MILTER_OURS)
			row->ours = seat;
		else if (seat->identify == MILTER_OURS_OUTSIDE)
			row->outside = seat;
		else if (seat->identify == MILTER_RSPAMD)
			row->rspamd = seat;
	}
}

/* Version 6 is what Postfix speaks when nothing is said. */
static bool
speaks_6(const char *protocol)
{
	return strcmp(protocol, "6") == 0 || protocol[0] == '\0';
}

/* The list as it should be: ours first, with options of its own, then the others as they are. */
static void
mend_row(const struct doctor_smtpd_milters *w, const struct postconf_service *service, const struct row *row, char *out, size_t cap)
{
	char endpoint[POSTFIX_VALUE_CAP];
	struct sts_text text;

	sts_text_init(&text, out, cap);
	sts_text_addf(&text, "{ %s, ",
	    doctor_milter_endpoint(w->pf, w->milter_socket, doctor_service_is_chrooted(w->pf, service), endpoint));
	sts_text_addf(&text, "connect_timeout=2s, command_timeout=%ds, content_timeout=%ds, default_action=accept%s }",
	    ANSWER_S + (int)(w->policy_wait_ms / 1000), ANSWER_S + (int)(w->policy_wait_ms / 1000),
	    speaks_6(postconf_get_of(w->pf->conf, service, "milter_protocol")) ? "" : ", protocol=6");
	for (size_t i = 0; i < row->count; i++) {
		if (row->seats[i].identify == MILTER_OURS || row->seats[i].identify == MILTER_OURS_OUTSIDE)
			continue;
		sts_text_add(&text, " ");
		sts_text_add_bytes(&text, row->seats[i].element, row->seats[i].len);
	}
}

/* The list without ours. */
static void
clear_row(const struct row *row, char *out, size_t cap)
{
	struct sts_text text;

	sts_text_init(&text, out, cap);
	for (size_t i = 0; i < row->count; i++) {
		if (row->seats[i].identify == MILTER_OURS || row->seats[i].identify == MILTER_OURS_OUTSIDE)
			continue;
		sts_text_add(&text, text.len > 0 ? " " : "");
		sts_text_add_bytes(&text, row->seats[i].element, row->seats[i].len);
	}
}

/* ---- faults, each with the services that have it ---- */

enum fault {
	FAULT_MISSING, FAULT_CHROOT, FAULT_ORDER, FAULT_SUBMISSION, FAULT_INNER, FAULT_CONTENT, FAULT_COMMAND,
	FAULT_COMMAND_TIGHT, FAULT_CONNECT, FAULT_CONNECT_TIGHT, FAULT_LONG, FAULT_ACTION, FAULT_REJECT, FAULT_PROTOCOL, FAULTS, FAULT_NONE = FAULTS,
};

static const struct { const char *id; enum finding_level level; const char *what; } faults[FAULTS] = {
	[FAULT_MISSING] = { "postfix.milter-missing", FINDING_FAIL, "mta-sts-milter is not listed on" },
	[FAULT_CHROOT] = { "postfix.milter-chroot", FINDING_FAIL,
	    "the socket is named by its path outside of the queue directory, which smtpd does not see in its chroot, on" },
	[FAULT_ORDER] = { "postfix.milter-order", FINDING_FAIL, "rspamd comes before mta-sts-milter on" },
	[FAULT_SUBMISSION] = { "postfix.milter-submission", FINDING_INFO, "mta-sts-milter is listed on" },
	[FAULT_INNER] = { "postfix.milter-inner", FINDING_WARN, "mta-sts-milter is listed on" },
	[FAULT_CONTENT] = { "postfix.milter-timeout", FINDING_FAIL, "content_timeout is not well above policy_wait on" },
	[FAULT_COMMAND] = { "postfix.milter-timeout", FINDING_FAIL, "command_timeout is too short for the milter's answer to RCPT "
	    "(with enforcement, policy_wait and a second) on" },
	[FAULT_COMMAND_TIGHT] = { "postfix.milter-timeout", FINDING_WARN, "command_timeout is not well above policy_wait, which "
	    "matters as soon as something is enforced, on" },
	[FAULT_CONNECT] = { "postfix.milter-timeout", FINDING_FAIL, "connect_timeout is below a second on" },
	[FAULT_CONNECT_TIGHT] = { "postfix.milter-timeout", FINDING_WARN, "connect_timeout is below two seconds, too short for a busy "
	    "machine, on" },
	[FAULT_LONG] = { "postfix.milter-timeout", FINDING_INFO, "a milter that hangs may hold up a session for more than a "
	    "minute on" },
	[FAULT_ACTION] = { "postfix.milter-action", FINDING_WARN, "mail is deferred or held while mta-sts-milter is away, on" },
	[FAULT_REJECT] = { "postfix.milter-action", FINDING_FAIL, "mail is refused while mta-sts-milter is away, on" },
	[FAULT_PROTOCOL] = { "postfix.milter-protocol", FINDING_WARN, "not version 6 of the milter protocol on" },
};

struct tally {
	const struct doctor_smtpd_milters *w;
	bool must_move;			/* a chrooted smtpd cannot see the socket where it is */
	struct doctor_services lists[FAULTS];
	struct doctor_services good;
};

static void
blame(struct tally *t, enum fault fault, const struct postconf_service *service, const char *value)
{
	doctor_services_add(&t->lists[fault], service, "smtpd_milters", value);
}

static enum fault
fault_of_action(const struct doctor_smtpd_milters *w, const struct postconf_service *service, const struct postfix_milter *m)
{
	const char *action = m->action[0] != '\0' ? m->action : postconf_get_of(w->pf->conf, service, "milter_default_action");

	if (strcmp(action, "accept") == 0)
		return FAULT_NONE;
	return strcmp(action, "reject") == 0 ? FAULT_REJECT : FAULT_ACTION;
}

static enum fault
fault_of_protocol(const struct doctor_smtpd_milters *w, const struct postconf_service *service, const struct postfix_milter *m)
{
	const char *protocol = m->protocol[0] != '\0' ? m->protocol : postconf_get_of(w->pf->conf, service, "milter_protocol");

	return speaks_6(protocol) ? FAULT_NONE : FAULT_PROTOCOL;
}

static void
judge_seat(struct tally *t, const struct postconf_service *service, const struct row *row, const char *mended)
{
	static const struct { unsigned limit; enum fault fault; } limits[] = {
		{ LIMIT_CONTENT_SHORT, FAULT_CONTENT }, { LIMIT_COMMAND_SHORT, FAULT_COMMAND },
		{ LIMIT_COMMAND_TIGHT, FAULT_COMMAND_TIGHT }, { LIMIT_CONNECT_SHORT, FAULT_CONNECT },
		{ LIMIT_CONNECT_TIGHT, FAULT_CONNECT_TIGHT }, { LIMIT_LONG, FAULT_LONG },
	};
	const struct postfix_milter *m = &row->ours->milter;
	const enum fault found[] = {
		row->rspamd != NULL && row->rspamd < row->ours ? FAULT_ORDER : FAULT_NONE,
		fault_of_action(t->w, service, m),
	};
	unsigned wrong = doctor_milter_time_limits(t->w, service, m);
	enum fault protocol = fault_of_protocol(t->w, service, m);

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (found[i] != FAULT_NONE)
			blame(t, found[i], service, mended);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if ((wrong & limits[i].limit) != 0)
			blame(t, limits[i].fault, service, mended);
	if (protocol != FAULT_NONE && m->protocol[0] == '\0')
		doctor_services_add(&t->lists[protocol], service, "milter_protocol", "6");
	else if (protocol != FAULT_NONE)
		blame(t, protocol, service, mended);
	doctor_services_add(&t->good, service, NULL, NULL);
}

static bool
runs_no_milters(const struct doctor_postfix *pf, const struct postconf_service *service)
{
	return postfix_value_lists(postconf_get_of(pf->conf, service, "receive_override_options"), "no_milters");
}

static void
judge_service(struct tally *t, const struct postconf_service *service)
{
	enum doctor_role role = doctor_service_role(service);
	char value[DOCTOR_LINE], line[DOCTOR_LINE];
	struct row row;

	read_row(t->w, service, &row);
	if (runs_no_milters(t->w->pf, service))
		row.ours = row.outside = row.rspamd = NULL;
	if (role == ROLE_MX) {
		mend_row(t->w, service, &row, value, sizeof(value));
		if (row.ours == NULL && doctor_service_is_chrooted(t->w->pf, service) &&
		    strncmp(t->w->milter_socket, "unix:", 5) == 0)
			t->must_move = t->must_move ||
			    !is_inside(postconf_get(t->w->pf->conf, "queue_directory"), t->w->milter_socket + 5);
		if (row.ours != NULL)
			judge_seat(t, service, &row, value);
		else
			blame(t, row.outside != NULL ? FAULT_CHROOT : FAULT_MISSING, service, value);
	} else if (row.ours != NULL) {
		/* main.cf's list is right for the others: this service needs one of its own */
		clear_row(&row, value, sizeof(value));
		postconf_line(t->w->pf->directory, service, true, "smtpd_milters", value, line, sizeof(line));
		doctor_services_add_line(&t->lists[role == ROLE_INNER ? FAULT_INNER : FAULT_SUBMISSION], service, line);
	}
}

/* ---- main.cf's lists of macros ---- */

/* We ask for our macros ourselves, and get them whatever main.cf says. rspamd does not: it has those of main.cf. */
static void
judge_macros(const struct doctor_postfix *pf, struct findings *out)
{
	static const char value[] = "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}";
	const char *macros = postconf_get(pf->conf, "milter_helo_macros");
	char fix[DOCTOR_LINE];

	/* braces belong to the name, and may be left out */
	if (strstr(macros, "tls_version") == NULL || strstr(macros, "cipher") == NULL)
		findings_add(out, FINDING_INFO, "postfix.milter-macros", "milter_helo_macros", macros[0] != '\0' ? macros :
		    "empty", doctor_fix(pf, NULL, "milter_helo_macros", value, fix));
}

static void
judge_milter_maps(const struct doctor_postfix *pf, struct findings *out)
{
	const char *maps = postconf_get(pf->conf, "smtpd_milter_maps");

	if (maps[0] != '\0')
		findings_add(out, FINDING_INFO, "postfix.milter-maps", "smtpd_milter_maps", maps, NULL);
}

/* The socket's new place, before it is named there. */
static void
add_move(const struct doctor_postfix *pf, const char *fix, char out[2 * DOCTOR_TEXT])
{
	const char *queue = postconf_get(pf->conf, "queue_directory");

	snprintf(out, 2 * DOCTOR_TEXT, "install -d -m 2750 -o _mta-sts -g postfix %s/mta-sts-milter\n"
	    "milter_socket = unix:%s%s\nin mta-sts-milter.conf, and then\nsystemctl restart mta-sts-milter\n%s", queue, queue,
	    inside, fix);
}

static void
report(const struct tally *t, struct findings *out)
{
	char moved[2 * DOCTOR_TEXT];

	for (size_t i = 0; i < FAULTS; i++) {
		const struct doctor_services *list = &t->lists[i];
		const char *fix = list->fix;

		if (list->count == 0)
			continue;
		if (t->must_move && (i == FAULT_MISSING || i == FAULT_CHROOT)) {
			add_move(t->w->pf, fix, moved);
			fix = moved;
		}
		doctor_add(out, faults[i].level, faults[i].id, "smtpd_milters", fix, "%s %s", faults[i].what, list->names);
	}
	if (t->good.count > 0)
		doctor_add(out, FINDING_PASS, "postfix.milter", "smtpd_milters", NULL, "mta-sts-milter is listed on %s",
		    t->good.names);
}

void
judge_smtpd_milters(const struct doctor_smtpd_milters *milters, struct findings *out)
{
	struct tally t = { .w = milters, .good = { .pf = milters->pf } };
	const struct postconf *conf = milters->pf->conf;

	for (size_t i = 0; i < FAULTS; i++)
		t.lists[i].pf = milters->pf;
	for (size_t i = 0; i < conf->service_count; i++)
		if (doctor_service_is_smtpd(&conf->services[i]))
			judge_service(&t, &conf->services[i]);
	report(&t, out);
	judge_macros(milters->pf, out);
	judge_milter_maps(milters->pf, out);
}

/* ---- the same as a wish ---- */

/* Long limits hold up mail at worst: a matter of taste, which nobody is to change unasked. */
static bool
has_fault(const struct doctor_smtpd_milters *w, const struct postconf_service *service, const struct row *row)
{
	struct tally t = { .w = w };
	bool found = false;

	for (size_t i = 0; i < FAULTS; i++)
		t.lists[i].pf = w->pf;
	judge_seat(&t, service, row, "");
	for (size_t i = 0; i < FAULTS; i++)
		found = found || (i != FAULT_LONG && t.lists[i].count > 0);
	return found;
}

bool
doctor_smtpd_milters_value(const struct doctor_smtpd_milters *w, const struct postconf_service *service, char *out, size_t cap)
{
	enum doctor_role role = doctor_service_role(service);
	struct row row;

	read_row(w, service, &row);
	if (runs_no_milters(w->pf, service))
		return false;
	if (role != ROLE_MX) {
		clear_row(&row, out, cap);
		return row.ours != NULL || row.outside != NULL;
	}
	mend_row(w, service, &row, out, cap);
	return row.ours == NULL || row.outside != NULL || has_fault(w, service, &row);
}
