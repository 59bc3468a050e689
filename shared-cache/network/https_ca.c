/* SPDX-License-Identifier: ISC */
/*
 * https_ca.c - reads CA certificates into memory, once.
 *
 * curl reads the file for each connection, or once a day; a sandboxed process that may open no files needs them earlier.
 */
#include "config.h"

#include "shared-cache/network/https_private.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

/* Files named as by openssl-rehash(1), so that each certificate is read once; all others are ignored. */
static bool
read_directory(X509_STORE *store, const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool any = false;

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		char file[1024];

		if (strlen(entry->d_name) < 3 || strcmp(entry->d_name + strlen(entry->d_name) - 2, ".0") != 0)
			continue;
		if (snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) < (int)sizeof(file))
			any |= X509_STORE_load_file(store, file) == 1;
	}
	closedir(dir);
	return any;
}

/* The paths that were compiled into curl. */
static bool
read_system(X509_STORE *store)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	if (info->cainfo != NULL && X509_STORE_load_file(store, info->cainfo) == 1)
		return true;
	return info->capath != NULL && read_directory(store, info->capath);
}

enum sts_status
sts_https_load_ca(const char *ca_file, X509_STORE **out)
{
	X509_STORE *store = X509_STORE_new();
	bool ok;

	*out = NULL;
	if (store == NULL)
		return STS_ENOMEM;
	ok = ca_file[0] != '\0' ? X509_STORE_load_file(store, ca_file) == 1 : read_system(store);
	ERR_clear_error();
	if (!ok) {
		X509_STORE_free(store);
		return STS_EINVAL;
	}
	/* As curl does: an intermediate certificate in the file is trusted by itself. */
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	*out = store;
	return STS_OK;
}
