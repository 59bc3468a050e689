/* SPDX-License-Identifier: ISC */
/* certificate_files.h - the files of smtpd's certificates and keys: reads and judges them. One thread. */
#ifndef STSCTL_SMTPD_CERTIFICATE_FILES_H
#define STSCTL_SMTPD_CERTIFICATE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stsctl/machine/postfix_value.h"
#include "stsctl/smtpd/postfix_config.h"

enum doctor_file { FILE_OK, FILE_MISSING, FILE_DENIED, FILE_BAD };

struct doctor_certificate_file {
	char path[POSTFIX_VALUE_CAP];
	enum doctor_file state;
	unsigned certs, keys;		/* how many it contains */
	unsigned mode;			/* permissions */
	char why[DOCTOR_LINE];
};

struct doctor_certificate {
	char name[POSTFIX_VALUE_CAP];	/* its subject, for people */
	bool names_host;		/* myhostname is in its subjectAltName */
	int64_t from, until;		/* seconds since the epoch */
	char untrusted[POSTFIX_VALUE_CAP];	/* why its chain cannot be verified; "" if it can */
};

/* The files of one setting: smtpd_tls_chain_files, or a pair of smtpd_tls_*cert_file and smtpd_tls_*key_file. */
enum { DOCTOR_FILES_MAX = 8, DOCTOR_LEAVES_MAX = 4 };
struct doctor_chain {
	char setting[64];		/* of the certificate: "smtpd_tls_cert_file" */
	struct doctor_certificate_file files[DOCTOR_FILES_MAX];
	size_t file_count;
	struct doctor_certificate leaves[DOCTOR_LEAVES_MAX];
	size_t leaf_count;		/* certificates with a key */
	size_t unmatched_keys;		/* keys without a certificate */
};

enum { DOCTOR_CHAINS_MAX = 4 };
struct doctor_chains {
	struct doctor_chain list[DOCTOR_CHAINS_MAX];
	size_t count;			/* 0: none is configured */
};

void inspect_certificate_files(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_chains *out);
void judge_certificate_files(const struct doctor_postfix *pf, const struct doctor_chains *chains, int64_t now, struct findings *out);

#endif
