/* SPDX-License-Identifier: ISC */
/* resolv_conf.c - checks the identity of a file from time to time. */
#include "config.h"

#include "shared-cache/dns/resolv_conf.h"

#include <string.h>
#include <sys/stat.h>

static struct sts_resolv_conf
look(const char *path, int64_t now_ms)
{
	struct sts_resolv_conf seen;
	struct stat file;

	memset(&seen, 0, sizeof(seen));
	seen.next_look_ms = now_ms + STS_RESOLV_CONF_LOOK_MS;
	if (stat(path, &file) == 0) {
		seen.device = file.st_dev;
		seen.inode = file.st_ino;
		seen.size = file.st_size;
		seen.changed = file.st_mtim;
	}
	return seen;
}

void
sts_resolv_conf_begin(struct sts_resolv_conf *conf, const char *path, int64_t now_ms)
{
	*conf = look(path, now_ms);
}

bool
sts_resolv_conf_changed(struct sts_resolv_conf *conf, const char *path, int64_t now_ms)
{
	struct sts_resolv_conf before = *conf;

	if (now_ms < conf->next_look_ms)
		return false;
	*conf = look(path, now_ms);
	if (conf->inode == 0) {
		*conf = before;
		conf->next_look_ms = now_ms + STS_RESOLV_CONF_LOOK_MS;
		return false;
	}
	return conf->device != before.device || conf->inode != before.inode || conf->size != before.size ||
	    conf->changed.tv_sec != before.changed.tv_sec || conf->changed.tv_nsec != before.changed.tv_nsec;
}
