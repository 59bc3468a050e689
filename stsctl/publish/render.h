/* SPDX-License-Identifier: ISC */
/*
 * publish/render.h - the files that publish makes, as text: DNS records, virtual hosts. What a spec holds can stand in all of
 * them as it is (plan/spec.h); a name that is not checked there is never printed here.
 * Writes to the stream given, and nothing else. Any thread.
 */
#ifndef STSCTL_PUBLISH_RENDER_H
#define STSCTL_PUBLISH_RENDER_H

#include <stdio.h>

#include "stsctl/plan/plan.h"
#include "stsctl/plan/spec.h"

#define PUBLISH_POLICY_PATH "/.well-known/mta-sts.txt"

/* What a file of DNS records is about. The host's go first, for without an address nobody gets a certificate; the policy's last
 * of all. */
enum publish_records {
	PUBLISH_HOST_RECORDS,		/* mta-sts.DOMAIN (with web_host), _smtp._tls.DOMAIN (with rua) */
	PUBLISH_POLICY_RECORD,		/* _mta-sts.DOMAIN */
	PUBLISH_REMOVAL,		/* of all these: only for nsupdate */
};

struct publish_dns {
	const struct publish_domain *domain;
	const char *server;	/* for nsupdate, "" for the zone's own */
	const char *id;		/* of the policy's record */
};

/* Whether there is anything to say. */
bool publish_has_records(const struct publish_dns *dns, enum publish_records which);
/* Lines for a zone file; the names are absolute. PUBLISH_REMOVAL has none. */
void publish_zone_lines(const struct publish_dns *dns, enum publish_records which, FILE *to);
/* A script for nsupdate(1), which replaces what is there at these names, and leaves other types alone. */
void publish_nsupdate(const struct publish_dns *dns, enum publish_records which, FILE *to);

/* Virtual hosts for Apache 2.4 and nginx: over HTTP a redirect and certbot's challenges; over HTTPS the policy and nothing else.
 * They are two files, since the second one cannot be loaded before there is a certificate. */
void publish_apache_http(const struct publish_domain *domain, FILE *to);
void publish_apache_https(const struct publish_domain *domain, FILE *to);
void publish_nginx_http(const struct publish_domain *domain, FILE *to);
void publish_nginx_https(const struct publish_domain *domain, FILE *to);

/* The command that gets the certificate once the first file is loaded; one line without its end. */
void publish_certbot(const struct publish_domain *domain, FILE *to);

#endif
