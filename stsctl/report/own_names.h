/* SPDX-License-Identifier: ISC */
/*
 * own_names.h - decides whether a reported policy is ours: of local_domains, or for tlsa of their mail exchangers.
 *
 * With DANE the policy-domain is the mail exchanger (RFC 8460 section 4.4), so our own MX records are looked up, once a run for each
 * domain. If DNS does not answer, a report about one of our domains is believed: nothing is lost by that. One thread.
 */
#ifndef STSCTL_REPORT_OWN_NAMES_H
#define STSCTL_REPORT_OWN_NAMES_H

#include <stdbool.h>

#include "shared-cache/settings/conf.h"
#include "shared-cache/tlsreport/report.h"
#include "shared-cache/tlsreport/report_origin.h"

struct own_names;

/* local NULL: every domain counts as ours, without DNS. conf and local must outlive *out. */
enum sts_status own_names_new(const struct sts_conf *conf, const struct sts_domain_set *local, struct own_names **out);
void own_names_free(struct own_names **own);

/* To be called before the policies of a report: finds out which of our domains it is about. */
void own_names_begin(struct own_names *own, const struct sts_report *report, const struct sts_report_origin *origin);
/* A sts_report_own_fn (report_counts.h). arg: a struct own_names. */
bool own_names_has(void *arg, enum sts_report_kind kind, const char *domain, char out[STS_DOMAIN_CAP]);

#endif
