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
		if (is_word(line, name_len, "reuse_key") || is_word(line, name_len, "reuse-key"))
			reuses = is_word(value, value_len, "true") || is_word(value, value_len, "yes") || is_word(value, value_len, "1");
	}
	return reuses;
}

/* False: there is no such file, or it cannot be read (errno). */
static bool
read_file(const char *path, bool *reuses_key)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), why = errno;
	char *text = fd >= 0 ? calloc(1, FILE_MAX + 1) : NULL;
	ssize_t n = text != NULL ? read(fd, text, FILE_MAX) : -1;

	if (n > 0)
		*reuses_key = certbot_text_reuses_key(text);
	free(text);
	if (fd >= 0)
		close(fd);
	errno = why;
	return n >= 0;
}

/* Where the renewal file's directory is, there is certbot's own file: what it says comes before what was said when the certificate was
 * made. */
static void
read_common(struct doctor_lineage *lineage)
{
	const char *end = strstr(lineage->path, "/renewal/");
	char path[POSTFIX_VALUE_CAP];

	for (const char *next = end; next != NULL; next = strstr(next + 1, "/renewal/"))
		end = next;
	if (end != NULL && snprintf(path, sizeof(path), "%.*s/cli.ini", (int)(end - lineage->path), lineage->path) < (int)sizeof(path))
		(void)read_file(path, &lineage->reuses_key);
}

/* False: there is no such file. */
static bool
read_lineage(struct doctor_lineage *lineage)
{
	bool read = read_file(lineage->path, &lineage->reuses_key);

	lineage->denied = !read && (errno == EACCES || errno == EPERM);
	if (read && !lineage->reuses_key)
		read_common(lineage);
	return read || lineage->denied;
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

/* Returns whether the resolver validated the answer. Without one, failed says why (NULL: not wanted). */
static bool
inspect_tlsa(struct dns_query *dns, const char *host, struct dane_records *out, char failed[DOCTOR_LINE])
{
	struct sts_dns_reply *reply;
	char name[QUESTION_CAP];
	bool good, authentic;

	snprintf(name, sizeof(name), "_25._tcp.%.*s", STS_DOMAIN_MAX, host);
	reply = ask(dns, name, STS_DNS_TLSA);
	good = reply != NULL && !sts_dns_reply_failed(reply);
	authentic = good && reply->authentic;
	if (good)
		dane_records_read(reply, out);
	else if (failed != NULL)
		snprintf(failed, DOCTOR_LINE, "%s", reply != NULL ? reply->why : "out of memory");
	sts_dns_reply_free(&reply);
	return authentic;
}

/* certbot calls what it keeps after the certificate's first name, and adds -0001 where there is one of that name already. */
static void
name_of(const struct doctor_lineage *lineage, char out[STS_DOMAIN_CAP])
{
	const char *slash = strrchr(lineage->path, '/'), *name = slash != NULL ? slash + 1 : lineage->path;
	size_t len = strlen(name), digits = 0;

	len -= len > 5 ? strlen(".conf") : 0;
	while (digits < len && sts_ascii_is_digit(name[len - digits - 1]))
		digits++;
	if (digits == 4 && len > 5 && name[len - 5] == '-')
		len -= 5;
	snprintf(out, STS_DOMAIN_CAP, "%.*s", (int)len, name);
}

/* Postfix' name for itself may be another than that in the MX records, which the certificate has. */
static void
inspect_lineages(struct dns_query *dns, struct doctor_certbot *out)
{
	char name[STS_DOMAIN_CAP];

	for (size_t i = 0; i < out->count && out->failed[0] == '\0' && out->tlsa.count == 0; i++) {
		name_of(&out->list[i], name);
		if (!out->list[i].reuses_key && !out->list[i].denied)
			(void)inspect_tlsa(dns, name, &out->list[i].tlsa, NULL);
	}
}

/* All of them. */
static bool
are_local(const char *servers)
{
	for (const char *at = servers; at != NULL; at = strpbrk(at, ", ")) {
		at += strspn(at, ", ");
		if (*at != '\0' && strncmp(at, "127.", 4) != 0 && strncmp(at, "::1", 3) != 0 && strncmp(at, "[::1]", 5) != 0)
			return false;
	}
	return true;
}

void
inspect_resolver(const struct doctor_env *env, const char *host, bool urged, struct doctor_certbot *out)
{
	struct dns_query *dns;

	if (dns_query_new(env->conf->dns_servers, true, env->conf->dns_timeout_ms, &dns) != STS_OK)
		return;
	if (urged || are_local(dns_query_servers(dns))) {
		bool authentic;

		snprintf(out->resolver, sizeof(out->resolver), "%s", dns_query_servers(dns));
		authentic = inspect_tlsa(dns, host, &out->tlsa, out->failed);
		inspect_lineages(dns, out);
		inspect_validation(dns, authentic, out);
		if (!urged && out->validation == VALIDATION_UNKNOWN)
			out->validation = VALIDATION_NOT_ASKED;
	}
	dns_query_free(&dns);
}
