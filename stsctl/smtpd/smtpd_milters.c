/* SPDX-License-Identifier: ISC */
/* smtpd_milters.c - checks which milters each service has, their order, time limits and actions. Pure. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/smtpd/smtpd_milters.h"

/* In the lines to paste: the seconds that Postfix waits for us, in addition to policy_wait. */
enum { ANSWER_S = 8 };

/* Where a chrooted smtpd can reach the socket, below the queue directory. */
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
struct entry {
	struct postfix_milter milter;
	enum milter_identity identity;
	const char *element;		/* as written */
	size_t len;
};
struct milter_list {
	struct entry entries[MILTERS_MAX];
	size_t count;
	const struct entry *ours, *outside, *rspamd;	/* the first of each, or NULL */
};

static void
read_list(const struct doctor_smtpd_milters *w, const struct postconf_service *service, struct milter_list *milters)
{
	const char *list = postconf_get_of(w->pf->conf, service, "smtpd_milters"), *e;
	bool chrooted = doctor_service_is_chrooted(w->pf, service);
	size_t len;

	*milters = (struct milter_list){ .count = 0 };
	while (milters->count < MILTERS_MAX && (e = postfix_value_next(&list, &len)) != NULL) {
		struct entry *entry = &milters->entries[milters->count];

		if (!postfix_milter_parse(e, len, &entry->milter))
			continue;
		*entry = (struct entry){ entry->milter, w->identify(w->arg, &entry->milter, chrooted), e, len };
		milters->count++;
	}
	for (size_t i = milters->count; i > 0; i--) {
		const struct entry *entry = &milters->entries[i - 1];

		if (entry->identity == MILTER_OURS)
			milters->ours = entry;
		else if (entry->identity == MILTER_OURS_OUTSIDE)
			milters->outside = entry;
		else if (entry->identity == MILTER_RSPAMD)
			milters->rspamd = entry;
	}
}

/* Version 6 is Postfix's default. */
static bool
speaks_6(const char *protocol)
{
	return strcmp(protocol, "6") == 0 || protocol[0] == '\0';
}

/* The list as it should be: ours first, with its options, then the others unchanged. */
static void
write_list(const struct doctor_smtpd_milters *w, const struct postconf_service *service, const struct milter_list *milters,
    char *out, size_t cap)
{
	char endpoint[POSTFIX_VALUE_CAP];
	struct sts_text text;

	sts_text_init(&text, out, cap);
	sts_text_addf(&text, "{ %s, ",
	    doctor_milter_endpoint(w->pf, w->milter_socket, doctor_service_is_chrooted(w->pf, service), endpoint));
	sts_text_addf(&text, "connect_timeout=2s, command_timeout=%ds, content_timeout=%ds, default_action=accept%s }",
	    ANSWER_S + (int)(w->policy_wait_ms / 1000), ANSWER_S + (int)(w->policy_wait_ms / 1000),
	    speaks_6(postconf_get_of(w->pf->conf, service, "milter_protocol")) ? "" : ", protocol=6");
	for (size_t i = 0; i < milters->count; i++) {
		if (milters->entries[i].identity == MILTER_OURS || milters->entries[i].identity == MILTER_OURS_OUTSIDE)
			continue;
		sts_text_add(&text, " ");
		sts_text_add_bytes(&text, milters->entries[i].element, milters->entries[i].len);
	}
}

/* The list without our milter. */
static void
write_list_without_ours(const struct milter_list *milters, char *out, size_t cap)
{
	struct sts_text text;

	sts_text_init(&text, out, cap);
	for (size_t i = 0; i < milters->count; i++) {
		if (milters->entries[i].identity == MILTER_OURS || milters->entries[i].identity == MILTER_OURS_OUTSIDE)
			continue;
		sts_text_add(&text, text.len > 0 ? " " : "");
		sts_text_add_bytes(&text, milters->entries[i].element, milters->entries[i].len);
	}
}

/* ---- faults, and the services that have them ---- */

enum fault {
	FAULT_MISSING, FAULT_CHROOT, FAULT_ORDER, FAULT_SUBMISSION, FAULT_INNER, FAULT_CONTENT, FAULT_COMMAND,
	FAULT_COMMAND_TIGHT, FAULT_CONNECT, FAULT_CONNECT_TIGHT, FAULT_LONG, FAULT_ACTION, FAULT_REJECT, FAULT_PROTOCOL,
	FAULTS, FAULT_NONE = FAULTS,
};

