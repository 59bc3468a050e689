/* SPDX-License-Identifier: ISC */
/*
 * key_file.h - digests the keys in a PEM file for TLSA records: its private keys, or, if it has none, its first certificate, request
 * or public key.
 *
 * Pure: bytes in, digests out. An encrypted key is ignored. Any thread.
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

/* Returns the number of keys; 0: none, or memory ran out. */
size_t key_file_read(const char *pem, size_t len, struct key_digest out[KEY_FILE_MAX]);

/* A pem_password_cb for OpenSSL that has no password, like smtpd: reading an encrypted key fails. */
int key_file_no_password(char *buf, int size, int rwflag, void *arg);

#endif
