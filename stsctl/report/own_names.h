/* SPDX-License-Identifier: ISC */
/*
 * own_names.h - whether what a policy is about is ours: local_domains, and for tlsa the mail exchangers of these.
 *
 * With DANE the policy-domain is the mail exchanger (RFC 8460 section 4.4), so that DNS is asked for our own MX records; each
 * domain's once a run. When DNS does not answer, what a report about one of our domains says is believed: nothing is lost by it.
 * One thread.
 */
#ifndef STSCTL_REPORT_OWN_NAMES_H
#define STSCTL_REPORT_OWN_NAMES_H

#include <stdbool.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/tlsreport/report.h"
#include "shared-cache/tlsreport/report_origin.h"

struct own_names;

/* local: NULL takes every domain for ours, and asks nobody. Both live as long as the names. */
enum sts_status own_names_new(const struct sts_conf *conf, const struct sts_domain_set *local, struct own_names **out);
void own_names_free(struct own_names **own);

/* Before the policies of a report: which of our domains it is about as a whole. */
void own_names_begin(struct own_names *own, const struct sts_report *report, const struct sts_report_origin *origin);
/* A sts_report_own_fn (report_counts.h). arg: a struct own_names. */
bool own_names_has(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP]);

#endif
