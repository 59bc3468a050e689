/* SPDX-License-Identifier: ISC */
/* socketmap_client.c - the client's side of socketmap_table(5), for a single question. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/clock.h"
#include "shared-cache/base/text.h"
#include "shared-cache/runtime/socket.h"
#include "stsctl/machine/connect_as.h"
#include "stsctl/machine/postfix_value.h"
#include "stsctl/smtpd/service.h"
#include "stsctl/smtpd/socketmap_client.h"

/* Postfix reads replies of up to 100,000 bytes; the reply for a name that does not exist is short. */
enum { REPLY_MAX = 4096, DIGITS_MAX = 6, WAIT_MS = 10000, SHOWN_MAX = 200 };

/* RFC 2606: no resolver finds this name. */
static const char key[] = "mta-sts-milter.invalid";

/* ---- replies ---- */

static const struct { const char *word; enum socketmap_answer answer; } words[] = {
	{ "OK", SOCKETMAP_SERVES }, { "NOTFOUND", SOCKETMAP_SERVES }, { "TEMP", SOCKETMAP_COMPLAINS },
	{ "TIMEOUT", SOCKETMAP_COMPLAINS }, { "PERM", SOCKETMAP_COMPLAINS },
};

static bool
read_words(const char *text, size_t len, enum socketmap_answer *out, char why[DOCTOR_LINE])
{
	const char *space = memchr(text, ' ', len);
	size_t word_len = space != NULL ? (size_t)(space - text) : len;
	struct sts_text shown;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) != word_len || memcmp(words[i].word, text, word_len) != 0)
			continue;
		*out = words[i].answer;
		sts_text_init(&shown, why, DOCTOR_LINE);
		sts_text_add_shown(&shown, text, len, SHOWN_MAX);
		return true;
	}
	return false;
}

int
socketmap_reply(const char *bytes, size_t len, enum socketmap_answer *out, char why[DOCTOR_LINE])
{
	size_t digits = 0;
	unsigned long long text_len;

	while (digits < len && sts_ascii_is_digit(bytes[digits]))
		digits++;
	if (digits > DIGITS_MAX || (digits < len && (digits == 0 || bytes[digits] != ':')))
		return -1;
	if (digits == len)
		return 0;
	if (!sts_text_parse_u64(bytes, digits, DIGITS_MAX, &text_len) || text_len > REPLY_MAX - DIGITS_MAX - 2)
		return -1;
	if (len < digits + 1 + text_len + 1)
		return 0;
	if (bytes[digits + 1 + text_len] != ',' || !read_words(bytes + digits + 1, (size_t)text_len, out, why))
		return -1;
	return (int)(digits + 1 + text_len + 1);
}

/* ---- the address ---- */

static bool
smtp_is_chrooted(const struct doctor_postfix *pf)
{
	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];

		if (strcmp(service->name, "smtp") == 0 && strcmp(service->type, "unix") == 0)
			return doctor_service_is_chrooted(pf, service);
	}
	return false;
}

/* Parses "inet:HOST:PORT:NAME" or "unix:PATH:NAME"; *map: the NAME. */
static bool
endpoint_of(const struct doctor_postfix *pf, const char *name, struct sts_endpoint *out, const char **map)
{
	const char *last = strrchr(name, ':');
	const char *queue = postconf_get(pf->conf, "queue_directory"), *colon;
	char path[POSTFIX_VALUE_CAP];
	unsigned long long port;
	int n;

	*map = last + 1;
	*out = (struct sts_endpoint){ .kind = STS_ENDPOINT_UNIX };
	snprintf(path, sizeof(path), "%.*s", (int)(last - name) - 5, name + 5);
	if (strncmp(name, "unix:", 5) == 0) {
		bool below = path[0] != '/' || smtp_is_chrooted(pf);

		n = snprintf(out->host, sizeof(out->host), "%s%s%s", below ? queue : "", below && path[0] != '/' ? "/" : "", path);
		return n > 0 && (size_t)n < sizeof(out->host);
	}
	out->kind = STS_ENDPOINT_TCP;
	colon = strrchr(path, ':');
	if (colon == NULL || !sts_text_parse_u64(colon + 1, strlen(colon + 1), 5, &port) || port > 65535)
		return false;
	out->port = (uint16_t)port;
	n = snprintf(out->host, sizeof(out->host), "%.*s", (int)(colon - path) - 2 * (path[0] == '['), path + (path[0] == '['));
	return n > 0 && (size_t)n < sizeof(out->host);
}

