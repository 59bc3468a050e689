/* SPDX-License-Identifier: ISC */
/*
 * key_file.h - the public keys of a PEM file, as TLSA records want them: of its private keys, or, where it has none, of its first
 * certificate, request or public key.
 *
 * Pure: bytes in, digests out. A key that wants a password counts as none. Any thread.
 */
#ifndef STSCTL_PROBE_KEY_FILE_H
#define STSCTL_PROBE_KEY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "stsctl/probe/certificate.h"
#include "stsctl/probe/certificate_chain.h"

enum { KEY_FILE_MAX = 8 };

struct key_digest {
	char kind[CERTIFICATE_KEY_CAP];		/* "RSA 2048 bits" */
	uint8_t digest[CERTIFICATE_SHA256_LEN];	/* SHA-256 of the SubjectPublicKeyInfo */
};

/* How many there are; 0: none, or no memory. */
size_t key_file_read(const char *pem, size_t len, struct key_digest out[KEY_FILE_MAX]);

/* OpenSSL's pem_password_cb for those who have nobody to ask, as smtpd: such a key is none. */
int key_file_no_password(char *buf, int size, int rwflag, void *arg);

#endif
