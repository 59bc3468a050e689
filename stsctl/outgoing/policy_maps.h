/* SPDX-License-Identifier: ISC */
/* policy_maps.h - smtp_tls_policy_maps, by which Postfix honours other domains' policies. One thread. */
#ifndef STSCTL_OUTGOING_POLICY_MAPS_H
#define STSCTL_OUTGOING_POLICY_MAPS_H

#include "stsctl/smtpd/postfix_config.h"
#include "stsctl/smtpd/socketmap_client.h"

/* exists: whether there is such a file; -1: cannot be told. */
typedef int doctor_exists_fn(const char *path);
int doctor_file_exists(const char *path);
/* ask: socketmap_ask, or a test's. */
typedef enum socketmap_answer doctor_ask_fn(const struct doctor_postfix *pf, const char *name, char why[DOCTOR_LINE]);
void judge_policy_maps(const struct doctor_postfix *pf, doctor_exists_fn *exists, doctor_ask_fn *ask, struct findings *out);

#endif
