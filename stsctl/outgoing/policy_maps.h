/* SPDX-License-Identifier: ISC */
/* policy_maps.h - judges smtp_tls_policy_maps, through which Postfix honours other domains' policies. One thread. */
#ifndef STSCTL_OUTGOING_POLICY_MAPS_H
#define STSCTL_OUTGOING_POLICY_MAPS_H

#include "stsctl/smtpd/postfix_config.h"
#include "stsctl/smtpd/socketmap_client.h"

/* 1: the file exists; 0: it does not; -1: unknown. */
typedef int doctor_exists_fn(const char *path);
int doctor_file_exists(const char *path);
/* socketmap_ask, or a test's replacement. */
typedef enum socketmap_answer doctor_ask_fn(const struct doctor_postfix *pf, const char *name, char why[DOCTOR_LINE]);
void judge_policy_maps(const struct doctor_postfix *pf, doctor_exists_fn *exists, doctor_ask_fn *ask, struct findings *out);

#endif
