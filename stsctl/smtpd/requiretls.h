/* SPDX-License-Identifier: ISC */
/* requiretls.h - REQUIRETLS (RFC 8689), which Postfix announces from 3.11 on: what happens to such mail on its way out. One thread. */
#ifndef STSCTL_SMTPD_REQUIRETLS_H
#define STSCTL_SMTPD_REQUIRETLS_H

#include "stsctl/smtpd/postfix_config.h"

/* Adds nothing for a Postfix that does not support it, or has it switched off. */
void judge_requiretls(const struct doctor_postfix *pf, struct findings *out);

#endif
