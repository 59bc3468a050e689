/* SPDX-License-Identifier: ISC */
/*
 * socketmap.h - the thread that answers Postfix's questions about mail that goes out (socketmap_table(5)), and takes in what Postfix
 * reports about it. The front door of this room.
 *
 *   Postfix smtp(8) -> socket -> connection -> question -> rule? policy (memory, or the cache's threads), DANE -> answer
 *
 * One thread with epoll, however many connections there are; what is not known yet is waited for without holding up the others.
 * An idle connection is never closed: Postfix would take it for an error of its own when an MX host had timed out before, and
 * defer the mail (it retries unless errno happens to be ETIMEDOUT).
 *
 * Order of calls: new, listen (as root), start (after components_start), stop (answers what was asked), then the cache
 * may go, then free.
 */
#ifndef MILTER_SOCKETMAP_SOCKETMAP_H
#define MILTER_SOCKETMAP_SOCKETMAP_H

#include "milter/service/service.h"
#include "shared-cache/base/status.h"
#include "shared-cache/settings/conf.h"

struct socketmap;

/* STS_OK with *out NULL when the settings want none of it. Registers itself with the service for news of the cache. */
enum sts_status socketmap_new(struct service *service, const struct sts_conf *conf, struct socketmap **out);

/* Opens the sockets, or takes those over that the service manager has opened. Logs what is wrong; 0 or an exit code of
 * sysexits.h. */
int socketmap_listen(struct socketmap *socketmap, const struct sts_conf *conf);

enum sts_status socketmap_start(struct socketmap *socketmap);

/* Lets nobody in any more, answers what was asked (for at most two seconds), closes. */
void socketmap_stop(struct socketmap *socketmap);

/* After the cache was stopped, whose last answers come to nobody. Sets *socketmap to NULL, which it may be, here and above. */
void socketmap_free(struct socketmap **socketmap);

#endif
