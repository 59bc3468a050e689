/* SPDX-License-Identifier: ISC */
/* certificate_files.c - reads the certificates and keys that the smtpd_tls_* settings name. certificate_files_judge.c judges them. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "shared-cache/base/text.h"
#include "stsctl/probe/key_file.h"
#include "stsctl/smtpd/certificate_files.h"

enum { FILE_MAX = 1 << 20, OBJECTS_MAX = 32 };

/* The certificates and keys in the files of a chain, in their order. */
struct pem_objects {
	X509 *certs[OBJECTS_MAX];
	EVP_PKEY *keys[OBJECTS_MAX];
	size_t cert_count, key_count;
};

static void
pem_objects_fini(struct pem_objects *objects)
{
	for (size_t i = 0; i < objects->cert_count; i++)
		X509_free(objects->certs[i]);
	for (size_t i = 0; i < objects->key_count; i++)
		EVP_PKEY_free(objects->keys[i]);
}

/* ---- files ---- */

/* Reads a regular file of bounded size. The caller frees the text. NULL on failure; file->state and file->why say why. */
static char *
slurp(struct doctor_certificate_file *file, size_t *len)
{
	int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *bytes = NULL;
	struct stat st;
	ssize_t n = -1;

	if (fd < 0) {
		file->state = errno == EACCES || errno == EPERM ? FILE_DENIED : FILE_MISSING;
		snprintf(file->why, sizeof(file->why), "%s", strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX &&
	    (bytes = malloc((size_t)st.st_size + 1)) != NULL) {
		file->mode = (unsigned)st.st_mode & 07777;
		n = read(fd, bytes, (size_t)st.st_size);
	}
	close(fd);
	if (n >= 0) {
		*len = (size_t)n;
		return bytes;
	}
	free(bytes);
	file->state = FILE_BAD;
	snprintf(file->why, sizeof(file->why), "not a file of certificates and keys");
	return NULL;
}

/* Two passes, one for certificates and one for keys; each skips the other kind. */
static void
read_pem(BIO *certs, BIO *keys, struct doctor_certificate_file *file, struct pem_objects *objects)
{
	X509 *cert;
	EVP_PKEY *key;

	while (objects->cert_count < OBJECTS_MAX && (cert = PEM_read_bio_X509(certs, NULL, key_file_no_password, NULL)) != NULL) {
		objects->certs[objects->cert_count++] = cert;
		file->certs++;
	}
	while (objects->key_count < OBJECTS_MAX && (key = PEM_read_bio_PrivateKey(keys, NULL, key_file_no_password, NULL)) != NULL) {
		objects->keys[objects->key_count++] = key;
		file->keys++;
	}
	ERR_clear_error();
}

static void
read_file(struct doctor_certificate_file *file, struct pem_objects *objects)
{
	size_t len = 0;
	char *bytes = slurp(file, &len);
	BIO *certs = bytes != NULL ? BIO_new_mem_buf(bytes, (int)len) : NULL;
	BIO *keys = bytes != NULL ? BIO_new_mem_buf(bytes, (int)len) : NULL;

	if (certs != NULL && keys != NULL)
		read_pem(certs, keys, file, objects);
	if (bytes != NULL && file->certs + file->keys == 0) {
		file->state = FILE_BAD;
		snprintf(file->why, sizeof(file->why), "contains neither a certificate nor an unencrypted key, in PEM");
	}
	BIO_free(certs);
	BIO_free(keys);
	if (bytes != NULL)
		explicit_bzero(bytes, len);
	free(bytes);
}

/* ---- certificates ---- */

/* Verifies the leaf's chain with the other certificates of the files; writes the reason to why if it fails. Ignores dates. */
static void
verify(X509 *leaf, const struct pem_objects *objects, const char *ca_file, char why[POSTFIX_VALUE_CAP])
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	bool good = store != NULL && ctx != NULL && others != NULL;

	for (size_t i = 0; good && i < objects->cert_count; i++)
		good = sk_X509_push(others, objects->certs[i]) > 0;
	if (good)
		good = (ca_file[0] != '\0' ? X509_STORE_load_locations(store, ca_file, NULL) :
		    X509_STORE_set_default_paths(store)) == 1 && X509_STORE_CTX_init(ctx, store, leaf, others) == 1;
	if (good) {
		X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_NO_CHECK_TIME);
		X509_STORE_CTX_set_default(ctx, "ssl_server");
	}
	if (!good)
		snprintf(why, POSTFIX_VALUE_CAP, "the authorities' certificates cannot be read");
	else if (X509_verify_cert(ctx) != 1)
		snprintf(why, POSTFIX_VALUE_CAP, "%s", X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	sk_X509_free(others);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
}

