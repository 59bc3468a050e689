/* SPDX-License-Identifier: ISC */
/* certificate.c - reads OpenSSL's X509 structures. */
#include "config.h"

#include "stsctl/probe/certificate.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "shared-cache/base/text.h"

enum { DAY_S = 86400, NAMES_MAX = 20, RENEWAL_PART = 3 };

/* The rule for names is the milter's (https.c): the CN does not count, and `mx*.` is no wildcard. */
static const unsigned name_rule = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

static void
read_name(const X509_NAME *name, char out[CERTIFICATE_NAME_CAP])
{
	struct sts_text text;
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	sts_text_init(&text, out, CERTIFICATE_NAME_CAP);
	if (bio == NULL)
		return;
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0 && (len = BIO_get_mem_data(bio, &data)) > 0)
		sts_text_add_shown(&text, data, (size_t)len, CERTIFICATE_NAME_CAP - 1);
	BIO_free(bio);
}

static void
read_names(X509 *cert, char out[CERTIFICATE_NAMES_CAP])
{
	GENERAL_NAMES *all = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	struct sts_text text;
	int shown = 0;

	sts_text_init(&text, out, CERTIFICATE_NAMES_CAP);
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);

		if (name->type != GEN_DNS)
			continue;
		if (++shown > NAMES_MAX) {
			sts_text_add(&text, ", ...");
			break;
		}
		sts_text_add(&text, shown > 1 ? ", " : "");
		sts_text_add_shown(&text, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
		    (size_t)ASN1_STRING_length(name->d.dNSName), 255);
	}
	GENERAL_NAMES_free(all);
}

static void
read_key(X509 *cert, struct certificate *out)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	const char *name = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;

	if (name == NULL)
		snprintf(out->key, sizeof(out->key), "of an unknown type");
	else
		snprintf(out->key, sizeof(out->key), "%s %d bits", name, EVP_PKEY_get_bits(key));
	out->is_rsa = name != NULL && strncmp(name, "RSA", 3) == 0;	/* RSA-PSS, too */
}

/* 0 for an invalid time. */
static int64_t
read_time(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

bool
certificate_is_for(X509 *cert, const char *host)
{
	return X509_check_host(cert, host, strlen(host), name_rule, NULL) == 1;
}

void
certificate_read(X509 *cert, const char *host, struct certificate *out)
{
	memset(out, 0, sizeof(*out));
	read_name(X509_get_subject_name(cert), out->subject);
	read_name(X509_get_issuer_name(cert), out->issuer);
	read_names(cert, out->names);
	read_key(cert, out);
	out->not_before = read_time(X509_get0_notBefore(cert));
	out->not_after = read_time(X509_get0_notAfter(cert));
	out->has_name = certificate_is_for(cert, host);
}

int64_t
certificate_days_left(const struct certificate *cert, int64_t now)
{
	int64_t left = cert->not_after - now;

	return left >= 0 ? left / DAY_S : -((-left + DAY_S - 1) / DAY_S);
}

enum certificate_age
certificate_age_of(int64_t not_before, int64_t not_after, int64_t now)
{
	if (now < not_before)
		return CERTIFICATE_NOT_YET;
	if (now > not_after)
		return CERTIFICATE_EXPIRED;
	return not_after - now < (not_after - not_before) / RENEWAL_PART ? CERTIFICATE_EXPIRES_SOON : CERTIFICATE_FRESH;
}

enum certificate_age
certificate_age(const struct certificate *cert, int64_t now)
{
	return certificate_age_of(cert->not_before, cert->not_after, now);
}

const char *
certificate_date(int64_t when, char out[CERTIFICATE_DATE_CAP])
{
	time_t seconds = (time_t)when;
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || strftime(out, CERTIFICATE_DATE_CAP, "%Y-%m-%d", &tm) == 0)
		snprintf(out, CERTIFICATE_DATE_CAP, "an impossible date");
	return out;
}
