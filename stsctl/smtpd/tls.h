/* SPDX-License-Identifier: ISC */
/* smtpd/tls.h - smtpd_tls_*: levels, versions, what Received says; fronts that end TLS before smtpd. One thread. */
#ifndef STSCTL_SMTPD_TLS_H
#define STSCTL_SMTPD_TLS_H

#include "stsctl/smtpd/service.h"

/* The level that a service goes by: "may", "wrapper mode", "" for no TLS, ... */
const char *doctor_tls_level(const struct doctor_postfix *pf, const struct postconf_service *service);
void judge_tls(const struct doctor_postfix *pf, struct findings *out);
void judge_fronts(const struct doctor_postfix *pf, struct findings *out);

#endif