static int64_t
seconds(const ASN1_TIME *when)
{
	struct tm tm;

	return ASN1_TIME_to_tm(when, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static void
subject_of(const X509 *cert, char out[POSTFIX_VALUE_CAP])
{
	char text[POSTFIX_VALUE_CAP];
	struct sts_text shown;
	int len = X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, text, sizeof(text));

	sts_text_init(&shown, out, POSTFIX_VALUE_CAP);
	if (len > 0)
		sts_text_add_shown(&shown, text, (size_t)len, 100);
	else
		sts_text_add(&shown, "a certificate without a common name");
}

static void
add_leaf(X509 *cert, const struct pem_objects *objects, const char *ca_file, const char *host, struct doctor_certificate *out)
{
	subject_of(cert, out->name);
	out->from = seconds(X509_get0_notBefore(cert));
	out->until = seconds(X509_get0_notAfter(cert));
	out->names_host = X509_check_host(cert, host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1;
	verify(cert, objects, ca_file, out->untrusted);
}

/* Finds the certificate that belongs to each key. */
static void
match(const struct pem_objects *objects, const char *ca_file, const char *host, struct doctor_chain *chain)
{
	for (size_t k = 0; k < objects->key_count; k++) {
		bool found = false;

		for (size_t c = 0; c < objects->cert_count && !found; c++) {
			found = X509_check_private_key(objects->certs[c], objects->keys[k]) == 1;
			if (found && chain->leaf_count < DOCTOR_LEAVES_MAX)
				add_leaf(objects->certs[c], objects, ca_file, host, &chain->leaves[chain->leaf_count++]);
		}
		chain->unmatched_keys += !found;
	}
	ERR_clear_error();
}

/* ---- settings ---- */

static void
add_file(struct doctor_chain *chain, const char *path, size_t len)
{
	struct sts_text text;

	for (size_t i = 0; i < chain->file_count; i++)
		if (strlen(chain->files[i].path) == len && memcmp(chain->files[i].path, path, len) == 0)
			return;
	if (chain->file_count == DOCTOR_FILES_MAX)
		return;
	sts_text_init(&text, chain->files[chain->file_count++].path, POSTFIX_VALUE_CAP);
	sts_text_add_bytes(&text, path, len);
}

static void
inspect_chain(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_chain *chain)
{
	struct pem_objects objects = { .cert_count = 0 };

	for (size_t i = 0; i < chain->file_count; i++)
		read_file(&chain->files[i], &objects);
	match(&objects, env->conf->ca_file, postconf_get(pf->conf, "myhostname"), chain);
	pem_objects_fini(&objects);
}

static void
begin_chain(struct doctor_chains *out, const char *setting)
{
	snprintf(out->list[out->count++].setting, sizeof(out->list[0].setting), "%s", setting);
}

/* Like Postfix, ignores the other settings if smtpd_tls_chain_files is set. */
void
inspect_certificate_files(const struct doctor_env *env, const struct doctor_postfix *pf, struct doctor_chains *out)
{
	static const struct { const char *cert, *key; } pairs[] = {
		{ "smtpd_tls_cert_file", "smtpd_tls_key_file" },
		{ "smtpd_tls_eccert_file", "smtpd_tls_eckey_file" },
		{ "smtpd_tls_dcert_file", "smtpd_tls_dkey_file" },
	};
	const char *list = postconf_get(pf->conf, "smtpd_tls_chain_files"), *e;
	bool list_is_empty = list[0] == '\0';
	size_t len;

	memset(out, 0, sizeof(*out));
	if (!list_is_empty) {
		begin_chain(out, "smtpd_tls_chain_files");
		while ((e = postfix_value_next(&list, &len)) != NULL)
			add_file(&out->list[0], e, len);
	}
	for (size_t i = 0; list_is_empty && i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *cert = postconf_get(pf->conf, pairs[i].cert), *key = postconf_get(pf->conf, pairs[i].key);

		if (cert[0] == '\0' || strcmp(cert, "none") == 0)
			continue;
		begin_chain(out, pairs[i].cert);
		add_file(&out->list[out->count - 1], cert, strlen(cert));
		add_file(&out->list[out->count - 1], key[0] != '\0' ? key : cert, strlen(key[0] != '\0' ? key : cert));
	}
	for (size_t i = 0; i < out->count; i++)
		inspect_chain(env, pf, &out->list[i]);
}
