/* SPDX-License-Identifier: ISC */
/*
 * fixes.h - lines to paste that fix what check has found about TLS, for nginx, Apache and Postfix.
 *
 * Pure. If host is not a valid domain (domain.h), which DNS does not guarantee, the text is "": nothing that a shell might interpret
 * gets into the lines.
 */
#ifndef STSCTL_FINDINGS_FIXES_H
#define STSCTL_FINDINGS_FIXES_H

#include <stdint.h>

enum { FIX_CAP = 4096 };

/* Each writes to out and returns it. */
typedef const char *fix_fn(const char *host, char out[FIX_CAP]);

fix_fn fix_web_certificate;
fix_fn fix_web_versions;
fix_fn fix_web_location;	/* status 200 and text/plain for the policy's path */
fix_fn fix_smtp_certificate;
fix_fn fix_smtp_starttls;
fix_fn fix_smtp_versions;
fix_fn fix_smtp_ciphers;

/* The TLSA record (3 1 1) of a key, from the SHA-256 of its SubjectPublicKeyInfo. owner: "_25._tcp.mx.example.com"; if it has bytes that
 * do not belong in such a name, the text is "". */
enum { FIX_KEY_DIGEST_LEN = 32 };
const char *fix_tlsa(const char *owner, const uint8_t key[FIX_KEY_DIGEST_LEN], char out[FIX_CAP]);

#endif
