/* SPDX-License-Identifier: ISC */
/* smtpd/service.c - tells the services of master.cf apart, and collects those with the same fault. Pure. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/ascii.h"
#include "shared-cache/base/text.h"
#include "stsctl/smtpd/service.h"

bool
doctor_service_is_smtpd(const struct postconf_service *service)
{
	return strcmp(service->command, "smtpd") == 0 &&
	    (strcmp(service->type, "inet") == 0 || strcmp(service->type, "pass") == 0);
}

static bool
is_one_of(const char *name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(name, *list) == 0)
			return true;
	return false;
}

enum doctor_role
doctor_service_role(const struct postconf_service *service)
{
	static const char *const submission[] = { "submission", "submissions", "smtps", "587", "465", NULL };
	static const char *const inner[] = { "127.", "localhost:", "[::1]:", "::1:" };
	const char *colon = strrchr(service->name, ':'), *port = colon != NULL ? colon + 1 : service->name;

	if (is_one_of(port, submission))
		return ROLE_SUBMISSION;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (strncmp(service->name, inner[i], strlen(inner[i])) == 0)
			return ROLE_INNER;
	return ROLE_MX;
}

/* "-" means no since Postfix 3.0, but yes if compatibility_level is below 1. */
bool
doctor_service_is_chrooted(const struct doctor_postfix *pf, const struct postconf_service *service)
{
	const char *level = postconf_get(pf->conf, "compatibility_level");

	if (service->chroot != '-')
		return service->chroot == 'y';
	return level[0] == '0' && !sts_ascii_is_digit(level[1]);
}

char *
doctor_fix(const struct doctor_postfix *pf, const struct postconf_service *service, const char *name, const char *value,
    char out[DOCTOR_LINE])
{
	return postconf_line(pf->directory, service, postconf_has_own(service, name), name, value, out, DOCTOR_LINE);
}

/* Whether text has this line. */
static bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *c = text; *c != '\0'; c += c[strcspn(c, "\n")] == '\n' ? strcspn(c, "\n") + 1 : strcspn(c, "\n"))
		if (strncmp(c, line, len) == 0 && (c[len] == '\n' || c[len] == '\0'))
			return true;
	return false;
}

void
doctor_services_add_line(struct doctor_services *list, const struct postconf_service *service, const char *line)
{
	size_t names_len = strlen(list->names), fix_len = strlen(list->fix);
	struct sts_text names, fix;

	sts_text_init(&names, list->names + names_len, sizeof(list->names) - names_len);
	sts_text_addf(&names, "%s%s/%s", list->count > 0 ? ", " : "", service->name, service->type);
	list->count++;
	if (line == NULL || has_line(list->fix, line))
		return;
	sts_text_init(&fix, list->fix + fix_len, sizeof(list->fix) - fix_len);
	sts_text_addf(&fix, "%s%s", fix_len > 0 ? "\n" : "", line);
}

void
doctor_services_add(struct doctor_services *list, const struct postconf_service *service, const char *name, const char *value)
{
	char line[DOCTOR_LINE];

	doctor_services_add_line(list, service, name != NULL ? doctor_fix(list->pf, service, name, value, line) : NULL);
}
