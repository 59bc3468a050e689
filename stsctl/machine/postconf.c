/* SPDX-License-Identifier: ISC */
/* postconf.c - parses the output of postconf(1), and composes its command lines. */
#include "config.h"

#include "stsctl/machine/postconf.h"

#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "stsctl/terminal/paste.h"

enum { SETTINGS_MAX = 20000, SERVICES_MAX = 2000, FIELDS = 8, FIELD_CHROOT = 4, FIELD_COMMAND = 7 };

static const char blanks[] = " \t\r";

/* The next line, NUL-terminated in place; NULL at the end. */
static char *
next_line(char **text)
{
	char *line = *text, *end;

	if (*line == '\0')
		return NULL;
	end = line + strcspn(line, "\n");
	*text = *end == '\n' ? end + 1 : end;
	*end = '\0';
	return line;
}

static size_t
count_lines(const char *text)
{
	size_t n = 1;

	for (const char *c = text; *c != '\0'; c++)
		n += *c == '\n';
	return n;
}

static char *
trim(char *s)
{
	char *end;

	s += strspn(s, blanks);
	end = s + strlen(s);
	while (end > s && strchr(blanks, end[-1]) != NULL)
		*--end = '\0';
	return s;
}

/* "name = value", both trimmed. */
static bool
split(char *line, struct postconf_pair *out)
{
	char *equals = strchr(line, '=');

	if (equals == NULL)
		return false;
	*equals = '\0';
	out->name = trim(line);
	out->value = trim(equals + 1);
	return out->name[0] != '\0';
}

/* ---- settings ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct postconf_pair *)a)->name, ((const struct postconf_pair *)b)->name);
}

static enum sts_status
read_settings(struct postconf *p)
{
	size_t lines = count_lines(p->text[0]);
	char *text = p->text[0], *line;

	if (lines > SETTINGS_MAX)
		return STS_EFULL;
	if ((p->settings = calloc(lines, sizeof(*p->settings))) == NULL)
		return STS_ENOMEM;
	while ((line = next_line(&text)) != NULL)
		if (split(line, &p->settings[p->setting_count]))
			p->setting_count++;
	qsort(p->settings, p->setting_count, sizeof(*p->settings), by_name);
	return STS_OK;
}

/* ---- services ---- */

static bool
read_service(char *line, struct postconf_service *out)
{
	char *fields[FIELDS];

	for (size_t i = 0; i < FIELDS; i++) {
		fields[i] = line + strspn(line, blanks);
		line = fields[i] + strcspn(fields[i], blanks);
		if (line == fields[i])
			return false;
		if (*line != '\0')
			*line++ = '\0';
	}
	*out = (struct postconf_service){ .name = fields[0], .type = fields[1], .command = fields[FIELD_COMMAND],
		.chroot = fields[FIELD_CHROOT][0] };
	return true;
}

static enum sts_status
read_services(struct postconf *p)
{
	size_t lines = count_lines(p->text[1]);
	char *text = p->text[1], *line;

	if (lines > SERVICES_MAX)
		return STS_EFULL;
	if ((p->services = calloc(lines, sizeof(*p->services))) == NULL)
		return STS_ENOMEM;
	while ((line = next_line(&text)) != NULL)
		if (line[0] != '#' && read_service(line, &p->services[p->service_count]))
			p->service_count++;
	return STS_OK;
}

/* The setting's name in "SERVICE/TYPE/name"; NULL for another service. The service's own name may contain slashes. */
static const char *
own_name(const struct postconf_service *service, const char *name)
{
	size_t n = strlen(service->name), t = strlen(service->type);

	if (strncmp(name, service->name, n) != 0 || name[n] != '/' || strncmp(name + n + 1, service->type, t) != 0 ||
	    name[n + 1 + t] != '/' || strchr(name + n + t + 2, '/') != NULL)
		return NULL;
	return name + n + t + 2;
}

static enum sts_status
add_own(struct postconf *p, const struct postconf_pair *pair)
{
	for (size_t i = 0; i < p->service_count; i++) {
		struct postconf_service *service = &p->services[i];
		const char *name = own_name(service, pair->name);
		struct postconf_pair *grown;

		if (name == NULL)
			continue;
		grown = reallocarray(service->own, service->own_count + 1, sizeof(*grown));
		if (grown == NULL)
			return STS_ENOMEM;
		service->own = grown;
		service->own[service->own_count++] = (struct postconf_pair){ name, pair->value };
		return STS_OK;
	}
	return STS_OK;
}

