/* SPDX-License-Identifier: ISC */
/* doctor/milter.c - tries whether something speaks the milter protocol at the socket, and whether smtpd can connect to it. */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/socket.h"
#include "stsctl/doctor/milter.h"
#include "stsctl/machine/connect_as.h"

/* ---- from here ---- */

/* "unix:PATH", "inet:PORT@HOST". */
static bool
endpoint_of(const char *milter_socket, struct sts_endpoint *out)
{
	const char *at = strchr(milter_socket, '@');
	unsigned long long port;

	*out = (struct sts_endpoint){ .kind = STS_ENDPOINT_UNIX };
	if (strncmp(milter_socket, "unix:", 5) == 0) {
		snprintf(out->host, sizeof(out->host), "%s", milter_socket + 5);
		return true;
	}
	if (strncmp(milter_socket, "inet:", 5) != 0 || at == NULL ||
	    !sts_text_parse_u64(milter_socket + 5, (size_t)(at - milter_socket) - 5, 5, &port) || port > 65535)
		return false;
	out->kind = STS_ENDPOINT_TCP;
	out->port = (uint16_t)port;
	snprintf(out->host, sizeof(out->host), "%s", at + 1 + (at[1] == '['));
	out->host[strcspn(out->host, "]")] = '\0';
	return true;
}

/* The MTA begins with SMFIC_OPTNEG: version, actions and steps. The milter answers with those that it wants. */
enum { NEGOTIATION = 17, ANSWER_MIN = 17 };
static const unsigned char negotiation[NEGOTIATION] = { 0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 1, 0xff, 0, 0x1f, 0xff, 0xff };
static const unsigned char goodbye[] = { 0, 0, 0, 1, 'Q' };

static enum doctor_reach
negotiate(int fd, int64_t deadline_ms, char why[DOCTOR_LINE])
{
	unsigned char answer[ANSWER_MIN];
	size_t len = 0;

	if (send(fd, negotiation, sizeof(negotiation), MSG_NOSIGNAL) != (ssize_t)sizeof(negotiation)) {
		snprintf(why, DOCTOR_LINE, "%s", strerror(errno));
		return REACH_SILENT;
	}
	while (len < sizeof(answer)) {
		ssize_t n;

		if (sts_socket_wait(fd, POLLIN, deadline_ms) <= 0 ||
		    (n = recv(fd, answer + len, sizeof(answer) - len, 0)) <= 0) {
			snprintf(why, DOCTOR_LINE, "connected, but no answer");
			return REACH_SILENT;
		}
		len += (size_t)n;
	}
	(void)send(fd, goodbye, sizeof(goodbye), MSG_NOSIGNAL);
	if (answer[0] == 0 && answer[1] == 0 && answer[4] == 'O')
		return REACH_OK;
	snprintf(why, DOCTOR_LINE, "the server does not speak the milter protocol");
	return REACH_ODD;
}

static void
try_from_here(const char *milter_socket, struct doctor_socket *out)
{
	int64_t deadline_ms = sts_clock_mono_ms() + DOCTOR_ANSWER_MS;
	struct sts_endpoint endpoint;
	char why[STS_SOCKET_WHY_CAP] = "";
	struct stat st;
	int fd = -1;

	if (!endpoint_of(milter_socket, &endpoint)) {
		out->here = REACH_NOT_TRIED;
		return;
	}
	out->is_unix = endpoint.kind == STS_ENDPOINT_UNIX;
	if (out->is_unix && stat(endpoint.host, &st) != 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) {
		out->here = errno == EACCES ? REACH_DENIED : REACH_ABSENT;
		snprintf(out->why, sizeof(out->why), "%s", strerror(errno));
		return;
	}
	fd = sts_socket_connect(&endpoint, deadline_ms, why);
	if (fd < 0) {
		out->here = strstr(why, strerror(EACCES)) != NULL ? REACH_DENIED : REACH_REFUSED;
		snprintf(out->why, sizeof(out->why), "%s", why);
		return;
	}
	out->here = negotiate(fd, deadline_ms, out->why);
	close(fd);
}

static void
inspect_owner(const char *path, struct doctor_socket *out)
{
	const struct passwd *pw;
	const struct group *gr;
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	out->exists = true;
	out->mode = (unsigned)st.st_mode & 07777;
	pw = getpwuid(st.st_uid);
	snprintf(out->owner, sizeof(out->owner), "%s", pw != NULL ? pw->pw_name : "?");
	gr = getgrgid(st.st_gid);
	snprintf(out->group, sizeof(out->group), "%s", gr != NULL ? gr->gr_name : "?");
}

/* ---- as smtpd ---- */

static enum doctor_reach
reach_of_errno(int number)
{
	if (number < 0)
		return REACH_NOT_TRIED;
	if (number == 0)
		return REACH_OK;
	if (number == EACCES || number == EPERM)
		return REACH_DENIED;
	return number == ENOENT || number == ENOTDIR ? REACH_ABSENT : REACH_REFUSED;
}

