/* SPDX-License-Identifier: ISC */
/* plan/spec.c - parses names and stanzas, and fills in defaults. plan/spec_values.c checks the values. */
#include "config.h"

#include "stsctl/plan/spec.h"

#include <stdlib.h>
#include <string.h>

#include "stsctl/plan/spec_values.h"

#define AT(field) offsetof(struct publish_domain, field)
#define AT_TOP(field) offsetof(struct publish_spec, field)
#define HOURS(n) ((n) * 3600000LL)

struct row {
	const char *name;
	spec_set_fn *set;
	size_t offset;
	const char *dflt;
	int64_t lo, hi;
};

/* In the order of conf/publish.conf.sample. */
static const struct row rows[] = {
	{ "mode", spec_set_mode, AT(mode), "testing", 0, 0 },
	{ "mx", spec_set_mx, AT(mx), "from-dns", 0, 0 },
	{ "max_age", spec_set_time, AT(max_age_ms), "7d", HOURS(1), STS_POLICY_MAX_AGE_S * 1000LL },
	{ "rua", spec_set_rua, AT(rua), "", 0, 0 },
	{ "web_host", spec_set_web_host, AT(web_host), "", 0, 0 },
	{ "ttl", spec_set_time, AT(ttl_ms), "1h", 1000, HOURS(24 * 7) },
	{ "web_root", spec_set_path, AT(web_root), "/var/www/mta-sts/%d", 0, 0 },
	{ "certificate", spec_set_path, AT(certificate), "/etc/letsencrypt/live/mta-sts.%d/fullchain.pem", 0, 0 },
	{ "certificate_key", spec_set_path, AT(certificate_key), "/etc/letsencrypt/live/mta-sts.%d/privkey.pem", 0, 0 },
	{ "http_listen", spec_set_listen, AT(http_listen), "80", 0, 0 },
	{ "https_listen", spec_set_listen, AT(https_listen), "443", 0, 0 },
	{ "log_dir", spec_set_path, AT(log_dir), "", 0, 0 },
	{ "apache_dir", spec_set_path, AT(apache_dir), "", 0, 0 },
	{ "nginx_dir", spec_set_path, AT(nginx_dir), "", 0, 0 },
	{ "dns_dir", spec_set_path, AT(dns_dir), "", 0, 0 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Settings for the whole file, allowed only before the first domain. */
static const struct row top_rows[] = {
	{ "state_file", spec_set_path, AT_TOP(state_file), "/var/lib/mta-sts-milter/publish.state", 0, 0 },
	{ "dns_server", spec_set_address, AT_TOP(dns_server), "", 0, 0 },
};
enum { TOP_ROWS = sizeof(top_rows) / sizeof(top_rows[0]) };

/* Replaces %d when the values before the first domain are checked. */
static const char sample_domain[] = "example.com";

struct loading {
	struct sts_conf_place place;
	struct publish_spec *spec;
	size_t cap;
	struct publish_domain common;	/* only to check values, which are kept as text */
	char *text[ROWS];		/* the values before the first domain */
	bool seen[ROWS], seen_top[TOP_ROWS];
};

static void
free_domain(struct publish_domain *d)
{
	char *const owned[] = { d->mx, d->rua, d->web_host, d->web_root, d->certificate, d->certificate_key, d->http_listen,
		d->https_listen, d->log_dir, d->apache_dir, d->nginx_dir, d->dns_dir };

	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		free(owned[i]);
}

/* A domain with an invalid name gets the sample's, so that its other values can be checked. */
static const char *
name_of(const struct publish_domain *d)
{
	return d->name[0] != '\0' ? d->name : sample_domain;
}

static enum sts_status
set_field(const struct loading *l, const struct row *row, const char *text, const char *domain, void *base)
{
	struct sts_conf_place place = l->place;
	const struct spec_value value = { .text = text, .domain = domain, .lo = row->lo, .hi = row->hi,
		.may_be_empty = row->dflt[0] == '\0', .place = &place };

	place.name = row->name;
	return row->set(&value, (char *)base + row->offset);
}

static bool
grow(struct loading *l)
{
	size_t cap = l->cap == 0 ? 8 : l->cap * 2;
	struct publish_domain *more;

	if (l->spec->count < l->cap)
		return true;
	more = realloc(l->spec->domains, cap * sizeof(*more));
	if (more == NULL)
		return false;
	l->spec->domains = more;
	l->cap = cap;
	return true;
}

static void
complain_of_domain(struct loading *l, const char *value, const char *why)
{
	char quoted[STS_CONF_QUOTED_CAP];

	sts_conf_complain(&l->place, "domain: %s: %s", sts_conf_quoted(value, strlen(value), quoted), why);
}

/* If the first line of a stanza is wrong, the rest is read as a domain without a name. */
static enum sts_status
begin_domain(struct loading *l, const char *value)
{
	struct publish_domain *d;
	enum sts_domain_fault fault;
	enum sts_status status = STS_OK;

	memset(l->seen, 0, sizeof(l->seen));
	if (l->spec->count >= PUBLISH_DOMAINS_MAX) {
		complain_of_domain(l, value, "too many domains");
		return STS_EINVAL;
	}
	if (!grow(l))
		return STS_ENOMEM;
	d = &l->spec->domains[l->spec->count];
	*d = (struct publish_domain){ .line = l->place.line };
	fault = sts_domain_normalise(value, strlen(value), d->name);
	if (fault == STS_DOMAIN_OK && strlen(d->name) + sizeof("_smtp._tls.") - 1 > STS_DOMAIN_MAX)
		fault = STS_DOMAIN_TOO_LONG;
	if (fault != STS_DOMAIN_OK)
		complain_of_domain(l, value, sts_domain_fault_text(fault));
	else if (publish_spec_find(l->spec, d->name) != NULL)
		complain_of_domain(l, value, "given twice");
	l->spec->count++;
	for (size_t i = 0; i < ROWS && status != STS_ENOMEM; i++)
		status = set_field(l, &rows[i], l->text[i] != NULL ? l->text[i] : rows[i].dflt, name_of(d), d);
	return status == STS_ENOMEM ? STS_ENOMEM : STS_OK;
}

static void
note_seen(const struct loading *l, const char *name, bool *seen)
{
	if (*seen)
		sts_conf_complain(&l->place, "%s: given twice", name);
	*seen = true;
}

static enum sts_status
take_row(struct loading *l, size_t i, const char *value)
{
	struct publish_spec *spec = l->spec;
	enum sts_status status;

	note_seen(l, rows[i].name, &l->seen[i]);
	if (spec->count > 0) {
		struct publish_domain *d = &spec->domains[spec->count - 1];

		return set_field(l, &rows[i], value, name_of(d), d);
	}
	status = set_field(l, &rows[i], value, sample_domain, &l->common);
	return status == STS_OK ? sts_conf_set_string(&l->text[i], value) : status;
}

static enum sts_status
take_top_row(struct loading *l, size_t i, const char *value)
{
	note_seen(l, top_rows[i].name, &l->seen_top[i]);
	if (l->spec->count > 0) {
		sts_conf_complain(&l->place, "%s: belongs before the first domain", top_rows[i].name);
		return STS_EINVAL;
	}
	return set_field(l, &top_rows[i], value, sample_domain, l->spec);
}

static enum sts_status
take_item(void *arg, const char *name, const char *value, unsigned line)
{
	struct loading *l = arg;
	enum sts_status status = STS_EINVAL;
	char quoted[STS_CONF_QUOTED_CAP];
	size_t i, top;

	l->place.line = line;
	for (i = 0; i < ROWS && strcmp(rows[i].name, name) != 0; i++)
		;
	for (top = 0; top < TOP_ROWS && strcmp(top_rows[top].name, name) != 0; top++)
		;
	if (strcmp(name, "domain") == 0)
		status = begin_domain(l, value);
	else if (i < ROWS)
		status = take_row(l, i, value);
	else if (top < TOP_ROWS)
		status = take_top_row(l, top, value);
	else
		sts_conf_complain(&l->place, "%s: there is no such setting", sts_conf_quoted(name, strlen(name), quoted));
	return status == STS_ENOMEM ? STS_ENOMEM : STS_OK;	/* goes on after a mistake, to find the next one */
}

static enum sts_status
load(struct loading *l, const char *file)
{
	enum sts_status status = STS_OK;

	for (size_t i = 0; i < TOP_ROWS && status == STS_OK; i++)
		status = set_field(l, &top_rows[i], top_rows[i].dflt, sample_domain, l->spec);
	if (status == STS_OK)
		status = sts_conf_read_file(file, &l->place, take_item, l);
	l->place.line = 0;
	if (status == STS_OK && *l->place.mistakes == 0 && l->spec->count == 0)
		sts_conf_complain(&l->place, "names no domain");
	return status == STS_OK && *l->place.mistakes > 0 ? STS_EINVAL : status;
}

enum sts_status
publish_spec_load(const char *file, FILE *errors, struct publish_spec **out)
{
	size_t mistakes = 0;
	struct loading l = { .place = { .errors = errors, .file = file, .mistakes = &mistakes } };
	enum sts_status status = STS_ENOMEM;

	*out = NULL;
	l.spec = calloc(1, sizeof(*l.spec));
	if (l.spec != NULL)
		status = load(&l, file);
	free_domain(&l.common);
	for (size_t i = 0; i < ROWS; i++)
		free(l.text[i]);
	if (status == STS_OK)
		*out = l.spec;
	else
		publish_spec_free(&l.spec);
	return status;
}

void
publish_spec_free(struct publish_spec **spec)
{
	if (*spec == NULL)
		return;
	for (size_t i = 0; i < (*spec)->count; i++)
		free_domain(&(*spec)->domains[i]);
	free((*spec)->domains);
	free((*spec)->state_file);
	free((*spec)->dns_server);
	free(*spec);
	*spec = NULL;
}

const struct publish_domain *
publish_spec_find(const struct publish_spec *spec, const char *domain)
{
	for (size_t i = 0; i < spec->count; i++)
		if (strcmp(spec->domains[i].name, domain) == 0)
			return &spec->domains[i];
	return NULL;
}

const char *
publish_list_next(const char **list, size_t *len)
{
	return sts_conf_next_element(list, len);
}