static const struct { const char *id; enum finding_level level; const char *what; } faults[FAULTS] = {
	[FAULT_MISSING] = { "postfix.milter-missing", FINDING_FAIL, "mta-sts-milter is not listed on" },
	[FAULT_CHROOT] = { "postfix.milter-chroot", FINDING_FAIL,
	    "the socket's path is not below the queue directory, so smtpd cannot reach it from its chroot, on" },
	[FAULT_ORDER] = { "postfix.milter-order", FINDING_FAIL, "rspamd comes before mta-sts-milter on" },
	[FAULT_SUBMISSION] = { "postfix.milter-submission", FINDING_INFO, "mta-sts-milter is listed on" },
	[FAULT_INNER] = { "postfix.milter-inner", FINDING_WARN, "mta-sts-milter is listed on" },
	[FAULT_CONTENT] = { "postfix.milter-timeout", FINDING_FAIL, "content_timeout is not well above policy_wait on" },
	[FAULT_COMMAND] = { "postfix.milter-timeout", FINDING_FAIL, "command_timeout is too short for the milter's answer to RCPT "
	    "(with enforcement, policy_wait and a second) on" },
	[FAULT_COMMAND_TIGHT] = { "postfix.milter-timeout", FINDING_WARN, "command_timeout is not well above policy_wait, which "
	    "matters once something is enforced, on" },
	[FAULT_CONNECT] = { "postfix.milter-timeout", FINDING_FAIL, "connect_timeout is below a second on" },
	[FAULT_CONNECT_TIGHT] = { "postfix.milter-timeout", FINDING_WARN, "connect_timeout is below two seconds, too short for a busy "
	    "machine, on" },
	[FAULT_LONG] = { "postfix.milter-timeout", FINDING_INFO, "a milter that hangs may hold up a session for more than a "
	    "minute on" },
	[FAULT_ACTION] = { "postfix.milter-action", FINDING_WARN, "mail is deferred or held while mta-sts-milter is down, on" },
	[FAULT_REJECT] = { "postfix.milter-action", FINDING_FAIL, "mail is refused while mta-sts-milter is down, on" },
	[FAULT_PROTOCOL] = { "postfix.milter-protocol", FINDING_WARN, "not version 6 of the milter protocol on" },
};

struct faulty_services {
	const struct doctor_smtpd_milters *w;
	bool must_move;			/* a chrooted smtpd cannot reach the socket at its present path */
	struct doctor_services lists[FAULTS];
	struct doctor_services good;
};

static void
add_fault(struct faulty_services *t, enum fault fault, const struct postconf_service *service, const char *value)
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
judge_ours(struct faulty_services *t, const struct postconf_service *service, const struct milter_list *milters, const char *mended)
{
	static const struct { unsigned limit; enum fault fault; } limits[] = {
		{ LIMIT_CONTENT_SHORT, FAULT_CONTENT }, { LIMIT_COMMAND_SHORT, FAULT_COMMAND },
		{ LIMIT_COMMAND_TIGHT, FAULT_COMMAND_TIGHT }, { LIMIT_CONNECT_SHORT, FAULT_CONNECT },
		{ LIMIT_CONNECT_TIGHT, FAULT_CONNECT_TIGHT }, { LIMIT_LONG, FAULT_LONG },
	};
	const struct postfix_milter *m = &milters->ours->milter;
	const enum fault found[] = {
		milters->rspamd != NULL && milters->rspamd < milters->ours ? FAULT_ORDER : FAULT_NONE,
		fault_of_action(t->w, service, m),
	};
	unsigned wrong = doctor_milter_time_limits(t->w, service, m);
	enum fault protocol = fault_of_protocol(t->w, service, m);

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
		if (found[i] != FAULT_NONE)
			add_fault(t, found[i], service, mended);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if ((wrong & limits[i].limit) != 0)
			add_fault(t, limits[i].fault, service, mended);
	if (protocol != FAULT_NONE && m->protocol[0] == '\0')
		doctor_services_add(&t->lists[protocol], service, "milter_protocol", "6");
	else if (protocol != FAULT_NONE)
		add_fault(t, protocol, service, mended);
	doctor_services_add(&t->good, service, NULL, NULL);
}

static bool
runs_no_milters(const struct doctor_postfix *pf, const struct postconf_service *service)
{
	return postfix_value_lists(postconf_get_of(pf->conf, service, "receive_override_options"), "no_milters");
}

