/* SPDX-License-Identifier: ISC */
/* publish_files.c - names and contents of the files. */
#include "config.h"

#include "stsctl/publish/publish_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stsctl/publish/virtual_hosts.h"

/* What a file is made of. */
struct source {
	const struct publish_target *target;
	enum publish_records records;
};
typedef void render_fn(const struct source *source, FILE *to);

/* One kind of file, with its name below --output's DIR/DOMAIN/, and below the directory that the spec names for it. */
struct kind {
	enum publish_stage stage;
	const char *name;		/* below DIR/DOMAIN/ */
	size_t directory;		/* the offset of the spec's directory in struct publish_domain */
	const char *before, *after;	/* the domain in the name there; if after is NULL, before is the whole name */
	render_fn *render;
	enum publish_records records;	/* with is_dns */
	bool is_dns;
};

static void
render_policy(const struct source *s, FILE *to)
{
	fputs(s->target->policy, to);
}

static void
render_apache_http(const struct source *s, FILE *to)
{
	publish_apache_http(s->target->dns.domain, to);
}

static void
render_apache_https(const struct source *s, FILE *to)
{
	publish_apache_https(s->target->dns.domain, to);
}

static void
render_nginx_http(const struct source *s, FILE *to)
{
	publish_nginx_http(s->target->dns.domain, to);
}

static void
render_nginx_https(const struct source *s, FILE *to)
{
	publish_nginx_https(s->target->dns.domain, to);
}

static void
render_zone(const struct source *s, FILE *to)
{
	publish_zone_lines(&s->target->dns, s->records, to);
}

static void
render_nsupdate(const struct source *s, FILE *to)
{
	publish_nsupdate(&s->target->dns, s->records, to);
}

#define DIRECTORY(field) offsetof(struct publish_domain, field)
static const struct kind kinds[] = {
	{ PUBLISH_FIRST, "mta-sts.txt", DIRECTORY(web_root), PUBLISH_POLICY_PATH, NULL, render_policy, 0, false },
	{ PUBLISH_FIRST, "apache-http.conf", DIRECTORY(apache_dir), "/mta-sts.", ".conf", render_apache_http, 0, false },
	{ PUBLISH_FIRST, "apache-https.conf", DIRECTORY(apache_dir), "/mta-sts.", "-https.conf", render_apache_https, 0, false },
	{ PUBLISH_FIRST, "nginx-http.conf", DIRECTORY(nginx_dir), "/mta-sts.", ".conf", render_nginx_http, 0, false },
	{ PUBLISH_FIRST, "nginx-https.conf", DIRECTORY(nginx_dir), "/mta-sts.", "-https.conf", render_nginx_https, 0, false },
	{ PUBLISH_FIRST, "1-host.zone", DIRECTORY(dns_dir), "/", ".1-host.zone", render_zone, PUBLISH_HOST_RECORDS, true },
	{ PUBLISH_FIRST, "1-host.nsupdate", DIRECTORY(dns_dir), "/", ".1-host.nsupdate", render_nsupdate, PUBLISH_HOST_RECORDS, true },
	{ PUBLISH_LAST, "2-policy.zone", DIRECTORY(dns_dir), "/", ".2-policy.zone", render_zone, PUBLISH_POLICY_RECORD, true },
	{ PUBLISH_LAST, "2-policy.nsupdate", DIRECTORY(dns_dir), "/", ".2-policy.nsupdate", render_nsupdate, PUBLISH_POLICY_RECORD,
	    true },
	{ PUBLISH_CLEARING, "3-removal.nsupdate", DIRECTORY(dns_dir), "/", ".3-removal.nsupdate", render_nsupdate, PUBLISH_REMOVAL,
	    true },
};

/* Makes the path of the file, which the caller frees; *out is NULL if the spec names none. False when memory ran out. */
static bool
make_path(const struct publish_target *target, const struct kind *kind, char **out)
{
	const struct publish_domain *d = target->dns.domain;
	const char *directory = *(char *const *)((const char *)d + kind->directory);
	int n;

	*out = NULL;
	if (target->dir != NULL)
		n = asprintf(out, "%s/%s/%s", target->dir, d->name, kind->name);
	else if (directory[0] == '\0')
		return true;
	else if (kind->after == NULL)
		n = asprintf(out, "%s%s", directory, kind->before);
	else
		n = asprintf(out, "%s%s%s%s", directory, kind->before, d->name, kind->after);
	if (n < 0)
		*out = NULL;
	return n >= 0;
}

/* False when memory ran out. */
static bool
render(const struct publish_target *target, const struct kind *kind, struct publish_file *file)
{
	const struct source source = { .target = target, .records = kind->records };
	FILE *to = open_memstream(&file->text, &file->len);
	bool bad;

	if (to == NULL)
		return false;
	kind->render(&source, to);
	bad = ferror(to) != 0;
	return fclose(to) == 0 && !bad;
}

struct publish_target
publish_target_of(const char *dir, const char *dns_server, const struct publish_domain *domain, const struct publish_history *history)
{
	return (struct publish_target){ .dir = dir, .policy = history->text,
		.dns = { .domain = domain, .server = dns_server, .id = history->id } };
}

void
publish_files_make(const struct publish_target *target, enum publish_stage stage, struct publish_files *out)
{
	*out = (struct publish_files){ .count = 0 };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !out->no_memory; i++) {
		const struct kind *kind = &kinds[i];
		struct publish_file *file = &out->list[out->count];

		if (kind->stage != stage || (kind->is_dns && !publish_has_records(&target->dns, kind->records)))
			continue;
		if (!make_path(target, kind, &file->path))
			out->no_memory = true;
		else if (file->path != NULL) {
			out->count++;
			out->no_memory = !render(target, kind, file);
		}
	}
}

void
publish_files_fini(struct publish_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->list[i].path);
		free(files->list[i].text);
	}
	files->count = 0;
}
