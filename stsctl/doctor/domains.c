/* SPDX-License-Identifier: ISC */
/* doctor/domains.c - collects Postfix's domains and those of local_domains, and looks up their policies. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared-cache/base/text.h"
#include "shared-cache/names/domain_set.h"
#include "stsctl/context/backends.h"
#include "stsctl/doctor/domains.h"
#include "stsctl/lookup/discover.h"
#include "stsctl/terminal/terminal.h"

enum { DOMAINS_MAX = 20000, FILE_MAX = 16 << 20, FIRST_CAP = 64 };

static const char *const settings[] = { "mydestination", "virtual_alias_domains", "virtual_mailbox_domains", "relay_domains" };

/* ---- the list ---- */

static struct doctor_domain *
find(struct doctor_domains *domains, const char *name)
{
	for (size_t i = 0; i < domains->count; i++)
		if (strcmp(domains->list[i].name, name) == 0)
			return &domains->list[i];
	return NULL;
}

/* Finds the domain, or adds it. NULL when there are too many, or memory ran out. */
static struct doctor_domain *
find_or_add(struct doctor_domains *domains, const char *name)
{
	struct doctor_domain *d = find(domains, name), *grown;
	size_t cap = domains->cap == 0 ? FIRST_CAP : 2 * domains->cap;

	if (d != NULL)
		return d;
	if (domains->count == domains->cap) {
		if (domains->count >= DOMAINS_MAX || (grown = reallocarray(domains->list, cap, sizeof(*grown))) == NULL)
			return NULL;
		domains->list = grown;
		domains->cap = cap;
	}
	d = &domains->list[domains->count++];
	*d = (struct doctor_domain){ .setting = NULL };
	snprintf(d->name, sizeof(d->name), "%s", name);
	return d;
}

void
doctor_domains_fini(struct doctor_domains *domains)
{
	free(domains->list);
	*domains = (struct doctor_domains){ .list = NULL };
}

/* ---- collecting ---- */

struct search {
	const struct doctor_env *env;
	const struct doctor_postfix *pf;
	const char *setting;
	struct doctor_domains *out;
};

/* Adds a name if it is a mail domain: not a pattern, not an address, not this machine's own name, not a local name. */
static void
take_name(const struct search *s, const char *name, size_t len)
{
	char domain[STS_DOMAIN_CAP], own[STS_DOMAIN_CAP];
	const char *host = postconf_get(s->pf->conf, "myhostname");
	struct doctor_domain *d;

	if (len == 0 || name[0] == '.' || name[0] == '!' || memchr(name, '@', len) != NULL ||
	    sts_domain_normalise(name, len, domain) != STS_DOMAIN_OK)
		return;
	(void)sts_domain_normalise(host, strlen(host), own);
	if (strcmp(domain, own) == 0 || strchr(domain, '.') == NULL || strncmp(domain, "localhost.", 10) == 0)
		return;
	if ((d = find_or_add(s->out, domain)) != NULL && d->setting == NULL)
		d->setting = s->setting;
}

static void
note_unlisted(const struct search *s, const char *element, size_t len)
{
	size_t used = strlen(s->out->unlisted);
	struct sts_text text;

	sts_text_init(&text, s->out->unlisted + used, sizeof(s->out->unlisted) - used);
	sts_text_addf(&text, "%s%s: ", used > 0 ? "\n" : "", s->setting);
	sts_text_add_shown(&text, element, len, POSTFIX_VALUE_CAP);
}

/* Adds the first word of each line. */
static void
take_lines(const struct search *s, const char *text)
{
	while (*text != '\0') {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			take_name(s, text, strcspn(text, " \t\r\n"));
		text += strcspn(text, "\n");
	}
}

static void
take_file(const struct search *s, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = file != NULL ? malloc(FILE_MAX + 1) : NULL;

	if (text != NULL) {
		text[fread(text, 1, FILE_MAX, file)] = '\0';
		take_lines(s, text);
	} else {
		note_unlisted(s, path, strlen(path));
	}
	if (file != NULL)
		fclose(file);
	free(text);
}

