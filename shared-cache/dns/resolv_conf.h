/* SPDX-License-Identifier: ISC */
/*
 * resolv_conf.h - notices that resolv.conf has changed. c-ares reads it once; a daemon that starts before the network is up, or
 * that lives through a change of networks, would ask the wrong servers for ever. Belongs to one thread.
 */
#ifndef STS_RESOLV_CONF_H
#define STS_RESOLV_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { STS_RESOLV_CONF_LOOK_MS = 2000 };	/* at most one check in this time */

/* Zeroes for a missing file. */
struct sts_resolv_conf {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
	int64_t next_look_ms;		/* monotonic */
};

/* path: usually _PATH_RESCONF; the file may be missing. */
void sts_resolv_conf_begin(struct sts_resolv_conf *conf, const char *path, int64_t now_ms);
/* Whether the file was replaced or changed since the last check. False while it is missing, so that nobody reads it half way
 * through a change. */
bool sts_resolv_conf_changed(struct sts_resolv_conf *conf, const char *path, int64_t now_ms);

#endif