static void
judge_service(struct faulty_services *t, const struct postconf_service *service)
{
	enum doctor_role role = doctor_service_role(service);
	char value[DOCTOR_LINE], line[DOCTOR_LINE];
	struct milter_list milters;

	read_list(t->w, service, &milters);
	if (runs_no_milters(t->w->pf, service))
		milters.ours = milters.outside = milters.rspamd = NULL;
	if (role == ROLE_MX) {
		write_list(t->w, service, &milters, value, sizeof(value));
		if (milters.ours == NULL && doctor_service_is_chrooted(t->w->pf, service) &&
		    strncmp(t->w->milter_socket, "unix:", 5) == 0)
			t->must_move = t->must_move ||
			    !is_inside(postconf_get(t->w->pf->conf, "queue_directory"), t->w->milter_socket + 5);
		if (milters.ours != NULL)
			judge_ours(t, service, &milters, value);
		else
			add_fault(t, milters.outside != NULL ? FAULT_CHROOT : FAULT_MISSING, service, value);
	} else if (milters.ours != NULL) {
		/* main.cf's list is right for the other services, so this one needs a list of its own */
		write_list_without_ours(&milters, value, sizeof(value));
		postconf_line(t->w->pf->directory, service, true, "smtpd_milters", value, line, sizeof(line));
		doctor_services_add_line(&t->lists[role == ROLE_INNER ? FAULT_INNER : FAULT_SUBMISSION], service, line);
	}
}

/* ---- main.cf's lists of macros ---- */

/* Our milter requests its macros itself, and gets them whatever main.cf says. rspamd does not, and gets those of main.cf. */
static void
judge_macros(const struct doctor_postfix *pf, struct findings *out)
{
	static const char value[] = "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}";
	const char *macros = postconf_get(pf->conf, "milter_helo_macros");
	char fix[DOCTOR_LINE];

	/* the braces are part of the name, but may be omitted */
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

/* Puts the lines that move the socket in front of the fix. */
static void
add_socket_move(const struct doctor_postfix *pf, const char *fix, char out[2 * DOCTOR_TEXT])
{
	const char *queue = postconf_get(pf->conf, "queue_directory");

	snprintf(out, 2 * DOCTOR_TEXT, "install -d -m 2750 -o _mta-sts -g postfix %s/mta-sts-milter\n"
	    "milter_socket = unix:%s%s\nin mta-sts-milter.conf, and then\nsystemctl restart mta-sts-milter\n%s", queue, queue,
	    inside, fix);
}

static void
report(const struct faulty_services *t, struct findings *out)
{
	char moved[2 * DOCTOR_TEXT];

	for (size_t i = 0; i < FAULTS; i++) {
		const struct doctor_services *list = &t->lists[i];
		const char *fix = list->fix;

		if (list->count == 0)
			continue;
		if (t->must_move && (i == FAULT_MISSING || i == FAULT_CHROOT)) {
			add_socket_move(t->w->pf, fix, moved);
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
	struct faulty_services t = { .w = milters, .good = { .pf = milters->pf } };
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

/* ---- the value as it should be ---- */

/* Long limits do not count as a fault: at worst they delay mail, and nobody should change them unasked. */
static bool
has_fault(const struct doctor_smtpd_milters *w, const struct postconf_service *service, const struct milter_list *milters)
{
	struct faulty_services t = { .w = w };
	bool found = false;

	for (size_t i = 0; i < FAULTS; i++)
		t.lists[i].pf = w->pf;
	judge_ours(&t, service, milters, "");
	for (size_t i = 0; i < FAULTS; i++)
		found = found || (i != FAULT_LONG && t.lists[i].count > 0);
	return found;
}

bool
doctor_smtpd_milters_value(const struct doctor_smtpd_milters *w, const struct postconf_service *service, char *out, size_t cap)
{
	enum doctor_role role = doctor_service_role(service);
	struct milter_list milters;

	read_list(w, service, &milters);
	if (runs_no_milters(w->pf, service))
		return false;
	if (role != ROLE_MX) {
		write_list_without_ours(&milters, out, cap);
		return milters.ours != NULL || milters.outside != NULL;
	}
	write_list(w, service, &milters, out, cap);
	return milters.ours == NULL || milters.outside != NULL || has_fault(w, service, &milters);
}
