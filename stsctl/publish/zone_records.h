/* SPDX-License-Identifier: ISC */
/*
 * publish/zone_records.h - a domain's DNS records as text: lines of a zone file, and scripts for nsupdate(1).
 *
 * Whatever a spec holds can be printed as it is, since plan/spec.h checks each value; a name that was not checked there is never
 * printed here. Writes to the stream given, and nothing else. Any thread.
 */
#ifndef STSCTL_PUBLISH_ZONE_RECORDS_H
#define STSCTL_PUBLISH_ZONE_RECORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "stsctl/plan/plan.h"
#include "stsctl/plan/spec.h"

/* Which records. The host's are published first, because nobody gets a certificate without an address; the policy's record comes last. */
enum publish_records {
	PUBLISH_HOST_RECORDS,		/* mta-sts.DOMAIN (with web_host), _smtp._tls.DOMAIN (with rua) */
	PUBLISH_POLICY_RECORD,		/* _mta-sts.DOMAIN */
	PUBLISH_REMOVAL,		/* removes all of them; only nsupdate can */
};

struct publish_dns {
	const struct publish_domain *domain;
	const char *server;	/* for nsupdate; "" for the zone's primary server */
	const char *id;		/* of the policy's record */
};

/* Whether the domain has any such records. */
bool publish_has_records(const struct publish_dns *dns, enum publish_records which);
/* Lines for a zone file, with absolute names. There are none for PUBLISH_REMOVAL. */
void publish_zone_lines(const struct publish_dns *dns, enum publish_records which, FILE *to);
/* A script for nsupdate(1) that replaces the records of these names and types, and leaves other types alone. */
void publish_nsupdate(const struct publish_dns *dns, enum publish_records which, FILE *to);

#endif