static enum sts_status
read_own(struct postconf *p)
{
	enum sts_status status = STS_OK;
	char *text = p->text[2], *line;

	if (count_lines(text) > SETTINGS_MAX)
		return STS_EFULL;
	while (status == STS_OK && (line = next_line(&text)) != NULL) {
		struct postconf_pair pair;

		if (split(line, &pair))
			status = add_own(p, &pair);
	}
	return status;
}

/* ---- the whole ---- */

enum sts_status
postconf_parse(const char *settings, const char *services, const char *own, struct postconf **out)
{
	const char *const texts[] = { settings, services, own };
	struct postconf *p = calloc(1, sizeof(*p));
	enum sts_status status = p == NULL ? STS_ENOMEM : STS_OK;

	*out = NULL;
	for (size_t i = 0; i < 3 && status == STS_OK; i++)
		if ((p->text[i] = strdup(texts[i])) == NULL)
			status = STS_ENOMEM;
	if (status == STS_OK)
		status = read_settings(p);
	if (status == STS_OK)
		status = read_services(p);
	if (status == STS_OK)
		status = read_own(p);
	if (status == STS_OK)
		*out = p;
	else
		postconf_free(&p);
	return status;
}

void
postconf_free(struct postconf **postconf)
{
	struct postconf *p = *postconf;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->service_count; i++)
		free(p->services[i].own);
	for (size_t i = 0; i < 3; i++)
		free(p->text[i]);
	free(p->services);
	free(p->settings);
	free(p);
	*postconf = NULL;
}

const char *
postconf_get(const struct postconf *postconf, const char *name)
{
	const struct postconf_pair key = { name, NULL }, *found;

	if (postconf->setting_count == 0)
		return "";
	found = bsearch(&key, postconf->settings, postconf->setting_count, sizeof(key), by_name);
	return found != NULL ? found->value : "";
}

/* The last one counts, as in Postfix. */
static const struct postconf_pair *
find_own(const struct postconf_service *service, const char *name)
{
	for (size_t i = service != NULL ? service->own_count : 0; i > 0; i--)
		if (strcmp(service->own[i - 1].name, name) == 0)
			return &service->own[i - 1];
	return NULL;
}

const char *
postconf_get_of(const struct postconf *postconf, const struct postconf_service *service, const char *name)
{
	const struct postconf_pair *own = find_own(service, name);

	return own != NULL ? own->value : postconf_get(postconf, name);
}

bool
postconf_has_own(const struct postconf_service *service, const char *name)
{
	return find_own(service, name) != NULL;
}

/* Appends a list without white space, which postconf -P does not accept. */
static void
add_packed(struct sts_text *text, const char *list)
{
	bool open = true;		/* at the beginning, or after a brace or a comma */

	for (list += strspn(list, blanks); *list != '\0';) {
		size_t gap = strspn(list, blanks);
		const char *next = list + gap;

		if (gap > 0 && !open && *next != '}' && *next != ',' && *next != '\0')
			sts_text_add(text, ",");
		if (*next == '\0')
			break;
		sts_text_add_bytes(text, next, 1);
		open = *next == '{' || *next == ',';
		list = next + 1;
	}
}

bool
postconf_word(const struct postconf_service *service, bool own, const char *name, const char *value, char *out, size_t cap)
{
	struct sts_text text;

	sts_text_init(&text, out, cap);
	if (own) {
		sts_text_addf(&text, "%s/%s/%s = ", service->name, service->type, name);
		add_packed(&text, value);
	} else
		sts_text_addf(&text, "%s = %s", name, value);
	return !text.overflow;
}

char *
postconf_line(const char *directory, const struct postconf_service *service, bool own, const char *name, const char *value,
    char *out, size_t cap)
{
	char word[POSTCONF_WORD_CAP];
	struct sts_text text;

	sts_text_init(&text, out, cap);
	sts_text_add(&text, "postconf ");
	if (directory[0] != '\0') {
		sts_text_add(&text, "-c ");
		paste_quoted(&text, directory);
		sts_text_add(&text, " ");
	}
	(void)postconf_word(service, own, name, value, word, sizeof(word));
	sts_text_add(&text, own ? "-P " : "-e ");
	paste_quoted(&text, word);
	return out;
}
