/* SPDX-License-Identifier: ISC */
/*
 * access_log.h - parses a line of a web server's access log.
 *
 * The formats of Apache and nginx: common, combined, and both behind `HOST[:PORT]' (vhost_combined). Clients send hostile bytes, and
 * servers escape the quotes in them: the date is found as `[...] "', which no user name can contain. Pure: no clock, no local time zone.
 * Any thread.
 */
#ifndef STSCTL_FETCHES_ACCESS_LOG_H
#define STSCTL_FETCHES_ACCESS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"

/* A part of the line as the server wrote it, escapes included. */
struct access_part {
	const char *text;
	size_t len;
};

struct access_line {
	struct access_part host;	/* in the vhost formats, without the port; else empty */
	unsigned port;			/* behind the host; 0: not given */
	struct access_part client;	/* an address, or a name if the server looks names up */
	struct sts_ipaddr addr;		/* family 0 when client is a name */
	int64_t time;			/* seconds since the epoch */
	struct access_part method, path; /* empty when the request was malformed */
	unsigned status;
	struct access_part agent;	/* empty in the common format; "-" when the client sent none */
};

/* False: not a line of these formats. len: without the newline. */
bool access_log_parse(const char *line, size_t len, struct access_line *out);

/* Converts "10/Oct/2000:13:55:36 -0700" to seconds since the epoch. */
bool access_log_time(const char *text, size_t len, int64_t *out);

#endif
