/* SPDX-License-Identifier: ISC */
/*
 * fixes.h - lines to paste that mend what check has found about TLS, for nginx, Apache and Postfix.
 *
 * Pure. host: where it is no domain (domain.h), which DNS does not promise, the text is "": nothing that a shell would take
 * for more than a name gets among the lines.
 */
#ifndef STSCTL_FINDINGS_FIXES_H
#define STSCTL_FINDINGS_FIXES_H

#include <stdint.h>

enum { FIX_CAP = 4096 };

/* Each writes to out and returns it. */
typedef const char *fix_fn(const char *host, char out[FIX_CAP]);

fix_fn fix_web_certificate;
fix_fn fix_web_versions;
fix_fn fix_web_location;	/* an answer with status 200 and text/plain at the one path */
fix_fn fix_smtp_certificate;
fix_fn fix_smtp_starttls;
fix_fn fix_smtp_versions;
fix_fn fix_smtp_ciphers;

/* The TLSA record of a key, by the SHA-256 of its SubjectPublicKeyInfo. owner: "_25._tcp.mx.example.com"; with bytes in it that are not
 * of host names the text is "". */
enum { FIX_KEY_DIGEST_LEN = 32 };
const char *fix_tlsa(const char *owner, const uint8_t key[FIX_KEY_DIGEST_LEN], char out[FIX_CAP]);

#endif
