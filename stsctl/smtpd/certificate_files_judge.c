/* SPDX-License-Identifier: ISC */
/* certificate_files_judge.c - judges smtpd's certificates and keys. Pure. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "stsctl/probe/certificate.h"
#include "stsctl/smtpd/certificate_files.h"
#include "stsctl/smtpd/service.h"

enum { READ_BY_OTHERS = 0004 };

static const char as_root[] = "run stsctl doctor as root";

/* The fix for a pair of files: first, then the lines that set both to where certbot puts them. */
static const char *
fix_pair(const struct doctor_postfix *pf, const char *first, char out[DOCTOR_TEXT])
{
	const char *host = postconf_get(pf->conf, "myhostname");
	char value[DOCTOR_LINE], line[DOCTOR_LINE];

	snprintf(value, sizeof(value), "/etc/letsencrypt/live/%.300s/privkey.pem, /etc/letsencrypt/live/%.300s/fullchain.pem", host,
	    host);
	snprintf(out, DOCTOR_TEXT, "%s\n%s\npostfix reload", first, doctor_fix(pf, NULL, "smtpd_tls_chain_files", value, line));
	return out;
}

/* Returns whether all files could be read. If not, nothing can be said about what they lack. */
static bool
judge_files(const struct doctor_postfix *pf, const struct doctor_chain *chain, struct findings *out)
{
	char pair[DOCTOR_TEXT];
	bool all = true;

	for (size_t i = 0; i < chain->file_count; i++) {
		const struct doctor_certificate_file *file = &chain->files[i];
		char fix[DOCTOR_LINE];

		all = all && file->state == FILE_OK;
		if (file->state == FILE_DENIED) {
			doctor_add(out, FINDING_INFO, "postfix.tls-file", file->path, as_root, "%s", file->why);
			findings_set_unsure(out);
		} else if (file->state != FILE_OK) {
			doctor_add(out, FINDING_FAIL, "postfix.tls-file", file->path,
			    fix_pair(pf, "put a PEM file there, its key without a password; or name the files where they are:", pair),
			    "%s: %s", chain->setting, file->why);
		} else if (file->keys > 0 && (file->mode & READ_BY_OTHERS) != 0) {
			snprintf(fix, sizeof(fix), "chmod go= '%.*s'", POSTFIX_VALUE_CAP, file->path);
			doctor_add(out, FINDING_WARN, "postfix.tls-key-open", file->path, fix, "mode %04o", file->mode);
		}
	}
	return all;
}

static const char *
show_day(int64_t when, char out[16])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(out, 16, "%Y-%m-%d", &tm) == 0)
		snprintf(out, 16, "?");
	return out;
}

static void
judge_leaf(const struct doctor_postfix *pf, const struct doctor_certificate *leaf, int64_t now, struct findings *out)
{
	const char *host = postconf_get(pf->conf, "myhostname");
	size_t before = out->count;
	char day[16], pair[DOCTOR_TEXT];

	show_day(leaf->until, day);
	if (leaf->until <= now)
		doctor_add(out, FINDING_FAIL, "postfix.tls-expired", leaf->name, "certbot renew\npostfix reload", "expired on %s",
		    day);
	else if (certificate_age_of(leaf->from, leaf->until, now) == CERTIFICATE_EXPIRES_SOON)
		doctor_add(out, FINDING_WARN, "postfix.tls-expires-soon", leaf->name, "certbot renew\npostfix reload",
		    "expires on %s", day);
	if (leaf->untrusted[0] != '\0')
		findings_add(out, FINDING_WARN, "postfix.tls-chain", leaf->name, leaf->untrusted,
		    fix_pair(pf, "get a certificate from a public authority (certbot certonly), and name the file that contains the "
		    "intermediate certificates, too:", pair));
	if (!leaf->names_host)
		doctor_add(out, FINDING_INFO, "postfix.tls-name", leaf->name, NULL, "%s (myhostname) is not among its names",
		    host);
	if (out->count == before)
		doctor_add(out, FINDING_PASS, "postfix.tls-certificate", leaf->name, NULL, "valid until %s", day);
}

static void
judge_chain(const struct doctor_postfix *pf, const struct doctor_chain *chain, int64_t now, struct findings *out)
{
	size_t certs = 0, keys = 0;
	char pair[DOCTOR_TEXT];

	if (!judge_files(pf, chain, out))
		return;
	for (size_t i = 0; i < chain->file_count; i++) {
		certs += chain->files[i].certs;
		keys += chain->files[i].keys;
	}
	if (certs == 0 || keys == 0)
		doctor_add(out, FINDING_FAIL, "postfix.tls-certificate", chain->setting,
		    fix_pair(pf, "name the key and its certificate:", pair), "there is no %s in %s",
		    certs == 0 ? "certificate" : "key (encrypted keys do not count)", chain->files[0].path);
	else if (chain->unmatched_keys > 0)
		doctor_add(out, FINDING_FAIL, "postfix.tls-mismatch", chain->setting,
		    fix_pair(pf, "name the certificate and its own key; certbot's two files belong together:", pair),
		    "the key does not belong to the certificate (%s)", chain->files[chain->file_count - 1].path);
	for (size_t i = 0; i < chain->leaf_count; i++)
		judge_leaf(pf, &chain->leaves[i], now, out);
}

/* Whether any service is to offer TLS; if not, no certificate is needed. */
static bool
wants_tls(const struct doctor_postfix *pf)
{
	for (size_t i = 0; i < pf->conf->service_count; i++) {
		const struct postconf_service *service = &pf->conf->services[i];
		const char *level = postconf_get_of(pf->conf, service, "smtpd_tls_security_level");

		if (doctor_service_is_smtpd(service) && level[0] != '\0' && strcmp(level, "none") != 0)
			return true;
	}
	return false;
}

void
judge_certificate_files(const struct doctor_postfix *pf, const struct doctor_chains *chains, int64_t now, struct findings *out)
{
	char fix[DOCTOR_LINE];

	if (chains->count == 0 && wants_tls(pf)) {
		doctor_fix(pf, NULL, "smtpd_tls_chain_files", "/etc/letsencrypt/live/MX-HOST/privkey.pem, "
		    "/etc/letsencrypt/live/MX-HOST/fullchain.pem", fix);
		findings_add(out, FINDING_FAIL, "postfix.tls-certificate", "smtpd_tls_chain_files", "there is no certificate",
		    fix);
	}
	for (size_t i = 0; i < chains->count; i++)
		judge_chain(pf, &chains->list[i], now, out);
}
