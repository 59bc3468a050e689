/* SPDX-License-Identifier: ISC */
/* version.c - asks each library for the version that is loaded; for hiredis, only the one compiled against is known. */
#include "config.h"

#include "milter/daemon/version.h"

#include <stddef.h>

#include <ares.h>
#include <curl/curl.h>
#include <hiredis/hiredis.h>
#include <idn2.h>
#include <libmilter/mfapi.h>
#include <libpsl.h>
#include <microhttpd.h>
#include <openssl/crypto.h>

void
version_print(FILE *out)
{
	unsigned int major, minor, patch;

	smfi_version(&major, &minor, &patch);
	fprintf(out, "%s %s\n", PACKAGE_NAME, PACKAGE_VERSION);
	fprintf(out, "libmilter %u.%u.%u\n", major, minor, patch);
	fprintf(out, "c-ares %s\n", ares_version(NULL));
	fprintf(out, "libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
	fprintf(out, "%s\n", OpenSSL_version(OPENSSL_VERSION));
	fprintf(out, "hiredis %d.%d.%d\n", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
	fprintf(out, "libidn2 %s\n", idn2_check_version(NULL));
	fprintf(out, "libmicrohttpd %s\n", MHD_get_version());
	fprintf(out, "libpsl %s\n", psl_get_version());
}
