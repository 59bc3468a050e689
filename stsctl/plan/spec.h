/* SPDX-License-Identifier: ISC */
/*
 * plan/spec.h - the spec: the file that says what to publish for our own domains, parsed.
 *
 * Lines are `name = value`, as in mta-sts-milter.conf(5). `domain = NAME` begins the stanza of a domain; values before the first one
 * are the defaults for all domains. %d in a value is the domain, %% a percent sign. Values end up in the configuration of web
 * servers, in zone files and in shell commands, so they may hold only bytes that mean the same in all of these; anything else is a
 * mistake, not something to be quoted later.
 * Reads only the given file. Does not change once made. Any thread.
 */
#ifndef STSCTL_PLAN_SPEC_H
#define STSCTL_PLAN_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared-cache/base/status.h"
#include "shared-cache/names/domain.h"
#include "shared-cache/policy/policy.h"

enum { PUBLISH_DOMAINS_MAX = 1000, PUBLISH_MX_MAX = 32, PUBLISH_VALUE_MAX = 1024 };

/* Lists are kept as text, with one space between the elements; publish_list_next() takes them apart. */
struct publish_domain {
	char name[STS_DOMAIN_CAP];
	unsigned line;			/* of its stanza */
	enum sts_mode mode;
	char *mx;			/* patterns; "": take them from DNS */
	int64_t max_age_ms;
	char *rua;			/* URIs; "" for no reports */
	char *web_host;			/* addresses, or one name; "" if mta-sts.DOMAIN has its records already */
	int64_t ttl_ms;			/* of the DNS records */
	char *web_root;			/* without a final slash, like all directories */
	char *certificate, *certificate_key;
	char *http_listen, *https_listen; /* PORT, ADDR:PORT, [ADDR]:PORT */
	char *log_dir;			/* "" for the web server's own */
	char *apache_dir, *nginx_dir, *dns_dir; /* where `apply` writes; "" for nowhere */
};

struct publish_spec {
	struct publish_domain *domains;
	size_t count;
	char *state_file;
	char *dns_server;		/* for nsupdate: an address; "" for the zone's primary server */
};

/* Prints all mistakes to errors, as "FILE:LINE: name: what is wrong", and then returns STS_EINVAL; *out is NULL unless STS_OK. The caller
 * frees *out. */
enum sts_status publish_spec_load(const char *file, FILE *errors, struct publish_spec **out);
void publish_spec_free(struct publish_spec **spec);

/* NULL when the file has no such domain. */
const struct publish_domain *publish_spec_find(const struct publish_spec *spec, const char *domain);

/* The next element of a list: advances *list; NULL at the end. */
const char *publish_list_next(const char **list, size_t *len);

#endif
