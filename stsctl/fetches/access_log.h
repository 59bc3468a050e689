/* SPDX-License-Identifier: ISC */
/*
 * access_log.h - one line of a web server's access log -> who asked for what, when, and how it ended.
 *
 * The formats of Apache and nginx: common, combined, and both with `HOST[:PORT]' in front (vhost_combined). What clients send is
 * hostile, and the servers escape quotes in it: so the date is sought as `[...] "', which no user name can hold.
 * Pure: no clock, no time zone of this machine. Any thread.
 */
#ifndef STSCTL_FETCHES_ACCESS_LOG_H
#define STSCTL_FETCHES_ACCESS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared-cache/names/ipaddr.h"

/* Bytes of the line; as the server wrote them, its escapes kept. */
struct access_part {
	const char *text;
	size_t len;
};

struct access_line {
	struct access_part host;	/* of vhost formats, without port; else empty */
	unsigned port;			/* behind the host; 0 when it is not said */
	struct access_part client;	/* an address, or a name where the server looks names up */
	struct sts_ipaddr addr;		/* family 0 when client is a name */
	int64_t time;			/* seconds since the epoch */
	struct access_part method, path; /* empty when the request was none */
	unsigned status;
	struct access_part agent;	/* empty in the common format; "-" when the client sent none */
};

/* False: not a line of these formats. len without the line's end. */
bool access_log_parse(const char *line, size_t len, struct access_line *out);

/* "10/Oct/2000:13:55:36 -0700" -> seconds since the epoch. */
bool access_log_time(const char *text, size_t len, int64_t *out);

#endif