/* Adds the keys of a table, if postmap can list its type. */
static void
take_table(const struct search *s, const char *table)
{
	const char *const words[] = { "-s", table, NULL };
	struct subprocess_output output;

	if (doctor_run_postfix(s->env, "postmap", words, &output) != STS_OK) {
		note_unlisted(s, table, strlen(table));
		return;
	}
	if (output.status == 0)
		take_lines(s, output.out);
	else
		note_unlisted(s, table, strlen(table));
	subprocess_output_fini(&output);
}

static void
take_element(const struct search *s, const char *element, size_t len)
{
	char text[DOCTOR_LINE];

	if (len >= sizeof(text))
		return;
	memcpy(text, element, len);
	text[len] = '\0';
	if (text[0] == '/')
		take_file(s, text);
	else if (strchr(text, ':') != NULL)
		take_table(s, text);
	else
		take_name(s, text, len);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct doctor_domain *)a)->name, ((const struct doctor_domain *)b)->name);
}

void
inspect_domains(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_domains *out)
{
	struct search search = { .env = env, .pf = pf, .out = out };
	const struct sts_domain_set *local = env->conf->local_domains;
	const char *name;

	*out = (struct doctor_domains){ .no_local = sts_domain_set_at(local, 0) == NULL };
	for (size_t i = 0; pf->conf != NULL && i < sizeof(settings) / sizeof(settings[0]); i++) {
		const char *list = postconf_get(pf->conf, settings[i]), *e;
		size_t len;

		search.setting = settings[i];
		while ((e = postfix_value_next(&list, &len)) != NULL)
			take_element(&search, e, len);
	}
	for (size_t i = 0; (name = sts_domain_set_at(local, i)) != NULL; i++) {
		struct doctor_domain *d = find_or_add(out, name);

		if (d != NULL)
			d->local = true;
	}
	if (out->count > 1)
		qsort(out->list, out->count, sizeof(*out->list), by_name);
}

/* ---- policies ---- */

static void
take_discovery(const struct discovery *found, struct doctor_domain *d)
{
	const struct sts_entry *entry = found->entry;

	if (entry == NULL)
		return;
	d->policy = entry->state == STS_STATE_POLICY ? POLICY_THERE : entry->state == STS_STATE_ABSENT ? POLICY_ABSENT :
	    sts_reason_is_permanent(entry->reason) ? POLICY_BROKEN : POLICY_UNKNOWN;
	if (d->policy == POLICY_THERE)
		snprintf(d->why, sizeof(d->why), "mode %s, id %s", sts_mode_name(entry->policy->mode), entry->id);
	else
		snprintf(d->why, sizeof(d->why), "%s", sts_reason_name(entry->reason));
}

static void
show_progress(size_t done, size_t count)
{
	if (terminal_is_watched() && done < count)
		fprintf(stderr, "\rpolicies: %zu of %zu domains ", done, count);
	else if (terminal_is_watched())
		fputs("\r\033[K", stderr);
}

void
inspect_policies(const struct doctor_env *env, const struct cmd_context *context, struct doctor_domains *domains)
{
	const struct sts_conf *conf = env->conf;
	struct discover_env with = { .rules = backends_rules(conf), .dns_servers = conf->dns_servers,
		.dns_timeout_ms = conf->dns_timeout_ms,
		.fetch_timeout_ms = conf->fetch_timeout_ms, .network = true };

	if (backends_open_net(context, conf, &with.loop) != CMD_FINE)
		return;
	for (size_t i = 0; i < domains->count; i++) {
		struct discovery found = { 0 };

		show_progress(i, domains->count);
		discover(&with, domains->list[i].name, &found);
		take_discovery(&found, &domains->list[i]);
		discover_fini(&found);
	}
	show_progress(domains->count, domains->count);
	sts_net_loop_free(&with.loop);
}
