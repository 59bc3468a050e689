/* SPDX-License-Identifier: ISC */
/*
 * rua.h - parses a rua: an address that reports go to (RFC 8460 section 3).
 *
 * The address is a stranger's: what is neither a mailbox nor the URL of a web server with a name is refused. Pure. Any thread.
 */
#ifndef STSCTL_REPORTER_RUA_H
#define STSCTL_REPORTER_RUA_H

#include <stdint.h>

#include "shared-cache/names/domain.h"

enum { REPORTER_URI_CAP = 1024, REPORTER_MAILBOX_CAP = 64 + 1 + STS_DOMAIN_CAP };

struct reporter_rua {
	char uri[REPORTER_URI_CAP];		/* as published */
	char mailbox[REPORTER_MAILBOX_CAP];	/* of mailto:, decoded, without the part from `?'; else "" */
	char host[STS_DOMAIN_CAP];		/* of https: */
	uint16_t port;
};

/* Parses len bytes of uri. Returns NULL, or why it cannot be used: a literal. */
const char *reporter_rua_read(const char *uri, size_t len, struct reporter_rua *out);

#endif