/* Tries each listed unix socket of ours, until one fails. */
static void
try_as_smtpd(const struct doctor_postfix *pf, const char *milter_socket, struct doctor_socket *out)
{
	const struct doctor_known_milters known = { pf, milter_socket, NULL };
	const char *queue = postconf_get(pf->conf, "queue_directory"), *user = postconf_get(pf->conf, "mail_owner");

	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];
		const char *list = postconf_get_of(pf->conf, service, "smtpd_milters"), *e;
		bool chrooted = doctor_service_is_chrooted(pf, service);
		struct postfix_milter m;
		size_t len;

		while (doctor_service_is_smtpd(service) && (e = postfix_value_next(&list, &len)) != NULL) {
			if (out->smtpd != REACH_OK && out->smtpd != REACH_NOT_TRIED)
				return;
			if (!postfix_milter_parse(e, len, &m) || m.kind != POSTFIX_MILTER_UNIX ||
			    doctor_identify_milter(&known, &m, chrooted) != MILTER_OURS)
				continue;
			out->chrooted = chrooted;
			out->smtpd = reach_of_errno(connect_as(user, chrooted || m.path[0] != '/' ? queue : "/", m.path,
			    out->smtpd_why, sizeof(out->smtpd_why)));
		}
	}
}

void
inspect_milter(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_socket *out)
{
	*out = (struct doctor_socket){ .here = REACH_NOT_TRIED, .smtpd = REACH_NOT_TRIED };
	try_from_here(env->conf->milter_socket, out);
	if (out->is_unix)
		inspect_owner(env->conf->milter_socket + 5, out);
	if (out->is_unix && out->exists && pf->conf != NULL)
		try_as_smtpd(pf, env->conf->milter_socket, out);
}

/* ---- identifying milters ---- */

/* The path of the socket as seen from outside of the chroot. */
static void
path_of(const struct doctor_postfix *pf, const struct postfix_milter *m, bool chrooted, char out[2 * POSTFIX_VALUE_CAP])
{
	const char *queue = postconf_get(pf->conf, "queue_directory");

	if (m->path[0] != '/')
		snprintf(out, 2 * POSTFIX_VALUE_CAP, "%s/%s", queue, m->path);
	else
		snprintf(out, 2 * POSTFIX_VALUE_CAP, "%s%s", chrooted ? queue : "", m->path);
}

/* Whether both paths are the same, or lead to the same socket. */
static bool
is_same_place(const char *a, const char *b)
{
	struct stat of_a, of_b;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static bool
is_same_inet(const struct postfix_milter *m, const char *milter_socket)
{
	struct sts_endpoint endpoint;

	return endpoint_of(milter_socket, &endpoint) && endpoint.kind == STS_ENDPOINT_TCP && endpoint.port == m->port &&
	    (strcmp(endpoint.host, m->host) == 0 || strcmp(endpoint.host, "0.0.0.0") == 0 || strcmp(endpoint.host, "::") == 0 ||
	     strcmp(m->host, "localhost") == 0);
}

/* Whether it is rspamd: by its configuration, its default port, or the name of the socket. */
static bool
is_rspamd(const struct doctor_rspamd *rspamd, const struct postfix_milter *m)
{
	char port[16];

	if (m->kind == POSTFIX_MILTER_UNIX)
		return strstr(m->path, "rspamd") != NULL;
	if (m->kind != POSTFIX_MILTER_INET)
		return false;
	snprintf(port, sizeof(port), ":%u", (unsigned)m->port);
	for (size_t i = 0; rspamd != NULL && i < rspamd->address_count; i++) {
		const char *place = rspamd->addresses[i];

		if (strlen(place) > strlen(port) && strcmp(place + strlen(place) - strlen(port), port) == 0)
			return true;
	}
	return m->port == 11332;
}

enum milter_identity
doctor_identify_milter(const void *arg, const struct postfix_milter *milter, bool chrooted)
{
	const struct doctor_known_milters *known = arg;
	char path[2 * POSTFIX_VALUE_CAP];

	if (milter->kind == POSTFIX_MILTER_UNIX && strncmp(known->milter_socket, "unix:", 5) == 0) {
		path_of(known->pf, milter, chrooted, path);
		if (is_same_place(path, known->milter_socket + 5))
			return MILTER_OURS;
		if (chrooted && strcmp(milter->path, known->milter_socket + 5) == 0)
			return MILTER_OURS_OUTSIDE;
	}
	if (milter->kind == POSTFIX_MILTER_INET && is_same_inet(milter, known->milter_socket))
		return MILTER_OURS;
	return is_rspamd(known->rspamd, milter) ? MILTER_RSPAMD : MILTER_OTHER;
}
