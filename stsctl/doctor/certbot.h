/* SPDX-License-Identifier: ISC */
/*
 * doctor/certbot.h - whether certbot keeps the key of smtpd's certificate at renewal, which TLSA records of keys require; and whether the
 * resolver validates, without which TLSA records cannot be judged. One thread.
 */
#ifndef STSCTL_DOCTOR_CERTBOT_H
#define STSCTL_DOCTOR_CERTBOT_H

#include <stdbool.h>
#include <stddef.h>

#include "stsctl/diagnosis/dane.h"
#include "stsctl/smtpd/certificate_files.h"
#include "stsctl/smtpd/postfix_config.h"

/* A certificate that certbot renews, by its renewal file. */
struct doctor_lineage {
	char path[POSTFIX_VALUE_CAP];	/* "/etc/letsencrypt/renewal/mx.example.com.conf" */
	bool denied;			/* this user may not read it */
	bool reuses_key;
	struct dane_records tlsa;	/* of the certificate's name, where myhostname has none */
};

enum { DOCTOR_LINEAGES_MAX = 8 };
enum doctor_validation { VALIDATION_NOT_ASKED, VALIDATION_UNKNOWN, VALIDATION_NONE, VALIDATION_THERE };
struct doctor_certbot {
	struct doctor_lineage list[DOCTOR_LINEAGES_MAX];
	size_t count;
	/* The rest comes from DNS. */
	char resolver[POSTFIX_VALUE_CAP];
	enum doctor_validation validation;
	char why[DOCTOR_LINE];		/* with VALIDATION_UNKNOWN */
	struct dane_records tlsa;	/* of myhostname */
	char failed[DOCTOR_LINE];	/* why the lookup failed, else "" */
};

/* The renewal file of a certificate, from the path that Postfix reads: .../live/NAME/x.pem or .../archive/NAME/x1.pem. False: it is not one
 * of certbot's. Pure. */
bool certbot_renewal_path(const char *certificate, char out[POSTFIX_VALUE_CAP]);
/* Whether the text of such a file, or of certbot's cli.ini, says to keep the key. Pure. */
bool certbot_text_reuses_key(const char *text);

/* Reads the renewal files. */
void inspect_certbot(const struct doctor_chains *chains, struct doctor_certbot *out);
/* Looks up the TLSA records of host and of the certificates' names, and whether the resolver validates. urged: the user or a finding
 * needs it. Otherwise only a resolver on this machine is queried, and its silence is not reported. */
void inspect_resolver(const struct doctor_env *env, const char *host, bool urged, struct doctor_certbot *out);
/* Whether something can only be judged with the help of DNS. */
bool certbot_wants_dns(const struct doctor_certbot *certbot);

void judge_certbot(const struct doctor_certbot *certbot, struct findings *out);

#endif
