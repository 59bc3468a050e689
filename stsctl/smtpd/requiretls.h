/* SPDX-License-Identifier: ISC */
/* smtpd/requiretls.h - REQUIRETLS (RFC 8689), which Postfix announces from 3.11 on: what becomes of mail that goes on. One thread. */
#ifndef STSCTL_SMTPD_REQUIRETLS_H
#define STSCTL_SMTPD_REQUIRETLS_H

#include "stsctl/smtpd/postfix_config.h"

/* Says nothing of a Postfix that does not know of it, or has it off. */
void judge_requiretls(const struct doctor_postfix *pf, struct findings *out);

#endif