/* ---- the question ---- */

static bool
send_question(int fd, const char *map)
{
	char text[POSTFIX_VALUE_CAP + sizeof(key) + 1], question[sizeof(text) + 8];
	int n = snprintf(text, sizeof(text), "%s %s", map, key);

	n = snprintf(question, sizeof(question), "%d:%s,", n, text);
	return send(fd, question, (size_t)n, MSG_NOSIGNAL) == n;
}

static enum socketmap_answer
ask_server(int fd, const char *map, int64_t deadline_ms, char why[DOCTOR_LINE])
{
	enum socketmap_answer answer;
	char reply[REPLY_MAX];
	size_t len = 0;
	int used = 0;

	if (!send_question(fd, map)) {
		snprintf(why, DOCTOR_LINE, "%s", strerror(errno));
		return SOCKETMAP_SILENT;
	}
	while (used == 0) {
		ssize_t n = -1;

		if (len < sizeof(reply) && sts_socket_wait(fd, POLLIN, deadline_ms) > 0)
			n = recv(fd, reply + len, sizeof(reply) - len, 0);
		if (n <= 0) {
			snprintf(why, DOCTOR_LINE, n == 0 ? "the server closes the connection without a reply" :
			    "connected, but no reply within %d seconds", WAIT_MS / 1000);
			return SOCKETMAP_SILENT;
		}
		len += (size_t)n;
		used = socketmap_reply(reply, len, &answer, why);
	}
	if (used > 0)
		return answer;
	snprintf(why, DOCTOR_LINE, "the server does not speak the socketmap protocol");
	return SOCKETMAP_SILENT;
}

/* Tries to connect as smtp(8), because root may connect where Postfix's user may not. path: the part after "unix:", with the map's
 * name. */
static enum socketmap_answer
try_as_smtp(const struct doctor_postfix *pf, const char *path, enum socketmap_answer answer, char why[DOCTOR_LINE])
{
	const char *queue = postconf_get(pf->conf, "queue_directory"), *user = postconf_get(pf->conf, "mail_owner");
	char socket_path[POSTFIX_VALUE_CAP], said[DOCTOR_LINE / 2];

	snprintf(socket_path, sizeof(socket_path), "%.*s", (int)(strrchr(path, ':') - path), path);
	if (connect_as(user, socket_path[0] != '/' || smtp_is_chrooted(pf) ? queue : "/", socket_path, said, sizeof(said)) <= 0)
		return answer;
	snprintf(why, DOCTOR_LINE, "%s may not connect: %s", user, said);
	return SOCKETMAP_CLOSED;
}

enum socketmap_answer
socketmap_ask(const struct doctor_postfix *pf, const char *name, char why[DOCTOR_LINE])
{
	int64_t deadline_ms = sts_clock_mono_ms() + WAIT_MS;
	enum socketmap_answer answer;
	char said[STS_SOCKET_WHY_CAP] = "";
	struct sts_endpoint endpoint;
	const char *map;
	int fd;

	why[0] = '\0';
	if (!endpoint_of(pf, name, &endpoint, &map)) {
		snprintf(why, DOCTOR_LINE, "its address cannot be determined");
		return SOCKETMAP_DENIED;
	}
	fd = sts_socket_connect(&endpoint, deadline_ms, said);
	if (fd < 0) {
		snprintf(why, DOCTOR_LINE, "%s%s%s", endpoint.kind == STS_ENDPOINT_UNIX ? endpoint.host : "",
		    endpoint.kind == STS_ENDPOINT_UNIX ? ": " : "", said);
		return strstr(said, strerror(EACCES)) != NULL ? SOCKETMAP_DENIED : SOCKETMAP_SILENT;
	}
	answer = ask_server(fd, map, deadline_ms, why);
	close(fd);
	if (answer == SOCKETMAP_SERVES && endpoint.kind == STS_ENDPOINT_UNIX)
		answer = try_as_smtp(pf, name + strlen("unix:"), answer, why);
	return answer;
}
