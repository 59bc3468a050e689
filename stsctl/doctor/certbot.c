/* SPDX-License-Identifier: ISC */
/* doctor/certbot.c - reads certbot's renewal files, and queries DNS. */
#include "config.h"

#include "stsctl/doctor/certbot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared-cache/base/ascii.h"
#include "stsctl/probe/dns_query.h"

enum { FILE_MAX = 1 << 16, QUESTION_CAP = STS_DOMAIN_CAP + 16 };

/* ---- files ---- */

/* Finds /DIRECTORY/ in path: *before is the length of what precedes it, *name the component after it. False when it is missing, or when
 * anything but a file name follows. */
static bool
split(const char *path, const char *directory, size_t *before, const char **name, size_t *name_len)
{
	const char *at = NULL, *rest;

	for (const char *next = path; (next = strstr(next, directory)) != NULL; next++)
		at = next;
	if (at == NULL)
		return false;
	*before = (size_t)(at - path);
	*name = at + strlen(directory);
	*name_len = strcspn(*name, "/");
	rest = *name + *name_len;
	return *name_len > 0 && *rest == '/' && rest[1] != '\0' && strchr(rest + 1, '/') == NULL;
}

bool
certbot_renewal_path(const char *certificate, char out[POSTFIX_VALUE_CAP])
{
	size_t before, len;
	const char *name;
	int n;

	if (!split(certificate, "/live/", &before, &name, &len) && !split(certificate, "/archive/", &before, &name, &len))
		return false;
	n = snprintf(out, POSTFIX_VALUE_CAP, "%.*s/renewal/%.*s.conf", (int)before, certificate, (int)len, name);
	return n > 0 && n < POSTFIX_VALUE_CAP;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	if (strlen(word) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (sts_ascii_lower(text[i]) != word[i])
			return false;
	return true;
}

/* Lines are `name = value'; the last one of a name counts. */
bool
certbot_text_reuses_key(const char *text)
{
	bool reuses = false;

	for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n') {
		const char *line = text + strspn(text, " \t"), *value = line + strcspn(line, "=\n");
		size_t name_len = (size_t)(value - line), value_len;

		if (*value != '=')
			continue;
		while (name_len > 0 && (line[name_len - 1] == ' ' || line[name_len - 1] == '\t'))
			name_len--;
		value += 1 + strspn(value + 1, " \t");
		value_len = strcspn(value, " \t\r\n");
		if (is_word(line, name_len, "reuse_key"))
			reuses = is_word(value, value_len, "true") || is_word(value, value_len, "yes") || is_word(value, value_len, "1");
	}
	return reuses;
}

/* False: there is no such file. */
static bool
read_lineage(struct doctor_lineage *lineage)
{
	int fd = open(lineage->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = fd >= 0 ? calloc(1, FILE_MAX + 1) : NULL;
	ssize_t n = text != NULL ? read(fd, text, FILE_MAX) : -1;

	if (fd < 0 && (errno == EACCES || errno == EPERM))
		lineage->denied = true;
	if (n > 0)
		lineage->reuses_key = certbot_text_reuses_key(text);
	free(text);
	if (fd >= 0)
		close(fd);
	return n >= 0 || lineage->denied;
}

static bool
is_known(const struct doctor_certbot *certbot, const char *path)
{
	for (size_t i = 0; i < certbot->count; i++)
		if (strcmp(certbot->list[i].path, path) == 0)
			return true;
	return false;
}

/* The path may be a link to certbot's file. */
static void
inspect_file(const char *path, struct doctor_certbot *out)
{
	struct doctor_lineage lineage = { .denied = false };
	char *real = NULL;

	if (!certbot_renewal_path(path, lineage.path) &&
	    ((real = realpath(path, NULL)) == NULL || !certbot_renewal_path(real, lineage.path))) {
		free(real);
		return;
	}
	free(real);
	if (out->count < DOCTOR_LINEAGES_MAX && !is_known(out, lineage.path) && read_lineage(&lineage))
		out->list[out->count++] = lineage;
}

void
inspect_certbot(const struct doctor_chains *chains, struct doctor_certbot *out)
{
	*out = (struct doctor_certbot){ .count = 0 };
	for (size_t i = 0; i < chains->count; i++)
		for (size_t k = 0; k < chains->list[i].file_count; k++)
			inspect_file(chains->list[i].files[k].path, out);
}

/* ---- DNS ---- */

static struct sts_dns_reply *
ask(struct dns_query *dns, const char *name, enum sts_dns_type type)
{
	struct sts_dns_reply *reply = NULL;

	(void)dns_query_ask(dns, name, type, &reply);
	return reply;
}

/* The root zone is signed, so a validating resolver sets AD for it. is_seen: it has already set AD for something else. */
static void
inspect_validation(struct dns_query *dns, bool is_seen, struct doctor_certbot *out)
{
	struct sts_dns_reply *root = is_seen ? NULL : ask(dns, ".", STS_DNS_NS);

	if (is_seen || (root != NULL && root->authentic && !sts_dns_reply_failed(root))) {
		out->validation = VALIDATION_THERE;
	} else if (root == NULL || sts_dns_reply_failed(root)) {
		out->validation = VALIDATION_UNKNOWN;
		snprintf(out->why, sizeof(out->why), "%s", root != NULL ? root->why : "out of memory");
	} else {
		out->validation = VALIDATION_NONE;
	}
	sts_dns_reply_free(&root);
}

void
inspect_resolver(const struct doctor_env *env, const char *host, struct doctor_certbot *out)
{
	struct sts_dns_reply *tlsa;
	struct dns_query *dns;
	char name[QUESTION_CAP];

	if (dns_query_new(env->conf->dns_servers, true, env->conf->dns_timeout_ms, &dns) != STS_OK)
		return;
	snprintf(out->resolver, sizeof(out->resolver), "%s", dns_query_servers(dns));
	snprintf(name, sizeof(name), "_25._tcp.%.*s", STS_DOMAIN_MAX, host);
	tlsa = ask(dns, name, STS_DNS_TLSA);
	if (tlsa == NULL || sts_dns_reply_failed(tlsa))
		snprintf(out->failed, sizeof(out->failed), "%s", tlsa != NULL ? tlsa->why : "out of memory");
	else
		dane_records_read(tlsa, &out->tlsa);
	inspect_validation(dns, tlsa != NULL && tlsa->authentic && !sts_dns_reply_failed(tlsa), out);
	sts_dns_reply_free(&tlsa);
	dns_query_free(&dns);
}
