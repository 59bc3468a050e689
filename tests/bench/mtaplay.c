/* SPDX-License-Identifier: ISC */
/* mtaplay.c - packets, buffers and negotiation on the MTA's side. Knows nothing of schedules or statistics. */
#include "config.h"

#include "tests/bench/mtaplay.h"

#include <arpa/inet.h>
#include <libmilter/mfdef.h>
#include <stdio.h>
#include <string.h>

enum { PROTOCOL = 6, OFFERED_ACTIONS = 0x1ff, OFFERED_STEPS = 0x1fffff };
enum stage { ST_CONNECT, ST_HELO, ST_MAIL, ST_RCPT, ST_DATA, ST_EOM, ST_EOH };	/* the numbers of SMFIM_* */

/* Postfix' defaults (mail_params.h, DEF_MILT_..._MACROS). */
static const char *const default_lists[MTA_STAGES] = {
	[ST_CONNECT] = "j {daemon_name} {daemon_addr} v _",
	[ST_HELO] = "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
	[ST_MAIL] = "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
	[ST_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
	[ST_DATA] = "i",
	[ST_EOM] = "i",
	[ST_EOH] = "i",
};

struct event {
	char command;
	enum stage stage;
	uint32_t not_wanted;	/* the milter's bit for "do not send it" */
	uint32_t no_reply;	/* and for "I will not answer" */
};
static const struct event ev_connect = { SMFIC_CONNECT, ST_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN };
static const struct event ev_helo = { SMFIC_HELO, ST_HELO, SMFIP_NOHELO, SMFIP_NR_HELO };
static const struct event ev_mail = { SMFIC_MAIL, ST_MAIL, SMFIP_NOMAIL, SMFIP_NR_MAIL };
static const struct event ev_rcpt = { SMFIC_RCPT, ST_RCPT, SMFIP_NORCPT, SMFIP_NR_RCPT };
static const struct event ev_data = { SMFIC_DATA, ST_DATA, SMFIP_NODATA, SMFIP_NR_DATA };
static const struct event ev_header = { SMFIC_HEADER, ST_EOH, SMFIP_NOHDRS, SMFIP_NR_HDR };
static const struct event ev_eoh = { SMFIC_EOH, ST_EOH, SMFIP_NOEOH, SMFIP_NR_EOH };
static const struct event ev_body = { SMFIC_BODY, ST_EOM, SMFIP_NOBODY, SMFIP_NR_BODY };
static const struct event ev_eom = { SMFIC_BODYEOB, ST_EOM, 0, 0 };

/* ---- packets ---- */

static bool
put_long(struct mta *m, uint32_t value)
{
	uint32_t net = htonl(value);

	return mta_sock_put(&m->sock, &net, sizeof(net));
}

static bool
put_head(struct mta *m, char command, size_t data_len)
{
	return put_long(m, (uint32_t)(data_len + 1)) && mta_sock_put(&m->sock, &command, 1);
}

/* Reads a packet, and terminates its data with a NUL, so that strings in it end. */
static bool
get_packet(struct mta *m)
{
	uint32_t net;

	if (!mta_sock_flush(&m->sock) || !mta_sock_get(&m->sock, &net, sizeof(net)))
		return false;
	m->packet_len = ntohl(net);
	if (m->packet_len == 0 || m->packet_len >= sizeof(m->packet))
		return mta_sock_fail(&m->sock, "a packet of %zu bytes", m->packet_len);
	if (!mta_sock_get(&m->sock, m->packet, m->packet_len))
		return false;
	m->packet[m->packet_len] = '\0';
	return true;
}

/* ---- macros and events ---- */

void
mta_set_macro(struct mta *m, const char *name, const char *value)
{
	for (size_t i = 0; i < MTA_MACROS; i++) {
		if (m->macros[i].name == NULL || strcmp(m->macros[i].name, name) == 0) {
			m->macros[i].name = name;
			m->macros[i].value = value;
			return;
		}
	}
}

static const char *
macro_value(const struct mta *m, const char *name, size_t len)
{
	if (len > 2 && name[0] == '{' && name[len - 1] == '}') {
		name++;
		len -= 2;
	}
	for (size_t i = 0; i < MTA_MACROS && m->macros[i].name != NULL; i++) {
		if (strncmp(m->macros[i].name, name, len) == 0 && m->macros[i].name[len] == '\0')
			return m->macros[i].value;
	}
	return NULL;
}

static bool
put_macros(struct mta *m, const struct event *ev)
{
	char data[2048];
	size_t used = 0;

	for (const char *p = m->lists[ev->stage]; *(p += strspn(p, " ,\t\r\n")) != '\0';) {
		size_t len = strcspn(p, " ,\t\r\n");
		const char *value = macro_value(m, p, len);
		size_t value_len = value == NULL ? 0 : strlen(value);

		if (value != NULL) {
			if (used + len + value_len + 2 > sizeof(data))
				return mta_sock_fail(&m->sock, "macros too long");
			memcpy(data + used, p, len);
			data[used + len] = '\0';
			memcpy(data + used + len + 1, value, value_len + 1);
			used += len + value_len + 2;
		}
		p += len;
	}
	return put_head(m, SMFIC_MACRO, used + 1) && mta_sock_put(&m->sock, &ev->command, 1) &&
	    mta_sock_put(&m->sock, data, used);
}

/* Reads the answer to any event except end of message. */
static bool
expect_continue(struct mta *m, const struct event *ev)
{
	do {
		if (!get_packet(m))
			return false;
	} while (m->packet[0] == SMFIR_PROGRESS);
	if (m->packet[0] != SMFIR_CONTINUE)
		return mta_sock_fail(&m->sock, "reply '%c' to event '%c'", m->packet[0], ev->command);
	return true;
}

static bool
event(struct mta *m, const struct event *ev, const void *data, size_t len)
{
	if (!put_macros(m, ev))
		return false;
	if ((m->steps & ev->not_wanted) != 0)
		return true;
	if (!put_head(m, ev->command, len) || !mta_sock_put(&m->sock, data, len))
		return false;
	return (m->steps & ev->no_reply) != 0 || expect_continue(m, ev);
}

bool
mta_connect(struct mta *m, const char *client_name, const char *client_addr)
{
	char data[512];
	uint16_t port = htons(34567);
	int n = snprintf(data, sizeof(data), "%s", client_name);
	size_t used = n < 0 || (size_t)n > 255 ? 255 : (size_t)n;

	data[used++] = '\0';
	data[used++] = SMFIA_INET;
	memcpy(data + used, &port, sizeof(port));
	used += sizeof(port);
	n = snprintf(data + used, sizeof(data) - used, "%s", client_addr);
	return event(m, &ev_connect, data, used + (size_t)n + 1);
}

bool
mta_helo(struct mta *m, const char *name)
{
	return event(m, &ev_helo, name, strlen(name) + 1);
}

bool
mta_mail(struct mta *m, const char *path)
{
	return event(m, &ev_mail, path, strlen(path) + 1);
}

bool
mta_rcpt(struct mta *m, const char *path)
{
	return event(m, &ev_rcpt, path, strlen(path) + 1);
}

bool
mta_rcpt_refused(struct mta *m, const char *path)
{
	if ((m->steps & (SMFIP_NORCPT | SMFIP_NR_RCPT)) != 0)
		return mta_sock_fail(&m->sock, "recipients are not answered");
	if (!put_macros(m, &ev_rcpt) || !put_head(m, ev_rcpt.command, strlen(path) + 1) ||
	    !mta_sock_put(&m->sock, path, strlen(path) + 1) || !get_packet(m))
		return false;
	if (m->packet[0] != SMFIR_REPLYCODE && m->packet[0] != SMFIR_REJECT && m->packet[0] != SMFIR_TEMPFAIL)
		return mta_sock_fail(&m->sock, "reply '%c' where a refusal was expected", m->packet[0]);
	return true;
}

bool
mta_data(struct mta *m)
{
	return event(m, &ev_data, "", 0);
}

bool
mta_hand_over(struct mta *m)
{
	return mta_sock_flush(&m->sock);
}

bool
mta_header(struct mta *m, const char *name, const char *value)
{
	char data[2048];
	int n = snprintf(data, sizeof(data), "%s%c%s", name, '\0', value);

	if (n < 0 || (size_t)n >= sizeof(data))
		return mta_sock_fail(&m->sock, "header too long");
	/* cleanup does not even send macros for unwanted headers */
	if ((m->steps & SMFIP_NOHDRS) != 0)
		return true;
	return event(m, &ev_header, data, (size_t)n + 1);
}

bool
mta_eoh(struct mta *m)
{
	return (m->steps & SMFIP_NOEOH) != 0 || event(m, &ev_eoh, "", 0);
}

bool
mta_body(struct mta *m, const char *text, size_t len)
{
	return (m->steps & SMFIP_NOBODY) != 0 || event(m, &ev_body, text, len);
}

bool
mta_abort(struct mta *m)
{
	return put_head(m, SMFIC_ABORT, 0);
}

bool
mta_quit(struct mta *m)
{
	bool ok = put_head(m, SMFIC_QUIT, 0) && mta_sock_flush(&m->sock);

	mta_close(m);
	return ok;
}

/* ---- end of message ---- */

/* insheader and chgheader have the same form: index, name, value. */
static bool
read_edit(struct mta *m, uint32_t *index, const char **name, const char **value)
{
	const unsigned char *end = m->packet + m->packet_len;
	uint32_t net;

	if (m->packet_len < 1 + sizeof(net) + 2)
		return mta_sock_fail(&m->sock, "a short edit");
	memcpy(&net, m->packet + 1, sizeof(net));
	*index = ntohl(net);
	*name = (const char *)m->packet + 1 + sizeof(net);
	*value = *name + strlen(*name) + 1;
	if ((const unsigned char *)*value >= end)
		return mta_sock_fail(&m->sock, "an edit without value");
	return true;
}

static bool
collect_edit(struct mta *m, struct mta_edits *edits)
{
	uint32_t index = 0;
	const char *name = NULL, *value = NULL;

	if (m->packet[0] != SMFIR_INSHEADER && m->packet[0] != SMFIR_CHGHEADER) {
		edits->other++;
		return true;
	}
	if (!read_edit(m, &index, &name, &value))
		return false;
	if (m->packet[0] == SMFIR_INSHEADER) {
		edits->inserted++;
		edits->insert_index = index;
		snprintf(edits->insert_name, sizeof(edits->insert_name), "%s", name);
		snprintf(edits->insert_value, sizeof(edits->insert_value), "%s", value);
	} else if (value[0] == '\0') {
		if (edits->inserted > 0 || (edits->deleted > 0 && index >= edits->delete_index))
			edits->descending = false;
		edits->deleted++;
		edits->delete_index = index;
		snprintf(edits->delete_name, sizeof(edits->delete_name), "%s", name);
	} else {
		edits->other++;
	}
	return true;
}

bool
mta_eom(struct mta *m, struct mta_edits *edits)
{
	memset(edits, 0, offsetof(struct mta_edits, insert_value) + 1);
	edits->descending = true;
	if (!put_macros(m, &ev_eom) || !put_head(m, ev_eom.command, 0))
		return false;
	for (;;) {
		if (!get_packet(m))
			return false;
		switch (m->packet[0]) {
		case SMFIR_PROGRESS:
			break;
		case SMFIR_CONTINUE:
		case SMFIR_ACCEPT:
			return true;
		case SMFIR_REJECT:
		case SMFIR_TEMPFAIL:
		case SMFIR_DISCARD:
		case SMFIR_REPLYCODE:
		case SMFIR_SHUTDOWN:
		case SMFIR_CONN_FAIL:
			return mta_sock_fail(&m->sock, "reply '%c' at end of message", m->packet[0]);
		default:
			if (!collect_edit(m, edits))
				return false;
		}
	}
}

/* ---- open and close ---- */

static bool
read_symlists(struct mta *m, size_t pos)
{
	while (pos + sizeof(uint32_t) < m->packet_len) {
		const char *list = (const char *)m->packet + pos + sizeof(uint32_t);
		uint32_t stage;

		memcpy(&stage, m->packet + pos, sizeof(stage));
		stage = ntohl(stage);
		if (stage >= MTA_STAGES || strlen(list) >= MTA_LIST_CAP)
			return mta_sock_fail(&m->sock, "a macro list for stage %u of %zu bytes", (unsigned)stage, strlen(list));
		strcpy(m->lists[stage], list);
		m->symlists++;
		pos += sizeof(uint32_t) + strlen(list) + 1;
	}
	return true;
}

static bool
negotiate(struct mta *m)
{
	uint32_t net[3];

	if (!put_head(m, SMFIC_OPTNEG, sizeof(net)) || !put_long(m, PROTOCOL) || !put_long(m, OFFERED_ACTIONS) ||
	    !put_long(m, OFFERED_STEPS) || !get_packet(m))
		return false;
	if (m->packet[0] != SMFIC_OPTNEG || m->packet_len < 1 + sizeof(net))
		return mta_sock_fail(&m->sock, "reply '%c' to the negotiation", m->packet[0]);
	memcpy(net, m->packet + 1, sizeof(net));
	m->actions = ntohl(net[1]);
	m->steps = ntohl(net[2]);
	if (ntohl(net[0]) > PROTOCOL || (m->actions & ~(uint32_t)OFFERED_ACTIONS) != 0 ||
	    (m->steps & ~(uint32_t)OFFERED_STEPS) != 0)
		return mta_sock_fail(&m->sock, "negotiated version %u actions 0x%x steps 0x%x", (unsigned)ntohl(net[0]),
		    (unsigned)m->actions, (unsigned)m->steps);
	return read_symlists(m, 1 + sizeof(net));
}

void
mta_init(struct mta *m)
{
	memset(m, 0, sizeof(*m));
	mta_sock_init(&m->sock);
}

bool
mta_open(struct mta *m, const struct mta_target *target)
{
	m->symlists = 0;
	for (size_t i = 0; i < MTA_STAGES; i++)
		strcpy(m->lists[i], default_lists[i]);
	return mta_sock_dial(&m->sock, target) && negotiate(m);
}

void
mta_close(struct mta *m)
{
	mta_sock_close(&m->sock);
}

void
mta_fini(struct mta *m)
{
	mta_sock_fini(&m->sock);
}
