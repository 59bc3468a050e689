/* SPDX-License-Identifier: ISC */
/* smtpd/tls.h - judges the smtpd_tls_* settings: levels, versions, the Received field; and front ends before smtpd. One thread. */
#ifndef STSCTL_SMTPD_TLS_H
#define STSCTL_SMTPD_TLS_H

#include "stsctl/smtpd/service.h"

/* The TLS level of a service: "may", "encrypt", "wrapper mode", ..., or "" for no TLS. */
const char *doctor_tls_level(const struct doctor_postfix *pf, const struct postconf_service *service);
void judge_tls(const struct doctor_postfix *pf, struct findings *out);
/* Front ends: postscreen, HAProxy, XCLIENT, a proxy filter. */
void judge_fronts(const struct doctor_postfix *pf, struct findings *out);

#endif
